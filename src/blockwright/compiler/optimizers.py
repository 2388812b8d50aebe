"""Optimisers by their stored names."""

from __future__ import annotations

import keras

from blockwright.contracts.graph import ExperimentSettings


def make_optimizer(settings: ExperimentSettings) -> keras.optimizers.Optimizer:
    """Make the optimiser that the settings name, with its own extras only."""
    rate = settings.learning_rate
    match settings.optimizer:
        case "adam":
            return keras.optimizers.Adam(rate)
        case "adamw":
            return keras.optimizers.AdamW(rate, weight_decay=settings.weight_decay)
        case "sgd":
            return keras.optimizers.SGD(rate, momentum=settings.momentum)
        case "rmsprop":
            return keras.optimizers.RMSprop(rate)
