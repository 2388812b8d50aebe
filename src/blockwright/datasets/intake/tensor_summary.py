"""Range and histogram of a tensor column, gathered while its rows pass by."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from blockwright.contracts.data import Histogram

BINS = 24
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

    def add_rows(self, rows: FloatArray) -> None:
        """Look at rows, shape (rows, *row_shape), all finite."""
        if rows.size:
            self._minimum = min(self._minimum, float(rows.min()))
            self._maximum = max(self._maximum, float(rows.max()))
            flat = rows.reshape(len(rows), -1)
            step = max(1, flat.shape[1] // self._per_row)
            first = -self._rows % self._kept_every
            self._sample.append(flat[first :: self._kept_every, ::step][:, : self._per_row].copy())
        self._rows += len(rows)

    def histogram(self) -> Histogram:
        """Give the histogram of the sample between the exact minimum and maximum."""
        sample = [part.ravel() for part in self._sample if part.size]
        if not sample:
            return Histogram(counts=[])
        return number_histogram(np.concatenate(sample), self._minimum, self._maximum)


def number_histogram(values: npt.NDArray[np.floating], minimum: float, maximum: float) -> Histogram:
    """Give the counts of finite numbers in BINS bins of equal width."""
    top = maximum if maximum > minimum else minimum + 1.0
    numbers = values.astype(np.float64)
    counts, _ = np.histogram(numbers, bins=BINS, range=(minimum, top))
    return Histogram(
        counts=counts.tolist(),
        minimum=minimum,
        median=float(np.median(numbers)),
        maximum=maximum,
        mean=float(numbers.mean()),
    )
