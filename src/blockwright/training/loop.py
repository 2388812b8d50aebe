"""Trains a graph on a frozen version, epoch by epoch.

Takes   a `TrainPlan` and a sink for events.
Gives   one durable checkpoint and one `TrainEpoch` per epoch; live steps in between.
Never   opens the database. Everything random derives from (run seed, epoch), so that a
        resumed run goes on exactly as the uninterrupted one would have.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Generator, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

import keras

from blockwright.compiler.optimizers import averaged
from blockwright.contracts.crash_points import reach
from blockwright.contracts.problems import BlockwrightError, Problem, error, problem
from blockwright.contracts.runs import EpochMetrics
from blockwright.contracts.signals import ClassCounts, EpochSignals
from blockwright.contracts.sink import EventSink, Outcome
from blockwright.contracts.work import (
    TrainLosses,
    TrainPlan,
    TrainRemark,
    TrainStarted,
    TrainStep,
    WorkerEvent,
)
from blockwright.datasets.reader import VersionReader
from blockwright.training.augment import Augmentation, input_axes
from blockwright.training.batches import (
    AHEAD,
    Batch,
    BatchSource,
    FloatArray,
    Inputs,
    RowNumbers,
    Stretch,
    epoch_order,
    read_ahead,
    unchanged,
)
from blockwright.training.checkpoints import restore_random_layers
from blockwright.training.class_scores import count_classes
from blockwright.training.coming_epoch import ComingEpoch
from blockwright.training.diagnosis import bad_row, explain, has_finite_weights
from blockwright.training.keeper import Keeper, Start
from blockwright.training.machine import machine_facts
from blockwright.training.pace import Pace
from blockwright.training.preparation import prepare
from blockwright.training.row_weights import row_weights
from blockwright.training.scores import Scores
from blockwright.training.signals import EpochRecorder, bucket_steps
from blockwright.training.stages import Stages
from blockwright.training.steps import StepResult, StretchResult
from blockwright.training.steps_at_once import StepsAtOnce
from blockwright.training.target_units import target_units
from blockwright.training.tiles import TileMean, TilePiece, TileSource

_Item = TypeVar("_Item")


def run_training(plan: TrainPlan, sink: EventSink) -> Outcome:
    """Train from the start or from a checkpoint until the last epoch, a stop, or early stopping.

    Raises:
        BlockwrightError: `training.loss_is_nan`, `training.subset_empty`,
            `training.no_good_checkpoint`, or what the graph's compiler says.
    """
    return Training(plan, sink).run()


class _QuietSink:
    """For a training that only looks for what went wrong in another one."""

    def emit(self, event: WorkerEvent) -> None:
        """Tell nobody."""

    def stop_requested(self) -> bool:
        """Never stop."""
        return False


class Training:
    """One attempt at a run."""

    def __init__(self, plan: TrainPlan, sink: EventSink) -> None:
        """Build the model and open the data."""
        self._plan = plan
        self._settings = plan.settings
        self._sink = sink
        reader = VersionReader(plan.data)
        self._validation_rows = self._rows(reader, plan.settings.validation_subset_id)
        prepared = prepare(plan, reader, self._rows(reader, plan.settings.training_subset_id))
        built, self._steps, self.engine = prepared.built, prepared.steps, prepared.engine
        self.trial_seconds = prepared.trial_seconds
        self._task = built.task
        batch_size = plan.settings.batch_size
        self._batches = BatchSource(reader, built.input_sources, built.target_source, batch_size)
        self._tiles = (
            TileSource(reader, built.input_sources, built.variable_source, batch_size)
            if built.variable_source
            else None
        )
        self.stages = Stages(
            plan.settings,
            rows_of=partial(self._rows, reader),
            weights_of=partial(
                row_weights,
                plan.settings,
                reader,
                target_source=built.target_source,
                task=built.task,
            ),
            steps_of=self._batches.count,
            schedule_from=plan.schedule_from,
        )
        self._pace = Pace(
            epochs=plan.settings.epochs,
            training_steps=self.stages.of(1).steps,
            validation_steps=self._batches.count(self._validation_rows),
            steps_after=self.stages.steps_after,
            validate_every=plan.settings.validate_every,
        )
        axes = [input_axes(plan.data, name) for name in built.input_sources]
        self._augmentation = Augmentation(plan.settings, axes)
        self._at_once = StepsAtOnce(
            self.engine.steps_at_once, place_seconds=plan.checkpoint_seconds
        )
        self._coming = ComingEpoch(self._read_epoch)
        self._keeper = Keeper(plan, built.model, sink)
        self._epoch_began_at = time.monotonic()
        self._built: set[tuple[int, bool]] = set()
        self._recorder = self._new_recorder()
        self._classes: ClassCounts | None = None

    @property
    def model(self) -> keras.Model:
        """The model that is trained."""
        return self._steps.model

    def signals(self) -> EpochSignals:
        """Give what was measured in the newest epoch."""
        return self._recorder.signals(learning_rate=self._steps.learning_rate)

    def predict(self, inputs: Inputs) -> FloatArray:
        """Give outputs as the finished model would, float32, shape (rows, *output)."""
        return self._steps.predict(inputs)

    @property
    def parameters(self) -> int:
        """Count all numbers of the model, trainable or not."""
        return int(self.model.count_params())

    def run(self) -> Outcome:
        """Train."""
        try:
            return self._run()
        finally:
            self._coming.let_go()

    def _run(self) -> Outcome:
        reach("run-model-built")
        start = self._keeper.begin()
        self._sink.emit(
            TrainStarted(
                machine=machine_facts(self.engine),
                parameters=self.parameters,
                epoch=start.epoch,
                step=start.step,
                note=start.note,
            )
        )
        reach("run-begun")
        for epoch in range(start.epoch, self._settings.epochs + 1):
            here = start if epoch == start.epoch else Start(epoch=epoch)
            began_at = self._epoch_began_at = time.monotonic() - here.seconds
            scores = self.train_epoch(here)
            with averaged(self.model.optimizer):
                validation = self._judge(epoch) if scores is not None else None
            if scores is None or validation is None:
                if scores is not None:
                    self._keep_within(epoch, self._pace.training_steps, began_at, scores)
                return "done" if self._tell_time_is_up(epoch - 1) else "stopped"
            reach("run-validated")
            ended_at = time.monotonic()
            metrics = EpochMetrics(
                epoch=epoch,
                seconds=time.monotonic() - began_at,
                training=scores.result(),
                validation=validation,
                signals=self.signals(),
            )
            self._keeper.keep_epoch(metrics, self._classes if validation else None)
            self._epoch_began_at = time.monotonic()
            self._pace.saved(self._epoch_began_at - ended_at)
            is_last = epoch == self._settings.epochs
            if is_last or self._patience_is_over(epoch) or self._tell_time_is_up(epoch):
                break
        return "done"

    def _rows(self, reader: VersionReader, subset_id: str | None) -> RowNumbers:
        rows = reader.row_numbers(subset_id or "")
        if len(rows) == 0:
            names = {item.id: item.name for item in self._plan.data.data_schema.subsets}
            raise error("training.subset_empty", subset=names.get(subset_id or "", "?"))
        return rows

    def train_epoch(self, start: Start) -> Scores | None:
        """Train what is left of an epoch; None when asked to stop, its place being kept then."""
        epoch = start.epoch
        stage = self.stages.of(epoch)
        began_at = time.monotonic() - start.seconds
        stretches = self._stretches_from(start)
        self._pace.training_steps = stage.steps
        self._pace.begin_epoch()
        recorder = self._recorder = self._new_recorder()
        scores = self._scores(stage.rows)
        scores.restore(start.gathered)
        recorder.restore(start.gathered)
        done = start.step

        def act(stretch: Stretch, _number: int) -> None:
            nonlocal done
            if done + (AHEAD + 1) * stretch.steps >= stage.steps and epoch < self._settings.epochs:
                self._coming.begin(epoch + 1)
            said = self._learn(stretch, epoch, done)
            target = stretch.target
            rows = len(target) // stretch.steps
            for loss, norm in zip(said.losses, said.gradient_norms, strict=True):
                done += 1
                reach("run-step-done")
                if not math.isfinite(loss) or math.isnan(norm):
                    raise BlockwrightError(self._explain_nan(epoch, done))
                recorder.note(loss=loss, gradient_norm=norm)
            scores.add_steps(said.losses, said.outputs, target)
            builds = (rows, stretch.has_room) not in self._built
            self._built.add((rows, stretch.has_room))
            recorder.count(len(target), builds=builds)
            self._pace.count(len(target), steps=stretch.steps, builds=builds)
            self._tell(epoch, done)
            if recorder.due():
                self._tell_losses(epoch)
            if self._keeper.is_due() and done < self._pace.training_steps:
                self._keep_within(epoch, done, began_at, scores)

        try:
            is_whole = self._go_through(recorder.watch(stretches), act)
        finally:  # a loss that ran away is seen on its curve
            recorder.close_bucket()
            self._tell_losses(epoch)
        if is_whole:
            reach("run-trained")
            return scores
        self._keep_within(epoch, done, began_at, scores)
        return None

    def _stretches_from(self, start: Start, *, until: int | None = None) -> Iterator[Stretch]:
        """Give what is left of an epoch, and let the random layers draw what belongs to it.

        Args:
            start: Where it begins.
            until: The last step of the epoch; by default all.
        """
        epoch, size = start.epoch, self._settings.batch_size
        self._steps.seed_random_layers(run_seed=self._settings.seed, epoch=epoch)
        if start.step:
            restore_random_layers(start.seeds, self.model)
        if start.step == 0 and until is None:
            return self._coming.take(epoch)
        end = None if until is None else until * size
        return self._read_rows(self._order(epoch)[start.step * size : end], epoch)

    def _read_epoch(self, epoch: int) -> Generator[Stretch]:
        return self._read_rows(self._order(epoch), epoch)

    def _read_rows(self, rows: RowNumbers, epoch: int) -> Generator[Stretch]:
        return self._batches.in_stretches(
            rows,
            room=self._at_once.room,
            at_once=self._at_once,
            crop_seed=(self._settings.seed, epoch),
            change=self._change(epoch),
        )

    def _change(self, epoch: int) -> Callable[[Batch, RowNumbers], Batch]:
        """Give what is done to each batch of an epoch before it is learnt from."""
        weights = self.stages.of(epoch).weights
        if weights is None and not self._augmentation.is_asked_for:
            return unchanged

        def change(batch: Batch, rows: RowNumbers) -> Batch:
            if weights is not None:
                batch = batch._replace(weights=weights[rows])
            return self._augmentation.apply(batch, rows, epoch=epoch)

        return change

    def _batch_of(self, epoch: int, step: int) -> Batch:
        """Read what one step of an epoch learns from."""
        size = self._settings.batch_size
        rows = self._order(epoch)[(step - 1) * size : step * size]
        batch = self._batches.read(rows, crop_seed=(self._settings.seed, epoch))
        return self._change(epoch)(batch, rows)

    def _order(self, epoch: int) -> RowNumbers:
        rows, settings = self.stages.of(epoch).rows, self._settings
        return epoch_order(rows, run_seed=settings.seed, epoch=epoch, shuffle=settings.shuffle)

    def _learn(self, stretch: Stretch, epoch: int, done: int) -> StretchResult:
        """Learn from what comes after `done` steps of an epoch."""
        stage, part = self.stages.of(epoch), self._keeper.plateau.part
        rates = [stage.rate(epoch, done + step) * part for step in range(stretch.steps)]
        began_at = time.monotonic()
        said = self._steps.learn(stretch, rates)
        self._at_once.note(stretch.steps, time.monotonic() - began_at)
        return said

    def _explain_nan(self, epoch: int, step: int) -> Problem:
        """Say which batch and which block made the loss no number, by training up to it again."""
        for place in (step, step - 1)[:step]:
            rows = self._order(epoch)[(place - 1) * self._settings.batch_size :]
            rows = rows[: self._settings.batch_size]
            bad = bad_row(self._batches.read(rows, crop_seed=(self._settings.seed, epoch)))
            if bad is not None:
                where = {"epoch": epoch, "step": place, "row": int(rows[bad]) + 1}
                return problem("training.input_is_nan", **where)
            again = Training(self._keeper.plan_from_here(), _QuietSink())
            batch = again.replay(epoch, place)
            if batch is not None and has_finite_weights(again.model):
                return explain(
                    again.model,
                    batch,
                    self._plan.graph,
                    gradient=again.gradient,
                    epoch=epoch,
                    step=place,
                )
            # The weights are no numbers before this batch: the one before made them so.
        return problem("training.loss_is_nan", epoch=epoch, step=step)

    def gradient(self, batch: Batch) -> tuple[float, list[FloatArray]]:
        """Give the loss of a batch and its gradient, without learning from it."""
        return self._steps.gradient(batch)

    def replay(self, epoch: int, step: int) -> Batch | None:
        """Train from what was kept last up to a step of an epoch; give that step's batch.

        Returns:
            The batch, not learnt from; None if nothing that was kept leads there.
        """
        start = self._keeper.begin()
        if start.epoch != epoch or start.step >= step:
            return None
        done = start.step
        for stretch in self._stretches_from(start, until=step - 1):
            self._learn(stretch, epoch, done)
            done += stretch.steps
        return self._batch_of(epoch, step)

    def _keep_within(self, epoch: int, step: int, began_at: float, scores: Scores) -> None:
        """Keep the place within an epoch; without room on the disk, what was kept before stays."""
        if step == 0:
            return
        seconds = time.monotonic() - began_at
        gathered = {**scores.arrays(), **self._recorder.arrays()}
        try:
            self._keeper.keep_within(epoch=epoch, step=step, seconds=seconds, gathered=gathered)
        except OSError as reason:
            print(f"the place within the epoch was not kept: {reason}", file=sys.stderr)  # noqa: T201

    def _new_recorder(self) -> EpochRecorder:
        steps = self._pace.training_steps
        per_bucket = bucket_steps(steps=steps, epochs=self._settings.epochs)
        return EpochRecorder(per_bucket)

    def _tell_losses(self, epoch: int) -> None:
        buckets = self._recorder.take_buckets()
        if buckets:
            steps = self._pace.training_steps
            self._sink.emit(TrainLosses(epoch=epoch, steps_per_epoch=steps, buckets=buckets))

    def _scores(self, rows: RowNumbers) -> Scores:
        folder = Path(self._plan.run_folder)
        units = target_units(self._plan)
        return Scores(self._plan.metric_names, self._task, len(rows), folder, units)

    def _judge(self, epoch: int) -> dict[str, float] | None:
        """Validate an epoch if it is its turn or the last; None when asked to stop."""
        is_last = epoch == self._settings.epochs or self._over_time()
        if epoch % self._settings.validate_every and not is_last:
            return {}
        return self.validate(epoch)

    def validate(self, epoch: int) -> dict[str, float] | None:
        """Judge the whole validation subset; None when asked to stop."""
        self._pace.begin_validation()
        self._steps.begin_judging()
        scores = self._scores(self._validation_rows)

        def note(said: StepResult, target: FloatArray) -> None:
            self._refuse_nan(said.loss, epoch, self._pace.training_steps)
            scores.add(said.loss, said.outputs, target)

        def judge(batch: Batch, _step: int) -> None:
            note(self._steps.test(batch), batch.target)
            self._pace.judged(len(batch.target))
            self._tell(epoch, self._pace.training_steps)

        mean = TileMean()

        def judge_tiles(piece: TilePiece, _step: int) -> None:
            """Judge the mean output over the tiles of each row, as every prediction is made."""
            outputs = mean.add(piece, self._steps.predict(piece.inputs))
            if outputs is not None:
                target = self._batches.read_target(piece.rows)
                note(self._steps.judge(outputs, target), target)
            self._pace.judged(len(piece.owners))
            self._tell(epoch, self._pace.training_steps)

        if self._tiles is not None:
            pieces = read_ahead(self._tiles.pieces(self._validation_rows))
            is_whole = self._go_through(pieces, judge_tiles)
        else:
            is_whole = self._go_through(self._batches.in_order(self._validation_rows), judge)
        self._pace.validated()
        self._recorder.judge(*scores.seen, self._task)
        if not is_whole:
            return None
        told, self._classes = scores.result(), count_classes(scores.judged)
        return told

    def _go_through(self, items: Iterator[_Item], act: Callable[[_Item, int], None]) -> bool:
        """Act on each item; False when asked to stop before the last one."""
        for step, item in enumerate(items, start=1):
            if self._sink.stop_requested() or self._is_time_up():
                return False
            act(item, step)
        return True

    def _over_time(self) -> bool:
        limit = self._settings.time_limit_minutes * 60
        trained = self._keeper.trained_seconds + time.monotonic() - self._epoch_began_at
        return limit > 0 and trained >= limit

    def _is_time_up(self) -> bool:
        """Say whether to end here: not before there is an epoch that can be kept."""
        return self._keeper.best_epoch > 0 and self._over_time()

    def _tell_time_is_up(self, epochs: int) -> bool:
        """Say in words that the time was over after so many epochs, if it was."""
        if not self._is_time_up():
            return False
        minutes = f"{self._settings.time_limit_minutes:,.15g}"
        note = problem("training.time_is_up", minutes=minutes, epochs=epochs)
        self._sink.emit(TrainRemark(note=note))
        return True

    def _refuse_nan(self, loss: float, epoch: int, step: int) -> None:
        if not math.isfinite(loss):
            raise error("training.loss_is_nan", epoch=epoch, step=step)

    def _tell(self, epoch: int, step: int) -> None:
        if self._pace.due():
            self._sink.emit(TrainStep(progress=self._pace.progress(epoch=epoch, step=step)))

    def _patience_is_over(self, epoch: int) -> bool:
        patience, best = self._settings.early_stopping_epochs, self._keeper.best_epoch
        return patience > 0 and best > 0 and epoch - best >= patience
