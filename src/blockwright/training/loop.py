"""Trains a graph on a frozen version, epoch by epoch.

Takes   a `TrainPlan` and a sink for events.
Gives   one durable checkpoint and one `TrainEpoch` per epoch; live steps in between.
Never   opens the database. Everything random derives from (run seed, epoch), so that a
        resumed run goes on exactly as the uninterrupted one would have.

Neighbours: `attempt` opens model and data, `epoch_training` learns an epoch, `validation`
judges it, `keeper` keeps it, `ending` says when it is enough, `diagnosis` why a loss is no
number.
"""

from __future__ import annotations

import time

import keras

from blockwright.compiler.optimizers import averaged
from blockwright.contracts.crash_points import reach
from blockwright.contracts.engine import EngineChoice
from blockwright.contracts.problems import Problem
from blockwright.contracts.runs import EpochMetrics
from blockwright.contracts.signals import ClassCounts, EpochSignals
from blockwright.contracts.sink import EventSink, Outcome
from blockwright.contracts.work import TrainPlan, TrainStarted, WorkerEvent
from blockwright.training.attempt import begin_attempt
from blockwright.training.batches import Batch, FloatArray, Inputs
from blockwright.training.diagnosis import explain_nan
from blockwright.training.epoch_training import EpochTraining
from blockwright.training.keeper import Start
from blockwright.training.machine import machine_facts
from blockwright.training.scores import Scores
from blockwright.training.stages import Stages
from blockwright.training.validation import Validation


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
        self._sink = sink
        self._attempt = begin_attempt(plan, sink)
        self._epoch_training = EpochTraining(self._attempt, self._explain_nan)
        self._validation = Validation(self._attempt)

    @property
    def engine(self) -> EngineChoice:
        """What the run computes with."""
        return self._attempt.prepared.engine

    @property
    def stages(self) -> Stages:
        """What is learnt from in which epoch."""
        return self._attempt.epochs.stages

    @property
    def model(self) -> keras.Model:
        """The model that is trained."""
        return self._attempt.steps.model

    @property
    def parameters(self) -> int:
        """Count all numbers of the model, trainable or not."""
        return int(self.model.count_params())

    def signals(self) -> EpochSignals:
        """Give what was measured in the newest epoch."""
        return self._epoch_training.signals()

    def predict(self, inputs: Inputs) -> FloatArray:
        """Give outputs as the finished model would, float32, shape (rows, *output)."""
        return self._attempt.steps.predict(inputs)

    def train_epoch(self, start: Start) -> Scores | None:
        """Train what is left of an epoch; None when asked to stop, its place being kept then."""
        return self._epoch_training.train(start)

    def validate(self, epoch: int) -> dict[str, float] | None:
        """Judge the whole validation subset; None when asked to stop."""
        judged = self._judge(epoch)
        return judged and judged[0]

    def run(self) -> Outcome:
        """Train."""
        try:
            return self._run()
        finally:
            self._attempt.epochs.let_go()

    def _run(self) -> Outcome:
        reach("run-model-built")
        start = self._attempt.keeper.begin()
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
        if start.step == 0 and self._attempt.ending.tell_patience_is_over(start.epoch - 1):
            return "done"  # an attempt before this one kept its last epoch, and was lost
        for epoch in range(start.epoch, self._plan.settings.epochs + 1):
            ended = self._run_epoch(start if epoch == start.epoch else Start(epoch=epoch))
            if ended is not None:
                return ended
        return "done"

    def _run_epoch(self, start: Start) -> Outcome | None:
        """Train, judge and keep an epoch; None when the next one follows."""
        epoch, attempt, ending = start.epoch, self._attempt, self._attempt.ending
        began_at = ending.epoch_begins(seconds=start.seconds)
        scores = self.train_epoch(start)
        with averaged(self.model.optimizer):
            judged = self._judge_in_turn(epoch) if scores is not None else None
        if scores is None or judged is None:
            if scores is not None:
                steps = attempt.pace.training_steps
                self._epoch_training.keep_within(epoch, steps, began_at, scores)
            return "done" if ending.tell_time_is_up(epoch - 1) else "stopped"
        reach("run-validated")
        ended_at = time.monotonic()
        validation, classes = judged
        metrics = EpochMetrics(
            epoch=epoch,
            seconds=time.monotonic() - began_at,
            training=scores.result(),
            validation=validation,
            signals=self.signals(),
        )
        attempt.keeper.keep_epoch(metrics, classes)
        attempt.pace.saved(ending.epoch_begins() - ended_at)
        is_last = epoch == self._plan.settings.epochs
        if is_last or ending.tell_patience_is_over(epoch) or ending.tell_time_is_up(epoch):
            return "done"
        return None

    def _judge_in_turn(self, epoch: int) -> tuple[dict[str, float], ClassCounts | None] | None:
        """Validate an epoch if it is its turn or the last; None when asked to stop."""
        settings = self._plan.settings
        is_last = epoch == settings.epochs or self._attempt.ending.is_over_time()
        if epoch % settings.validate_every and not is_last:
            return {}, None
        return self._judge(epoch)

    def _judge(self, epoch: int) -> tuple[dict[str, float], ClassCounts | None] | None:
        validated = self._validation.judge(epoch)
        if validated is None:
            return None
        self._epoch_training.recorder.judge(*validated.seen, self._attempt.task)
        return validated.metrics, validated.classes

    def _explain_nan(self, epoch: int, step: int) -> Problem:
        def again() -> Training:
            return Training(self._attempt.keeper.plan_from_here(), _QuietSink())

        read = self._attempt.epochs
        return explain_nan(read, again, self._plan.graph, epoch=epoch, step=step)

    def gradient(self, batch: Batch) -> tuple[float, list[FloatArray]]:
        """Give the loss of a batch and its gradient, without learning from it."""
        return self._attempt.steps.gradient(batch)

    def replay(self, epoch: int, step: int) -> Batch | None:
        """Train from what was kept last up to a step of an epoch; give that step's batch.

        Returns:
            The batch, not learnt from; None if nothing that was kept leads there.
        """
        start = self._attempt.keeper.begin()
        if start.epoch != epoch or start.step >= step:
            return None
        self._epoch_training.replay(start, step)
        return self._attempt.epochs.batch(epoch, step)
