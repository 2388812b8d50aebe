"""`index.csv`: its cells as text, and what each column is.

Takes   a stream of csv (comma, UTF-8, first row names).
Gives   a table of text, typed columns, and every row that cannot be taken, with its reason.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

import numpy as np
import numpy.typing as npt
import polars as pl

from blockwright.contracts.data import RowProblem
from blockwright.contracts.encodings import FeatureType
from blockwright.contracts.problems import error, problem
from blockwright.datasets.labels import (
    BINARY_SHARE,
    FALSE_WORDS,
    NEARLY_BINARY_SHARE,
    TRUE_WORDS,
)

INDEX_FILE = "index.csv"
MAX_FIELD_CHARACTERS = 1 << 20
MAX_CATEGORIES = 2_000
CHUNK_ROWS = 20_000
MISSING_WORDS = ("", "na", "nan")

BoolArray = npt.NDArray[np.bool_]


@dataclass
class IndexTable:
    """The rows of index.csv as text; `lines` is the line of each row in the file."""

    cells: pl.DataFrame
    lines: list[int]
    problems: list[RowProblem] = field(default_factory=list)
    rows_found: int = 0


@dataclass
class Column:
    """One column and what it holds; `values` are typed, null where there is none."""

    name: str
    type: FeatureType
    values: pl.Series
    bad_rows: BoolArray
    classes: list[str] | None = None
    odd_rows: list[int] = field(default_factory=list)


def read_index(stream: IO[bytes], file: str, *, max_columns: int, max_rows: int) -> IndexTable:
    """Read a csv in chunks.

    Raises:
        BlockwrightError: `data.index_…` when the file as a whole cannot be read.
    """
    csv.field_size_limit(MAX_FIELD_CHARACTERS)
    reader = csv.reader(io.TextIOWrapper(stream, encoding="utf-8-sig", newline=""), strict=True)
    try:
        names = next(reader, [])
        _check_names(names, file, max_columns)
        return _read_rows(reader, names, file, max_rows)
    except UnicodeDecodeError as reason:
        raise error("data.index_not_utf8", file=file) from reason
    except csv.Error as reason:
        raise error(
            "data.index_unreadable", file=file, line=reader.line_num, reason=str(reason)
        ) from reason


def _check_names(names: list[str], file: str, max_columns: int) -> None:
    if not names:
        raise error("data.index_empty", file=file)
    if len(names) > max_columns:
        raise error("data.index_too_wide", file=file, columns=len(names), most=max_columns)
    seen: set[str] = set()
    for position, name in enumerate(names, start=1):
        if not name.strip():
            raise error("data.index_column_without_name", file=file, position=position)
        if name in seen:
            raise error("data.index_duplicate_column", file=file, column=name)
        seen.add(name)


def _read_rows(
    reader: Iterator[list[str]], names: list[str], file: str, max_rows: int
) -> IndexTable:
    table = IndexTable(pl.DataFrame(schema=dict.fromkeys(names, pl.String)), [])
    chunks: list[pl.DataFrame] = []
    buffer: list[list[str]] = []
    for number, cells in enumerate(reader, start=1):
        if not cells:
            continue  # a blank line is no row
        table.rows_found += 1
        if table.rows_found > max_rows:
            raise error("data.index_too_long", file=file, most=max_rows)
        if len(cells) != len(names):
            wrong = problem("data.row_cells", row=number, cells=len(cells), columns=len(names))
            table.problems.append(RowProblem(item=f"{file}: {number}", problem=wrong))
            continue
        buffer.append(cells)
        table.lines.append(number)
        if len(buffer) == CHUNK_ROWS:
            chunks.append(_frame(buffer, names))
            buffer = []
    if buffer:
        chunks.append(_frame(buffer, names))
    if chunks:
        table.cells = pl.concat(chunks, rechunk=True)
    if table.rows_found == 0:
        raise error("data.index_no_rows", file=file)
    return table


def _frame(rows: list[list[str]], names: list[str]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def type_columns(cells: pl.DataFrame) -> list[Column]:
    """Decide what each column holds.

    npy paths make a tensor; 0/1 (also true/false) binary; numbers numeric; few
    different words categorical; the rest is text. A column that is 0/1 but for some
    values stays binary, and the rows of those values are marked bad.
    """
    plain = {name: cells[name].str.strip_chars().str.to_lowercase() for name in cells.columns}
    binary = {name: _is_binary(values) for name, values in plain.items()}
    others = [name for name, values in plain.items() if not _is_tensor(values)]
    among_binary = sum(binary[name].all() for name in others) * 2 >= len(others)
    typed = [
        _type_column(cells[name], plain[name], binary[name], among_binary=among_binary)
        for name in cells.columns
    ]
    for column in typed:
        if column.type in {"numeric", "categorical", "text"}:
            column.odd_rows = _odd_rows(plain[column.name], binary[column.name])
    return typed


def _odd_rows(plain: pl.Series, binary: pl.Series) -> list[int]:
    """Give the rows that keep a column of mostly both 0 and 1 from being 0/1."""
    both = plain.is_in(TRUE_WORDS).any() and plain.is_in(FALSE_WORDS).any()
    if not both or float(binary.mean() or 0.0) <= NEARLY_BINARY_SHARE:  # type: ignore[arg-type]
        return []
    return (~(binary | plain.is_in(MISSING_WORDS))).arg_true().to_list()


def _odd_are_words(plain: pl.Series, binary: pl.Series) -> bool:
    odd = plain.filter(~(binary | plain.is_in(MISSING_WORDS)))
    return len(odd) > 0 and odd.cast(pl.Float64, strict=False).is_null().all()


def _is_binary(plain: pl.Series) -> pl.Series:
    return plain.is_in([*TRUE_WORDS, *FALSE_WORDS])


def _is_tensor(plain: pl.Series) -> bool:
    return len(plain) > 0 and int(plain.str.ends_with(".npy").sum()) * 2 >= len(plain)


def _type_column(
    raw: pl.Series, plain: pl.Series, binary: pl.Series, *, among_binary: bool
) -> Column:
    none_bad: BoolArray = np.zeros(len(raw), dtype=bool)
    if _is_tensor(plain):
        return Column(raw.name, "tensor", raw, ~plain.str.ends_with(".npy").to_numpy())
    share = float(binary.mean() or 0.0)  # type: ignore[arg-type]
    # Mistakes, not numbers or words: it stands among other 0/1 columns, or the rest is words.
    has_mistakes = among_binary or _odd_are_words(plain, binary)
    if share == 1.0 or (share >= BINARY_SHARE and has_mistakes):
        values = pl.when(binary).then(plain.is_in(TRUE_WORDS).cast(pl.UInt8))
        return Column(
            raw.name, "binary", pl.select(values).to_series().alias(raw.name), ~binary.to_numpy()
        )
    missing = plain.is_in(MISSING_WORDS)
    numbers = plain.cast(pl.Float64, strict=False)
    numbers = numbers.set(missing | ~numbers.is_finite().fill_null(value=False), None)
    if not missing.all() and int(numbers.is_null().sum()) == int(missing.sum()):
        return Column(raw.name, "numeric", numbers, none_bad)
    words = raw.set(raw.str.strip_chars() == "", None)
    distinct = words.drop_nulls().unique().sort()
    if 0 < len(distinct) <= min(MAX_CATEGORIES, max(2, len(raw) // 2)):
        return Column(raw.name, "categorical", words, none_bad, classes=distinct.to_list())
    return Column(raw.name, "text", words, none_bad)
