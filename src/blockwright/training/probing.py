"""A training that learns from as many rows as it is told to, and keeps nothing.

Takes   the plan of a run.
Gives   the very steps of that run, so that what is measured here holds there.

Neighbours: `forecast` measures time and memory with it, `rate_test` learning rates.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from blockwright.contracts.sink import EventSink
from blockwright.contracts.work import (
    Finished,
    Heartbeat,
    Progress,
    TrainPlan,
    WorkerEvent,
)
from blockwright.training import own_memory
from blockwright.training.batches import Batch, RowNumbers
from blockwright.training.keeper import Start
from blockwright.training.loop import Training
from blockwright.training.scores import Scores
from blockwright.training.steps_at_once import StepsAtOnce


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


class ProbeTraining(Training):
    """The model, data and steps of a run."""

    def __init__(self, plan: TrainPlan, sink: EventSink) -> None:
        """Build the model and open the data."""
        super().__init__(plan, QuietSink(sink))
        self.all_training_rows = self.stages.of(1).rows
        self.all_validation_rows = self._validation_rows

    def learn(self, rows: RowNumbers, *, batch_size: int) -> float | None:
        """Learn from rows.

        Returns:
            Seconds per row without the first batch; None when asked to stop, or when there
            was no second batch.
        """
        self._batches = self._batches.resized(batch_size)
        self.stages = self.stages.on_rows(rows)
        self._program_is_built = False  # the first batch also waits for the reader to start
        own_memory.forget_peak()
        if self.train_epoch(Start(epoch=1)) is None:
            return None
        speed = self._recorder.signals(learning_rate=0.0).examples_per_second
        return 1 / speed if speed else None

    def judge(self, rows: RowNumbers) -> float:
        """Judge rows as a validation does; give the seconds that it took."""
        self._validation_rows = rows
        began_at = time.monotonic()
        self.validate(1)
        return time.monotonic() - began_at

    def batches_on_end(self) -> Iterator[Batch]:
        """Give the training batches of one epoch after the other."""
        self._at_once = StepsAtOnce(1, place_seconds=0.0)
        epoch = 1
        while True:
            yield from (each.batch for each in self._stretches_from(Start(epoch=epoch)))
            epoch += 1

    def learn_at(self, rate: float, batch: Batch) -> float:
        """Learn from one batch at a rate; give its loss."""
        self._steps.set_rate(rate)
        return self._steps.train(batch).loss

    def stop_requested(self) -> bool:
        """Say whether someone asked for the end."""
        return self._sink.stop_requested()

    def _keep_within(self, epoch: int, step: int, began_at: float, scores: Scores) -> None:
        """Keep nothing: this is no run."""
