"""What a run keeps on disk: where it begins, each epoch, places within long epochs, the best.

Takes   the plan, the model with its optimiser, metrics of epochs.
Gives   durable checkpoints and their events; the place that a resumed run goes on from.
Never   lets a checkpoint go before the one that replaces it was told of durably.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

import keras

from blockwright.contracts.crash_points import reach
from blockwright.contracts.problems import Problem, problem
from blockwright.contracts.runs import EpochMetrics
from blockwright.contracts.signals import ClassCounts
from blockwright.contracts.sink import EventSink
from blockwright.contracts.work import CheckpointWritten, TrainEpoch, TrainPlan, TrainSaved
from blockwright.graph.schedules import Plateau
from blockwright.training.checkpoint_files import (
    CHECKPOINTS_FOLDER,
    CheckpointContent,
    NamedArrays,
    TrainingState,
    checkpoint_folders,
    epoch_of,
    keep_only,
    newest_good,
    newest_within,
    read_checkpoint,
)
from blockwright.training.checkpoints import load_weights, restore, save_checkpoint, save_within

# Keeping may take at most this share of the time, however large the model is.
LARGEST_SHARE = 0.05


@dataclass(frozen=True)
class Start:
    """Where an attempt begins.

    Attributes:
        epoch: The first epoch to train.
        step: Steps of it that are done already.
        seconds: That those took.
        seeds: What the random layers draw next; empty at the beginning of an epoch.
        gathered: What scores and signals have gathered in those steps.
        note: A remark that stopped nothing.
    """

    epoch: int
    step: int = 0
    seconds: float = 0.0
    seeds: NamedArrays = field(default_factory=dict)
    gathered: NamedArrays = field(default_factory=dict)
    note: Problem | None = None


class Keeper:
    """Reads and writes the checkpoints of one attempt at a run."""

    def __init__(self, plan: TrainPlan, model: keras.Model, sink: EventSink) -> None:
        """Keep into the run's folder; `model` is compiled."""
        self._plan = plan
        self._model = model
        self._sink = sink
        self._root = Path(plan.run_folder) / CHECKPOINTS_FOLDER
        self.best_epoch = 0
        self.judged_epoch = 0  # the newest one that was validated, as far as is known
        self.plateau = Plateau()
        self.trained_seconds = 0.0
        self._best_value: float | None = None
        self._kept_at = time.monotonic()
        self._wait_seconds = plan.checkpoint_seconds

    def begin(self) -> Start:
        """Give the model its newest good checkpoint, if there is one, and say where it goes on.

        Raises:
            BlockwrightError: `training.no_good_checkpoint` or
                `training.checkpoint_of_another_model`.
        """
        resumed = self._plan.resume_from
        recorded = epoch_of(Path(resumed)) if resumed else self._origin_epoch
        content = newest_within(self._root, epoch=recorded + 1)
        if content is None and recorded == self._origin_epoch:
            keep_only(self._root, set())
            self._begin_with_another()
            return Start(epoch=recorded + 1)
        if content is None:
            content = newest_good(self._root, last_epoch=recorded)
        restore(content, self._model)
        self._remember_best(content)
        reach("run-restored")
        state = content.state
        within = f"within_{state.epoch + 1}_{state.step}" if state.step else None
        there = {epoch_of(item) for item in checkpoint_folders(self._root)}
        keep_only(self._root, {epoch for epoch in there if epoch <= state.epoch}, within=within)
        passed_over = state.epoch < recorded
        return Start(
            epoch=state.epoch + 1,
            step=state.step,
            seconds=state.seconds,
            seeds=content.seeds,
            gathered=content.scores,
            note=problem("training.went_on_from_earlier", epoch=state.epoch)
            if passed_over
            else None,
        )

    @property
    def _origin_epoch(self) -> int:
        """The epoch of the other run's checkpoint that this run begins with; 0 without one."""
        return epoch_of(Path(self._plan.start_from)) if self._plan.start_from else 0

    def _begin_with_another(self) -> None:
        """Take weights and optimiser of the run that this one continues, as the plan says."""
        folder = self._plan.start_from
        if folder is not None and self._plan.start_with_optimizer:
            restore(read_checkpoint(Path(folder)), self._model)
        elif folder is not None:
            load_weights(folder, self._model)

    def _remember_best(self, content: CheckpointContent) -> None:
        state = content.state
        self.best_epoch, self._best_value = state.best_epoch, state.best_value
        self.plateau = Plateau(part=state.rate_part, since=state.rate_dropped_at)
        self.trained_seconds = state.trained_seconds
        self.judged_epoch = state.epoch if state.metrics and state.metrics.validation else 0
        there = {epoch_of(item) for item in checkpoint_folders(self._root)}
        if state.best_epoch in there:
            return
        # The best one was lost: begin again from this one.
        told = state.metrics.validation if state.metrics else {}
        self.best_epoch = state.epoch if told else 0
        self._best_value = told.get(self._plan.best_by)

    def plan_from_here(self) -> TrainPlan:
        """Give the plan that goes on from what is kept by now."""
        epochs = [epoch_of(each) for each in checkpoint_folders(self._root)]
        newest = str(self._root / f"epoch_{max(epochs)}") if epochs else None
        return self._plan.model_copy(update={"resume_from": newest})

    def is_due(self) -> bool:
        """Say whether the place within the epoch is to be kept again."""
        return time.monotonic() - self._kept_at >= self._wait_seconds

    def keep_within(self, *, epoch: int, step: int, seconds: float, gathered: NamedArrays) -> None:
        """Keep the place after `step` steps of `epoch`.

        Raises:
            OSError: If it cannot be written; what was kept before is untouched.
        """
        began_at = time.monotonic()
        state = TrainingState(
            epoch=epoch - 1,
            step=step,
            seconds=seconds,
            run_seed=self._plan.settings.seed,
            best_epoch=self.best_epoch,
            best_value=self._best_value,
            trained_seconds=self.trained_seconds,
            rate_part=self.plateau.part,
            rate_dropped_at=self.plateau.since,
        )
        saved = save_within(self._root, self._model, gathered, state)
        self._sink.emit(TrainSaved(epoch=epoch, step=step))
        epochs = {epoch_of(each) for each in checkpoint_folders(self._root)}
        keep_only(self._root, epochs, within=saved.folder.name)
        self._kept_at = time.monotonic()
        took = self._kept_at - began_at
        self._wait_seconds = max(self._plan.checkpoint_seconds, took / LARGEST_SHARE)

    def keep_epoch(self, metrics: EpochMetrics, classes: ClassCounts | None = None) -> None:
        """Write the checkpoint of an epoch, tell of both, then let older checkpoints go.

        Raises:
            OSError: If it cannot be written; what was kept before is untouched.
        """
        value = metrics.validation.get(self._plan.best_by)  # none where it was not validated
        is_best = value is not None and self._is_better(value)
        best_epoch, best_value = (
            (metrics.epoch, value) if is_best else (self.best_epoch, self._best_value)
        )
        plateau = Plateau(part=self.plateau.part, since=self.plateau.since)
        if metrics.validation:
            plateau.look(self._plan.settings, epoch=metrics.epoch, best_epoch=best_epoch)
        trained_seconds = self.trained_seconds + metrics.seconds
        state = TrainingState(
            epoch=metrics.epoch,
            run_seed=self._plan.settings.seed,
            best_epoch=best_epoch,
            best_value=best_value,
            metrics=metrics,
            trained_seconds=trained_seconds,
            rate_part=plateau.part,
            rate_dropped_at=plateau.since,
        )
        saved = save_checkpoint(self._root, self._model, state)
        self.best_epoch, self._best_value, self.plateau = best_epoch, best_value, plateau
        self.trained_seconds = trained_seconds
        self.judged_epoch = metrics.epoch if metrics.validation else self.judged_epoch
        kept = {metrics.epoch, metrics.epoch - 1, best_epoch}
        folders = checkpoint_folders(self._root)
        self._sink.emit(
            TrainEpoch(
                metrics=metrics,
                checkpoint=CheckpointWritten(
                    folder=saved.folder.name,
                    epoch=metrics.epoch,
                    bytes=saved.bytes,
                    sha256=saved.sha256,
                    is_best=is_best,
                ),
                classes=classes,
                removed_checkpoints=[f.name for f in folders if epoch_of(f) not in kept],
            )
        )
        reach("checkpoint-told")
        # Only now, told durably: a row never names a folder that went before its word did.
        keep_only(self._root, kept)
        self._kept_at = time.monotonic()

    def _is_better(self, value: float) -> bool:
        if self._best_value is None:
            return True
        if self._plan.higher_is_better:
            return value > self._best_value
        return value < self._best_value
