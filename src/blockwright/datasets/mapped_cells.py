"""The cells of a large table, laid out so that any few rows are found at once.

Takes   a content folder, whose `rows.parquet` must be read in large pieces.
Gives   all cells of any few rows.
Never   keeps anyone waiting for the layout, and never is needed: it lies in `.cells` within the
        content folder, is made behind when a person first looks at the rows, is no part of the
        content, and can be deleted at any time. Without it the table itself is read.

The layout is one file, so that a thousand columns are one open file: of each column the numbers
one after the other, or where each word begins and then all words. `columns.json` says where.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import polars as pl

from blockwright.contracts.base import Model
from blockwright.contracts.problems import BlockwrightError
from blockwright.datasets.folder import CELLS_FOLDER, ROWS_FILE, read_content, whole_folder

RowNumbers = npt.NDArray[np.int64]
# One column of a million rows: two at once are read 1.3 times as fast and need 50 MB more.
_CELLS_AT_ONCE = 1_000_000
_ROWS_AT_ONCE = 100_000
_ALIGNED_BYTES = 8
_KEPT_INDEXES = 4
_INDEX_FILE = "columns.json"
_CELLS_FILE = "cells.bin"
_TURNS = threading.Condition()
_WAITING: list[object] = []
# Folders whose layout is being made, and those where it failed: a full disk is not filled again.
_TRIED: set[Path] = set()


class _Column(Model):
    """Where a column lies: numbers of a type, or places (rows + 1,) of words and the words."""

    dtype: str
    offset: int
    words_offset: int | None = None


class _Index(Model):
    rows: int
    columns: dict[str, _Column]


class MappedCells:
    """Cells of one content folder by column and row."""

    def __init__(self, folder: Path) -> None:
        """Open a folder that `lay_out` made. Raises OSError."""
        self._index = _index_of(folder, (folder / _INDEX_FILE).stat().st_mtime_ns)
        mapped = np.memmap(folder / _CELLS_FILE, dtype=np.uint8, mode="r")
        self._bytes = mapped.view(np.ndarray)  # slices of a memmap are slow to make

    def at(self, column: str, rows: RowNumbers) -> pl.Series:
        """Give the cells of some rows, in their order; numbers or words, gaps null."""
        place = self._index.columns[column]
        count = self._index.rows + (place.words_offset is not None)
        end = place.offset + count * np.dtype(place.dtype).itemsize
        numbers = self._bytes[place.offset : end].view(place.dtype)
        if place.words_offset is None:
            found = numbers[rows]
            if found.dtype.kind != "f":
                return pl.Series(column, found)
            gaps = [None if math.isnan(number) else number for number in found.tolist()]
            return pl.Series(column, gaps, pl.Float64)
        starts = (place.words_offset + numbers[rows]).tolist()
        ends = (place.words_offset + numbers[rows + 1]).tolist()
        words = [
            self._bytes[one:other].tobytes().decode() or None
            for one, other in zip(starts, ends, strict=True)
        ]
        return pl.Series(column, words, pl.String)


def cells_of_rows(content_folder: Path, rows: RowNumbers, columns: Sequence[str]) -> pl.DataFrame:
    """Give some columns of some rows, in their order.

    Until the cells are laid out, which begins now and goes on behind, the table is read:
    a piece of it for rows that lie near one another, else each of the columns once.
    """
    with suppress(OSError):  # not laid out yet, or deleted just now
        cells = MappedCells(content_folder / CELLS_FOLDER)
        return pl.DataFrame([cells.at(column, rows) for column in columns])
    _begin_behind(content_folder)
    first, span = int(rows.min()), int(np.ptp(rows)) + 1
    if span * len(columns) <= _CELLS_AT_ONCE:
        table = pl.scan_parquet(content_folder / ROWS_FILE).select(columns)
        return table.slice(first, span).collect()[rows - first]
    parts = _parts(content_folder, columns, rows=read_content(content_folder).rows)
    return pl.concat([part[rows] for part in parts], how="horizontal")


@lru_cache(maxsize=_KEPT_INDEXES)
def _index_of(folder: Path, made_at_ns: int) -> _Index:  # noqa: ARG001 - part of the key
    # Only the index is kept, long for a thousand columns: an open file could not be deleted.
    return _Index.model_validate_json((folder / _INDEX_FILE).read_bytes())


@contextmanager
def someone_waits() -> Iterator[None]:
    """Let no layout go on meanwhile: a person waits, for the same cores and the same memory."""
    token = object()
    with _TURNS:
        _WAITING.append(token)
    try:
        yield
    finally:
        with _TURNS:
            _WAITING.remove(token)
            _TURNS.notify_all()


def lay_out(content_folder: Path) -> None:
    """Lay the cells of a content folder out.

    Raises:
        OSError: When there is no room, or the folder cannot be written.
    """
    content = read_content(content_folder)
    index = _Index(rows=content.rows, columns={})
    names = [feature.column for feature in content.features]
    with whole_folder(content_folder / CELLS_FOLDER) as folder:
        with (folder / _CELLS_FILE).open("wb") as file:
            for part in _parts(content_folder, names, rows=content.rows):
                _let_others_go_first()
                for cells in part.iter_columns():
                    index.columns[cells.name] = _written(file, cells)
            file.write(bytes(_ALIGNED_BYTES))  # an empty file cannot be mapped
        (folder / _INDEX_FILE).write_text(index.model_dump_json(), "utf-8")


def _let_others_go_first() -> None:
    with _TURNS:
        _TURNS.wait_for(lambda: not _WAITING)


def _begin_behind(content_folder: Path) -> None:
    with _TURNS:
        if content_folder in _TRIED:
            return
        _TRIED.add(content_folder)
    threading.Thread(target=_lay_out_behind, args=(content_folder,), daemon=True).start()


def _lay_out_behind(content_folder: Path) -> None:
    # Without a layout the table is read, so nobody need know; a dataset may also be deleted
    # meanwhile.
    with suppress(OSError, pl.exceptions.PolarsError, BlockwrightError):
        lay_out(content_folder)
        _TRIED.discard(content_folder)


def _parts(content_folder: Path, names: Sequence[str], *, rows: int) -> Iterator[pl.DataFrame]:
    """Give columns, as many at once as memory shall hold."""
    step = max(1, _CELLS_AT_ONCE // max(1, rows))
    for begin in range(0, len(names), step):
        # One after the other: to read parts of a file at once costs as many times the memory.
        yield pl.read_parquet(
            content_folder / ROWS_FILE, columns=list(names[begin : begin + step]), parallel="none"
        )


def _written(file: BinaryIO, cells: pl.Series) -> _Column:
    file.write(bytes(-file.tell() % _ALIGNED_BYTES))
    offset = file.tell()
    if cells.dtype.is_numeric() or cells.dtype == pl.Boolean:
        numbers = _small(cells)
        file.write(np.ascontiguousarray(numbers).data)
        return _Column(dtype=numbers.dtype.str, offset=offset)
    words = cells.cast(pl.String)
    starts = np.zeros(len(words) + 1, dtype=np.int64)
    np.cumsum(words.str.len_bytes().fill_null(0).to_numpy(), out=starts[1:])
    file.write(starts.data)
    words_offset = file.tell()
    for begin in range(0, len(words), _ROWS_AT_ONCE):
        file.write(words.slice(begin, _ROWS_AT_ONCE).str.join("").item().encode())
    return _Column(dtype=starts.dtype.str, offset=offset, words_offset=words_offset)


def _small(cells: pl.Series) -> npt.NDArray[np.generic]:
    if cells.null_count() or cells.dtype.is_float():
        return cells.cast(pl.Float64).to_numpy()
    if cells.dtype == pl.Boolean:
        return cells.cast(pl.Int8).to_numpy()
    return cells.shrink_dtype().to_numpy()
