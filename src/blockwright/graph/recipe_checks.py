"""Rules about how a run learns: its schedule and its augmentation, against data and length."""

from __future__ import annotations

from blockwright.contracts.data import DataSource
from blockwright.contracts.graph import GraphProblem
from blockwright.contracts.problems import ParameterValue
from blockwright.contracts.subsets import Subset
from blockwright.graph import repairs
from blockwright.graph.findings import warn, wrong
from blockwright.graph.repairs import setting_names
from blockwright.graph.schedules import split_settings, warmup_steps
from blockwright.graph.view import GraphView

WEIGHT_KINDS = ("numeric", "binary")
_MASKS = ("time_masks", "frequency_masks")


def check_schedule(view: GraphView, training: Subset | None) -> list[GraphProblem]:
    """Check that the schedule fits into the run."""
    settings = view.settings
    found = _check_warmup(view) if training or settings.warmup_unit == "epochs" else []
    if settings.schedule == "step" and 1 < settings.epochs <= settings.drop_every:
        found.append(
            warn(
                "graph.never_drops",
                param="drop_every",
                repair=repairs.set_setting("drop_every", max(1, settings.epochs // 3)),
                words={"drop_every": settings.drop_every, "epochs": settings.epochs},
            )
        )
    stops_after = settings.early_stopping_epochs
    if settings.schedule == "plateau" and 0 < stops_after <= settings.plateau_epochs:
        found.append(
            warn(
                "graph.stops_before_it_drops",
                param="plateau_epochs",
                repair=repairs.set_setting("early_stopping_epochs", 3 * settings.plateau_epochs),
                words={"stops_after": stops_after, "drops_after": settings.plateau_epochs},
            )
        )
    return found


def _check_warmup(view: GraphView) -> list[GraphProblem]:
    """Check that the warm-up ends within the run, and within each stage: each begins with one."""
    settings = view.settings
    counts_steps = settings.warmup_unit == "steps"
    stages, too_short = split_settings(settings), {}
    for number, stage in enumerate(stages):
        steps_per_epoch = view.steps_per_epoch(stage.training_subset_id)
        steps = steps_per_epoch * stage.epochs
        if warmup_steps(stage, steps_per_epoch=steps_per_epoch) >= steps:
            too_short[number] = steps if counts_steps else stage.epochs
    if not too_short:
        return []
    number, whole = min(too_short.items(), key=lambda each: each[1])
    words: dict[str, ParameterValue] = {
        "warmup": f"{settings.warmup:,.15g}",
        "whole": f"{whole:,}",
        "unit": "steps" if counts_steps else "epochs",
        "unit_zh": "步" if counts_steps else "轮",
    }
    code = "graph.warmup_too_long"
    if len(stages) > 1:
        code = "graph.warmup_too_long_for_stage"
        words |= {"stage": ("first", "second")[number], "stage_zh": ("第一", "第二")[number]}
    tenth = whole // 10 if whole >= 10 else whole / 10
    return [wrong(code, param="warmup", repair=repairs.set_setting("warmup", tenth), words=words)]


def check_steps(
    view: GraphView, training: Subset | None, target: DataSource | None
) -> list[GraphProblem]:
    """Check that there are steps enough for what is averaged over them, and labels to smooth."""
    settings = view.settings
    steps = view.steps_per_epoch() * settings.epochs
    found = []
    if training and settings.accumulate > steps:
        found.append(
            wrong(
                "graph.never_a_step",
                param="accumulate",
                repair=repairs.set_setting("accumulate", 1),
                words={"accumulate": settings.accumulate, "batches": steps},
            )
        )
    averaged = 1 / (1 - settings.average)
    if training and settings.average > 0 and averaged * 2 > steps:
        found.append(
            warn(
                "graph.average_of_the_beginning",
                param="average",
                repair=repairs.set_setting("average", 0),
                words={"averaged": f"{averaged:,.0f}", "steps": steps},
            )
        )
    loss = str(view.params(view.of_kind("target")[0])["loss"]) if target else ""
    if settings.label_smoothing > 0 and loss == "mean_squared_error":
        way_out = repairs.set_setting("label_smoothing", 0)
        found.append(warn("graph.nothing_to_smooth", param="label_smoothing", repair=way_out))
    return found


def check_weights(view: GraphView, target: DataSource | None) -> list[GraphProblem]:
    """Check that what rows are to be weighed by is there."""
    settings = view.settings
    found = []
    if settings.class_weights != "none" and target is not None and _is_number(target):
        way_out = repairs.set_setting("class_weights", "none")
        found.append(warn("graph.no_classes_to_balance", param="class_weights", repair=way_out))
    chosen = settings.weight_feature
    source = view.sources.get(chosen)
    if chosen and (source is None or source.kind not in WEIGHT_KINDS):
        found.append(
            wrong(
                "graph.weight_feature_missing",
                param="weight_feature",
                repair=repairs.no_weight_feature(),
                words={"feature": chosen},
            )
        )
    return found


def _is_number(target: DataSource) -> bool:
    return target.kind in ("numeric", "vector", "tensor")


def check_augmentation(view: GraphView, target: DataSource | None) -> list[GraphProblem]:
    """Check that what is to be changed in the rows is there."""
    settings = view.settings
    inputs = [view.sources.get(str(b.params.get("source"))) for b in view.of_kind("input")]
    if not inputs or None in inputs:
        return []  # told at the Input
    tensors = [source for source in inputs if source and source.kind == "tensor"]
    found = []
    for name in _MASKS:
        if getattr(settings, name) > 0 and not any(len(item.shape) >= 2 for item in tensors):
            way_out = repairs.set_setting(name, 0)
            words = setting_names(name)
            found.append(warn("graph.nothing_to_cover", param=name, repair=way_out, words=words))
    if settings.time_shift > 0 and not tensors:
        way_out = repairs.set_setting("time_shift", 0)
        found.append(warn("graph.nothing_to_shift", param="time_shift", repair=way_out))
    if settings.mixup > 0 and settings.batch_size == 1:
        way_out = repairs.set_setting("mixup", 0)
        found.append(warn("graph.nothing_to_mix", param="mixup", repair=way_out))
    is_either = settings.mixup > 0 and settings.mixup_labels == "either"
    if is_either and target is not None and not _says_several(view, target):
        way_out = repairs.set_setting("mixup_labels", "mix")
        found.append(wrong("graph.one_label_per_row", param="mixup_labels", repair=way_out))
    return found


def _says_several(view: GraphView, target: DataSource) -> bool:
    """Say whether several classes of a row can be true at once."""
    loss = str(view.params(view.of_kind("target")[0])["loss"])
    return target.kind in ("multi_label", "categorical") and loss != "categorical_crossentropy"
