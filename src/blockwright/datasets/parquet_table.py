"""A Parquet file as a table of numbers and text, as a csv would give it.

Takes   the path of a Parquet file.
Gives   the table of `table_files`; columns that are no plain values are left out by name.
Never   unpickles anything: extension types are left out unread.

Numbers and truth values become numbers, text and categories text, dates and times text in
ISO form, decimals 64-bit floats (with a note where one is not exact). Numbers that are not
finite count as missing, and a note tells how many.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import polars as pl

from blockwright.contracts.data import RowProblem
from blockwright.contracts.problems import Problem, error, problem
from blockwright.datasets.column_storage import LARGEST_EXACT, largest, narrow_integers
from blockwright.datasets.csv_head import TableLimits, check_names
from blockwright.datasets.table_files import TableRead

PLAIN = (pl.Boolean, pl.String, pl.Categorical, pl.Enum, pl.Date, pl.Time, pl.Datetime, pl.Null)


def read_parquet_table(
    path: Path, limits: TableLimits | None = None, *, name: str | None = None
) -> TableRead:
    """Read a Parquet file.

    Args:
        path: The file.
        limits: The most rows and columns.
        name: What the file is called in messages; its own name if not given.

    Raises:
        BlockwrightError: `data.parquet_unreadable`, `data.parquet_no_plain_column`,
            `data.cannot_open`, or as `csv_head.check_names` and `data.index_…` on sizes.
    """
    limits, name = limits or TableLimits(), name or path.name
    with _damage_told(name):
        lazy = pl.scan_parquet(path, glob=False)
        schema = lazy.collect_schema()
        rows = int(lazy.select(pl.len()).collect().item()) if len(schema) else 0
    if not len(schema):
        raise error("data.index_empty", file=name)
    check_names(list(schema), name, limits.max_columns)
    if rows == 0:
        raise error("data.index_no_rows", file=name)
    if rows > limits.max_rows:
        raise error("data.index_too_long", file=name, most=limits.max_rows)
    table = TableRead(pl.DataFrame(), rows_found=rows)
    table.source_lines = np.arange(1, rows + 1, dtype=np.int64)
    columns = []
    for column, kind in schema.items():
        if _is_plain(kind):
            # One column after the other: what is in memory twice is one column.
            with _damage_told(name):
                series = lazy.select(column).collect().to_series()
            columns.append(_stored(series, table.notes))
        else:
            wrong = problem("data.column_not_plain", column=column, kind=type(kind).__name__)
            table.problems.append(RowProblem(item=column, problem=wrong))
    if not columns:
        raise error("data.parquet_no_plain_column", file=name)
    table.frame = pl.DataFrame(columns)
    return table


@contextmanager
def _damage_told(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as reason:
        raise error(
            "data.cannot_open", file=name, reason=reason.strerror or str(reason)
        ) from reason
    # A damaged file can make the reader itself give up.
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as reason:
        raise error("data.parquet_unreadable", file=name, reason=str(reason)[:200]) from reason


def _is_plain(kind: pl.DataType) -> bool:
    return kind.is_numeric() or kind in PLAIN


def _stored(column: pl.Series, notes: list[Problem]) -> pl.Series:
    kind = column.dtype
    if kind == pl.Boolean:
        return column.cast(pl.Int8)
    if kind.is_decimal():
        return _finite(_from_decimal(column, notes), notes)
    if kind.is_float():
        return _finite(column.cast(pl.Float64), notes)
    if kind.is_integer():
        return _from_integers(column)
    if kind == pl.Datetime:
        return column.dt.to_string("iso:strict")
    if kind in (pl.Date, pl.Time):
        return column.dt.to_string("iso")
    text = column.cast(pl.String)
    return text.set(text == "", None)


def _from_integers(column: pl.Series) -> pl.Series:
    """Keep integers as numbers if a 64-bit float holds each exactly, else as text."""
    if largest(column) >= LARGEST_EXACT:
        return column.cast(pl.String)
    return narrow_integers(column)


def _from_decimal(column: pl.Series, notes: list[Problem]) -> pl.Series:
    numbers = column.cast(pl.Float64)
    again = numbers.cast(column.dtype, strict=False)
    rounded = int((again.ne_missing(column)).sum())
    if rounded:
        notes.append(problem("data.decimals_rounded", column=column.name, count=rounded))
    return numbers


def _finite(numbers: pl.Series, notes: list[Problem]) -> pl.Series:
    wrong = ~numbers.is_finite().fill_null(value=True)
    if count := int(wrong.sum()):
        notes.append(problem("data.numbers_not_finite", column=numbers.name, count=count))
        numbers = numbers.set(wrong, None)
    return numbers
