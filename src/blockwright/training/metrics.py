"""Metrics over whole arrays, by their stored names.

Neighbours: `scores` gathers the arrays while batches go by; `graph.task` says which metrics
    belong to which kind of problem.
Never   imports Keras: evaluation and delivery use these functions too.

All are those of scikit-learn, and compared with it in the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from blockwright.contracts.problems import error
from blockwright.graph.task import Task
from blockwright.training.target_units import AS_TRAINED, TargetUnits

THRESHOLD = 0.5
_PAIRS_AT_ONCE = 65_536


FloatArray = npt.NDArray[np.float32]
Ratios = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
RowNumbers = npt.NDArray[np.int64]


def measure(
    names: Sequence[str],
    outputs: FloatArray,
    truth: FloatArray,
    task: Task,
    units: TargetUnits = AS_TRAINED,
) -> dict[str, float]:
    """Give metrics of outputs against the truth, both of shape (rows, outputs).

    Errors of numbers are counted in `units`; over several outputs they are the mean of those
    of each.

    Precision, recall and F1 without an ending count every (row, class) decision at the
    threshold 0.5, those of one class per row its largest output. `_macro` is the mean over
    the classes that are true or said of some row; ROC AUC and average precision without an
    ending are the mean over the classes that are true of some row, AUC over those that are
    also untrue of some. What cannot be said of these rows, e.g. lwlrap where no label is
    true, is 0.

    Raises:
        KeyError: If there is no metric of one of the names.
    """
    return measure_judged(names, Judged(outputs, truth, task, units))


def measure_judged(names: Sequence[str], judged: Judged) -> dict[str, float]:
    """Give metrics as `measure` does; what was worked out before is not worked out again."""
    return {name: _METRICS[name](judged) for name in names}


class Ranking(NamedTuple):
    """How well scores put true above untrue; NaN where there is nothing to compare.

    Attributes:
        roc_auc: The chance that a true one scores above an untrue one, ties counted half.
        average_precision: Mean over the true ones of the precision at their score.
    """

    roc_auc: float
    average_precision: float


class Judged:
    """Outputs beside the truth; what several metrics need is worked out once."""

    def __init__(
        self,
        outputs: FloatArray,
        truth: FloatArray,
        task: Task,
        units: TargetUnits = AS_TRAINED,
    ) -> None:
        """Judge arrays of shape (rows, outputs); errors of numbers are counted in `units`."""
        self.outputs = outputs
        self.truth = truth
        self.task = task
        self.units = units

    @cached_property
    def true(self) -> Flags:
        """What is true of each row."""
        if self.task == "categorical":
            return _largest(self.truth)
        return self.truth > THRESHOLD

    @cached_property
    def said(self) -> Flags:
        """What the model says of each row."""
        if self.task == "categorical":
            return _largest(self.outputs)
        return self.outputs > THRESHOLD

    @cached_property
    def hits(self) -> RowNumbers:
        """Rows of each class that it was rightly said of."""
        hits: RowNumbers = (self.true & self.said).sum(axis=0)
        return hits

    @cached_property
    def true_rows(self) -> RowNumbers:
        """Rows of each class that it is true of."""
        rows: RowNumbers = self.true.sum(axis=0)
        return rows

    @cached_property
    def said_rows(self) -> RowNumbers:
        """Rows of each class that it was said of."""
        rows: RowNumbers = self.said.sum(axis=0)
        return rows

    @cached_property
    def class_rankings(self) -> list[Ranking]:
        """Of each class, over the rows."""
        classes = range(self.outputs.shape[1])
        return [rank(self.outputs[:, place], self.true[:, place]) for place in classes]

    @cached_property
    def overall_ranking(self) -> Ranking:
        """Over every (row, class) decision."""
        return rank(self.outputs.ravel(), self.true.ravel())

    @property
    def precisions(self) -> Ratios:
        """Of each class, shape (classes,); NaN where it was never said."""
        return _ratios(self.hits, self.said_rows)

    @property
    def recalls(self) -> Ratios:
        """Of each class, shape (classes,); NaN where it is never true."""
        return _ratios(self.hits, self.true_rows)

    @property
    def f1s(self) -> Ratios:
        """Of each class, shape (classes,); NaN where it is neither true nor said."""
        return _ratios(2 * self.hits, self.true_rows + self.said_rows)

    def macro(self, of_classes: Ratios) -> float:
        """Give the mean over the classes that are true or said of some row."""
        there = (self.true_rows + self.said_rows) > 0
        return float(np.nan_to_num(of_classes[there]).mean()) if there.any() else 0.0


def rank(scores: FloatArray, true: Flags) -> Ranking:
    """Compare the scores of what is true with those of what is not, both of shape (n,)."""
    positive, negative = np.sort(scores[true]), np.sort(scores[~true])
    if len(positive) == 0:
        return Ranking(np.nan, np.nan)
    below = np.searchsorted(negative, positive, side="left")
    true_at_least = len(positive) - np.searchsorted(positive, positive, side="left")
    precision = float(np.mean(true_at_least / (true_at_least + len(negative) - below)))
    if len(negative) == 0:
        return Ranking(np.nan, precision)
    up_to = np.searchsorted(negative, positive, side="right")
    return Ranking(float((below + up_to).mean() / (2 * len(negative))), precision)


def _largest(values: FloatArray) -> Flags:
    """Mark the largest value of each row, the first of equals."""
    marked = np.zeros(values.shape, dtype=np.bool_)
    marked[np.arange(len(values)), values.argmax(axis=1)] = True
    return marked


def _ratios(parts: npt.NDArray[Any], wholes: RowNumbers) -> Ratios:
    ratios: Ratios = np.full(len(parts), np.nan)
    np.divide(parts, wholes, out=ratios, where=wholes > 0)
    return ratios


def _share(parts: RowNumbers, wholes: RowNumbers) -> float:
    return float(parts.sum() / max(1, wholes.sum()))


def _mean_where_known(values: Sequence[float]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else 0.0


def _accuracy(judged: Judged) -> float:
    if judged.task == "categorical":
        return _share(judged.hits, judged.true_rows)
    return float(np.mean(judged.said == judged.true))


def _top_accuracy(judged: Judged, most: int) -> float:
    """Give the share of rows whose class is among the `most` largest; ties count against it."""
    own = np.take_along_axis(judged.outputs, judged.truth.argmax(axis=1)[:, None], axis=1)
    return float(np.mean((judged.outputs >= own).sum(axis=1) <= most))


def _lwlrap(judged: Judged) -> float:
    return lwlrap(judged.outputs, judged.truth) if (judged.truth > 0).any() else 0.0


def _errors(judged: Judged) -> Ratios:
    # The shift falls out; without it nothing is lost to rounding.
    errors: Ratios = (judged.outputs.astype(np.float64) - judged.truth) * judged.units.scale
    return errors


def _root_mean_squared_error(judged: Judged) -> float:
    return float(np.sqrt(np.mean(_errors(judged) ** 2, axis=0)).mean())


def _r2(judged: Judged) -> float:
    """Give the share of the spread that is explained, the mean over the outputs."""
    truth = judged.truth.astype(np.float64) * judged.units.scale
    left = np.sum(_errors(judged) ** 2, axis=0)
    spread = np.sum((truth - truth.mean(axis=0)) ** 2, axis=0)
    explained = 1 - np.divide(left, spread, out=np.zeros_like(left), where=spread > 0)
    # Where every row has the same truth there is no spread: all is explained, or nothing.
    return float(np.where(spread > 0, explained, (left == 0).astype(np.float64)).mean())


def _mean_absolute_percentage_error(judged: Judged) -> float:
    """Give the mean error as a share of the truth; where the truth is 0 there is none."""
    truth = judged.units.real(judged.truth)
    known = truth != 0
    shares = np.abs(_errors(judged)[known] / truth[known])
    return float(shares.mean()) if known.any() else 0.0


_METRICS: dict[str, Callable[[Judged], float]] = {
    "accuracy": _accuracy,
    "top_3_accuracy": lambda judged: _top_accuracy(judged, 3),
    "top_5_accuracy": lambda judged: _top_accuracy(judged, 5),
    "precision": lambda judged: _share(judged.hits, judged.said_rows),
    "recall": lambda judged: _share(judged.hits, judged.true_rows),
    "f1": lambda judged: _share(2 * judged.hits, judged.true_rows + judged.said_rows),
    "precision_macro": lambda judged: judged.macro(judged.precisions),
    "recall_macro": lambda judged: judged.macro(judged.recalls),
    "f1_macro": lambda judged: judged.macro(judged.f1s),
    "roc_auc": lambda judged: _mean_where_known([r.roc_auc for r in judged.class_rankings]),
    "roc_auc_micro": lambda judged: _mean_where_known([judged.overall_ranking.roc_auc]),
    "average_precision": lambda judged: _mean_where_known(
        [ranking.average_precision for ranking in judged.class_rankings]
    ),
    "average_precision_micro": lambda judged: _mean_where_known(
        [judged.overall_ranking.average_precision]
    ),
    "lwlrap": _lwlrap,
    "mean_absolute_error": lambda judged: float(np.abs(_errors(judged)).mean()),
    "root_mean_squared_error": _root_mean_squared_error,
    "r2": _r2,
    "mean_absolute_percentage_error": _mean_absolute_percentage_error,
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
    return float(_label_precisions(values, true, rows, classes).mean())


def lwlrap_of_classes(scores: FloatArray, truth: FloatArray) -> npt.NDArray[np.float64]:
    """Give the part of `lwlrap` that each class has: the mean over its own true rows.

    Returns:
        Shape (classes,); NaN where a class is true in no row. Weighted by their true rows
        they give the whole.
    """
    true = np.asarray(truth) > 0
    rows, classes = np.nonzero(true)
    sums = np.bincount(
        classes,
        weights=_label_precisions(np.asarray(scores), true, rows, classes),
        minlength=true.shape[1],
    )
    counts = true.sum(axis=0)
    return _ratios(sums, counts)


def _label_precisions(
    values: npt.NDArray[Any], true: Flags, rows: RowNumbers, classes: RowNumbers
) -> npt.NDArray[np.float64]:
    """Give the precision at the rank of each (row, true class) pair."""
    found = np.empty(len(rows))
    for start in range(0, len(rows), _PAIRS_AT_ONCE):
        part = slice(start, start + _PAIRS_AT_ONCE)
        own = values[rows[part], classes[part]]
        at_least = values[rows[part]] >= own[:, None]
        hits = (at_least & true[rows[part]]).sum(axis=1)
        found[part] = hits / at_least.sum(axis=1)
    return found
