"""Rows of files that stand side by side: row r of each makes row r.

Takes   npy files whose first axis counts the rows, csv and Parquet files.
Gives   the columns of all of them, in the order in which the files came.
Never   joins files of different length, or two columns of one name.
"""

from __future__ import annotations

import posixpath
from typing import IO

import numpy as np
import numpy.typing as npt
import polars as pl

from blockwright.contracts.data import ImportOptions
from blockwright.contracts.problems import error, in_language
from blockwright.datasets.archive import READ_ERRORS
from blockwright.datasets.intake.found_files import FoundFile
from blockwright.datasets.intake.incoming import IncomingRows, RowArray
from blockwright.datasets.intake.rows_from_table import rows_from_table
from blockwright.datasets.intake.under_way import StagingFolder
from blockwright.datasets.npy import NpyHeader, read_header
from blockwright.settings import Settings


def rows_side_by_side(
    tables: list[FoundFile],
    arrays: list[FoundFile],
    options: ImportOptions,
    settings: Settings,
    staging: StagingFolder,
) -> IncomingRows:
    """Join files row by row.

    Raises:
        BlockwrightError: `data.lengths_differ` with the length of each file,
            `data.columns_clash`, `data.npy_…` of a file, and as the readers of tables do.
    """
    parts = [rows_from_table(file, options, settings, staging) for file in tables]
    return beside_arrays(parts, arrays, settings)


def beside_arrays(
    parts: list[IncomingRows], arrays: list[FoundFile], settings: Settings
) -> IncomingRows:
    """Put arrays beside tables that were read already; raises as `rows_side_by_side`."""
    row_arrays = [RowArray(file, row_header(file, settings)) for file in arrays]
    lengths = {name: part.rows_found for part in parts for name in sorted(part.used)}
    lengths |= {each.file.name: each.rows for each in row_arrays}
    _require_one_length(lengths)
    _require_no_broken_row(parts, len(lengths))
    joined = parts[0] if parts else _rows_of_array(row_arrays[0])
    for part in parts[1:]:
        for name in part.cells.columns:
            _require_new(joined, name, min(part.used))
        joined.cells = joined.cells.hstack(part.cells)
        joined.notes += part.notes
        joined.missing_words |= part.missing_words
        joined.used |= part.used
    for each in row_arrays:
        name = posixpath.splitext(posixpath.basename(each.file.name))[0]
        _require_new(joined, name, each.file.name)
        joined.used.add(each.file.name)
        if len(each.header.shape) == 1:
            joined.cells = joined.cells.with_columns(_numbers(each).alias(name))
        else:
            joined.arrays[name] = each
    return joined


def row_header(file: FoundFile, settings: Settings) -> NpyHeader:
    """Read the header of an npy whose first axis counts the rows.

    Raises:
        BlockwrightError: `data.npy_…`, `data.index_too_long`.
    """
    try:
        with file.open() as stream:
            header = read_header(stream, file.name, file.size_bytes, most_bytes=None)
    except READ_ERRORS as reason:
        raise error("data.npy_corrupt", file=file.name) from reason
    if not header.shape:
        raise error("data.npy_without_rows", file=file.name)
    if header.shape[0] > settings.max_rows:
        raise error("data.index_too_long", file=file.name, most=settings.max_rows)
    return header


def _require_one_length(lengths: dict[str, int]) -> None:
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name}: {rows:,}" for name, rows in lengths.items())
        raise error("data.lengths_differ", lengths=told)


def _require_no_broken_row(parts: list[IncomingRows], files: int) -> None:
    """A row left out of one table would shift it against the other files."""
    if files > 1:
        for part in parts:
            if part.problems:
                first = part.problems[0]
                raise error(
                    "data.broken_row_side_by_side",
                    item=first.item,
                    reason=first.problem.message,
                    reason_zh=in_language(first.problem, "zh").message,
                )


def _require_new(joined: IncomingRows, name: str, file: str) -> None:
    if name in joined.cells.columns or name in joined.arrays:
        raise error("data.columns_clash", column=name, file=file)


def _rows_of_array(array: RowArray) -> IncomingRows:
    rows = array.rows
    return IncomingRows(
        cells=pl.DataFrame(height=rows),
        files=pl.repeat(array.file.name, rows, dtype=pl.String, eager=True).cast(pl.Categorical),
        lines=np.arange(1, rows + 1, dtype=np.int64),
        rows_found=rows,
    )


def _numbers(array: RowArray) -> pl.Series:
    """Read one number per row; what is not a number is missing."""
    header = array.header
    with array.file.open() as stream:
        _skip(stream, header.bytes_before)
        content = stream.read(header.data_bytes)
    if len(content) != header.data_bytes:
        raise error("data.npy_corrupt", file=array.file.name)
    values: npt.NDArray[np.generic] = np.frombuffer(content, header.dtype)
    values = values.astype(header.dtype.newbyteorder("="))
    if values.dtype == np.float16:
        values = values.astype(np.float32)
    series = pl.Series(values)
    if series.dtype == pl.Boolean:
        return series.cast(pl.UInt8)
    return series.fill_nan(None) if series.dtype.is_float() else series


def _skip(stream: IO[bytes], count: int) -> None:
    stream.read(count)
