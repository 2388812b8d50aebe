"""What is learnt from in which epoch: one stage, or a first one on other rows before it.

Each stage goes through the schedule by itself, with its own learning rate and its own rows.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace

from blockwright.contracts.graph import ExperimentSettings
from blockwright.graph.schedules import Schedule, split_settings
from blockwright.training.batches import RowNumbers
from blockwright.training.row_weights import Weights


@dataclass(frozen=True)
class Stage:
    """Some epochs of a run.

    Attributes:
        before: Epochs of the run before the first of this stage.
        epochs: Its own.
        rows: Those that are learnt from.
        weights: Of every row of the version; None: all count the same.
        steps: Batches of an epoch.
    """

    before: int
    epochs: int
    rows: RowNumbers
    weights: Weights | None
    steps: int
    schedule: Schedule

    def rate(self, epoch: int, step: int) -> float:
        """Give the learning rate of a step, counted from 0, of an epoch of the run."""
        return self.schedule.rate((epoch - self.before - 1) * self.steps + step)


class Stages:
    """The stages of a run."""

    def __init__(
        self,
        settings: ExperimentSettings,
        rows_of: Callable[[str | None], RowNumbers],
        weights_of: Callable[[RowNumbers], Weights | None],
        steps_of: Callable[[RowNumbers], int],
        schedule_from: int = 0,
    ) -> None:
        """Cut a run into its stages.

        Args:
            settings: Those of the run.
            rows_of: Gives the rows of a subset by its id.
            weights_of: Gives the weights for these rows.
            steps_of: Gives the batches of these rows.
            schedule_from: Epochs of another run that are done; the schedule begins after them.
        """
        self._stages: list[Stage] = []
        before = schedule_from
        parts = split_settings(settings)
        if schedule_from > 0:  # a first stage is over then
            parts = [settings.model_copy(update={"epochs": settings.epochs - schedule_from})]
        for part in parts:
            rows = rows_of(part.training_subset_id)
            steps = steps_of(rows)
            schedule = Schedule(part, steps_per_epoch=steps)
            stage = Stage(before, part.epochs, rows, weights_of(rows), steps, schedule)
            self._stages.append(stage)
            before += part.epochs

    def on_rows(self, rows: RowNumbers) -> Stages:
        """Give the same stages on a few rows, to measure with."""
        others = copy(self)
        others._stages = [replace(stage, rows=rows) for stage in self._stages]
        return others

    def of(self, epoch: int) -> Stage:
        """Give the stage of an epoch, counted from 1."""
        return next((s for s in self._stages if epoch <= s.before + s.epochs), self._stages[-1])

    def mean_rows(self) -> float:
        """Give the rows that an epoch learns from, in the mean over the run."""
        learnt = sum(stage.epochs * len(stage.rows) for stage in self._stages)
        return learnt / sum(stage.epochs for stage in self._stages)

    def steps_after(self, epoch: int) -> int:
        """Count the batches of all epochs after this one."""
        return sum(
            max(0, stage.before + stage.epochs - max(epoch, stage.before)) * stage.steps
            for stage in self._stages
        )
