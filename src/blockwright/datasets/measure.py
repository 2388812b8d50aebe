"""Statistics of frozen features: what normalisation subtracts and divides by.

Takes   features with their columns or arrays, and the rows of Training.
Gives   `FeatureStatistics` by name.
Never   reads a row that is not among those given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from blockwright.contracts.data import Feature
from blockwright.contracts.encodings import ImageEncoding, Normalization
from blockwright.contracts.work import FeatureStatistics, StoredArray
from blockwright.datasets.encoders.images import fixed_scaling
from blockwright.datasets.encoders.numeric import Moments
from blockwright.datasets.frozen_columns import FrozenColumns

RowNumbers = npt.NDArray[np.int64]
# Bytes of numbers looked at together; in float64 they are twice to eight times as many.
CHUNK_BYTES = 8 * 1024 * 1024


def normalization_of(feature: Feature) -> Normalization:
    """Give how the numbers of a feature are normalised by what Training holds."""
    if isinstance(feature.encoding, ImageEncoding):
        return "standardize" if feature.encoding.scaling == "standardize" else "none"
    wanted: Normalization = getattr(feature.encoding, "normalization", "none")
    return wanted


def measured_statistics(
    features: Sequence[Feature],
    *,
    columns: FrozenColumns,
    arrays: dict[str, StoredArray],
    training: RowNumbers,
    on_rows: Callable[[float], None],
    stop: Callable[[], None],
) -> dict[str, FeatureStatistics]:
    """Measure every feature that is normalised.

    Args:
        features: Those that a model can use.
        columns: Values of those that are no arrays, all rows.
        arrays: Where the numbers of the others lie.
        training: Rows to measure, ascending.
        on_rows: Told how many rows were measured.
        stop: Called before each part; raises to end the work.
    """
    statistics: dict[str, FeatureStatistics] = {}
    for feature in features:
        wanted = normalization_of(feature)
        if wanted == "none":
            if isinstance(feature.encoding, ImageEncoding):
                statistics[feature.name] = fixed_scaling(feature.encoding)
            elif hasattr(feature.encoding, "normalization"):
                statistics[feature.name] = FeatureStatistics(normalization="none")
        else:
            moments = Moments()
            stored = arrays.get(feature.name)
            if stored is None:
                moments.add(columns[feature.name].gather(training).cast(pl.Float64).to_numpy())
                on_rows(len(training))
            else:
                _measure_array(stored, training, moments, on_rows, stop)
            statistics[feature.name] = moments.statistics(wanted)
    return statistics


def _measure_array(
    stored: StoredArray,
    training: RowNumbers,
    moments: Moments,
    on_rows: Callable[[float], None],
    stop: Callable[[], None],
) -> None:
    array = np.load(stored.path, mmap_mode="r", allow_pickle=False).view(np.ndarray)
    if stored.offsets_path is not None:
        offsets = np.load(stored.offsets_path, allow_pickle=False)
        for row in training.tolist():
            stop()
            moments.add(array[offsets[row] : offsets[row + 1]])
            on_rows(1)
        return
    row_bytes = max(1, array[:1].nbytes)
    step = max(1, CHUNK_BYTES // row_bytes)
    for start in range(0, len(training), step):
        stop()
        part = training[start : start + step]
        moments.add(array[part])
        on_rows(len(part))
