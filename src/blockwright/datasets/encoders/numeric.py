"""Mean, spread and range of numbers, gathered in parts.

Takes   arrays of any shape, part after part.
Gives   the shift and scale that a normalisation needs.
Never   looks at rows that it was not given: which ones are Training's is the caller's part.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from blockwright.contracts.encodings import Normalization
from blockwright.contracts.work import FeatureStatistics


class Moments:
    """Mean, spread and range of all numbers added, in float64; what is not finite is left out."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._count = 0
        self._mean = 0.0
        self._squares = 0.0
        self._minimum = np.inf
        self._maximum = -np.inf

    def add(self, values: npt.NDArray[np.number]) -> None:
        """Merge another part.

        Source: Chan, Golub, LeVeque, Updating formulae and a pairwise algorithm for
        computing sample variances, 1979.
        """
        numbers = values.astype(np.float64)
        if not np.isfinite(numbers).all():
            numbers = numbers[np.isfinite(numbers)]
        if not numbers.size:
            return
        mean = float(numbers.mean())
        total = self._count + numbers.size
        distance = mean - self._mean
        self._minimum = min(self._minimum, float(numbers.min()))
        self._maximum = max(self._maximum, float(numbers.max()))
        numbers -= mean
        self._squares += float(np.vdot(numbers, numbers))
        self._squares += distance**2 * self._count * numbers.size / total
        self._mean += distance * numbers.size / total
        self._count = total

    def statistics(self, normalization: Normalization) -> FeatureStatistics:
        """Give shift and scale; numbers that are all equal are only shifted."""
        if not self._count or normalization == "none":
            return FeatureStatistics(normalization=normalization)
        if normalization == "standardize":
            shift, scale = self._mean, float(np.sqrt(self._squares / self._count))
        else:
            shift, scale = self._minimum, self._maximum - self._minimum
        return FeatureStatistics(
            normalization=normalization, shift=shift, scale=scale if scale > 0 else 1.0
        )
