"""What one gets without listening: the scores that a model must beat.

Takes   the truth of the subset that is judged, and how often each class occurs
        in the training subset.
Gives   lwlrap of a random ranking and of the ranking by class frequency.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from blockwright.training.metrics import lwlrap

RANDOM_RANKINGS = 100


def random_lwlrap(truth: npt.NDArray[np.float32], *, seed: int) -> float:
    """Give the mean lwlrap of random rankings, the same for the same seed.

    Args:
        truth: 0 or 1, shape (rows, classes).
        seed: Of the random scores.
    """
    random = np.random.default_rng(seed)
    values = [lwlrap(random.random(truth.shape), truth) for _ in range(RANDOM_RANKINGS)]
    return float(np.mean(values))


def frequency_lwlrap(truth: npt.NDArray[np.float32], training: npt.NDArray[np.float32]) -> float:
    """Give the lwlrap of always ranking the classes by their frequency in training.

    Args:
        truth: 0 or 1 of the subset that is judged, shape (rows, classes).
        training: 0 or 1 of the training subset, shape (rows, classes).
    """
    counts = training.sum(axis=0, dtype=np.float64)
    # Classes of equal frequency get an order of their own: ties would count as errors.
    order = np.argsort(np.argsort(counts, kind="stable"), kind="stable")
    scores = np.broadcast_to(order.astype(np.float64), truth.shape)
    return lwlrap(scores, truth)
