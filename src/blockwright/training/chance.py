"""Chance that belongs to a row: drawn from run seed, epoch, row and purpose, nothing else.

So a row is treated alike in whatever batch it comes, and a resumed run as it would have been.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from blockwright.datasets.reader import random_below
from blockwright.training.batches import RowNumbers

_RESOLUTION = 2**32


def uniform(
    rows: RowNumbers, *, run_seed: int, epoch: int, purpose: int
) -> npt.NDArray[np.float64]:
    """Draw a number from 0 to below 1 for each row.

    Args:
        rows: Row numbers.
        run_seed: From 0 to below 2**32.
        epoch: From 1.
        purpose: From 1 to below 2**32. Draws for different purposes know nothing of each
            other, nor of the crops of values of variable length, whose purpose is 0.
    """
    seed = run_seed + purpose * _RESOLUTION
    limits = np.full(len(rows), _RESOLUTION, dtype=np.int64)
    return random_below(limits, (seed, epoch), rows) / _RESOLUTION
