"""A training that learns from as many rows as it is told to, and keeps nothing.

Takes   the plan of a run.
Gives   the very steps of that run, so that what is measured here holds there.

Neighbours: `forecast` measures time and memory with it, `rate_test` learning rates.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from blockwright.contracts.problems import Problem, problem
from blockwright.contracts.sink import EventSink
from blockwright.contracts.work import (
    Finished,
    Heartbeat,
    Progress,
    TrainPlan,
    WorkerEvent,
)
from blockwright.training.attempt import Attempt, begin_attempt
from blockwright.training.batches import Batch, RowNumbers, Stretch
from blockwright.training.checkpoint_files import TrainingState
from blockwright.training.checkpoints import checkpoint_bytes, save_checkpoint
from blockwright.training.diagnosis import explain_input
from blockwright.training.epoch_training import EpochTraining
from blockwright.training.keeper import Start
from blockwright.training.scores import Scores
from blockwright.training.steps import StretchResult
from blockwright.training.steps_at_once import StepsAtOnce
from blockwright.training.validation import Validation

PROBE_FOLDER = "probed_checkpoints"
SMALL_CHECKPOINT_BYTES = 16 * 2**20


class QuietSink:
    """Passes on nothing that would be taken for the word of a run."""

    def __init__(self, sink: EventSink) -> None:
        """Ask `sink` whether to stop."""
        self._sink = sink

    def emit(self, event: WorkerEvent) -> None:
        """Pass on what any job may say."""
        if isinstance(event, Heartbeat | Progress | Finished):
            self._sink.emit(event)

    def stop_requested(self) -> bool:
        """Say whether someone asked for the end."""
        return self._sink.stop_requested()


class _TimedEpochs(EpochTraining):
    """Learns as an epoch does, notes when each call ended, and keeps nothing: this is no run."""

    def __init__(self, attempt: Attempt) -> None:
        super().__init__(attempt, self._explain)
        self.call_ends: list[tuple[float, int]] = []

    def keep_within(self, epoch: int, step: int, began_at: float, scores: Scores) -> None:
        pass

    def _explain(self, epoch: int, step: int) -> Problem:
        found = explain_input(self._attempt.epochs, epoch=epoch, step=step)
        return found or problem("training.loss_is_nan", epoch=epoch, step=step)

    def _learn(self, stretch: Stretch, epoch: int, done: int) -> StretchResult:
        said = super()._learn(stretch, epoch, done)
        self.call_ends.append((time.monotonic(), stretch.steps))
        return said


class ProbeTraining:
    """The model, data and steps of a run."""

    def __init__(self, plan: TrainPlan, sink: EventSink) -> None:
        """Build the model and open the data."""
        self._attempt = begin_attempt(plan, QuietSink(sink))
        self._reader = self._attempt.epochs
        self._epochs = _TimedEpochs(self._attempt)
        self._validation = Validation(self._attempt)
        self.trial_seconds = self._attempt.prepared.trial_seconds
        self.all_stages = self._reader.stages
        self.all_training_rows = self.all_stages.of(1).rows
        self.all_validation_rows = self._attempt.validation_rows
        self.validate_every = plan.settings.validate_every
        self._usual_at_once = self._reader.at_once
        self._scored: Scores | None = None

    def learn(self, rows: RowNumbers, *, batch_size: int) -> list[float]:
        """Learn from rows.

        Returns:
            Seconds of each step, where several are learnt in one call its mean; the first one
            also waited for the reader to start. Nothing when asked to stop.
        """
        is_usual = batch_size == self._attempt.plan.settings.batch_size
        self._reader.at_once = (
            self._usual_at_once if is_usual else StepsAtOnce(1, place_seconds=0.0)
        )
        self._reader.source = self._reader.source.resized(batch_size)
        self._reader.stages = self.all_stages.on_rows(rows)
        ended_at = time.monotonic()
        self._epochs.call_ends = []
        self._scored = self._epochs.train(Start(epoch=1))
        self._reader.let_go()  # of these rows there is no other epoch
        if self._scored is None:
            return []
        seconds: list[float] = []
        for now, steps in self._epochs.call_ends:
            seconds += [(now - ended_at) / steps] * steps
            ended_at = now
        return seconds

    def judge(self, rows: RowNumbers) -> float:
        """Judge rows as a validation does; give the seconds that it took."""
        self._validation.rows = rows
        began_at = time.monotonic()
        self._validation.judge(1)
        return time.monotonic() - began_at

    def score(self, rows: int) -> float:
        """Work out the metrics of so many rows, as if they were like those learnt from last.

        Returns:
            The seconds that it took; 0 when nothing was learnt.
        """
        if self._scored is None:
            return 0.0
        outputs, truth = (np.resize(each, (rows, *each.shape[1:])) for each in self._scored.seen)
        scores = self._attempt.scores(rows)
        scores.add(0.0, outputs, truth)
        began_at = time.monotonic()
        scores.result()
        return time.monotonic() - began_at

    def save(self) -> tuple[float, int]:
        """Keep a checkpoint as an epoch does, and let it go again.

        Returns:
            The seconds that it took, and its bytes; where the disk has no room, 0 seconds.
        """
        plan, model = self._attempt.plan, self._attempt.steps.model
        root = Path(plan.run_folder) / PROBE_FOLDER
        state = TrainingState(epoch=1, run_seed=plan.settings.seed, best_epoch=0, best_value=None)
        seconds, size = 0.0, checkpoint_bytes(model)
        try:
            # The first one also makes the folder, which counts where there is little to write.
            for _ in range(2 if size < SMALL_CHECKPOINT_BYTES else 1):
                began_at = time.monotonic()
                saved = save_checkpoint(root, model, state)
                seconds, size = time.monotonic() - began_at, saved.bytes
        except OSError:
            return 0.0, size
        finally:
            shutil.rmtree(root, ignore_errors=True)
        return seconds, size

    def batches_on_end(self) -> Iterator[Batch]:
        """Give the training batches of one epoch after the other."""
        self._reader.at_once = StepsAtOnce(1, place_seconds=0.0)
        epoch = 1
        while True:
            yield from (each.batch for each in self._epochs.stretches(Start(epoch=epoch)))
            epoch += 1

    def learn_at(self, rate: float, batch: Batch) -> float:
        """Learn from one batch at a rate; give its loss."""
        self._attempt.steps.set_rate(rate)
        return self._attempt.steps.train(batch).loss

    def stop_requested(self) -> bool:
        """Say whether someone asked for the end."""
        return self._attempt.sink.stop_requested()
