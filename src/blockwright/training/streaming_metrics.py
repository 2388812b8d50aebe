"""Keras metrics that gather over batches what is exact over the whole subset.

Takes   a metric's stored name and the kind of problem.
Gives   standard Keras metrics, and lwlrap as one.
"""

from __future__ import annotations

from typing import Any

import keras

from blockwright.graph.task import Task

Tensor = Any


class Lwlrap(keras.metrics.Metric):  # type: ignore[misc]
    """Label-weighted label-ranking average precision; see `metrics.lwlrap`.

    The sum of precisions and the number of labels are kept, so the result is that
    of the whole subset, not a mean over batches. It is 0 while no label was seen.
    """

    def __init__(self, name: str = "lwlrap") -> None:
        """Begin with nothing seen."""
        super().__init__(name=name, dtype="float32")
        self._precisions = self.add_weight(name="precisions", initializer="zeros")
        self._labels = self.add_weight(name="labels", initializer="zeros")

    def update_state(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor = None) -> None:
        """Add a batch; both of shape (rows, classes). Weights are not known here."""
        if sample_weight is not None:
            raise ValueError("lwlrap weighs every label the same; it takes no sample weights")
        scores = keras.ops.cast(y_pred, "float32")
        truth = keras.ops.cast(keras.ops.cast(y_true, "float32") > 0, "float32")
        # Axes: row, the class that is ranked, the class that it is compared with.
        at_least = keras.ops.cast(scores[:, None, :] >= scores[:, :, None], "float32")
        ranks = keras.ops.sum(at_least, axis=2)
        hits = keras.ops.sum(at_least * truth[:, None, :], axis=2)
        # A NaN score is at least as much as nothing: rank 0 would divide 0 by 0.
        precisions = truth * hits / keras.ops.maximum(ranks, 1.0)
        self._precisions.assign_add(keras.ops.sum(precisions))
        self._labels.assign_add(keras.ops.sum(truth))

    def result(self) -> Tensor:
        """Give the value over everything seen since the last reset."""
        return self._precisions / keras.ops.maximum(self._labels, 1.0)


def make_metric(name: str, task: Task) -> keras.metrics.Metric:
    """Make a metric by its stored name.

    Precision and recall count every (row, class) decision at the threshold 0.5.

    Raises:
        KeyError: If there is no metric of that name.
    """
    if name == "accuracy":
        several = task == "categorical"
        kind = keras.metrics.CategoricalAccuracy if several else keras.metrics.BinaryAccuracy
        return kind(name=name)
    return {
        "precision": keras.metrics.Precision,
        "recall": keras.metrics.Recall,
        "lwlrap": Lwlrap,
        "mean_absolute_error": keras.metrics.MeanAbsoluteError,
    }[name](name=name)
