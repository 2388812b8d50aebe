"""What is measured while one epoch is trained.

Takes   loss, gradient norm and size of each batch, and the batches as they come.
Gives   the epoch's signals, and its loss batch by batch in buckets that lose no spike.

Neighbours: `steps` measures the norm, `own_memory` the memory, `pace` the time left.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import TypeVar

import numpy as np

from blockwright.contracts.signals import EpochSignals, LossBucket
from blockwright.graph.task import Task
from blockwright.training import own_memory
from blockwright.training.batches import FloatArray
from blockwright.training.checkpoint_files import NamedArrays
from blockwright.training.metrics import THRESHOLD

TOLD_EVERY_SECONDS = 2.0
MOST_BUCKETS_PER_EPOCH = 200
MOST_BUCKETS_PER_RUN = 12_000
_Item = TypeVar("_Item")


def class_share(values: FloatArray, task: Task) -> float | None:
    """Give the share of rows that the most common class has.

    Args:
        values: Outputs or truth, shape (rows, classes), or (rows, 1) for two classes.
        task: Kind of problem; of others than one class per row nothing can be said.
    """
    if task == "categorical":
        return float(np.bincount(values.argmax(axis=-1)).max() / len(values))
    if task == "binary":
        share = float(np.mean(values > THRESHOLD))
        return max(share, 1 - share)
    return None


def bucket_steps(*, steps: int, epochs: int) -> int:
    """Give how many batches share a bucket, so that a run keeps a bounded number of them."""
    most = max(1, min(MOST_BUCKETS_PER_EPOCH, MOST_BUCKETS_PER_RUN // epochs))
    return max(1, -(-steps // most))


class EpochRecorder:
    """Gathers what is measured of one epoch."""

    def __init__(self, steps_per_bucket: int) -> None:
        """Begin to measure.

        Args:
            steps_per_bucket: Batches that share a bucket of the loss curve.
        """
        own_memory.forget_peak()
        self._per_bucket = steps_per_bucket
        self._step = 0
        self._open: list[float] = []
        self._whole: list[LossBucket] = []
        self._told_at = time.monotonic()
        self._norm_sum = 0.0
        self._norm_max = 0.0
        self._norms = 0
        self._shares: tuple[float | None, float | None] = (None, None)
        self._began_at = self._ended_at = time.monotonic()
        self._waited = self._waited_before = 0.0
        self._examples = 0

    def watch(self, items: Iterator[_Item]) -> Iterator[_Item]:
        """Give the items on, and measure how long each was waited for."""
        while True:
            asked_at = time.monotonic()
            try:
                item = next(items)
            except StopIteration:
                return
            self._waited += time.monotonic() - asked_at
            yield item

    def count(self, examples: int, *, builds: bool = False) -> None:
        """Note the call that was just done, of one or several steps.

        Args:
            examples: Rows of all its steps.
            builds: It also built the program of a step of this size, so that its time tells
                nothing of the speed.
        """
        now = time.monotonic()
        if builds:
            self._began_at += now - self._ended_at
            self._waited = self._waited_before
        else:
            self._examples += examples
        self._ended_at, self._waited_before = now, self._waited

    def note(self, *, loss: float, gradient_norm: float) -> None:
        """Note a step.

        Args:
            loss: Mean over the rows of the batch.
            gradient_norm: Of all trainable weights together, before clipping.
        """
        self._step += 1
        self._norm_sum += gradient_norm
        self._norm_max = max(self._norm_max, gradient_norm)
        self._norms += 1
        self._open.append(loss)
        if self._step % self._per_bucket == 0:
            self.close_bucket()

    def close_bucket(self) -> None:
        """End the bucket in hand: the epoch is over, or will not go on."""
        losses = self._open
        if not losses:
            return
        self._whole.append(
            LossBucket(
                first_step=self._step - len(losses) + 1,
                last_step=self._step,
                low=min(losses),
                mean=math.fsum(losses) / len(losses),
                high=max(losses),
            )
        )
        self._open = []

    def arrays(self) -> NamedArrays:
        """Give what was gathered so far and is no time, for a checkpoint from within the epoch."""
        sums = [self._step, self._norm_sum, self._norm_max, self._norms]
        return {"signals": np.array(sums, dtype=np.float64), "open_bucket": np.array(self._open)}

    def restore(self, arrays: NamedArrays) -> None:
        """Go on from what `arrays` gave; times are measured anew."""
        if "signals" not in arrays:
            return
        step, self._norm_sum, self._norm_max, norms = arrays["signals"].tolist()
        self._step, self._norms = int(step), int(norms)
        self._open = arrays["open_bucket"].tolist()

    def due(self) -> bool:
        """Say whether there are whole buckets to tell of, and it is time to."""
        return bool(self._whole) and time.monotonic() - self._told_at >= TOLD_EVERY_SECONDS

    def take_buckets(self) -> list[LossBucket]:
        """Give the whole buckets that were not given before."""
        self._told_at = time.monotonic()
        taken, self._whole = self._whole, []
        return taken

    def judge(self, outputs: FloatArray, truth: FloatArray, task: Task) -> None:
        """Note what was said of the validation rows, and what is true of them."""
        if len(outputs):
            self._shares = (class_share(outputs, task), class_share(truth, task))

    def signals(self, *, learning_rate: float) -> EpochSignals:
        """Give what was measured; call at the end of the epoch, validation included."""
        seconds = self._ended_at - self._began_at
        mean = self._norm_sum / max(1, self._norms)
        return EpochSignals(
            gradient_norm=mean if math.isfinite(mean) else None,
            gradient_norm_max=self._norm_max if math.isfinite(self._norm_max) else None,
            learning_rate=learning_rate,
            examples_per_second=self._examples / seconds if self._examples and seconds else None,
            memory_bytes=own_memory.peak_bytes(),
            data_wait=min(1.0, self._waited / seconds) if seconds else 0.0,
            said_share=self._shares[0],
            true_share=self._shares[1],
        )
