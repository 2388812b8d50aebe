"""Predictions of a model on rows of a frozen version, in batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from blockwright.compiler.build import BuiltModel
    from blockwright.datasets.reader import VersionReader

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]


def read_inputs(built: BuiltModel, reader: VersionReader, rows: IntArray) -> list[FloatArray]:
    """Read the model's inputs of some rows, normalised, in the model's order."""
    return [reader.read(source, rows) for source in built.input_sources]


def predict_rows(
    built: BuiltModel, reader: VersionReader, rows: IntArray, *, batch_size: int = 32
) -> FloatArray:
    """Predict rows in inference mode.

    Returns:
        Outputs, float32, shape (rows, outputs), in the order of `rows`.
    """
    pieces = []
    for start in range(0, len(rows), batch_size):
        inputs = read_inputs(built, reader, rows[start : start + batch_size])
        outputs = built.model(inputs if len(inputs) > 1 else inputs[0], training=False)
        pieces.append(np.asarray(outputs, dtype=np.float32))
    return np.concatenate(pieces)
