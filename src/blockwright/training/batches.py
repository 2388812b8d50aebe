"""Batches of a frozen version in the order of an epoch, read ahead by a thread.

Takes   a reader, the sources of a model's ends, and row numbers.
Gives   inputs and target as float32 arrays, while the model works on the batch before.

Neighbour: `tiles` gives the same rows for prediction where values vary in length.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from blockwright.contracts.problems import BlockwrightError, error

FloatArray = npt.NDArray[np.float32]
RowNumbers = npt.NDArray[np.int64]
Inputs = FloatArray | list[FloatArray]


class Batch(NamedTuple):
    """Rows to learn from or to be judged by.

    Attributes:
        inputs: What the model takes, each of shape (rows, *shape).
        target: What it shall say, shape (rows, *output).
        weights: How much each row counts in the loss, shape (rows,); None: all the same.
    """

    inputs: Inputs
    target: FloatArray
    weights: FloatArray | None = None


_AHEAD = 3
_Item = TypeVar("_Item")


class Reader(Protocol):
    """Reads rows of a source; `datasets.reader.VersionReader` does."""

    def read(
        self, source_name: str, rows: RowNumbers, *, crop_seed: tuple[int, int] | None = None
    ) -> FloatArray:
        """Give float32 of shape (len(rows), *shape).

        Args:
            source_name: What to read.
            rows: Row numbers.
            crop_seed: Run seed and epoch; with the row's number they say where the piece of
                a value of variable length begins.
        """

    def tiles(self, source_name: str, rows: RowNumbers) -> tuple[FloatArray, RowNumbers]:
        """Give all tiles of values of variable length, and which of `rows` each is of.

        Returns:
            float32, shape (tiles, *shape), at least one per row; int64, shape (tiles,),
            places in `rows`, ascending.
        """


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


def unchanged(batch: Batch, _rows: RowNumbers) -> Batch:
    """Give a batch as it was read."""
    return batch


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

    def resized(self, batch_size: int) -> BatchSource:
        """Give the same rows in batches of another size."""
        return BatchSource(self._reader, self._inputs, self._target, batch_size)

    def count(self, rows: RowNumbers) -> int:
        """Give the number of batches of these rows."""
        return -(-len(rows) // self._batch_size)

    def read(self, rows: RowNumbers, *, crop_seed: tuple[int, int] | None = None) -> Batch:
        """Read one batch.

        Raises:
            BlockwrightError: `training.row_unreadable` with the first row that fails alone.
        """
        try:
            inputs = [self._reader.read(name, rows, crop_seed=crop_seed) for name in self._inputs]
            return Batch(bare(inputs), self.read_target(rows))
        except (OSError, ValueError, IndexError) as reason:
            raise self._unreadable(rows, crop_seed, reason) from reason

    def _unreadable(
        self, rows: RowNumbers, crop_seed: tuple[int, int] | None, reason: Exception
    ) -> BlockwrightError:
        """Find the row and the source that cannot be read, one by one."""
        for row in range(len(rows)):
            for name in (*self._inputs, self._target):
                try:
                    self._reader.read(name, rows[row : row + 1], crop_seed=crop_seed)
                except (OSError, ValueError, IndexError) as own:
                    number, detail = int(rows[row]) + 1, str(own)[:200]
                    return error("training.row_unreadable", row=number, source=name, detail=detail)
        detail = str(reason)[:200]
        return error("training.row_unreadable", row=int(rows[0]) + 1, source="?", detail=detail)

    def read_target(self, rows: RowNumbers) -> FloatArray:
        """Read what the model shall say of these rows."""
        return self._reader.read(self._target, rows)

    def in_order(
        self,
        rows: RowNumbers,
        *,
        crop_seed: tuple[int, int] | None = None,
        change: Callable[[Batch, RowNumbers], Batch] = unchanged,
    ) -> Iterator[Batch]:
        """Give the batches of `rows` one after the other, read ahead by a thread.

        Args:
            rows: Row numbers in the order of an epoch.
            crop_seed: Run seed and epoch, for inputs of variable length: a run that is
                resumed crops as it would have.
            change: What the thread does to each batch, given its rows, before it is used.

        Raises:
            Exception: Whatever reading raised, at the batch that could not be read.
        """
        starts = range(0, len(rows), self._batch_size)
        pieces = (rows[start : start + self._batch_size] for start in starts)
        return read_ahead(change(self.read(piece, crop_seed=crop_seed), piece) for piece in pieces)


def bare(inputs: list[FloatArray]) -> Inputs:
    """Give one input without its list: Keras warns when a list of one was promised."""
    return inputs[0] if len(inputs) == 1 else inputs


def read_ahead(items: Iterator[_Item]) -> Iterator[_Item]:
    """Give items one after the other, made by a thread while the ones before are in use.

    Raises:
        Exception: Whatever making an item raised, where that item is awaited.
    """
    ahead: queue.Queue[Any] = queue.Queue(_AHEAD)
    over = threading.Event()
    maker = threading.Thread(target=_fill, args=(items, ahead, over), daemon=True)
    maker.start()
    try:
        while True:
            item, reason = ahead.get()
            if reason is not None:
                if isinstance(reason, StopIteration):
                    return
                raise reason
            yield item
    finally:
        over.set()
        maker.join()


def _fill(items: Iterator[Any], ahead: queue.Queue[Any], over: threading.Event) -> None:
    reason: BaseException | None = None
    while reason is None and not over.is_set():
        item = None
        try:
            item = next(items)
        except Exception as found:  # noqa: BLE001 - raised again where it is awaited
            reason = found
        while not over.is_set():
            try:
                ahead.put((item, reason), timeout=0.1)
                break
            except queue.Full:
                continue
