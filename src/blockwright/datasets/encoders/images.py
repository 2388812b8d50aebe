"""Pixels of 0 to 255 become the numbers that a model wants, by one shift and one scale."""

from __future__ import annotations

from blockwright.contracts.encodings import ImageEncoding
from blockwright.contracts.work import FeatureStatistics

# (pixel - shift) / scale
_FIXED = {"zero_one": (0.0, 255.0), "minus_one_one": (127.5, 127.5)}


def fixed_scaling(encoding: ImageEncoding) -> FeatureStatistics:
    """Give shift and scale of a scaling that does not depend on the data."""
    if encoding.scaling not in _FIXED:
        return FeatureStatistics(normalization="none")
    shift, scale = _FIXED[encoding.scaling]
    return FeatureStatistics(normalization="min_max", shift=shift, scale=scale)
