"""Reading batches of a frozen version: encoded, normalised, memory-mapped.

Takes   a `DataPlan`.
Gives   float32 arrays by source name and row numbers; of values of variable length, one
        crop per row for training or all tiles for prediction.
Never   holds a whole array in memory: the kernel keeps what fits of the files.
"""

from __future__ import annotations

import errno
import math
import mmap
import os
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from blockwright.contracts.data import DataSource, VariableLength
from blockwright.contracts.encodings import CategoricalEncoding
from blockwright.contracts.work import DataPlan, FeatureStatistics, StoredArray
from blockwright.datasets.encoders.classes import LabelLists, class_numbers, one_hot

FloatArray = npt.NDArray[np.float32]
RowNumbers = npt.NDArray[np.int64]
Numbers = TypeVar("Numbers", npt.NDArray[np.float32], npt.NDArray[np.float64])

SUBSETS_FILE = "subsets.npz"
COLUMNS_FILE = "columns.parquet"
# Rows that are shifted and scaled together: they stay in a core's second-level cache.
BLOCK_BYTES = 256 * 1024


class VersionReader:
    """The numbers of one version. Arrays stay on disk; columns are read on first use."""

    def __init__(self, plan: DataPlan) -> None:
        """Open the version's folders."""
        self._plan = plan
        self._sources = {source.name: source for source in plan.data_schema.sources}
        with np.load(Path(plan.version_folder) / SUBSETS_FILE, allow_pickle=False) as stored:
            self._subsets: dict[str, RowNumbers] = {
                name: stored[name].astype(np.int64) for name in stored.files
            }
        self._arrays: dict[str, npt.NDArray[np.generic]] = {}
        self._offsets: dict[str, npt.NDArray[np.int64]] = {}
        self._columns: dict[
            str, FloatArray | npt.NDArray[np.uint8] | npt.NDArray[np.int32] | LabelLists
        ] = {}

    def row_numbers(self, subset_id: str) -> RowNumbers:
        """Give the rows of a subset, ascending.

        Raises:
            KeyError: If the version has no such subset.
        """
        return self._subsets[subset_id]

    @property
    def rows(self) -> int:
        """The number of rows of the version."""
        return self._plan.data_schema.rows

    def numbers(self, feature: str) -> npt.NDArray[np.float64]:
        """Give a feature with a number per row as it is, not normalised, shape (rows,).

        A missing value is NaN.
        """
        column = pl.read_parquet(self._plan.columns_path, columns=[feature])[feature]
        return column.cast(pl.Float64).fill_null(float("nan")).to_numpy(writable=True)

    def shape(self, source_name: str) -> tuple[int, ...]:
        """Give the shape of one value of a source, or of one tile of it."""
        return tuple(self._sources[source_name].shape)

    def variable(self, source_name: str) -> VariableLength | None:
        """Say along which axis the values of a source differ in length, if they do."""
        return self._sources[source_name].variable

    def read(
        self,
        source_name: str,
        rows: RowNumbers,
        *,
        crop_seed: tuple[int, int] | None = None,
    ) -> FloatArray:
        """Read rows of a source, normalised and encoded.

        Args:
            source_name: A source of the version's schema.
            rows: Row numbers, in any order, repeats allowed.
            crop_seed: Seed of the run and number of the epoch. Of a source of variable
                length they choose a piece of each row, whatever batch it comes in; without
                them the first piece is taken. Other sources do not depend on it.

        Returns:
            float32, shape (len(rows), *shape). Read-only where it could be given without a
            copy: rows one after the other of an array that needs no normalisation.

        Raises:
            KeyError: If the version has no such source.
            IndexError: If there is no such row.
        """
        source = self._sources[source_name]
        self._require_rows(rows)
        if source.variable is not None:
            starts = self._crop_starts(source, source.variable.tile, rows, crop_seed)
            return self._pieces(source, source.variable, rows, starts)
        if source.features[0] in self._plan.arrays:
            array = self._array(source.features[0])
            if len(rows):
                _require_whole(array, int(rows.max()), self._plan.arrays[source.features[0]])
            return _fixed(array, rows, self._plan.statistics.get(source.features[0]))
        return self._column_rows(source, rows)

    def tiles(self, source_name: str, rows: RowNumbers) -> tuple[FloatArray, RowNumbers]:
        """Read all of rows as tiles that overlap by half, as prediction takes them.

        The last tile of a row ends where the row ends, and so may overlap more; a row that
        is shorter than one tile is repeated. A source of fixed size has one tile per row.

        Returns:
            float32, shape (tiles, *shape), and for each tile the place in `rows` of the row
            that it belongs to, ascending.
        """
        source = self._sources[source_name]
        if source.variable is None:
            return self.read(source_name, rows), np.arange(len(rows), dtype=np.int64)
        self._require_rows(rows)
        offsets = self._row_offsets(source.features[0])
        begins: list[npt.NDArray[np.int64]] = []
        for row in rows:
            begins.append(_tile_starts(int(offsets[row + 1] - offsets[row]), source.variable))
        owners = np.repeat(np.arange(len(rows), dtype=np.int64), [len(each) for each in begins])
        starts = np.concatenate(begins) if begins else np.empty(0, dtype=np.int64)
        return self._pieces(source, source.variable, rows[owners], starts), owners

    def _require_rows(self, rows: RowNumbers) -> None:
        total = self._plan.data_schema.rows
        if len(rows) and (int(rows.min()) < 0 or int(rows.max()) >= total):
            msg = f"rows {rows.min()} to {rows.max()} of a version with {total}"
            raise IndexError(msg)

    def _crop_starts(
        self, source: DataSource, tile: int, rows: RowNumbers, crop_seed: tuple[int, int] | None
    ) -> RowNumbers:
        """Give where the piece of each row begins, shape (len(rows),)."""
        if crop_seed is None:
            return np.zeros(len(rows), dtype=np.int64)
        offsets = self._row_offsets(source.features[0])
        lengths = offsets[rows + 1] - offsets[rows]
        # A row that is shorter than a piece is repeated, from any of its own places on.
        possible = np.where(lengths >= tile, lengths - tile + 1, np.maximum(lengths, 1))
        return random_below(possible, crop_seed, rows)

    def _pieces(
        self, source: DataSource, variable: VariableLength, rows: RowNumbers, starts: RowNumbers
    ) -> FloatArray:
        """Give one piece per row, from its start on; a row without anything gives zeros."""
        name, tile = source.features[0], variable.tile
        array, offsets = self._array(name), self._row_offsets(name)
        statistics = self._plan.statistics.get(name)
        made = np.empty((len(rows), *source.shape), dtype=np.float32)
        for place, (row, start) in enumerate(zip(rows.tolist(), starts.tolist(), strict=True)):
            begin, end = int(offsets[row]), int(offsets[row + 1])
            _require_whole(array, end - 1, self._plan.arrays[name])
            goal = np.moveaxis(made[place], variable.axis, 0)
            if end - begin >= tile:
                goal[...] = array[begin + start : begin + start + tile]
            elif end > begin:
                goal[...] = array[begin + (start + np.arange(tile)) % (end - begin)]
            else:
                goal[...] = 0.0
            _normalize(made[place], statistics)
        return made

    def _array(self, name: str) -> npt.NDArray[np.generic]:
        if name not in self._arrays:
            self._arrays[name] = _mapped(self._plan.arrays[name])
        return self._arrays[name]

    def _row_offsets(self, name: str) -> npt.NDArray[np.int64]:
        if name not in self._offsets:
            path = self._plan.arrays[name].offsets_path
            if path is None:
                msg = f"the rows of {name} are not ragged"
                raise ValueError(msg)
            self._offsets[name] = np.load(path, allow_pickle=False)
        return self._offsets[name]

    def _column_rows(self, source: DataSource, rows: RowNumbers) -> FloatArray:
        if source.name not in self._columns:
            self._columns[source.name] = self._encode(source)
        encoded = self._columns[source.name]
        if isinstance(encoded, LabelLists):
            return encoded.multi_hot(rows)
        if encoded.ndim == 1:
            return one_hot(encoded[rows].astype(np.int32), len(source.classes or ()))
        return encoded[rows].astype(np.float32, copy=False)

    def _encode(
        self, source: DataSource
    ) -> FloatArray | npt.NDArray[np.uint8] | npt.NDArray[np.int32] | LabelLists:
        """Give the columns behind a source: numbers (rows, width), classes (rows,), or lists."""
        table = pl.read_parquet(self._plan.columns_path, columns=source.features)
        name = source.features[0]
        encoding = self._plan.encodings.get(name)
        if source.kind == "categorical":
            return class_numbers(table[name], source.classes or [])
        if source.kind == "multi_label" and table[name].dtype == pl.List:
            return LabelLists.of(table[name], source.classes or [])
        if isinstance(encoding, CategoricalEncoding):
            numbers = class_numbers(table[name], source.classes or [])
            return numbers.astype(np.float32)[:, None]
        if all(kind == pl.Boolean for kind in table.dtypes):
            # 0 and 1 need a byte each until they are read; a gap is in no subset.
            flags = [column.fill_null(value=False).to_numpy() for column in table]
            return np.stack(flags, axis=1).view(np.uint8)
        # In 64 bits until they are normalised: seconds since 1970 differ by less than
        # 32 bits can tell.
        columns = [
            _normalize(
                table[name].cast(pl.Float64).to_numpy(writable=True),
                self._plan.statistics.get(name),
            ).astype(np.float32)
            for name in source.features
        ]
        return np.stack(columns, axis=1)


