"""The report on one checkpoint: overall and per class, beside the baselines.

Takes   outputs and truth of a subset, float32, shape (rows, outputs).
Gives   a `ValidationReport`, a plain record that a bundle keeps.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pydantic import Field

from blockwright.contracts.base import Model
from blockwright.evaluation.baselines import frequency_lwlrap, random_lwlrap
from blockwright.graph.task import Task, metric_names
from blockwright.training.metrics import Judged, lwlrap_of_classes, measure
from blockwright.training.target_units import AS_TRAINED, TargetUnits

FloatArray = npt.NDArray[np.float32]


class ClassReport(Model):
    """One class; a ratio is null where nothing was there to count."""

    name: str
    rows: int = Field(description="Rows of the subset that carry the class")
    precision: float | None
    recall: float | None
    f1: float | None
    average_precision: float | None
    roc_auc: float | None
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
    units: TargetUnits = AS_TRAINED,
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
        units: In which errors of numbers are counted.
    """
    names = [name for name in metric_names(task, len(class_names)) if name != "loss"]
    return ValidationReport(
        subset=subset,
        rows=len(truth),
        task=task,
        metrics=measure(names, outputs, truth, task, units),
        baselines=_baselines(truth, training_truth, seed) if task == "multi_label" else {},
        classes=_per_class(Judged(outputs, truth, task), class_names) if class_names else [],
    )


def _baselines(truth: FloatArray, training_truth: FloatArray, seed: int) -> dict[str, float]:
    if not (truth > 0).any():
        return {}
    return {
        "random_lwlrap": random_lwlrap(truth, seed=seed),
        "class_frequency_lwlrap": frequency_lwlrap(truth, training_truth),
    }


def _per_class(judged: Judged, class_names: list[str]) -> list[ClassReport]:
    is_multi_label = judged.task == "multi_label"
    nothing = np.full(len(class_names), np.nan)
    columns = zip(
        class_names,
        judged.true_rows.tolist(),
        judged.precisions,
        judged.recalls,
        judged.f1s,
        judged.class_rankings,
        lwlrap_of_classes(judged.outputs, judged.truth) if is_multi_label else nothing,
        strict=True,
    )
    return [
        ClassReport(
            name=name,
            rows=rows,
            precision=_known(precision),
            recall=_known(recall),
            f1=_known(f1),
            average_precision=_known(ranking.average_precision),
            roc_auc=_known(ranking.roc_auc),
            lwlrap=_known(of_labels),
        )
        for name, rows, precision, recall, f1, ranking, of_labels in columns
    ]


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
