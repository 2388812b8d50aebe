"""What each column of a table is: a proposal with its evidence, never a decision.

Takes   columns of numbers or text as `table_files` gives them.
Gives   for each a type, the reason in words, and the rows that do not fit.
Never   changes a cell, and never leaves out a row.

The rules, in this order, for the cells that are not missing:
- paths: at least half end with `.npy` (tensor), or as an image or an audio file;
- binary: all are 0 or 1 (also `true`, `false`, `1.0`, `0.0`), or at least
  `BINARY_SHARE` are and the rest are slips: words, or, in a table whose columns are mostly
  binary, numbers that do not repeat as classes do. The rows of slips are named;
- numeric: a column that was kept as numbers;
- multi_label: several cells hold words joined by a delimiter, and the words repeat;
- text: dates, long texts that hardly repeat, and many different words that are mostly
  numbers, which are sizes with something between them;
- categorical: at most 2,000 different words, and at most half as many as filled cells;
- text: everything else.

Missing in a column of words is an empty cell only: “NA” may be a country and “None” a
class. Such words are counted and offered (`missing_words_possible`), not taken. In columns
of numbers, and among 0 and 1, the words of `MISSING_WORDS` mean that there is none.
Neighbours: `column_offers` tells what else a column may be meant as, `typed_columns` turns
it into another type, `column_statistics` counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from blockwright.contracts.encodings import MAX_CLASSES, FeatureType
from blockwright.contracts.problems import Problem, problem
from blockwright.datasets.column_offers import (
    MAX_SHOWN,
    add_offers,
    are_odd_sizes,
    as_numbers,
    repeats,
)
from blockwright.datasets.column_proposals import (
    Column,
    ColumnProposal,
    Rows,
    no_rows,
)
from blockwright.datasets.column_storage import MISSING_WORDS
from blockwright.datasets.dates import are_dates
from blockwright.datasets.labels import (
    BINARY_SHARE,
    FALSE_WORDS,
    NEARLY_BINARY_SHARE,
    TRUE_WORDS,
)
from blockwright.datasets.multi_label import JoinedWords, joined_words
from blockwright.datasets.typed_columns import SUFFIXES, has_suffix, typed

# Texts of as many letters on average are there to be read, unless they are few.
PROSE_LETTERS = 40
PROSE_ROWS_EACH = 5
# With fewer rows, that no two values are alike means nothing.
IDENTIFIER_ROWS = 20
IDENTIFIER_LETTERS = 64

THREADS = 2

FilesThere = Callable[[pl.Series], pl.Series]


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
    columns = [Column(series, lines) for series in frame.get_columns()]
    told_words = missing_words or {}
    with ThreadPoolExecutor(THREADS) as pool:
        # Two at once; what follows is quick.
        kinds = list(pool.map(lambda column: _look(column, files_there), columns))
        paths = {column.name: kind for column, kind in zip(columns, kinds, strict=True) if kind}
        binary = _binaries([column for column in columns if column.name not in paths])
        among_binary = sum(each.is_all for each in binary.values()) * 2 >= len(binary)

        def proposal(column: Column) -> ColumnProposal:
            if kind := paths.get(column.name):
                made = _paths_proposal(column, kind)
            else:
                made = _proposal(column, binary[column.name], among_binary=among_binary)
                made.notes += _paths_without_files(column) if files_there else []
            made.missing_words = made.missing_words or dict(told_words.get(column.name, {}))
            add_offers(made, column)
            return made

        return list(pool.map(proposal, columns))


def _look(column: Column, files_there: FilesThere | None) -> FeatureType | None:
    """Give the kind of files that a column names; of one that names none, count the cells."""
    kind = _path_type(column, files_there)
    if kind is None:
        column.count()
    return kind


def _path_type(column: Column, files_there: FilesThere | None) -> FeatureType | None:
    for kind, fits in column.named_files.items():
        if files_there is None or files_there(column.series.filter(fits)).any():
            return kind
    return None


def _paths_without_files(column: Column) -> list[Problem]:
    return [
        problem(
            "data.paths_without_files",
            column=column.name,
            suffix=most_frequent_suffix(column.series, kind),
        )
        for kind in list(column.named_files)[:1]
    ]


def _paths_proposal(column: Column, kind: FeatureType) -> ColumnProposal:
    fits = column.named_files[kind]
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


def _binaries(columns: list[Column]) -> dict[str, _Binary]:
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


def _binary(column: Column, true: int, false: int, missing: int) -> _Binary:
    present = len(column.series) - missing
    share = (true + false) / present if present else 0.0
    rest = no_rows()
    if NEARLY_BINARY_SHARE < share < 1.0:
        _, bad = typed(column.series, "binary")
        rest = bad.arg_true().to_numpy().astype(np.int64)
    are_words = column.is_text and bool(len(rest))
    if are_words:
        odd = column.series.gather(rest)
        are_words = bool(odd.cast(pl.Float64, strict=False).is_null().all())
    return _Binary(share, share == 1.0, true > 0 and false > 0, rest, are_words, missing)


def _proposal(column: Column, binary: _Binary, *, among_binary: bool) -> ColumnProposal:
    # Mistakes, not numbers or words: it stands among other 0/1 columns, or the rest is words.
    has_slips = among_binary and not repeats(column, binary.rest)
    if binary.is_all or (binary.share >= BINARY_SHARE and (has_slips or binary.rest_are_words)):
        return _binary_proposal(column, binary)
    proposal = _words_proposal(column) if column.is_text else _numbers_proposal(column)
    proposal.missing_rows = len(column.series) - column.present
    proposal.odd_rows = binary.rest if binary.has_both else no_rows()
    return proposal


def _numbers_proposal(column: Column) -> ColumnProposal:
    name, rows = column.name, column.present
    is_whole = column.series.dtype.is_integer()
    if is_whole and rows >= IDENTIFIER_ROWS and column.are_all_different:
        evidence = problem("data.evidence_identifier_numbers", column=name, rows=rows)
        return ColumnProposal(name, "numeric", evidence, notes=[evidence])
    evidence = problem("data.evidence_numeric", column=name, rows=rows)
    return ColumnProposal(name, "numeric", evidence)


def _words_proposal(column: Column) -> ColumnProposal:
    if not column.present:
        evidence = problem("data.evidence_empty", column=column.name)
        return ColumnProposal(column.name, "text", evidence)
    joined = joined_words(column.series, None if column.has_many_words else column.words)
    if joined and len(joined.classes) <= MAX_CLASSES:
        proposal = _multi_label_proposal(column, joined)
    else:
        offer = as_numbers(column)
        are_sizes = offer is not None and are_odd_sizes(column, offer)
        if joined or are_sizes or not _may_be_classes(column):
            proposal = _text_proposal(column, joined, are_sizes=are_sizes)
        else:
            proposal = _classes_proposal(column)
        proposal.offers = [offer] if offer else []
    proposal.missing_words_possible = column.words_that_may_be_missing()
    proposal.words = None if column.has_many_words else column.words
    return proposal


def _classes_proposal(column: Column) -> ColumnProposal:
    name, classes = column.name, sorted(column.words["word"].to_list())
    evidence = problem(
        "data.evidence_categorical", column=name, words=len(classes), rows=column.present
    )
    return ColumnProposal(name, "categorical", evidence, classes=classes)


def _may_be_classes(column: Column) -> bool:
    if column.has_many_words or column.words.height > MAX_CLASSES:
        return False
    if column.words.height > max(2, column.present // 2):
        return False
    return not _are_prose(column) and not _dates_of(column)


def _are_prose(column: Column) -> bool:
    """Say whether cells are sentences that hardly repeat."""
    words = column.words["word"]
    letters = words.str.len_chars().mean()
    is_long = isinstance(letters, float) and letters >= PROSE_LETTERS
    return is_long and len(words) * PROSE_ROWS_EACH > column.present


def _dates_of(column: Column) -> bool:
    if not column.has_many_words:
        return are_dates(_without_missing_words(column.words["word"]))
    # The first cells say no for most columns of words.
    cells = _without_missing_words(column.first)
    return are_dates(cells) and are_dates(
        _without_missing_words(column.series.filter(~column.missing))
    )


def _without_missing_words(cells: pl.Series) -> pl.Series:
    return cells.filter(~cells.str.strip_chars().str.to_lowercase().is_in(MISSING_WORDS))


def _text_proposal(
    column: Column, joined: JoinedWords | None, *, are_sizes: bool
) -> ColumnProposal:
    """Say why words are neither classes nor labels."""
    name, rows = column.name, column.present
    if are_sizes:
        evidence = problem("data.evidence_odd_numbers", column=name, words=column.different)
        return ColumnProposal(name, "text", evidence)
    proposal = ColumnProposal(name, "text", _text_evidence(column))
    words = len(joined.classes) if joined else column.different
    if words > MAX_CLASSES and (joined or words * 2 <= rows):
        few = problem("data.evidence_many_classes", column=name, words=words, most=MAX_CLASSES)
        proposal.evidence = few
        proposal.notes.append(few)
    elif proposal.evidence.code == "data.evidence_identifier":
        proposal.notes.append(proposal.evidence)
    return proposal


def _text_evidence(column: Column) -> Problem:
    name, rows = column.name, column.present
    if _dates_of(column):
        value = column.first[0][:MAX_SHOWN]
        return problem("data.evidence_dates", column=name, rows=rows, value=value)
    if rows >= IDENTIFIER_ROWS and _are_codes(column.first) and column.are_all_different:
        return problem("data.evidence_identifier", column=name, rows=rows)
    words = column.different
    if words <= MAX_CLASSES and words * 2 <= rows:
        return problem("data.evidence_prose", column=name, rows=rows, words=words)
    return problem("data.evidence_text", column=name, rows=rows, words=words, most=MAX_CLASSES)


def _are_codes(cells: pl.Series) -> bool:
    """Say whether no cell has a space within it or is long."""
    is_odd = cells.str.contains(r"\s") | (cells.str.len_chars() > IDENTIFIER_LETTERS)
    return not is_odd.any()


def _binary_proposal(column: Column, binary: _Binary) -> ColumnProposal:
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
        words = column.count_words(("true", "false"))
        if words:
            proposal.notes.append(problem("data.words_as_binary", column=column.name, count=words))
        if words and binary.is_all:
            proposal.evidence = problem(
                "data.evidence_binary_words", column=column.name, rows=filled
            )
    return proposal


def _multi_label_proposal(column: Column, joined: JoinedWords) -> ColumnProposal:
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
