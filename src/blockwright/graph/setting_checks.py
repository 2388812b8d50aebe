"""Rules about the settings: the version, its subsets, the batch size, the best metric."""

from __future__ import annotations

from blockwright.contracts.data import DataSchema, DataSource
from blockwright.contracts.graph import GraphProblem
from blockwright.contracts.problems import ParameterValue
from blockwright.contracts.subsets import Subset
from blockwright.graph import repairs
from blockwright.graph.findings import warn, wrong
from blockwright.graph.recipe_checks import (
    check_augmentation,
    check_schedule,
    check_steps,
    check_weights,
)
from blockwright.graph.repairs import setting_names
from blockwright.graph.setting_cards import BEST_BY
from blockwright.graph.task import metric_names, task_of
from blockwright.graph.view import GraphView

IN_BIN = "graph.version_in_bin"
USUAL_NAMES = {"training_subset_id": "Training", "validation_subset_id": "Validation"}
FIRST_STAGE = "first_stage_subset_id"


def check_settings(view: GraphView, binned_dataset: str | None = None) -> list[GraphProblem]:
    """Check the settings against the chosen version, which may lie in the bin."""
    if view.schema is None:
        is_gone = view.settings.version_id is not None
        return [wrong("graph.version_gone" if is_gone else "graph.no_version", param="version_id")]
    training, found = _subset(view, view.schema, "training_subset_id")
    if binned_dataset is not None:
        number = view.schema.version_number
        words: dict[str, ParameterValue] = {"dataset": binned_dataset, "version": number}
        found.append(wrong(IN_BIN, param="version_id", words=words))
    validation, more = _subset(view, view.schema, "validation_subset_id")
    found += more
    found += _check_batch(view, training)
    if training and validation:
        if training.id == validation.id:
            found.append(
                warn(
                    "graph.same_subsets",
                    param="validation_subset_id",
                    words={"subset": training.name},
                )
            )
        elif "all" in (training.rule.kind, validation.rule.kind):
            found.append(
                warn(
                    "graph.subsets_overlap",
                    param="validation_subset_id",
                    words={"training": training.name, "validation": validation.name},
                )
            )
    if view.settings.first_stage_epochs > 0:
        found += _check_first_stage(view, view.schema, validation)
    source = _target_source(view)
    found += check_weights(view, source)
    found += check_schedule(view, training) + check_steps(view, training, source)
    found += check_augmentation(view, source)
    return found + _check_best_by(view, source)


def _check_first_stage(
    view: GraphView, schema: DataSchema, validation: Subset | None
) -> list[GraphProblem]:
    first, found = _subset(view, schema, FIRST_STAGE)
    settings = view.settings
    if settings.first_stage_epochs >= settings.epochs:
        found.append(
            wrong(
                "graph.first_stage_takes_all",
                param="first_stage_epochs",
                repair=repairs.set_setting("first_stage_epochs", settings.epochs // 2),
                words={"first": settings.first_stage_epochs, "epochs": settings.epochs},
            )
        )
    if first and validation and (first.id == validation.id or first.rule.kind == "all"):
        words: dict[str, ParameterValue] = {
            "training": first.name,
            "validation": validation.name,
        }
        found.append(warn("graph.subsets_overlap", param=FIRST_STAGE, words=words))
    return found


def _target_source(view: GraphView) -> DataSource | None:
    targets = view.of_kind("target")
    return view.sources.get(str(targets[0].params.get("source"))) if targets else None


def _subset(
    view: GraphView, schema: DataSchema, setting: str
) -> tuple[Subset | None, list[GraphProblem]]:
    chosen = getattr(view.settings, setting)
    words: dict[str, ParameterValue] = {
        **setting_names(setting),
        "version": schema.version_number,
    }
    usual = next(
        (s for s in schema.subsets if s.name == USUAL_NAMES.get(setting) and s.rows > 0), None
    )
    way_out = repairs.choose_subset(setting, usual.id, usual.name) if usual else None
    if chosen is None:
        return None, [
            wrong("graph.subset_not_chosen", param=setting, repair=way_out, words={**words})
        ]
    subset = next((s for s in schema.subsets if s.id == chosen), None)
    if subset is None:
        return None, [wrong("graph.subset_missing", param=setting, repair=way_out, words={**words})]
    if subset.rows == 0:
        return None, [
            wrong(
                "graph.subset_empty",
                param=setting,
                repair=way_out,
                words={"subset": subset.name, **words},
            )
        ]
    return subset, []


def _check_batch(view: GraphView, training: Subset | None) -> list[GraphProblem]:
    batch = view.settings.batch_size
    if training is None or batch <= training.rows:
        return []
    return [
        wrong(
            "graph.batch_larger_than_subset",
            param="batch_size",
            repair=repairs.set_batch_size(training.rows),
            words={
                "batch_size": f"{batch:,}",
                "subset": training.name,
                "rows": f"{training.rows:,}",
            },
        )
    ]


def _check_best_by(view: GraphView, target: DataSource | None) -> list[GraphProblem]:
    chosen = view.settings.best_by
    if chosen == "auto" or target is None:
        return []
    loss = str(view.params(view.of_kind("target")[0])["loss"])
    metrics = metric_names(task_of(target, loss), len(target.classes or ()))
    if chosen in metrics:
        return []
    words = BEST_BY.get(chosen, (chosen, chosen))
    return [
        wrong(
            "graph.best_by_not_measured",
            param="best_by",
            repair=repairs.best_by_auto(),
            words={
                "metric": words[0],
                "metric_zh": words[1],
                "metrics": ", ".join(BEST_BY[name][0] for name in metrics),
                "metrics_zh": "、".join(BEST_BY[name][1] for name in metrics),
            },
        )
    ]
