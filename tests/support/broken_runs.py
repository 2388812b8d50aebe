"""Runs that are broken off at chosen places within one process, and what they leave.

Takes   a plan; the place to break off at, counted in batches, or in events that acknowledge.
Gives   the history and the last checkpoint, to be compared bit by bit.

Loading Keras takes seconds, a tiny epoch takes milliseconds: so a run is broken off here by an
exception that nothing in the product catches. Real kills are the matter of `random_kills`.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from blockwright.contracts.runs import EpochMetrics
from blockwright.contracts.work import TrainEpoch, TrainPlan, TrainSaved, WorkerEvent
from blockwright.training.checkpoint_files import checkpoint_folders, read_checkpoint
from blockwright.training.loop import Training

_ACKNOWLEDGES = (TrainEpoch, TrainSaved)


class Killed(BaseException):
    """The process is gone, as far as the run can tell."""


@dataclass
class BreakingSink:
    """Asks the run to stop, or kills it, at a place.

    Attributes:
        stop_at: Asked so often whether to stop, it says yes from then on.
        kill_at: At so many questions the run is killed.
        kill_before: The nth event that acknowledges work is never written.
    """

    stop_at: int = 10**9
    kill_at: int = 10**9
    kill_before: int = 10**9
    asked: int = 0
    acknowledged: int = 0
    events: list[WorkerEvent] = field(default_factory=list)

    def emit(self, event: WorkerEvent) -> None:
        if isinstance(event, _ACKNOWLEDGES):
            self.acknowledged += 1
            if self.acknowledged == self.kill_before:
                raise Killed
        self.events.append(event)

    def stop_requested(self) -> bool:
        self.asked += 1
        if self.asked == self.kill_at:
            raise Killed
        return self.asked >= self.stop_at


@dataclass
class History:
    """What the server would have recorded of a run."""

    epochs: dict[int, EpochMetrics] = field(default_factory=dict)

    def take(self, events: list[WorkerEvent]) -> None:
        for event in events:
            if isinstance(event, TrainEpoch):
                self.epochs[event.metrics.epoch] = event.metrics

    def told(self) -> list[tuple[Any, ...]]:
        """All but times and memory, which differ from run to run."""
        return [
            (
                number,
                metrics.training,
                metrics.validation,
                metrics.signals and metrics.signals.gradient_norm,
                metrics.signals and metrics.signals.gradient_norm_max,
                metrics.signals and metrics.signals.learning_rate,
            )
            for number, metrics in sorted(self.epochs.items())
        ]


def train_through(plan: TrainPlan, breaks: list[BreakingSink]) -> History:
    """Train to the end, broken off by each of `breaks` in turn and then by nothing."""
    history = History()
    for sink in [*breaks, BreakingSink()]:
        recorded = max(history.epochs, default=0)
        folder = f"{plan.run_folder}/checkpoints/epoch_{recorded}"
        attempt = plan.model_copy(update={"resume_from": folder if recorded else None})
        with contextlib.suppress(Killed):
            Training(attempt, sink).run()
        history.take(sink.events)
    return history


def last_numbers(plan: TrainPlan) -> list[np.ndarray[Any, Any]]:
    """Give all numbers of the last checkpoint: weights and optimiser.

    Their names count the models that a process has made, and say nothing here.
    """
    content = read_checkpoint(checkpoint_folders(Path(plan.run_folder) / "checkpoints")[-1])
    return [*content.weights.values(), *content.optimizer.values()]


def require_same(plan: TrainPlan, history: History, whole: TrainPlan, told: History) -> None:
    """Require equal bits in history and weights."""
    assert history.told() == told.told()
    for one, other in zip(last_numbers(plan), last_numbers(whole), strict=True):
        np.testing.assert_array_equal(one, other)
