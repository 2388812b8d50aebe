"""Batches of a frozen version in the order of an epoch, read ahead by a thread.

Takes   a reader, the sources of a model's ends, and row numbers.
Gives   (inputs, target) as float32 arrays, while the model works on the batch before.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
RowNumbers = npt.NDArray[np.int64]
Batch = tuple[FloatArray | list[FloatArray], FloatArray]

_BATCHES_AHEAD = 3


class Reader(Protocol):
    """Reads rows of a source; `datasets.reader.VersionReader` does."""

    def read(self, source_name: str, rows: RowNumbers) -> FloatArray:
        """Give float32 of shape (len(rows), *shape)."""


def epoch_order(rows: RowNumbers, *, run_seed: int, epoch: int, shuffle: bool) -> RowNumbers:
    """Give the rows in the order of an epoch: the same for the same seed and epoch.

    A run that is resumed at an epoch therefore sees what it would have seen.
    """
    if not shuffle:
        return rows
    return np.random.default_rng([run_seed, epoch]).permutation(rows)


def layer_seed(*, run_seed: int, epoch: int, place: int) -> int:
    """Give the seed of the `place`-th random layer (Dropout) in an epoch, 32 bits."""
    return int(np.random.SeedSequence([run_seed, epoch, place]).generate_state(1)[0])


class BatchSource:
    """Cuts rows into batches and reads them."""

    def __init__(
        self, reader: Reader, input_sources: list[str], target_source: str, batch_size: int
    ) -> None:
        """Read batches of `batch_size` rows; the last one of a subset may be smaller."""
        self._reader = reader
        self._inputs = input_sources
        self._target = target_source
        self._batch_size = batch_size

    def count(self, rows: RowNumbers) -> int:
        """Give the number of batches of these rows."""
        return -(-len(rows) // self._batch_size)

    def read(self, rows: RowNumbers) -> Batch:
        """Read one batch."""
        inputs = [self._reader.read(name, rows) for name in self._inputs]
        return (inputs[0] if len(inputs) == 1 else inputs), self._reader.read(self._target, rows)

    def in_order(self, rows: RowNumbers) -> Iterator[Batch]:
        """Give the batches of `rows` one after the other, read ahead by a thread.

        Raises:
            Exception: Whatever reading raised, at the batch that could not be read.
        """
        ahead: queue.Queue[Any] = queue.Queue(_BATCHES_AHEAD)
        over = threading.Event()
        reader = threading.Thread(target=self._fill, args=(rows, ahead, over), daemon=True)
        reader.start()
        try:
            for _ in range(self.count(rows)):
                item = ahead.get()
                if isinstance(item, BaseException):
                    raise item
                yield item
        finally:
            over.set()
            reader.join()

    def _fill(self, rows: RowNumbers, ahead: queue.Queue[Any], over: threading.Event) -> None:
        for start in range(0, len(rows), self._batch_size):
            try:
                item: Any = self.read(rows[start : start + self._batch_size])
            except Exception as reason:  # noqa: BLE001 - raised again where it is awaited
                item = reason
            while not over.is_set():
                try:
                    ahead.put(item, timeout=0.1)
                    break
                except queue.Full:
                    continue
            if over.is_set() or isinstance(item, BaseException):
                return
