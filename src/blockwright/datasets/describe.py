"""Histograms of columns and tensors, as the heads of the columns show them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from blockwright.contracts.data import Histogram
from blockwright.datasets.table import Column

BINS = 24
MOST_FREQUENT_WORDS = 24
SAMPLE_VALUES = 200_000

FloatArray = npt.NDArray[np.float32]


class TensorSummary:
    """Range of a tensor feature, exact, and a sample of its values, of bounded size."""

    def __init__(self, expected_rows: int) -> None:
        """Take about SAMPLE_VALUES values over all rows, evenly spaced within each."""
        self._per_row = max(1, SAMPLE_VALUES // max(1, expected_rows))
        self._kept_every = max(1, expected_rows // SAMPLE_VALUES)
        self._sample: list[FloatArray] = []
        self._rows = 0
        self._minimum = np.inf
        self._maximum = -np.inf

    def add(self, row: FloatArray) -> None:
        """Look at one row."""
        if row.size == 0:
            return
        self._minimum = min(self._minimum, float(row.min()))
        self._maximum = max(self._maximum, float(row.max()))
        if self._rows % self._kept_every == 0:
            step = max(1, row.size // self._per_row)
            self._sample.append(row.ravel()[::step][: self._per_row].copy())
        self._rows += 1

    def histogram(self) -> Histogram:
        """Give the histogram of the sample between the exact minimum and maximum."""
        if not self._sample:
            return Histogram(counts=[])
        return _number_histogram(np.concatenate(self._sample), self._minimum, self._maximum)


def _number_histogram(
    values: npt.NDArray[np.floating], minimum: float, maximum: float
) -> Histogram:
    top = maximum if maximum > minimum else minimum + 1.0
    counts, _ = np.histogram(values.astype(np.float64), bins=BINS, range=(minimum, top))
    return Histogram(
        counts=counts.tolist(), minimum=minimum, median=float(np.median(values)), maximum=maximum
    )


def column_histogram(column: Column, values: pl.Series) -> Histogram:
    """Give the histogram of the values of a column that is no tensor."""
    present = values.drop_nulls()
    if column.type == "binary":
        true = int(present.sum())
        return Histogram(counts=[len(present) - true, true], labels=["0", "1"])
    if column.type == "numeric" and len(present):
        numbers = present.to_numpy()
        return _number_histogram(numbers, float(numbers.min()), float(numbers.max()))
    if column.type == "categorical":
        counted = present.value_counts(sort=True).sort(
            ["count", present.name], descending=[True, False]
        )
        words = counted.head(MOST_FREQUENT_WORDS)
        return Histogram(counts=words["count"].to_list(), labels=words[present.name].to_list())
    return Histogram(counts=[])
