"""How much each row counts in the loss while training.

Takes   the settings, the rows of a stage, their truth and one feature of the version.
Gives   a weight per row, on the average 1, so that the learning rate keeps its meaning.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from blockwright.contracts.problems import error
from blockwright.contracts.training_settings import TrainingSettings
from blockwright.datasets.reader import VersionReader
from blockwright.graph.task import Task
from blockwright.training.batches import FloatArray, RowNumbers

_ROWS_AT_ONCE = 16_384

Weights = npt.NDArray[np.float32]


def row_weights(
    settings: TrainingSettings,
    reader: VersionReader,
    rows: RowNumbers,
    *,
    target_source: str,
    task: Task,
) -> Weights | None:
    """Give the weight of every row of the version; None where all count the same.

    Args:
        settings: Those of the run.
        reader: Of the version.
        rows: Those that are learnt from; others get 0.
        target_source: What the model shall say, by its name in the version.
        task: Kind of problem.

    Returns:
        float32, shape (rows of the version,).

    Raises:
        BlockwrightError: `training.weight_unusable` if a weight is below 0 or no number,
            `training.weights_all_zero` if no row counts.
    """
    weights = np.ones(len(rows))
    is_balanced = settings.class_weights == "balanced" and task != "regression"
    if settings.weight_feature:
        weights *= _of_feature(reader, settings.weight_feature, rows)
    if is_balanced:
        weights *= _of_classes(reader, target_source, rows, task)
    if not settings.weight_feature and not is_balanced:
        return None
    whole = np.zeros(reader.rows, dtype=np.float32)
    whole[rows] = weights / weights.mean()
    return whole


def _of_feature(reader: VersionReader, feature: str, rows: RowNumbers) -> npt.NDArray[np.float64]:
    weights = reader.numbers(feature)[rows]
    unusable = ~np.isfinite(weights) | (weights < 0)
    if unusable.any():
        place = int(np.argmax(unusable))
        value = f"{weights[place]:,.15g}"
        raise error("training.weight_unusable", feature=feature, row=int(rows[place]), value=value)
    if not weights.any():
        raise error("training.weights_all_zero", feature=feature)
    return weights


def _of_classes(
    reader: VersionReader, target_source: str, rows: RowNumbers, task: Task
) -> npt.NDArray[np.float64]:
    """Weigh each row by how rare its class is: rows / (classes × rows of the class).

    With several labels, by the mean over them; a row without any counts as one of average
    rarity.
    """
    counts = np.zeros(1)
    for part in _parts(rows):
        counts = counts + _marks(reader.read(target_source, part), task).sum(axis=0)
    there = counts > 0
    of_class = np.zeros(len(counts))
    of_class[there] = counts.sum() / (there.sum() * counts[there])
    weights = []
    for part in _parts(rows):
        marks = _marks(reader.read(target_source, part), task)
        labels = marks.sum(axis=1)
        weights.append(np.where(labels > 0, marks @ of_class / np.maximum(labels, 1), 1.0))
    return np.concatenate(weights)


def _parts(rows: RowNumbers) -> list[RowNumbers]:
    return [rows[start : start + _ROWS_AT_ONCE] for start in range(0, len(rows), _ROWS_AT_ONCE)]


def _marks(truth: FloatArray, task: Task) -> npt.NDArray[np.float64]:
    """Give 1 where a class is true; that something is not is the second class of two."""
    marks = (truth.reshape(len(truth), -1) > 0).astype(np.float64)
    return np.hstack([1 - marks, marks]) if task == "binary" else marks
