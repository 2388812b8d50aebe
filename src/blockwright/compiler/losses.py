"""Losses by their stored names."""

from __future__ import annotations

import keras

from blockwright.contracts.problems import error

LOSSES: dict[str, type[keras.losses.Loss]] = {
    "binary_crossentropy": keras.losses.BinaryCrossentropy,
    "categorical_crossentropy": keras.losses.CategoricalCrossentropy,
    "mean_squared_error": keras.losses.MeanSquaredError,
}


def make_loss(name: str) -> keras.losses.Loss:
    """Make a loss; it is the mean over the rows of a batch.

    Raises:
        BlockwrightError: `graph.loss_unknown`.
    """
    if name not in LOSSES:
        raise error("graph.loss_unknown", loss=name, losses=", ".join(LOSSES))
    return LOSSES[name]()
