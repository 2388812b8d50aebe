"""Metrics over whole arrays, by their stored names.

Neighbour: `scores` gathers the arrays while batches go by.
Never   imports Keras: evaluation and delivery use these functions too.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from blockwright.contracts.problems import error
from blockwright.graph.task import Task

THRESHOLD = 0.5
_PAIRS_AT_ONCE = 65_536


FloatArray = npt.NDArray[np.float32]


def measure(name: str, outputs: FloatArray, truth: FloatArray, task: Task) -> float:
    """Give one metric of outputs against the truth, both of shape (rows, outputs).

    Precision and recall count every (row, class) decision at the threshold 0.5. What
    cannot be said of these rows, e.g. lwlrap where no label is true, is 0.

    Raises:
        KeyError: If there is no metric of that name.
    """
    return _METRICS[name](outputs, truth, task)


def _accuracy(outputs: FloatArray, truth: FloatArray, task: Task) -> float:
    if task == "categorical":
        return float(np.mean(outputs.argmax(axis=-1) == truth.argmax(axis=-1)))
    return float(np.mean((outputs > THRESHOLD) == (truth > THRESHOLD)))


def _precision(outputs: FloatArray, truth: FloatArray, _task: Task) -> float:
    said = outputs > THRESHOLD
    return float((said & (truth > THRESHOLD)).sum() / max(1, said.sum()))


def _recall(outputs: FloatArray, truth: FloatArray, _task: Task) -> float:
    there = truth > THRESHOLD
    return float((there & (outputs > THRESHOLD)).sum() / max(1, there.sum()))


def _lwlrap(outputs: FloatArray, truth: FloatArray, _task: Task) -> float:
    return lwlrap(outputs, truth) if (truth > 0).any() else 0.0


def _mean_absolute_error(outputs: FloatArray, truth: FloatArray, _task: Task) -> float:
    return float(np.mean(np.abs(outputs.astype(np.float64) - truth)))


_METRICS: dict[str, Callable[[FloatArray, FloatArray, Task], float]] = {
    "accuracy": _accuracy,
    "precision": _precision,
    "recall": _recall,
    "lwlrap": _lwlrap,
    "mean_absolute_error": _mean_absolute_error,
}


def lwlrap(scores: npt.ArrayLike, truth: npt.ArrayLike) -> float:
    """Give the label-weighted label-ranking average precision.

    For each true class of each row, precision is the share of true classes among
    the classes that score at least as much. The result is the mean over all
    (row, true class) pairs, so that each label weighs the same. Tied classes all
    take the worst rank of their tie. Rows without a true class count nothing.

    Args:
        scores: Any real numbers, shape (rows, classes); only their order within a row counts.
        truth: 0 or 1, shape (rows, classes).

    Returns:
        A number in (0, 1]; 1 when every true class ranks above every false one.

    Raises:
        BlockwrightError: `training.scores_are_nan` if a score is NaN,
            `training.nothing_to_rank` if no class is true in any row.
        ValueError: If the shapes differ.

    References:
        The metric of Freesound Audio Tagging 2019 (Fonseca et al., 2019); equal to
        scikit-learn's `label_ranking_average_precision_score` with the rows
        weighted by their number of true classes.

    >>> lwlrap([[0.5, 0.9, 0.1]], [[1, 0, 0]])
    0.5
    """
    values = np.asarray(scores)
    true = np.asarray(truth) > 0
    if values.shape != true.shape or values.ndim != 2:
        msg = f"scores {values.shape} and truth {true.shape} must be (rows, classes) both"
        raise ValueError(msg)
    if np.isnan(values).any():
        raise error("training.scores_are_nan")
    rows, classes = np.nonzero(true)
    if len(rows) == 0:
        raise error("training.nothing_to_rank")
    total = 0.0
    for start in range(0, len(rows), _PAIRS_AT_ONCE):
        pair_rows = rows[start : start + _PAIRS_AT_ONCE]
        own = values[pair_rows, classes[start : start + _PAIRS_AT_ONCE]]
        at_least = values[pair_rows] >= own[:, None]
        ranks = at_least.sum(axis=1)
        hits = (at_least & true[pair_rows]).sum(axis=1)
        total += float((hits / ranks).sum())
    return total / len(rows)
