"""The report on one checkpoint: overall and per class, beside the baselines.

Takes   outputs and truth of a subset, float32, shape (rows, outputs).
Gives   a `ValidationReport`, a plain record that a bundle keeps.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from blockwright.contracts.base import Model
from blockwright.evaluation.baselines import frequency_lwlrap, random_lwlrap
from blockwright.training.metrics import lwlrap

FloatArray = npt.NDArray[np.float32]
Task = Literal["multi_label", "categorical", "binary", "regression"]
THRESHOLD = 0.5


class ClassReport(Model):
    """One class; a ratio is null where nothing was there to count."""

    name: str
    rows: int = Field(description="Rows of the subset that carry the class")
    precision: float | None
    recall: float | None
    lwlrap: float | None


class ValidationReport(Model):
    """What a checkpoint does on one subset."""

    subset: str
    rows: int
    task: Task
    metrics: dict[str, float]
    baselines: dict[str, float] = Field(
        default_factory=dict, description="The same metric without listening"
    )
    classes: list[ClassReport] = Field(default_factory=list)


def make_report(
    outputs: FloatArray,
    truth: FloatArray,
    training_truth: FloatArray,
    *,
    task: Task,
    class_names: list[str],
    subset: str,
    seed: int,
) -> ValidationReport:
    """Judge outputs against the truth.

    Args:
        outputs: Of the model, shape (rows, outputs), probabilities unless the task is regression.
        truth: Of the same rows, shape (rows, outputs).
        training_truth: Of the training subset, for the frequency baseline.
        task: What the model was trained for.
        class_names: One name per output; empty for regression.
        subset: Name of the subset that is judged.
        seed: Of the random baseline.
    """
    if task == "regression":
        metrics = {"mean_absolute_error": float(np.mean(np.abs(outputs - truth)))}
        return ValidationReport(subset=subset, rows=len(truth), task=task, metrics=metrics)
    picked = outputs >= THRESHOLD if task != "categorical" else _one_hot(outputs)
    true = truth > THRESHOLD
    metrics = _overall(picked, true, task)
    baselines = {}
    if task == "multi_label" and true.any():
        metrics["lwlrap"] = lwlrap(outputs, truth)
        baselines["random_lwlrap"] = random_lwlrap(truth, seed=seed)
        baselines["class_frequency_lwlrap"] = frequency_lwlrap(truth, training_truth)
    return ValidationReport(
        subset=subset,
        rows=len(truth),
        task=task,
        metrics=metrics,
        baselines=baselines,
        classes=_per_class(outputs, picked, true, class_names, task),
    )


def _one_hot(outputs: FloatArray) -> npt.NDArray[np.bool_]:
    picked = np.zeros(outputs.shape, dtype=np.bool_)
    picked[np.arange(len(outputs)), outputs.argmax(axis=1)] = True
    return picked


def _overall(
    picked: npt.NDArray[np.bool_], true: npt.NDArray[np.bool_], task: Task
) -> dict[str, float]:
    hits = int((picked & true).sum())
    metrics = {
        "precision": hits / max(1, int(picked.sum())),
        "recall": hits / max(1, int(true.sum())),
    }
    if task != "multi_label":
        metrics["accuracy"] = float(np.mean((picked == true).all(axis=1)))
    return metrics


def _per_class(
    outputs: FloatArray,
    picked: npt.NDArray[np.bool_],
    true: npt.NDArray[np.bool_],
    class_names: list[str],
    task: Task,
) -> list[ClassReport]:
    hits = (picked & true).sum(axis=0)
    said, there = picked.sum(axis=0), true.sum(axis=0)
    ranks = _class_lwlrap(outputs, true) if task == "multi_label" else [None] * len(class_names)
    return [
        ClassReport(
            name=name,
            rows=int(there[i]),
            precision=float(hits[i] / said[i]) if said[i] else None,
            recall=float(hits[i] / there[i]) if there[i] else None,
            lwlrap=ranks[i],
        )
        for i, name in enumerate(class_names)
    ]


def _class_lwlrap(outputs: FloatArray, true: npt.NDArray[np.bool_]) -> list[float | None]:
    """Give each class's mean precision at the ranks of its own labels; ties count against it."""
    precision = np.full(true.shape, np.nan)
    for row, labels in enumerate(true):
        scores = outputs[row]
        for label in np.flatnonzero(labels):
            at_or_above = scores >= scores[label]
            precision[row, label] = (at_or_above & labels).sum() / at_or_above.sum()
    return [
        float(np.nanmean(precision[:, i])) if true[:, i].any() else None
        for i in range(true.shape[1])
    ]
