"""Optimisers by their stored names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from blockwright.contracts.training_settings import TrainingSettings

Variable = Any


def make_optimizer(
    settings: TrainingSettings, variables: Sequence[Variable]
) -> keras.optimizers.Optimizer:
    """Make the optimiser that the settings name, with its own extras only, and build it.

    Args:
        settings: Those of the run.
        variables: All that the model learns. Weight decay leaves vectors alone, which are
            biases and the scales of normalisation, unless the settings say otherwise.
    """
    optimizer = _optimizer(settings)
    if not settings.decay_everywhere:
        vectors = [variable for variable in variables if len(variable.shape) < 2]
        optimizer.exclude_from_weight_decay(var_list=vectors)
    optimizer.build(list(variables))
    return optimizer


def _optimizer(settings: TrainingSettings) -> keras.optimizers.Optimizer:
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
