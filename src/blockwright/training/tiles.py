"""Values of variable length, predicted whole: cut into tiles, outputs averaged per row.

Takes   a reader, the sources of a model's inputs, the one of them that varies in length.
Gives   pieces of at most a batch of tiles, and the mean output of each row.
Never   holds more than one row's tiles and a batch, however long the rows are.

The one place where tiles become a prediction: validation, reports and bundles all use it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from blockwright.training.batches import FloatArray, Inputs, Reader, RowNumbers, bare


@dataclass(frozen=True)
class TilePiece:
    """Some tiles of a batch of rows.

    Attributes:
        inputs: What the model takes; each array of shape (tiles, *shape).
        owners: Which row of the batch each tile is of, int64, shape (tiles,).
        rows: The row numbers of the whole batch.
        is_last: No tile of this batch comes after these.
    """

    inputs: Inputs
    owners: RowNumbers
    rows: RowNumbers
    is_last: bool


class TileSource:
    """Cuts batches of rows into pieces; inputs of fixed size are repeated for each tile."""

    def __init__(
        self, reader: Reader, input_sources: list[str], variable_source: str, batch_size: int
    ) -> None:
        """Give at most `batch_size` tiles at a time, of at most `batch_size` rows."""
        self._reader = reader
        self._inputs = input_sources
        self._variable = variable_source
        self._batch_size = batch_size

    def pieces(self, rows: RowNumbers) -> Iterator[TilePiece]:
        """Give the pieces of all rows, in order; the last piece of a batch of rows says so."""
        for start in range(0, len(rows), self._batch_size):
            batch = rows[start : start + self._batch_size]
            fixed = {
                name: self._reader.read(name, batch)
                for name in self._inputs
                if name != self._variable
            }
            before: tuple[FloatArray, RowNumbers] | None = None
            for piece in self._tiles(batch):
                if before is not None:
                    yield self._piece(before, fixed, batch, is_last=False)
                before = piece
            if before is not None:
                yield self._piece(before, fixed, batch, is_last=True)

    def _piece(
        self,
        tiles: tuple[FloatArray, RowNumbers],
        fixed: dict[str, FloatArray],
        batch: RowNumbers,
        *,
        is_last: bool,
    ) -> TilePiece:
        windows, owners = tiles
        inputs = [
            windows if name == self._variable else fixed[name][owners] for name in self._inputs
        ]
        return TilePiece(bare(inputs), owners, batch, is_last)

    def _tiles(self, batch: RowNumbers) -> Iterator[tuple[FloatArray, RowNumbers]]:
        """Give full pieces of tiles and their owners; only the last of a batch may be smaller."""
        held: list[FloatArray] = []
        owners: list[int] = []
        for place in range(len(batch)):
            # One row at a time: a clip of an hour alone has thousands of tiles.
            windows, _ = self._reader.tiles(self._variable, batch[place : place + 1])
            while len(windows):
                taken = windows[: self._batch_size - len(owners)]
                held.append(taken)
                owners += [place] * len(taken)
                windows = windows[len(taken) :]
                if len(owners) == self._batch_size:
                    yield np.concatenate(held), np.array(owners, dtype=np.int64)
                    held, owners = [], []
            # A view would keep this row's tiles while the next row's are made.
            held[-1:] = [piece.copy() for piece in held[-1:]]
            del windows, taken
        if owners:
            yield np.concatenate(held), np.array(owners, dtype=np.int64)


class TileMean:
    """Averages a model's outputs over the tiles of each row."""

    def __init__(self) -> None:
        """Begin with nothing added."""
        self._sums: npt.NDArray[np.float64] | None = None
        self._counts: RowNumbers = np.zeros(0, dtype=np.int64)

    def add(self, piece: TilePiece, outputs: FloatArray) -> FloatArray | None:
        """Add the outputs of a piece.

        Args:
            piece: The piece, in the order that `TileSource` gives them.
            outputs: What the model made of it, shape (tiles, *output).

        Returns:
            After the last piece of a batch of rows, the mean over the tiles of each:
            float32, shape (rows, *output). Nothing before.
        """
        rows = len(piece.rows)
        if self._sums is None:
            self._sums = np.zeros((rows, *outputs.shape[1:]))
            self._counts = np.zeros(rows, dtype=np.int64)
        np.add.at(self._sums, piece.owners, outputs)
        self._counts += np.bincount(piece.owners, minlength=rows)
        if not piece.is_last:
            return None
        tiles = self._counts.reshape(-1, *[1] * (outputs.ndim - 1))
        mean = (self._sums / tiles).astype(np.float32)
        self._sums = None
        return mean
