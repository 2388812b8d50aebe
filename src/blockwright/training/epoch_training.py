"""Learns from the batches of one epoch, or of what is left of it.

Takes   an attempt, and the place to begin at.
Gives   the scores of the epoch and its signals; losses and steps as they happen; its place,
        kept on disk, when it is asked to stop or takes long.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator

from blockwright.contracts.crash_points import reach
from blockwright.contracts.problems import BlockwrightError, Problem
from blockwright.contracts.signals import EpochSignals
from blockwright.contracts.work import TrainLosses
from blockwright.training.attempt import Attempt
from blockwright.training.batches import Stretch
from blockwright.training.checkpoints import restore_random_layers
from blockwright.training.keeper import Start
from blockwright.training.scores import Scores
from blockwright.training.signals import EpochRecorder, bucket_steps
from blockwright.training.steps import StretchResult


class EpochTraining:
    """Trains one epoch at a time."""

    def __init__(self, attempt: Attempt, explain_nan: Callable[[int, int], Problem]) -> None:
        """Learn with the steps of an attempt.

        Args:
            attempt: What is trained.
            explain_nan: Says why the loss after a step of an epoch is no number.
        """
        self._attempt = attempt
        self._explain_nan = explain_nan
        self._built: set[tuple[int, bool]] = set()
        self.recorder = self._new_recorder()

    def signals(self) -> EpochSignals:
        """Give what was measured in the newest epoch."""
        return self.recorder.signals(learning_rate=self._attempt.steps.learning_rate)

    def train(self, start: Start) -> Scores | None:
        """Train what is left of an epoch; None when asked to stop, its place being kept then."""
        attempt, epoch = self._attempt, start.epoch
        stage = attempt.epochs.stages.of(epoch)
        began_at = time.monotonic() - start.seconds
        stretches = self.stretches(start)
        attempt.pace.training_steps = stage.steps
        attempt.pace.begin_epoch()
        recorder = self.recorder = self._new_recorder()
        scores = attempt.scores(len(stage.rows))
        scores.restore(start.gathered)
        recorder.restore(start.gathered)
        done = start.step

        def act(stretch: Stretch) -> None:
            nonlocal done
            attempt.epochs.begin_early(
                epoch + 1, steps_left=stage.steps - done, steps_at_once=stretch.steps
            )
            said = self._learn(stretch, epoch, done)
            for loss, norm in zip(said.losses, said.gradient_norms, strict=True):
                done += 1
                self._note_step(epoch, done, loss, norm)
            scores.add_steps(said.losses, said.outputs, stretch.target)
            self._count(stretch)
            attempt.tell(epoch, done)
            if recorder.due():
                self._tell_losses(epoch)
            if attempt.keeper.is_due() and done < attempt.pace.training_steps:
                self.keep_within(epoch, done, began_at, scores)

        try:
            is_whole = attempt.go_through(recorder.watch(stretches), act)
        finally:  # a loss that ran away is seen on its curve
            recorder.close_bucket()
            self._tell_losses(epoch)
        if is_whole:
            reach("run-trained")
            return scores
        self.keep_within(epoch, done, began_at, scores)
        return None

    def replay(self, start: Start, step: int) -> None:
        """Learn from the steps of an epoch before `step`, and tell nobody."""
        done = start.step
        for stretch in self.stretches(start, until=step - 1):
            self._learn(stretch, start.epoch, done)
            done += stretch.steps

    def keep_within(self, epoch: int, step: int, began_at: float, scores: Scores) -> None:
        """Keep the place within an epoch; without room on the disk, what was kept before stays."""
        if step == 0:
            return
        seconds = time.monotonic() - began_at
        gathered = {**scores.arrays(), **self.recorder.arrays()}
        keeper = self._attempt.keeper
        try:
            keeper.keep_within(epoch=epoch, step=step, seconds=seconds, gathered=gathered)
        except OSError as reason:
            print(f"the place within the epoch was not kept: {reason}", file=sys.stderr)  # noqa: T201

    def stretches(self, start: Start, *, until: int | None = None) -> Iterator[Stretch]:
        """Give what is left of an epoch, and let the random layers draw what belongs to it."""
        attempt, epoch = self._attempt, start.epoch
        attempt.steps.seed_random_layers(run_seed=attempt.plan.settings.seed, epoch=epoch)
        if start.step:
            restore_random_layers(start.seeds, attempt.steps.model)
        return attempt.epochs.stretches(epoch, begun=start.step, until=until)

    def _learn(self, stretch: Stretch, epoch: int, done: int) -> StretchResult:
        """Learn from what comes after `done` steps of an epoch."""
        attempt = self._attempt
        stage, part = attempt.epochs.stages.of(epoch), attempt.keeper.plateau.part
        rates = [stage.rate(epoch, done + step) * part for step in range(stretch.steps)]
        began_at = time.monotonic()
        said = attempt.steps.learn(stretch, rates)
        attempt.epochs.at_once.note(stretch.steps, time.monotonic() - began_at)
        return said

    def _note_step(self, epoch: int, step: int, loss: float, norm: float) -> None:
        reach("run-step-done")
        if not math.isfinite(loss) or math.isnan(norm):
            raise BlockwrightError(self._explain_nan(epoch, step))
        self.recorder.note(loss=loss, gradient_norm=norm)

    def _count(self, stretch: Stretch) -> None:
        """Count what was learnt; the first call of a size builds its program, too."""
        rows = len(stretch.target)
        size = (rows // stretch.steps, stretch.has_room)
        builds = size not in self._built
        self._built.add(size)
        self.recorder.count(rows, builds=builds)
        self._attempt.pace.count(rows, steps=stretch.steps, builds=builds)

    def _new_recorder(self) -> EpochRecorder:
        steps, epochs = self._attempt.pace.training_steps, self._attempt.plan.settings.epochs
        return EpochRecorder(bucket_steps(steps=steps, epochs=epochs))

    def _tell_losses(self, epoch: int) -> None:
        buckets = self.recorder.take_buckets()
        if buckets:
            steps = self._attempt.pace.training_steps
            told = TrainLosses(epoch=epoch, steps_per_epoch=steps, buckets=buckets)
            self._attempt.sink.emit(told)
