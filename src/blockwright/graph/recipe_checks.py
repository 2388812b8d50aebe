"""Rules about how a run learns: its schedule and its augmentation, against data and length."""

from __future__ import annotations

from blockwright.contracts.data import DataSource
from blockwright.contracts.graph import GraphProblem
from blockwright.contracts.subsets import Subset
from blockwright.graph import repairs
from blockwright.graph.findings import warn, wrong
from blockwright.graph.repairs import setting_names
from blockwright.graph.schedules import warmup_steps
from blockwright.graph.view import GraphView

_MASKS = ("time_masks", "frequency_masks")


def check_schedule(view: GraphView, training: Subset | None) -> list[GraphProblem]:
    """Check that the schedule fits into the run."""
    settings = view.settings
    found = []
    steps_per_epoch = -(-training.rows // settings.batch_size) if training else 1
    steps = steps_per_epoch * settings.epochs
    counts_steps = settings.warmup_unit == "steps"
    whole = steps if counts_steps else settings.epochs
    if (training or not counts_steps) and warmup_steps(
        settings, steps_per_epoch=steps_per_epoch
    ) >= steps:
        tenth = whole // 10 if whole >= 10 else whole / 10
        found.append(
            wrong(
                "graph.warmup_too_long",
                param="warmup",
                repair=repairs.set_setting("warmup", tenth),
                words={
                    "warmup": f"{settings.warmup:,.15g}",
                    "whole": f"{whole:,}",
                    "unit": "steps" if counts_steps else "epochs",
                    "unit_zh": "步" if counts_steps else "轮",
                },
            )
        )
    if settings.schedule == "step" and 1 < settings.epochs <= settings.drop_every:
        found.append(
            warn(
                "graph.never_drops",
                param="drop_every",
                repair=repairs.set_setting("drop_every", max(1, settings.epochs // 3)),
                words={"drop_every": settings.drop_every, "epochs": settings.epochs},
            )
        )
    return found


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
