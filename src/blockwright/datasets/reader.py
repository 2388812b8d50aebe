"""Reading batches of a frozen version: encoded, normalised, memory-mapped.

Takes   a `DataPlan`.
Gives   float32 arrays by source name and row numbers; sources of variable length as random
        crops for training, or as all their tiles for prediction.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from blockwright.audio.clip_picture import crop, tiles
from blockwright.contracts.data import DataSource
from blockwright.contracts.work import DataPlan, FeatureStatistics

FloatArray = npt.NDArray[np.float32]
RowNumbers = npt.NDArray[np.int64]
SUBSETS_FILE = "subsets.npz"
COLUMNS_FILE = "columns.parquet"


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
        self._arrays: dict[str, FloatArray] = {}
        self._offsets: dict[str, RowNumbers] = {}
        self._columns: dict[str, FloatArray] = {}

    def row_numbers(self, subset_id: str) -> RowNumbers:
        """Give the rows of a subset, ascending.

        Raises:
            KeyError: If the version has no such subset.
        """
        return self._subsets[subset_id]

    def read(
        self, source_name: str, rows: RowNumbers, *, crop_seed: tuple[int, int] | None = None
    ) -> FloatArray:
        """Read rows of a source, normalised and encoded; float32, shape (len(rows), *shape)."""
        source = self._sources[source_name]
        name = source.features[0]
        if source.variable is not None:
            pieces = [self._crop(source, int(row), crop_seed) for row in rows]
            return self._normalize(np.stack(pieces), name)
        if name in self._plan.arrays:
            return self._normalize(np.array(self._array(name)[rows], dtype=np.float32), name)
        if source_name not in self._columns:
            self._columns[source_name] = self._encode(source)
        return self._columns[source_name][rows]

    def tiles(self, source_name: str, rows: RowNumbers) -> tuple[FloatArray, RowNumbers]:
        """Read all tiles of rows of a source of variable length, and which row each is of."""
        source = self._sources[source_name]
        assert source.variable is not None
        found = [
            np.moveaxis(
                tiles(self._whole(source, int(row)), source.variable.tile, source.variable.overlap),
                -1,
                source.variable.axis + 1,
            )
            for row in rows
        ]
        owners = np.repeat(np.arange(len(rows), dtype=np.int64), [len(item) for item in found])
        return self._normalize(np.concatenate(found), source.features[0]), owners

    def _crop(self, source: DataSource, row: int, seed: tuple[int, int] | None) -> FloatArray:
        assert source.variable is not None
        whole, tile = self._whole(source, row), source.variable.tile
        last = whole.shape[-1] - tile if whole.shape[-1] >= tile else whole.shape[-1] - 1
        start = 0 if seed is None else int(np.random.default_rng([*seed, row]).integers(last + 1))
        return np.moveaxis(crop(whole, tile, start), -1, source.variable.axis)

    def _whole(self, source: DataSource, row: int) -> FloatArray:
        """Give one value with the axis that varies last."""
        name = source.features[0]
        if name not in self._offsets:
            path = self._plan.arrays[name].offsets_path
            assert path is not None
            self._offsets[name] = np.load(path, allow_pickle=False)
        first, end = self._offsets[name][row : row + 2]
        return np.moveaxis(np.asarray(self._array(name)[first:end], dtype=np.float32), 0, -1)

    def _array(self, name: str) -> FloatArray:
        if name not in self._arrays:
            path = self._plan.arrays[name].path
            self._arrays[name] = np.load(path, mmap_mode="r", allow_pickle=False)
        return self._arrays[name]

    def _encode(self, source: DataSource) -> FloatArray:
        table = pl.read_parquet(
            Path(self._plan.version_folder) / COLUMNS_FILE, columns=source.features
        )
        if source.kind == "categorical":
            classes = source.classes or []
            numbers = table[source.features[0]].replace_strict(
                {word: number for number, word in enumerate(classes)}, return_dtype=pl.Int64
            )
            one_hot: FloatArray = np.eye(len(classes), dtype=np.float32)[numbers.to_numpy()]
            return one_hot
        columns = [
            self._normalize(table[name].cast(pl.Float32).to_numpy(writable=True), name)
            for name in source.features
        ]
        return np.stack(columns, axis=1)

    def _normalize(self, values: FloatArray, name: str) -> FloatArray:
        statistics: FeatureStatistics | None = self._plan.statistics.get(name)
        if statistics is not None and statistics.normalization != "none":
            values -= np.float32(statistics.shift)
            values /= np.float32(statistics.scale)
        return values
