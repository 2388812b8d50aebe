"""What each column of a table is: a proposal with its evidence, never a decision.

Takes   columns of numbers or text as `table_files` gives them.
Gives   for each a type, the reason in words, and the rows that do not fit.
Never   changes a cell, and never leaves out a row.

The rules, in this order, for the cells that are not missing:
- paths: at least half end with `.npy` (tensor), or as an image or an audio file;
- binary: all are 0 or 1 (also `true`, `false`, `1.0`, `0.0`), or at least
  `BINARY_SHARE` are and the rest are slips: words, or anything in a table whose columns
  are mostly binary. The rows of slips are named;
- numeric: a column that was kept as numbers;
- multi_label: several cells hold words joined by a delimiter, and the words repeat;
- categorical: at most 2,000 different words, and at most half as many as rows;
- text: everything else.

Missing in a column of words is an empty cell only: “NA” may be a country and “None” a
class. Such words are counted and offered (`missing_words_possible`), not taken. In columns
of numbers, and among 0 and 1, the words of `MISSING_WORDS` mean that there is none.
Neighbours: `typed_columns` turns a column into another type, `column_statistics` counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from blockwright.contracts.encodings import MAX_CLASSES, FeatureType
from blockwright.contracts.problems import Problem, problem
from blockwright.datasets.column_storage import MISSING_WORDS, why_text
from blockwright.datasets.labels import (
    BINARY_SHARE,
    FALSE_WORDS,
    NEARLY_BINARY_SHARE,
    TRUE_WORDS,
)
from blockwright.datasets.multi_label import JoinedWords, joined_words
from blockwright.datasets.typed_columns import SUFFIXES, has_suffix, typed

SHORT_BYTES = 16
KEPT_AS_TEXT = {
    "leading_zero": "data.kept_as_text_leading_zero",
    "telephone": "data.kept_as_text_telephone",
    "long_integer": "data.kept_as_text_long_integer",
}
MAX_SHOWN = 100
FIRST_ROWS = 20_000
SOME_ROWS = 2_000
DECIMAL_COMMA = r"^[+-]?[0-9]+,[0-9]+$"
INTEGER_OR_COMMA = r"^[+-]?[0-9]+(?:,[0-9]+)?$"

Rows = npt.NDArray[np.int64]
FilesThere = Callable[[pl.Series], pl.Series]


def _no_rows() -> Rows:
    return np.zeros(0, np.int64)


@dataclass
class ColumnProposal:
    """What a column seems to be.

    `bad_rows` have a cell that the type cannot take (counted from 0, in order); `odd_rows`
    are those that keep a column of mostly 0 and 1 from being binary.
    """

    name: str
    type: FeatureType
    evidence: Problem
    missing_rows: int = 0
    missing_words: dict[str, int] = field(default_factory=dict)
    missing_words_possible: dict[str, int] = field(default_factory=dict)
    classes: list[str] | None = None
    delimiter: str | None = None
    bad_rows: Rows = field(default_factory=_no_rows)
    odd_rows: Rows = field(default_factory=_no_rows)
    decimal_comma_possible: bool = False
    notes: list[Problem] = field(default_factory=list)


class _Column:
    """A column and what is asked about it more than once, worked out when first asked."""

    def __init__(self, series: pl.Series) -> None:
        self.series = series
        self.name = series.name
        self.is_text = series.dtype == pl.String

    @cached_property
    def has_many_words(self) -> bool:
        """Whether the first rows alone have more different words than classes may be."""
        first = self.series.head(FIRST_ROWS)
        return len(first) > MAX_CLASSES and first.n_unique() > MAX_CLASSES + 1

    @cached_property
    def words(self) -> pl.DataFrame:
        """Different cells (`word`, none empty) and how often (`count`), most frequent first.

        For a column with many words, only those that are short.
        """
        present = self.series.drop_nulls().alias("word")
        if self.has_many_words:
            present = present.filter(present.str.len_bytes() <= SHORT_BYTES)
        counted = present.value_counts().filter(pl.col("word").str.strip_chars() != "")
        return counted.sort(["count", "word"], descending=[True, False])

    @cached_property
    def plain_words(self) -> pl.DataFrame:
        """The words without spaces around them and in small letters, and how often."""
        plain = pl.col("word").str.strip_chars().str.to_lowercase()
        return self.words.select(plain, pl.col("count"))

    @cached_property
    def missing(self) -> pl.Series:
        """Cells that hold nothing at all."""
        null = self.series.is_null()
        if not self.is_text:
            return null
        return null | (self.series.str.strip_chars() == "").fill_null(value=False)

    @cached_property
    def present(self) -> int:
        return len(self.series) - int(self.missing.sum())

    def count_words(self, words: tuple[str, ...]) -> int:
        """Count the cells that hold one of these words, capitals or not."""
        counted = self.plain_words.filter(pl.col("word").is_in(words))
        return int(counted["count"].sum())

    def words_that_may_be_missing(self) -> dict[str, int]:
        """Give the words such as NA as they are written, and how often."""
        plain = pl.col("word").str.strip_chars().str.to_lowercase()
        found = self.words.filter(plain.is_in(MISSING_WORDS))
        return dict(zip(found["word"].to_list(), found["count"].to_list(), strict=True))


@dataclass(frozen=True)
class _Binary:
    """How much of a column is 0 and 1; `rest` are the other rows, if these are the fewer."""

    share: float
    is_all: bool
    has_both: bool
    rest: Rows
    rest_are_words: bool
    missing: int


def propose(
    frame: pl.DataFrame,
    *,
    missing_words: Mapping[str, Mapping[str, int]] | None = None,
    lines: npt.NDArray[np.int64] | None = None,
    files_there: FilesThere | None = None,
) -> list[ColumnProposal]:
    """Propose a type for each column.

    Args:
        frame: Columns of numbers or text.
        missing_words: For columns of numbers, the words that were read as missing.
        lines: The line of each row in its file, for the notes; row numbers if not given.
        files_there: Tells which of some paths name a file that came with the table. Given
            this, a column whose paths name none is words, and a note says so.

    Returns:
        One proposal for each column, in order.
    """
    columns = [_Column(series) for series in frame.get_columns()]
    paths = {column.name: _path_type(column, files_there) for column in columns}
    binary = _binaries([column for column in columns if paths[column.name] is None])
    among_binary = sum(each.is_all for each in binary.values()) * 2 >= len(binary)
    proposals = []
    for column in columns:
        path = paths[column.name]
        if path is not None:
            proposal = _paths_proposal(column, path)
        else:
            proposal = _proposal(column, binary[column.name], among_binary=among_binary)
        if path is None and files_there is not None and (kind := _path_type(column, None)):
            suffix = most_frequent_suffix(column.series, kind)
            proposal.notes.append(
                problem("data.paths_without_files", column=column.name, suffix=suffix)
            )
        words = dict((missing_words or {}).get(column.name, {}))
        proposal.missing_words = proposal.missing_words or words
        _add_notes(proposal, column, lines)
        proposals.append(proposal)
    return proposals


def _path_type(column: _Column, files_there: FilesThere | None) -> FeatureType | None:
    if not column.is_text:
        return None
    # Few columns are paths: if none of these rows is one, most rows are none.
    some = column.series.gather_every(max(1, len(column.series) // SOME_ROWS))
    for kind, suffixes in SUFFIXES.items():
        if len(column.series) > FIRST_ROWS and not has_suffix(some, suffixes).any():
            continue
        fits = has_suffix(column.series, suffixes).fill_null(value=False)
        if not fits.any() or int(fits.sum()) * 2 < column.present:
            continue
        if files_there is None or files_there(column.series.filter(fits)).any():
            return kind
    return None


def _paths_proposal(column: _Column, kind: FeatureType) -> ColumnProposal:
    fits = has_suffix(column.series, SUFFIXES[kind]).fill_null(value=False)
    rest = (~fits & ~column.missing).arg_true().to_numpy().astype(np.int64)
    evidence = problem(
        "data.evidence_paths",
        column=column.name,
        rows=int(fits.sum()),
        suffix=most_frequent_suffix(column.series, kind),
    )
    missing = len(column.series) - column.present
    return ColumnProposal(column.name, kind, evidence, missing, bad_rows=rest)


def most_frequent_suffix(text: pl.Series, kind: FeatureType) -> str:
    """Give the ending, `.wav`, that most of some paths have of those that a type may have."""
    most = max(map(len, SUFFIXES[kind]))
    ends = text.str.strip_chars_end().str.tail(most).alias("end").value_counts()
    ends = ends.filter(has_suffix(ends["end"], SUFFIXES[kind]).fill_null(value=False))
    suffix = pl.col("end").str.extract(r"(\.[A-Za-z0-9]+)$").str.to_lowercase()
    counted = ends.group_by(suffix).agg(pl.col("count").sum())
    return str(counted.sort(["count", "end"], descending=[True, False])["end"][0])


def _binaries(columns: list[_Column]) -> dict[str, _Binary]:
    numbers = [column.series for column in columns if not column.is_text]
    told: dict[str, int] = {}
    if numbers:
        told = (
            pl.DataFrame(numbers)
            .select(
                (pl.all() == 1).sum().name.prefix("1"),
                (pl.all() == 0).sum().name.prefix("0"),
                pl.all().null_count().name.prefix("n"),
            )
            .row(0, named=True)
        )
    binaries = {}
    for column in columns:
        if column.is_text:
            true, false = column.count_words(TRUE_WORDS), column.count_words(FALSE_WORDS)
            # What is empty is no word, but is missing all the same.
            missing = len(column.series) - column.present + column.count_words(MISSING_WORDS)
        else:
            true, false = told[f"1{column.name}"], told[f"0{column.name}"]
            missing = told[f"n{column.name}"]
        binaries[column.name] = _binary(column, true, false, missing)
    return binaries


def _binary(column: _Column, true: int, false: int, missing: int) -> _Binary:
    present = len(column.series) - missing
    share = (true + false) / present if present else 0.0
    rest = _no_rows()
    if NEARLY_BINARY_SHARE < share < 1.0:
        _, bad = typed(column.series, "binary")
        rest = bad.arg_true().to_numpy().astype(np.int64)
    odd = column.series.gather(rest)
    are_words = bool(
        column.is_text and len(odd) and odd.cast(pl.Float64, strict=False).is_null().all()
    )
    return _Binary(share, share == 1.0, true > 0 and false > 0, rest, are_words, missing)


def _proposal(column: _Column, binary: _Binary, *, among_binary: bool) -> ColumnProposal:
    name, rows = column.name, len(column.series)
    # Mistakes, not numbers or words: it stands among other 0/1 columns, or the rest is words.
    has_mistakes = among_binary or binary.rest_are_words
    if binary.is_all or (binary.share >= BINARY_SHARE and has_mistakes):
        return _binary_proposal(column, binary)
    odd = binary.rest if binary.has_both else _no_rows()
    missing = rows - column.present
    if not column.is_text:
        evidence = problem("data.evidence_numeric", column=name, rows=column.present)
        return ColumnProposal(name, "numeric", evidence, missing, odd_rows=odd)
    possible = column.words_that_may_be_missing()
    words = None if column.has_many_words else column.words
    if joined := joined_words(column.series, words):
        proposal = _multi_label_proposal(column, joined)
    elif not column.present:
        proposal = ColumnProposal(name, "text", problem("data.evidence_empty", column=name))
    elif not column.has_many_words and column.words.height <= min(MAX_CLASSES, max(2, rows // 2)):
        classes = sorted(column.words["word"].to_list())
        evidence = problem(
            "data.evidence_categorical", column=name, words=len(classes), rows=column.present
        )
        proposal = ColumnProposal(name, "categorical", evidence, classes=classes)
    else:
        evidence = problem("data.evidence_text", column=name, most=MAX_CLASSES)
        proposal = ColumnProposal(name, "text", evidence)
    proposal.missing_rows, proposal.odd_rows = missing, odd
    proposal.missing_words_possible = possible
    proposal.decimal_comma_possible = _has_decimal_commas(column)
    return proposal


def _binary_proposal(column: _Column, binary: _Binary) -> ColumnProposal:
    filled = len(column.series) - binary.missing
    if binary.is_all:
        evidence = problem("data.evidence_binary", column=column.name, rows=filled)
    else:
        evidence = problem(
            "data.evidence_binary_slips", column=column.name, rows=filled, count=len(binary.rest)
        )
    proposal = ColumnProposal(column.name, "binary", evidence, binary.missing, bad_rows=binary.rest)
    if column.is_text:
        proposal.missing_words = column.words_that_may_be_missing()
    return proposal


def _multi_label_proposal(column: _Column, joined: JoinedWords) -> ColumnProposal:
    evidence = problem(
        "data.evidence_multi_label",
        column=column.name,
        words=len(joined.classes),
        most=joined.most_in_a_cell,
        delimiter=joined.delimiter,
    )
    return ColumnProposal(
        column.name,
        "multi_label",
        evidence,
        classes=joined.classes,
        delimiter=joined.delimiter,
    )


def _has_decimal_commas(column: _Column) -> bool:
    first = column.series.drop_nulls().head(FIRST_ROWS).str.strip_chars()
    first = first.filter(first != "")
    if not len(first) or not first.str.contains(INTEGER_OR_COMMA).all():
        return False
    cells = column.series.filter(~column.missing).str.strip_chars()
    has_commas = bool(cells.str.contains(DECIMAL_COMMA).any())
    return has_commas and bool(cells.str.contains(INTEGER_OR_COMMA).all())


def _add_notes(
    proposal: ColumnProposal, column: _Column, lines: npt.NDArray[np.int64] | None
) -> None:
    name, notes = column.name, proposal.notes
    for word, count in proposal.missing_words.items():
        notes.append(problem("data.missing_word_read", column=name, word=word, count=count))
    for word, count in proposal.missing_words_possible.items():
        notes.append(problem("data.missing_word_possible", column=name, word=word, count=count))
    if len(proposal.odd_rows):
        row = int(proposal.odd_rows[0])
        notes.append(
            problem(
                "data.column_nearly_binary",
                column=name,
                count=len(proposal.odd_rows),
                line=row + 1 if lines is None else int(lines[row]),
                value=str(column.series[row])[:MAX_SHOWN],
            )
        )
    if not column.is_text or proposal.type not in {"categorical", "text"}:
        return
    if proposal.decimal_comma_possible:
        value = str(column.words["word"][0])[:MAX_SHOWN]
        notes.append(problem("data.decimal_comma_possible", column=name, value=value))
    if why := why_text(column.series):
        reason, value = why
        notes.append(problem(KEPT_AS_TEXT[reason], column=name, value=value[:MAX_SHOWN]))
    elif note := _mostly_numbers(column, lines):
        notes.append(note)


def _mostly_numbers(column: _Column, lines: npt.NDArray[np.int64] | None) -> Problem | None:
    """Tell of a column that would be one of numbers but for a few cells."""
    first = column.series.drop_nulls().head(FIRST_ROWS).str.strip_chars()
    if int(first.cast(pl.Float64, strict=False).is_not_null().sum()) * 2 <= len(first):
        return None
    numbers, bad = typed(column.series, "numeric")
    rest = bad.arg_true()
    if not len(rest) or len(numbers) - numbers.null_count() <= len(rest):
        return None
    row = int(rest[0])
    return problem(
        "data.column_mostly_numbers",
        column=column.name,
        count=len(rest),
        line=row + 1 if lines is None else int(lines[row]),
        value=str(column.series[row])[:MAX_SHOWN],
    )
