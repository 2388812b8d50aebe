"""The outline of a waveform, as a player or a preview draws it.

Takes   samples.
Gives   the lowest and the highest of each column of the drawing.
"""

from __future__ import annotations

import numpy as np

from blockwright.audio.clip_picture import FloatArray


def waveform_overview(signal: FloatArray, columns: int) -> FloatArray:
    """Give how far a waveform reaches down and up in each column.

    Args:
        signal: Samples, float32, shape (samples,).
        columns: Width of the drawing, 1 or more. Fewer samples than columns repeat in
            neighbouring columns.

    Returns:
        float32, shape (columns, 2): lowest and highest sample of the column's share of
        the clip. A clip without a sample is 0 everywhere.

    Raises:
        ValueError: When there is not one column.
    """
    if columns < 1:
        raise ValueError("an overview has at least one column")
    samples = signal.shape[0]
    if samples == 0:
        return np.zeros((columns, 2), dtype=np.float32)
    edges = np.arange(columns + 1) * samples // columns
    firsts = edges[:-1]
    if samples < columns:  # reduceat takes the one sample at an edge that does not move on
        firsts = np.minimum(firsts, samples - 1)
    reached = np.empty((columns, 2), dtype=np.float32)
    reached[:, 0] = np.minimum.reduceat(signal, firsts)
    reached[:, 1] = np.maximum.reduceat(signal, firsts)
    return reached
