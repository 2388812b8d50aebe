"""What kind of problem a graph solves: its loss, its metrics, and which one picks the best.

Neighbours: `analysis` says whether loss and data fit; `training` computes the metrics.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from blockwright.contracts.data import DataSchema, DataSource
from blockwright.contracts.graph import Block, ExperimentSettings, GraphDocument
from blockwright.contracts.problems import error

Task = Literal["multi_label", "categorical", "binary", "regression"]

_RANKED = ["average_precision", "roc_auc"]
_MACRO = ["precision_macro", "recall_macro", "f1_macro"]
_METRIC_NAMES: dict[Task, list[str]] = {
    "multi_label": [
        *("loss", "lwlrap", "precision", "recall", "f1", *_RANKED, *_MACRO),
        *("average_precision_micro", "roc_auc_micro"),
    ],
    "categorical": ["loss", "accuracy", "f1_macro", "precision_macro", "recall_macro", *_RANKED],
    "binary": ["loss", "accuracy", "precision", "recall", "f1", *_RANKED],
    "regression": [
        *("loss", "mean_absolute_error", "root_mean_squared_error", "r2"),
        "mean_absolute_percentage_error",
    ],
}
# Being among the best few says little where there are few classes.
_TOP_ACCURACY_FROM_CLASSES = {"top_3_accuracy": 6, "top_5_accuracy": 20}
# Their values depend on the unit of what is predicted, or on where its zero is.
COUNTED_IN_UNITS = frozenset(
    {"mean_absolute_error", "root_mean_squared_error", "mean_absolute_percentage_error"}
)
SMALLER_IS_BETTER = COUNTED_IN_UNITS | {"loss"}


def metric_names(task: Task, classes: int) -> list[str]:
    """Give what is measured at each epoch: the loss, then what is looked at first."""
    names = _METRIC_NAMES[task]
    if task != "categorical":
        return list(names)
    tops = [name for name, least in _TOP_ACCURACY_FROM_CLASSES.items() if classes >= least]
    return [*names, *tops]


@dataclass(frozen=True)
class TaskDescription:
    """What training needs to know of the target.

    Attributes:
        loss: Stored name, e.g. `binary_crossentropy`.
        metric_names: Loss first.
        best_by: The metric of the validation subset that picks the best checkpoint.
    """

    loss: str
    task: Task
    metric_names: list[str]
    best_by: str
    higher_is_better: bool


def task_of(source: DataSource, loss: str) -> Task:
    """Give the kind of problem from what is predicted and how mistakes are counted."""
    if source.kind in ("multi_label", "categorical"):
        if loss == "categorical_crossentropy":
            return "categorical"
        if loss == "mean_squared_error" and source.kind == "categorical":
            return "categorical"
        return "multi_label"
    return "binary" if source.kind == "binary" else "regression"


def fitting_loss(source: DataSource) -> str:
    """Give the loss that fits a target best."""
    if source.kind in ("multi_label", "binary"):
        return "binary_crossentropy"
    return "categorical_crossentropy" if source.kind == "categorical" else "mean_squared_error"


def best_metric(task: Task) -> str:
    """Give the metric that picks the best checkpoint unless a person chose another."""
    names = _METRIC_NAMES[task]
    return next((name for name in ("lwlrap", "accuracy") if name in names), "loss")


def target_of(graph: GraphDocument, schema: DataSchema) -> tuple[Block, DataSource]:
    """Give the one Target block and its source.

    Raises:
        BlockwrightError: `graph.no_target`, `graph.several_targets`,
            `graph.target_without_feature` or `graph.feature_missing`.
    """
    targets = [block for block in graph.blocks if block.kind == "target"]
    if not targets:
        raise error("graph.no_target")
    if len(targets) > 1:
        raise error("graph.several_targets", targets=len(targets))
    name = targets[0].params.get("source")
    if not name:
        raise error("graph.target_without_feature")
    for source in schema.sources:
        if source.name == name:
            return targets[0], source
    raise error(
        "graph.feature_missing",
        feature=str(name),
        version=schema.version_number,
        dataset=schema.dataset_name,
    )


def describe_task(
    graph: GraphDocument, schema: DataSchema, settings: ExperimentSettings
) -> TaskDescription:
    """Describe the problem of a graph whose analysis has no errors.

    Raises:
        BlockwrightError: If there is not exactly one Target with a feature of the version.
    """
    target, source = target_of(graph, schema)
    loss = str(target.params.get("loss", "categorical_crossentropy"))
    task = task_of(source, loss)
    best_by = best_metric(task) if settings.best_by == "auto" else settings.best_by
    return TaskDescription(
        loss=loss,
        task=task,
        metric_names=metric_names(task, len(source.classes or ())),
        best_by=best_by,
        higher_is_better=best_by not in SMALLER_IS_BETTER,
    )
