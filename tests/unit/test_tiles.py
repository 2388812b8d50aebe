"""Rows of any length: cut into pieces that fit a step, averaged over all of each row."""

from __future__ import annotations

import numpy as np
import pytest

from blockwright.training.tiles import TileMean, TilePiece, TileSource

# Tiles of each row: more than a step holds, one, and everything between.
TILES = [1, 9, 2, 1, 4, 4, 23]
ROWS = np.array([3, 1, 6, 0, 5, 2, 4], dtype=np.int64)
BATCH = 4


class Clips:
    """A reader of rows with as many tiles as `TILES` says; the tile holds row and number."""

    def __init__(self) -> None:
        self.most_rows_at_once = 0

    def read(
        self, source_name: str, rows: np.ndarray, *, crop_seed: tuple[int, int] | None = None
    ) -> np.ndarray:
        assert crop_seed is None
        return rows.astype(np.float32)[:, None] * 100

    def tiles(self, source_name: str, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        self.most_rows_at_once = max(self.most_rows_at_once, len(rows))
        counts = [TILES[row] for row in rows]
        owners = np.repeat(np.arange(len(rows)), counts)
        numbers = np.concatenate([np.arange(count) for count in counts])
        return np.stack([rows[owners], numbers], axis=1).astype(np.float32), owners


def averaged(source: TileSource, model) -> tuple[np.ndarray, np.ndarray]:
    mean, rows, outputs = TileMean(), [], []
    for piece in source.pieces(ROWS):
        whole = mean.add(piece, model(piece))
        if whole is not None:
            rows.append(piece.rows)
            outputs.append(whole)
    return np.concatenate(rows), np.concatenate(outputs)


def test_every_row_is_predicted_once_by_the_mean_over_all_its_tiles() -> None:
    source = TileSource(Clips(), ["sound"], "sound", BATCH)
    rows, outputs = averaged(source, lambda piece: np.square(piece.inputs))
    expected = [[row**2, np.mean(np.square(np.arange(TILES[row])))] for row in ROWS]
    assert rows.tolist() == ROWS.tolist()
    assert outputs.dtype == np.float32
    np.testing.assert_allclose(outputs, expected, rtol=1e-6)


def test_no_step_gets_more_tiles_than_a_batch_and_one_row_is_cut_at_a_time() -> None:
    clips = Clips()
    pieces = list(TileSource(clips, ["sound"], "sound", BATCH).pieces(ROWS))
    assert max(len(piece.owners) for piece in pieces) == BATCH
    assert sum(len(piece.owners) for piece in pieces) == sum(TILES)
    assert clips.most_rows_at_once == 1
    assert sum(piece.is_last for piece in pieces) == -(-len(ROWS) // BATCH)


def test_inputs_of_fixed_size_go_with_every_tile_of_their_row() -> None:
    source = TileSource(Clips(), ["place", "sound"], "sound", BATCH)
    for piece in source.pieces(ROWS):
        place, sound = piece.inputs
        assert (place[:, 0] == sound[:, 0] * 100).all()
        assert (piece.rows[piece.owners] == sound[:, 0]).all()


def test_pictures_are_averaged_as_vectors_are() -> None:
    mean = TileMean()
    rows, owners = np.array([7, 8]), np.array([0, 0, 1])
    outputs = np.arange(12, dtype=np.float32).reshape(3, 2, 2)
    whole = mean.add(TilePiece(outputs, owners, rows, is_last=True), outputs)
    assert whole == pytest.approx(np.stack([outputs[:2].mean(axis=0), outputs[2]]))
