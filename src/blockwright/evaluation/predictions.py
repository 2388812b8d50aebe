"""Predictions of a model on rows of a frozen version, in batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras
import numpy as np
import numpy.typing as npt

from blockwright.training.batches import FloatArray, bare, read_ahead
from blockwright.training.steps import predict
from blockwright.training.tiles import TileMean, TilePiece, TileSource

if TYPE_CHECKING:
    from blockwright.compiler.build import BuiltModel
    from blockwright.datasets.reader import VersionReader

IntArray = npt.NDArray[np.int64]


def read_inputs(
    built: BuiltModel, reader: VersionReader, rows: IntArray
) -> tuple[list[FloatArray], IntArray]:
    """Read the model's inputs of some rows, normalised, in the model's order.

    Returns:
        The arrays, and which of `rows` each of their values is of: one per row, or all
        tiles of a row where an input varies in length.
    """
    if built.variable_source is None:
        each = np.arange(len(rows), dtype=np.int64)
        return [reader.read(source, rows) for source in built.input_sources], each
    windows, owners = reader.tiles(built.variable_source, rows)
    inputs = [
        windows if source == built.variable_source else reader.read(source, rows)[owners]
        for source in built.input_sources
    ]
    return inputs, owners


def predict_rows(
    built: BuiltModel, reader: VersionReader, rows: IntArray, *, batch_size: int = 32
) -> FloatArray:
    """Predict rows in inference mode, the mean over its tiles where a row has several.

    Returns:
        Outputs, float32, shape (rows, outputs), in the order of `rows`.
    """
    outputs = []
    if built.variable_source is None:
        for start in range(0, len(rows), batch_size):
            inputs, _ = read_inputs(built, reader, rows[start : start + batch_size])
            outputs.append(predict(built.model, bare(inputs)))
        return np.concatenate(outputs)
    tiles = TileSource(reader, built.input_sources, built.variable_source, batch_size)
    mean = TileMean()
    for piece in read_ahead(tiles.pieces(rows)):
        whole = mean.add(piece, predict(built.model, piece.inputs))
        if whole is not None:
            outputs.append(whole)
    return np.concatenate(outputs)


def predict_windows(model: keras.Model, windows: FloatArray, *, batch_size: int = 32) -> FloatArray:
    """Predict one value of a model with one input from all its tiles.

    Args:
        model: Any Keras model with one input.
        windows: Shape (tiles, *shape), at least one.
        batch_size: Tiles per step.

    Returns:
        The mean output over the tiles, float32, shape (outputs,).
    """
    mean = TileMean()
    for start in range(0, len(windows), batch_size):
        inputs = windows[start : start + batch_size]
        owners = np.zeros(len(inputs), dtype=np.int64)
        is_last = start + batch_size >= len(windows)
        piece = TilePiece(inputs, owners, np.zeros(1, dtype=np.int64), is_last)
        whole = mean.add(piece, predict(model, inputs))
        if whole is not None:
            outputs: FloatArray = whole[0]
            return outputs
    raise ValueError("there is no tile to predict")
