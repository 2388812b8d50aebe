"""What a model said of the rows of an epoch, kept until all of them were seen.

Takes   outputs and truth, batch by batch.
Gives   every metric of the run, exact over the whole subset: none is a mean over batches.

Neighbour: `metrics` computes them from whole arrays.
"""

from __future__ import annotations

import errno
import math
import os
import tempfile
from pathlib import Path

import numpy as np

from blockwright.graph.task import Task
from blockwright.training.batches import FloatArray
from blockwright.training.checkpoint_files import NamedArrays
from blockwright.training.metrics import Judged, measure_judged
from blockwright.training.target_units import AS_TRAINED, TargetUnits

LARGEST_IN_MEMORY_BYTES = 256 * 2**20


def disk_bytes(rows: int, width: int) -> int:
    """Give what scores of so many rows, each of so many outputs, take on the disk."""
    each = 4 * rows * width
    return 2 * each if each > LARGEST_IN_MEMORY_BYTES else 0


class Scores:
    """Gathers one epoch of one subset."""

    def __init__(
        self,
        metric_names: list[str],
        task: Task,
        rows: int,
        folder: Path | None = None,
        units: TargetUnits = AS_TRAINED,
    ) -> None:
        """Make room for `rows` rows.

        Args:
            metric_names: Those of the plan, the loss among them.
            task: What is predicted.
            rows: As many as will be added at most.
            folder: Where large arrays lie in files; the system's temporary folder by default.
            units: In which errors of numbers are counted.
        """
        self._folder = folder
        self._units = units
        self._names = [name for name in metric_names if name != "loss"]
        self._task = task
        self._rows = rows
        self._outputs: FloatArray | None = None
        self._truth: FloatArray | None = None
        self._seen = 0
        self._loss_sum = 0.0
        self._judged: Judged | None = None

    def add(self, loss: float, outputs: FloatArray, truth: FloatArray) -> None:
        """Add a batch.

        Args:
            loss: Mean over the rows of the batch.
            outputs: Of the model, shape (rows of the batch, *output).
            truth: Of the same shape.
        """
        if self._outputs is None or self._truth is None:
            self._outputs = _room((self._rows, *outputs.shape[1:]), self._folder)
            self._truth = _room((self._rows, *truth.shape[1:]), self._folder)
        end = self._seen + len(outputs)
        self._outputs[self._seen : end] = outputs
        self._truth[self._seen : end] = truth
        self._loss_sum += loss * len(outputs)
        self._seen = end
        self._judged = None

    def add_steps(self, losses: list[float], outputs: FloatArray, truth: FloatArray) -> None:
        """Add batches of one size; the sums are those of adding one after the other.

        Args:
            losses: Mean over the rows of each batch.
            outputs: Of the model, shape (rows of all batches, *output).
            truth: Of the same shape.
        """
        rows = len(outputs) // len(losses)
        for loss in losses:
            self._loss_sum += loss * rows
        self.add(0.0, outputs, truth)

    def arrays(self) -> NamedArrays:
        """Give all that was gathered so far, for a checkpoint from within the epoch."""
        if self._outputs is None or self._truth is None:
            return {}
        return {
            "outputs": self._outputs[: self._seen],
            "truth": self._truth[: self._seen],
            "loss_sum": np.array(self._loss_sum),
        }

    def restore(self, arrays: NamedArrays) -> None:
        """Go on from what `arrays` gave."""
        if arrays:
            self.add(0.0, arrays["outputs"], arrays["truth"])
            self._loss_sum = float(arrays["loss_sum"])

    @property
    def seen(self) -> tuple[FloatArray, FloatArray]:
        """Outputs and truth of the rows that were added, each of shape (rows, *output)."""
        if self._outputs is None or self._truth is None:
            return np.empty((0, 1), dtype=np.float32), np.empty((0, 1), dtype=np.float32)
        return self._outputs[: self._seen], self._truth[: self._seen]

    def result(self) -> dict[str, float]:
        """Give the loss and all other metrics over what was added."""
        if not self._seen:
            return {}
        others = measure_judged(self._names, self.judged)
        return {"loss": self._loss_sum / self._seen, **others}

    @property
    def judged(self) -> Judged:
        """Outputs beside the truth of what was added."""
        if self._judged is None:
            self._judged = Judged(*self.seen, self._task, self._units)
        return self._judged


def _room(shape: tuple[int, ...], folder: Path | None) -> FloatArray:
    """Make room in memory, or for large arrays in a file that is gone when it is let go."""
    if 4 * math.prod(shape) <= LARGEST_IN_MEMORY_BYTES:
        return np.empty(shape, dtype=np.float32)
    with tempfile.TemporaryFile(dir=folder) as file:
        take_room(file.fileno(), 4 * math.prod(shape))
        return np.memmap(file, dtype=np.float32, shape=shape)


def take_room(descriptor: int, size: int) -> None:
    """Give a new file its size, and its room on the disk where the system can promise it.

    A mapped file that only meets a full disk when it is written to ends the process without
    a word; now there is an error that a run waits for room by.

    Raises:
        OSError: There is no room.
    """
    try:
        os.posix_fallocate(descriptor, 0, size)
    except AttributeError:  # neither macOS nor Windows has it
        os.ftruncate(descriptor, size)
    except OSError as reason:
        if reason.errno not in {errno.EOPNOTSUPP, errno.EINVAL}:
            raise
        os.ftruncate(descriptor, size)
