"""What is asked of a column before its type is proposed, and what a proposal says.

Takes   one column of numbers or text.
Gives   its different words, gaps and their counts, each worked out when first asked for.
Never   says what the column is: that is `column_types`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from blockwright.contracts.data import TypeOffer
from blockwright.contracts.encodings import MAX_CLASSES, FeatureType
from blockwright.contracts.problems import Problem
from blockwright.datasets.column_storage import MISSING_WORDS
from blockwright.datasets.typed_columns import SUFFIXES, blank_cells, has_suffix

SHORT_BYTES = 16
FIRST_ROWS = 20_000
SOME_ROWS = 2_000

Rows = npt.NDArray[np.int64]
Value = TypeVar("Value")


def no_rows() -> Rows:
    """Give a list of rows that is empty."""
    return np.zeros(0, np.int64)


@dataclass
class ColumnProposal:
    """What a column seems to be.

    `bad_rows` have a cell that the type cannot take (counted from 0, in order); `odd_rows`
    are those that keep a column of mostly 0 and 1 from being binary. `offers` are types
    that it may be meant as all the same, `notes` remarks for the import report. `words` are
    the different cells (`word`) and how often (`count`), if all of them were counted.
    """

    name: str
    type: FeatureType
    evidence: Problem
    missing_rows: int = 0
    missing_words: dict[str, int] = field(default_factory=dict)
    missing_words_possible: dict[str, int] = field(default_factory=dict)
    classes: list[str] | None = None
    delimiter: str | None = None
    bad_rows: Rows = field(default_factory=no_rows)
    odd_rows: Rows = field(default_factory=no_rows)
    offers: list[TypeOffer] = field(default_factory=list)
    words: pl.DataFrame | None = None
    notes: list[Problem] = field(default_factory=list)


class _once(Generic[Value]):  # noqa: N801  (a decorator)
    """A property that is worked out when it is first asked for, and then kept.

    `functools.cached_property` of Python 3.11 lets only one object at a time work it out.
    """

    def __init__(self, work_out: Callable[[Column], Value]) -> None:
        self._work_out = work_out
        self._name = work_out.__name__

    def __get__(self, column: Column, owner: type[Column]) -> Value:
        value = self._work_out(column)
        column.__dict__[self._name] = value
        return value


class Column:
    """A column and what is asked about it more than once, worked out when first asked."""

    def __init__(self, series: pl.Series, lines: Rows | None = None) -> None:
        """Take a column; nothing is counted yet.

        Args:
            series: Its cells.
            lines: The line of each row in its file; row numbers if not given.
        """
        self.series = series
        self._lines = lines
        self.name = series.name
        self.is_text = series.dtype == pl.String

    @_once
    def has_many_words(self) -> bool:
        """Whether the first rows alone have more different words than classes may be."""
        first = self.series.head(FIRST_ROWS)
        return len(first) > MAX_CLASSES and first.n_unique() > MAX_CLASSES + 1

    @_once
    def words(self) -> pl.DataFrame:
        """Different cells (`word`, none empty) and how often (`count`), most frequent first.

        For a column with many words, only those that are short.
        """
        present = self.series.drop_nulls().alias("word")
        if self.has_many_words:
            present = present.filter(present.str.len_bytes() <= SHORT_BYTES)
        counted = present.value_counts().filter(pl.col("word").str.strip_chars() != "")
        return counted.sort(["count", "word"], descending=[True, False])

    @_once
    def plain_words(self) -> pl.DataFrame:
        """The words without spaces around them and in small letters, and how often."""
        plain = pl.col("word").str.strip_chars().str.to_lowercase()
        return self.words.select(plain, pl.col("count"))

    @_once
    def missing(self) -> pl.Series:
        """Cells that hold nothing at all."""
        null = self.series.is_null()
        if not self.is_text:
            return null
        return null | blank_cells(self.series).fill_null(value=False)

    @_once
    def present(self) -> int:
        """How many cells hold something."""
        return len(self.series) - int(self.missing.sum())

    @_once
    def first(self) -> pl.Series:
        """The first cells of text that hold something, without spaces around them."""
        cells = self.series.head(FIRST_ROWS)
        if self.present < len(self.series):
            cells = self.series.filter(~self.missing).head(FIRST_ROWS)
        return cells.str.strip_chars()

    @_once
    def named_files(self) -> dict[FeatureType, pl.Series]:
        """The kinds of files that at least half of the filled cells name, and which cells do."""
        if not self.is_text:
            return {}
        # Few columns are paths: if none of these rows is one, most rows are none.
        some = self.series.gather_every(max(1, len(self.series) // SOME_ROWS))
        found: dict[FeatureType, pl.Series] = {}
        for kind, suffixes in SUFFIXES.items():
            if len(self.series) > FIRST_ROWS and not has_suffix(some, suffixes).any():
                continue
            fits = has_suffix(self.series, suffixes).fill_null(value=False)
            if fits.any() and int(fits.sum()) * 2 >= self.present:
                found[kind] = fits
        return found

    @_once
    def different(self) -> int:
        """How many different cells there are among those that hold something."""
        if not self.has_many_words and self.is_text:
            return self.words.height
        has_gaps = self.present < len(self.series)
        return (self.series.filter(~self.missing) if has_gaps else self.series).n_unique()

    @_once
    def are_all_different(self) -> bool:
        """Whether no two filled cells are alike; the first rows say no for most columns."""
        first = self.series.head(FIRST_ROWS).drop_nulls()
        return first.n_unique() == len(first) and self.different == self.present

    def count(self) -> None:
        """Work out ahead what is asked of every column of text."""
        if self.is_text:
            _ = self.plain_words, self.different

    def line(self, rows: npt.NDArray[np.integer]) -> int:
        """Give the line of the first of some rows."""
        row = int(rows[0])
        return row + 1 if self._lines is None else int(self._lines[row])

    def count_words(self, words: tuple[str, ...]) -> int:
        """Count the cells that hold one of these words, capitals or not."""
        counted = self.plain_words.filter(pl.col("word").is_in(words))
        return int(counted["count"].sum())

    def words_that_may_be_missing(self) -> dict[str, int]:
        """Give the words such as NA as they are written, and how often."""
        plain = pl.col("word").str.strip_chars().str.to_lowercase()
        found = self.words.filter(plain.is_in(MISSING_WORDS))
        return dict(zip(found["word"].to_list(), found["count"].to_list(), strict=True))
