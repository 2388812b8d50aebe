"""Batches of a frozen version in the order of an epoch, read ahead by a thread.

Takes   a reader, the sources of a model's ends, and row numbers.
Gives   inputs and target as float32 arrays, while the model works on the batch before.

Neighbour: `tiles` gives the same rows for prediction where values vary in length.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterator
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


class Stretch(NamedTuple):
    """Batches of one size that are learnt from in one call, one after the other.

    Attributes:
        batch: One batch as it is where `has_room` is false. Else each of its arrays has an axis
            for the steps before its own ones, (room, rows, ...), filled as far as `steps`.
        steps: How many batches there are.
        has_room: Whether the arrays have that axis.
    """

    batch: Batch
    steps: int = 1
    has_room: bool = False

    @property
    def target(self) -> FloatArray:
        """What the model shall say of all its rows, shape (rows, *output)."""
        target = self.batch.target
        return target[: self.steps].reshape(-1, *target.shape[2:]) if self.has_room else target


AHEAD = 3
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
        self.batch_size = batch_size

    def resized(self, batch_size: int) -> BatchSource:
        """Give the same rows in batches of another size."""
        return BatchSource(self._reader, self._inputs, self._target, batch_size)

    def count(self, rows: RowNumbers) -> int:
        """Give the number of batches of these rows."""
        return -(-len(rows) // self.batch_size)

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
        starts = range(0, len(rows), self.batch_size)
        pieces = (rows[start : start + self.batch_size] for start in starts)
        return read_ahead(change(self.read(piece, crop_seed=crop_seed), piece) for piece in pieces)

    def in_stretches(
        self,
        rows: RowNumbers,
        *,
        room: int,
        at_once: Callable[[], int],
        crop_seed: tuple[int, int] | None = None,
        change: Callable[[Batch, RowNumbers], Batch] = unchanged,
    ) -> Generator[Stretch]:
        """Give the batches of `rows` several at a time, read ahead by a thread.

        Args:
            rows: Row numbers in the order of an epoch.
            room: How many a stretch can hold; with 1 each batch comes alone. So does the
                last one if it is smaller.
            at_once: Says how many of them the next stretch shall have.
            crop_seed: As for `in_order`.
            change: As for `in_order`: done to each batch alone.
        """
        return read_ahead(self._stretches(rows, room, at_once, crop_seed, change))

    def _stretches(
        self,
        rows: RowNumbers,
        room: int,
        at_once: Callable[[], int],
        crop_seed: tuple[int, int] | None,
        change: Callable[[Batch, RowNumbers], Batch],
    ) -> Iterator[Stretch]:
        size, start = self.batch_size, 0
        while start < len(rows):
            steps = min(room, at_once(), (len(rows) - start) // size)
            piece = rows[start : start + max(1, steps) * size]
            start += len(piece)
            batch = self.read(piece, crop_seed=crop_seed)
            if room == 1 or steps == 0:
                yield Stretch(change(batch, piece))
                continue
            parts = [slice(place, place + size) for place in range(0, len(piece), size)]
            if change is not unchanged:
                batch = _joined([change(_part(batch, each), piece[each]) for each in parts])
            yield Stretch(_with_room(batch, steps, room), steps, has_room=True)


def repeat(batch: Batch, steps: int) -> Stretch:
    """Give the same batch for each of so many steps."""
    if steps == 1:
        return Stretch(batch)
    return Stretch(_each(batch, lambda v: np.stack([v] * steps)), steps, has_room=True)


def _part(batch: Batch, place: slice) -> Batch:
    return _each(batch, lambda values: values[place])


def _joined(batches: list[Batch]) -> Batch:
    first = batches[0]
    inputs: Inputs = (
        [np.concatenate(each) for each in zip(*(b.inputs for b in batches), strict=True)]
        if isinstance(first.inputs, list)
        else np.concatenate([b.inputs for b in batches])
    )
    weights = [b.weights for b in batches if b.weights is not None]
    return Batch(
        inputs,
        np.concatenate([b.target for b in batches]),
        np.concatenate(weights) if weights else None,
    )


def _with_room(batch: Batch, steps: int, room: int) -> Batch:
    """Give the rows of `steps` batches an axis for the steps, of length `room`."""

    def make(values: FloatArray) -> FloatArray:
        cut = values.reshape(steps, -1, *values.shape[1:])
        if steps == room:
            return cut
        made = np.empty((room, *cut.shape[1:]), dtype=values.dtype)
        made[:steps] = cut
        return made

    return _each(batch, make)


def _each(batch: Batch, act: Callable[[FloatArray], FloatArray]) -> Batch:
    inputs = batch.inputs
    return Batch(
        [act(each) for each in inputs] if isinstance(inputs, list) else act(inputs),
        act(batch.target),
        None if batch.weights is None else act(batch.weights),
    )


def bare(inputs: list[FloatArray]) -> Inputs:
    """Give one input without its list: Keras warns when a list of one was promised."""
    return inputs[0] if len(inputs) == 1 else inputs


def read_ahead(items: Iterator[_Item]) -> Generator[_Item]:
    """Give items one after the other, made by a thread while the ones before are in use.

    The thread begins at once, and ends with the last item or when the items are let go.

    Raises:
        Exception: Whatever making an item raised, where that item is awaited.
    """
    coming = _coming(items)
    next(coming)
    return coming


def _coming(items: Iterator[_Item]) -> Generator[_Item]:
    """Start the thread and give nothing yet, then the items."""
    ahead: queue.Queue[Any] = queue.Queue(AHEAD)
    over = threading.Event()
    maker = threading.Thread(target=_fill, args=(items, ahead, over), daemon=True)
    maker.start()
    try:
        yield None  # type: ignore[misc]
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
