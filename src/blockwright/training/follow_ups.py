"""Training further from a checkpoint of a run: what may be other, and what is carried on.

Takes   a run's plan, and what a person wants other.
Gives   the settings of the new run; whether the optimiser and the schedule go on as they were.

The model and the data stay: another model cannot take the weights, and other data would make
curves that go on from one another incomparable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from sqlalchemy.orm import Session

from blockwright.contracts.graph import (
    ExperimentSettings,
    GraphAnalysis,
    GraphProblem,
    ParamValue,
)
from blockwright.contracts.problems import BlockwrightError, error
from blockwright.contracts.runs import FollowUpOutlook, RunFollowUp, RunOrigin
from blockwright.contracts.work import TrainPlan
from blockwright.graph.analysis import analyse
from blockwright.graph.operations import change_setting
from blockwright.graph.recipe_checks import WEIGHT_KINDS
from blockwright.graph.setting_cards import setting_cards
from blockwright.store.tables import CheckpointRow, RunRow
from blockwright.training.new_runs import Beginning, refuse_errors
from blockwright.training.run_service import checkpoints_of


@dataclass(frozen=True)
class FollowUp:
    """A run that goes on from another.

    Attributes:
        old: The plan of the other run.
        start: The checkpoint that it begins with; None: it begins anew.
        settings: Its own.
    """

    row: RunRow
    old: TrainPlan
    start: CheckpointRow | None
    settings: ExperimentSettings

    @property
    def begun(self) -> int:
        """Epochs that are done already."""
        return self.start.epoch if self.start else 0

    def beginning(self) -> Beginning | None:
        """Give what the new run takes from the other one."""
        if self.start is None:
            return None
        said = self.outlook()
        schedule_from = self.old.schedule_from if said.keeps_schedule else self.begun
        return Beginning(self.start, said.keeps_optimizer, schedule_from)

    def as_counted(self) -> ExperimentSettings:
        """Give its settings with the epochs that the schedule of its learning rate goes over."""
        beginning = self.beginning()
        if beginning is None or beginning.schedule_from == 0:
            return self.settings
        own = self.settings.epochs - beginning.schedule_from
        # Like the trainer: a first stage is over then.
        return self.settings.model_copy(update={"epochs": own, "first_stage_epochs": 0})

    def problems(self) -> list[GraphProblem]:
        """Give what the checks before Run say of the settings that may be other."""
        analysis = analyse(self.old.graph, self.old.data.data_schema, self.as_counted())
        return [each for each in analysis.problems if each.param in changeable()]

    def origin(self) -> RunOrigin | None:
        """Give what the new run says of where it comes from."""
        if self.start is None:
            return None
        return RunOrigin(run_id=self.row.id, number=self.row.number, epoch=self.begun)

    def outlook(self) -> FollowUpOutlook:
        """Say what the new run carries on and what begins anew."""
        old, new = self.old.settings, self.settings
        is_in_first_stage = self.begun < old.first_stage_epochs
        return FollowUpOutlook(
            first_epoch=self.begun + 1,
            last_epoch=new.epochs,
            settings=new,
            changeable=sorted(changeable()),
            weight_features=[
                each.name for each in self.old.data.data_schema.sources if each.kind in WEIGHT_KINDS
            ],
            keeps_optimizer=keeps_optimizer(old, new),
            keeps_schedule=is_in_first_stage or keeps_schedule(old, new),
        )


def follow(session: Session, row: RunRow, wanted: RunFollowUp) -> FollowUp:
    """Work out the run that goes on from `row` as wanted.

    Raises:
        BlockwrightError: `training.nothing_to_begin_with`, or what `followed_settings` says.
    """
    checkpoints = checkpoints_of(session, row.id)
    best = [each for each in checkpoints if each.is_best]
    starts = best if wanted.start == "best" else checkpoints[-1:]
    if not starts and wanted.start != "anew":
        raise error("training.nothing_to_begin_with")
    start = None if wanted.start == "anew" else starts[0]
    old = TrainPlan.model_validate(row.plan)
    epochs = (start.epoch if start else 0) + wanted.epochs
    settings = followed_settings(old.settings, wanted.settings, epochs=epochs)
    return FollowUp(row, old, start, settings)


def checked(followed: FollowUp) -> GraphAnalysis:
    """Give the analysis of a run that goes on from another, checked as before Run.

    Raises:
        BlockwrightError: The first error of its settings, `training.graph_has_errors`.
    """
    for found in followed.problems():
        if found.severity == "error":
            raise BlockwrightError(found.problem)
    old = followed.old
    analysis = analyse(old.graph, old.data.data_schema, followed.settings)
    refuse_errors(analysis)
    return analysis


@cache
def changeable() -> frozenset[str]:
    """Give the names of the settings that may be other in a run that goes on from another."""
    names = {card.name for card in setting_cards() if card.group != "data"}
    # The epochs are counted on, and what came first is over.
    return frozenset(names - {"epochs"} - {name for name in names if "first_stage" in name})


def followed_settings(
    old: ExperimentSettings, changes: Mapping[str, ParamValue], *, epochs: int
) -> ExperimentSettings:
    """Give the settings of a run that goes on from another.

    Args:
        old: Those of the other run.
        changes: What is other, by name.
        epochs: How many there will have been in all.

    Raises:
        BlockwrightError: `training.setting_stays`, or what `change_setting` says.
    """
    settings = old
    for name, value in changes.items():
        if name not in changeable() and name in ExperimentSettings.model_fields:
            card = next(each for each in setting_cards() if each.name == name)
            raise error("training.setting_stays", setting=card.label.en, setting_zh=card.label.zh)
        settings = change_setting(settings, name, value)
    return settings.model_copy(update={"epochs": epochs})


def keeps_optimizer(old: ExperimentSettings, new: ExperimentSettings) -> bool:
    """Say whether what the optimiser remembers means the same under other settings."""
    return _memory(old) == _memory(new)


def _memory(settings: ExperimentSettings) -> tuple[object, ...]:
    """Name what an optimiser remembers: moments, gradients under way, averages of the weights."""
    has_momentum = settings.optimizer != "sgd" or settings.momentum > 0
    return settings.optimizer, has_momentum, settings.accumulate, settings.average > 0


def keeps_schedule(old: ExperimentSettings, new: ExperimentSettings) -> bool:
    """Say whether the learning rate goes on as if the run had been planned longer.

    Otherwise its schedule begins with the new epochs. A constant rate has nothing to begin.
    """
    if new.schedule == "constant" and new.warmup == 0:
        return True
    names = [card.name for card in setting_cards() if card.group == "schedule"]
    return all(getattr(old, name) == getattr(new, name) for name in (*names, "learning_rate"))
