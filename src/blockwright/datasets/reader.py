"""Reading batches of a frozen version: encoded, normalised, memory-mapped.

Takes   a `DataPlan`.
Gives   float32 arrays by source name and row numbers.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from blockwright.contracts.data import DataSource
from blockwright.contracts.work import DataPlan, FeatureStatistics
from blockwright.datasets.folder import ROWS_FILE
from blockwright.datasets.freeze import SUBSETS_FILE

FloatArray = npt.NDArray[np.float32]
RowNumbers = npt.NDArray[np.int64]


class VersionReader:
    """The numbers of one version. Tensors stay on disk; columns are read on first use."""

    def __init__(self, plan: DataPlan) -> None:
        """Open the version's folders."""
        self._plan = plan
        self._sources = {source.name: source for source in plan.data_schema.sources}
        with np.load(Path(plan.version_folder) / SUBSETS_FILE, allow_pickle=False) as stored:
            self._subsets: dict[str, RowNumbers] = {
                name: stored[name].astype(np.int64) for name in stored.files
            }
        self._tensors: dict[str, FloatArray] = {}
        self._columns: dict[str, FloatArray] = {}

    def row_numbers(self, subset_id: str) -> RowNumbers:
        """Give the rows of a subset, ascending.

        Raises:
            KeyError: If the version has no such subset.
        """
        return self._subsets[subset_id]

    def shape(self, source_name: str) -> tuple[int, ...]:
        """Give the shape of one value of a source."""
        return tuple(self._sources[source_name].shape)

    def read(self, source_name: str, rows: RowNumbers) -> FloatArray:
        """Read rows of a source, normalised and encoded.

        Args:
            source_name: A source of the version's schema.
            rows: Row numbers, in any order, repeats allowed.

        Returns:
            float32, shape (len(rows), *shape); a fresh array.

        Raises:
            KeyError: If the version has no such source.
        """
        source = self._sources[source_name]
        if source.kind == "tensor":
            values = np.array(self._tensor(source.features[0])[rows], dtype=np.float32)
            return _normalize(values, self._plan.statistics.get(source.features[0]))
        if source_name not in self._columns:
            self._columns[source_name] = self._encode(source)
        return self._columns[source_name][rows]

    def _tensor(self, name: str) -> FloatArray:
        if name not in self._tensors:
            path = Path(self._plan.tensors_folder) / self._plan.tensor_files[name]
            self._tensors[name] = np.load(path, mmap_mode="r", allow_pickle=False)
        return self._tensors[name]

    def _encode(self, source: DataSource) -> FloatArray:
        """Give all rows of the columns behind a source, shape (rows, *source.shape)."""
        table = pl.read_parquet(
            Path(self._plan.tensors_folder) / ROWS_FILE, columns=source.features
        )
        if source.kind == "categorical":
            classes = source.classes or []
            numbers = table[source.features[0]].replace_strict(
                {word: number for number, word in enumerate(classes)}, return_dtype=pl.Int64
            )
            one_hot: FloatArray = np.eye(len(classes), dtype=np.float32)[numbers.to_numpy()]
            return one_hot
        columns = [
            _normalize(
                table[name].cast(pl.Float32).to_numpy(writable=True),
                self._plan.statistics.get(name),
            )
            for name in source.features
        ]
        return np.stack(columns, axis=1)


def _normalize(values: FloatArray, statistics: FeatureStatistics | None) -> FloatArray:
    """Shift and scale in place."""
    if statistics is not None and statistics.normalization != "none":
        values -= np.float32(statistics.shift)
        values /= np.float32(statistics.scale)
    return values
