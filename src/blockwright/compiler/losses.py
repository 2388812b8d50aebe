"""Losses by their stored names."""

from __future__ import annotations

import keras

from blockwright.contracts.problems import error

LOSSES: dict[str, type[keras.losses.Loss]] = {
    "binary_crossentropy": keras.losses.BinaryCrossentropy,
    "categorical_crossentropy": keras.losses.CategoricalCrossentropy,
    "mean_squared_error": keras.losses.MeanSquaredError,
}
SMOOTHED = frozenset({"binary_crossentropy", "categorical_crossentropy"})


def make_loss(name: str, *, label_smoothing: float = 0.0) -> keras.losses.Loss:
    """Make a loss; it is the mean over the rows of a batch.

    Args:
        name: As stored.
        label_smoothing: Share of each label that is spread over all answers, where labels
            are classes.

    Raises:
        BlockwrightError: `graph.loss_unknown`.
    """
    if name not in LOSSES:
        raise error("graph.loss_unknown", loss=name, losses=", ".join(LOSSES))
    if label_smoothing > 0 and name in SMOOTHED:
        return LOSSES[name](label_smoothing=label_smoothing)
    return LOSSES[name]()
