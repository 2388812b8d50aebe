"""Trains a graph on a frozen version, epoch by epoch.

Takes   a `TrainPlan` and a sink for events.
Gives   one durable checkpoint and one `TrainEpoch` per epoch; live steps in between.
Never   opens the database. Everything random derives from (run seed, epoch), so that a
        resumed run goes on exactly as the uninterrupted one would have.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

import keras

from blockwright.compiler.build import build_model
from blockwright.compiler.optimizers import averaged
from blockwright.contracts.problems import Problem, error, problem
from blockwright.contracts.runs import EpochMetrics
from blockwright.contracts.sink import EventSink, Outcome
from blockwright.contracts.work import (
    CheckpointWritten,
    TrainEpoch,
    TrainLosses,
    TrainPlan,
    TrainStarted,
    TrainStep,
)
from blockwright.datasets.reader import VersionReader
from blockwright.graph.schedules import Plateau, Schedule
from blockwright.training.augment import Augmentation, input_axes
from blockwright.training.batches import (
    Batch,
    BatchSource,
    FloatArray,
    RowNumbers,
    epoch_order,
    read_ahead,
)
from blockwright.training.checkpoint_files import (
    CHECKPOINTS_FOLDER,
    TrainingState,
    checkpoint_folders,
    epoch_of,
    keep_only,
    newest_good,
)
from blockwright.training.checkpoints import restore, save_checkpoint
from blockwright.training.machine import machine_facts
from blockwright.training.pace import Pace
from blockwright.training.scores import Scores
from blockwright.training.signals import EpochRecorder, bucket_steps
from blockwright.training.steps import StepResult, Steps, predict
from blockwright.training.tiles import TileMean, TilePiece, TileSource

_Item = TypeVar("_Item")


def run_training(plan: TrainPlan, sink: EventSink) -> Outcome:
    """Train from the start or from a checkpoint until the last epoch, a stop, or early stopping.

    Raises:
        BlockwrightError: `training.loss_is_nan`, `training.subset_empty`,
            `training.no_good_checkpoint`, or what the graph's compiler says.
    """
    return Training(plan, sink).run()


class Training:
    """One attempt at a run."""

    def __init__(self, plan: TrainPlan, sink: EventSink) -> None:
        """Build the model and open the data."""
        self._plan = plan
        self._settings = plan.settings
        self._sink = sink
        self._root = Path(plan.run_folder) / CHECKPOINTS_FOLDER
        keras.utils.set_random_seed(plan.settings.seed)
        built = build_model(
            plan.graph, plan.data.data_schema, seed=plan.settings.seed, for_training=True
        )
        self._steps = Steps(built, plan)
        self._task = built.task
        reader = VersionReader(plan.data)
        batch_size = plan.settings.batch_size
        self._batches = BatchSource(reader, built.input_sources, built.target_source, batch_size)
        self._tiles = (
            TileSource(reader, built.input_sources, built.variable_source, batch_size)
            if built.variable_source
            else None
        )
        self._training_rows = self._rows(reader, plan.settings.training_subset_id)
        self._validation_rows = self._rows(reader, plan.settings.validation_subset_id)
        self._pace = Pace(
            epochs=plan.settings.epochs,
            training_steps=self._batches.count(self._training_rows),
            validation_steps=self._batches.count(self._validation_rows),
        )
        self._schedule = Schedule(plan.settings, steps_per_epoch=self._pace.training_steps)
        self._plateau = Plateau()
        axes = [input_axes(plan.data, name) for name in built.input_sources]
        self._augmentation = Augmentation(plan.settings, axes)
        self._best_epoch = 0
        self._best_value = math.nan
        self._program_is_built = False
        self._recorder = self._new_recorder()

    @property
    def model(self) -> keras.Model:
        """The model that is trained."""
        return self._steps.model

    @property
    def parameters(self) -> int:
        """Count all numbers of the model, trainable or not."""
        return int(self.model.count_params())

    def run(self) -> Outcome:
        """Train."""
        first_epoch, note = self._begin()
        self._sink.emit(
            TrainStarted(
                machine=machine_facts(),
                parameters=self.parameters,
                epoch=first_epoch,
                note=note,
            )
        )
        for epoch in range(first_epoch, self._settings.epochs + 1):
            began_at = time.monotonic()
            training = self.train_epoch(epoch)
            with averaged(self.model.optimizer):
                validation = self.validate(epoch) if training is not None else None
            if training is None or validation is None:
                return "stopped"
            metrics = EpochMetrics(
                epoch=epoch,
                seconds=time.monotonic() - began_at,
                training=training,
                validation=validation,
                signals=self._recorder.signals(learning_rate=self._steps.learning_rate),
            )
            self._keep(metrics)
            if self._patience_is_over(epoch):
                break
        return "done"

    def _rows(self, reader: VersionReader, subset_id: str | None) -> RowNumbers:
        rows = reader.row_numbers(subset_id or "")
        if len(rows) == 0:
            names = {item.id: item.name for item in self._plan.data.data_schema.subsets}
            raise error("training.subset_empty", subset=names.get(subset_id or "", "?"))
        return rows

    def _begin(self) -> tuple[int, Problem | None]:
        """Start fresh or from the newest whole checkpoint; give the first epoch and a remark."""
        if self._plan.resume_from is None:
            keep_only(self._root, set())
            return 1, None
        wanted = epoch_of(Path(self._plan.resume_from))
        content = newest_good(self._root, last_epoch=wanted)
        restore(content, self._steps.model)
        state = content.state
        there = {epoch_of(item) for item in checkpoint_folders(self._root)}
        keep_only(self._root, {epoch for epoch in there if epoch <= state.epoch})
        self._best_epoch, self._best_value = state.best_epoch, state.best_value
        self._plateau = Plateau(part=state.rate_part, since=state.rate_dropped_at)
        if state.best_epoch not in there:  # the best one was lost: begin again from this one
            self._best_epoch = state.epoch
            self._best_value = state.metrics.validation[self._plan.best_by]
        if state.epoch == wanted:
            return state.epoch + 1, None
        return state.epoch + 1, problem("training.went_on_from_earlier", epoch=state.epoch)

    def train_epoch(self, epoch: int) -> dict[str, float] | None:
        """Train one epoch; None when asked to stop."""
        seed = self._settings.seed
        self._steps.seed_random_layers(run_seed=seed, epoch=epoch)
        order = epoch_order(
            self._training_rows, run_seed=seed, epoch=epoch, shuffle=self._settings.shuffle
        )
        self._pace.begin_epoch()
        recorder = self._recorder = self._new_recorder()
        self._program_is_built = True
        scores = self._scores(self._training_rows)
        steps_before = (epoch - 1) * self._pace.training_steps

        def act(batch: Batch, step: int) -> None:
            rate = self._schedule.rate(steps_before + step - 1)
            self._steps.set_rate(rate * self._plateau.part)
            said = self._steps.train(batch)
            self._refuse_nan(said.loss, epoch, step)
            scores.add(said.loss, said.outputs, batch.target)
            self._pace.count(len(batch.target))
            recorder.note(
                loss=said.loss, gradient_norm=said.gradient_norm, examples=len(batch.target)
            )
            self._tell(epoch, step)
            if recorder.due():
                self._tell_losses(epoch)

        augment = partial(self._augmentation.apply, epoch=epoch)
        batches = self._batches.in_order(order, crop_seed=(seed, epoch), change=augment)
        try:
            is_whole = self._go_through(recorder.watch(batches), act)
        finally:  # a loss that ran away is seen on its curve
            recorder.close_bucket()
            self._tell_losses(epoch)
        return scores.result() if is_whole else None

    def _new_recorder(self) -> EpochRecorder:
        steps = self._pace.training_steps
        per_bucket = bucket_steps(steps=steps, epochs=self._settings.epochs)
        return EpochRecorder(per_bucket, first_is_slow=not self._program_is_built)

    def _tell_losses(self, epoch: int) -> None:
        buckets = self._recorder.take_buckets()
        if buckets:
            steps = self._pace.training_steps
            self._sink.emit(TrainLosses(epoch=epoch, steps_per_epoch=steps, buckets=buckets))

    def _scores(self, rows: RowNumbers) -> Scores:
        return Scores(self._plan.metric_names, self._task, len(rows))

    def validate(self, epoch: int) -> dict[str, float] | None:
        """Judge the whole validation subset; None when asked to stop."""
        began_at = time.monotonic()
        scores = self._scores(self._validation_rows)

        def note(said: StepResult, target: FloatArray) -> None:
            self._refuse_nan(said.loss, epoch, self._pace.training_steps)
            scores.add(said.loss, said.outputs, target)

        def judge(batch: Batch, _step: int) -> None:
            note(self._steps.test(batch), batch.target)
            self._tell(epoch, self._pace.training_steps)

        mean = TileMean()

        def judge_tiles(piece: TilePiece, _step: int) -> None:
            """Judge the mean output over the tiles of each row, as every prediction is made."""
            outputs = mean.add(piece, predict(self._steps.model, piece.inputs))
            if outputs is not None:
                target = self._batches.read_target(piece.rows)
                note(self._steps.judge(outputs, target), target)
            self._tell(epoch, self._pace.training_steps)

        if self._tiles is not None:
            pieces = read_ahead(self._tiles.pieces(self._validation_rows))
            is_whole = self._go_through(pieces, judge_tiles)
        else:
            is_whole = self._go_through(self._batches.in_order(self._validation_rows), judge)
        self._pace.validated(time.monotonic() - began_at)
        return scores.result() if is_whole else None

    def _go_through(self, items: Iterator[_Item], act: Callable[[_Item, int], None]) -> bool:
        """Act on each item; False when asked to stop before the last one."""
        for step, item in enumerate(items, start=1):
            if self._sink.stop_requested():
                return False
            act(item, step)
        return True

    def _refuse_nan(self, loss: float, epoch: int, step: int) -> None:
        if not math.isfinite(loss):
            raise error("training.loss_is_nan", epoch=epoch, step=step)

    def _tell(self, epoch: int, step: int) -> None:
        if self._pace.due():
            self._sink.emit(TrainStep(progress=self._pace.progress(epoch=epoch, step=step)))

    def _keep(self, metrics: EpochMetrics) -> None:
        """Write the checkpoint of an epoch, tell of both, then let older checkpoints go."""
        value = metrics.validation[self._plan.best_by]
        is_best = self._is_better(value)
        if is_best:
            self._best_epoch, self._best_value = metrics.epoch, value
        self._plateau.look(self._settings, epoch=metrics.epoch, best_epoch=self._best_epoch)
        state = TrainingState(
            epoch=metrics.epoch,
            run_seed=self._settings.seed,
            best_epoch=self._best_epoch,
            best_value=self._best_value,
            metrics=metrics,
            rate_part=self._plateau.part,
            rate_dropped_at=self._plateau.since,
        )
        saved = save_checkpoint(self._root, self._steps.model, state)
        kept = {metrics.epoch, metrics.epoch - 1, self._best_epoch}
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
                removed_checkpoints=[f.name for f in folders if epoch_of(f) not in kept],
            )
        )
        # Only now, told durably: a row never names a folder that went before its word did.
        keep_only(self._root, kept)

    def _is_better(self, value: float) -> bool:
        if math.isnan(self._best_value):
            return True
        if self._plan.higher_is_better:
            return value > self._best_value
        return value < self._best_value

    def _patience_is_over(self, epoch: int) -> bool:
        patience = self._settings.early_stopping_epochs
        return patience > 0 and epoch - self._best_epoch >= patience