def random_below(
    limits: RowNumbers, crop_seed: tuple[int, int], rows: RowNumbers
) -> npt.NDArray[np.int64]:
    """Give a number from 0 to below its limit for each row, by seed, epoch and row alone.

    Source: the finaliser of SplitMix64 (Steele, Lea, Flood, Fast splittable pseudorandom
    number generators, 2014), once for each of the three.
    """
    seed, epoch = crop_seed
    state = _mixed(np.array([seed % 2**64], dtype=np.uint64))
    state = _mixed(state ^ np.uint64(epoch % 2**64))
    state = _mixed(state ^ rows.astype(np.uint64))
    return (((state >> np.uint64(32)) * limits.astype(np.uint64)) >> np.uint64(32)).astype(np.int64)


def _mixed(state: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    state = state + np.uint64(0x9E3779B97F4A7C15)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


def _tile_starts(length: int, variable: VariableLength) -> npt.NDArray[np.int64]:
    """Give where the tiles of one row begin; they cover all of it."""
    if length <= variable.tile:
        return np.zeros(1, dtype=np.int64)
    last = length - variable.tile
    starts = np.arange(0, last + 1, variable.tile - variable.overlap, dtype=np.int64)
    return starts if starts[-1] == last else np.append(starts, last)


def _mapped(stored: StoredArray) -> npt.NDArray[np.generic]:
    """Map an npy; without the class of numpy's maps, which makes every small read slower.

    Of a file that has lost its end, the rows before are given: who reads on is told of the row.
    """
    array: npt.NDArray[np.generic]
    try:
        array = np.load(stored.path, mmap_mode="r", allow_pickle=False)
    except ValueError:
        array = _what_is_left(Path(stored.path))
    return array.view(np.ndarray)


def _what_is_left(path: Path) -> npt.NDArray[np.generic]:
    with path.open("rb") as file:
        is_old = np.lib.format.read_magic(file) == (1, 0)
        read = (
            np.lib.format.read_array_header_1_0 if is_old else np.lib.format.read_array_header_2_0
        )
        shape, _, kind = read(file)
        begin = file.tell()
        there = file.seek(0, os.SEEK_END) - begin
    rows = there // (kind.itemsize * math.prod(shape[1:]))
    return np.memmap(path, kind, "r", begin, (rows, *shape[1:]))


def _require_whole(array: npt.NDArray[np.generic], last: int, stored: StoredArray) -> None:
    if last >= len(array):
        raise OSError(errno.EIO, os.strerror(errno.EIO), Path(stored.path).name)


def _fixed(
    array: npt.NDArray[np.generic], rows: RowNumbers, statistics: FeatureStatistics | None
) -> FloatArray:
    """Give rows of an array of fixed size."""
    if statistics is not None and statistics.normalization == "none":
        statistics = None
    is_run = len(rows) > 0 and bool((np.diff(rows) == 1).all())
    if statistics is None and is_run and array.dtype == np.float32:
        view: FloatArray = array[int(rows[0]) : int(rows[-1]) + 1]  # type: ignore[assignment]
        _read_ahead(view)
        return view
    made = np.empty((len(rows), *array.shape[1:]), dtype=np.float32)
    row_bytes = max(1, made.nbytes // max(1, len(rows)))
    step = max(1, BLOCK_BYTES // row_bytes)
    for start in range(0, len(rows), step):
        goal = made[start : start + step]
        if is_run:
            taken = array[int(rows[start]) : int(rows[start]) + len(goal)]
        elif step == 1:
            taken = array[int(rows[start])][None]
        else:
            taken = array[rows[start : start + step]]
        if statistics is None:
            np.copyto(goal, taken, casting="unsafe")
            continue
        np.subtract(taken, np.float32(statistics.shift), out=goal, casting="unsafe")
        np.divide(goal, np.float32(statistics.scale), out=goal)
    return made


def _read_ahead(view: FloatArray) -> None:
    """Ask the kernel for pages that are read soon, where they may not be in memory yet."""
    whole = view.base
    while isinstance(whole, np.ndarray):
        whole = whole.base
    if isinstance(whole, mmap.mmap) and hasattr(mmap, "MADV_WILLNEED"):
        first = view.ctypes.data - np.frombuffer(whole, dtype=np.uint8).ctypes.data
        begin = first - first % mmap.PAGESIZE
        whole.madvise(mmap.MADV_WILLNEED, begin, first + view.nbytes - begin)


def _normalize(values: Numbers, statistics: FeatureStatistics | None) -> Numbers:
    """Shift and scale in place."""
    if statistics is not None and statistics.normalization != "none":
        values -= values.dtype.type(statistics.shift)
        values /= values.dtype.type(statistics.scale)
    return values
