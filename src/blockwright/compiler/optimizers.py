"""Optimisers by their stored names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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


@contextmanager
def averaged(optimizer: keras.optimizers.Optimizer) -> Iterator[None]:
    """Let the model have the running average of its weights for the length of a block.

    The weights themselves lie in the average's place meanwhile, so that together they are
    whole at any time. Does nothing where no average is kept, or no step was made yet.
    """
    exchange_average(optimizer)
    try:
        yield
    finally:
        exchange_average(optimizer)


def exchange_average(optimizer: keras.optimizers.Optimizer) -> None:
    """Let the weights of a model and their running average change places."""
    if not optimizer.use_ema or int(optimizer.iterations) == 0:
        return
    # Keras has no public name for them, nor for the variables that it was built for.
    averages = optimizer._model_variables_moving_average
    for variable, average in zip(optimizer._trainable_variables, averages, strict=True):
        held = keras.ops.convert_to_numpy(variable)
        variable.assign(keras.ops.convert_to_numpy(average))
        average.assign(held)


def _optimizer(settings: TrainingSettings) -> keras.optimizers.Optimizer:
    rate = settings.learning_rate
    shared = _shared(settings)
    decay = settings.weight_decay or None
    match settings.optimizer:
        case "adam":
            return keras.optimizers.Adam(rate, **shared)
        case "adamw":
            return keras.optimizers.AdamW(rate, weight_decay=settings.weight_decay, **shared)
        case "amsgrad":
            return keras.optimizers.Adam(rate, amsgrad=True, **shared)
        case "adamax":
            return keras.optimizers.Adamax(rate, **shared)
        case "nadam":
            return keras.optimizers.Nadam(rate, **shared)
        case "lion":
            return keras.optimizers.Lion(rate, weight_decay=decay, **shared)
        case "sgd":
            return keras.optimizers.SGD(
                rate,
                momentum=settings.momentum,
                nesterov=settings.nesterov and settings.momentum > 0,
                weight_decay=decay,
                **shared,
            )
        case "rmsprop":
            return keras.optimizers.RMSprop(rate, **shared)
        case "adagrad":
            return keras.optimizers.Adagrad(rate, **shared)
        case "adadelta":
            return keras.optimizers.Adadelta(rate, **shared)


def _shared(settings: TrainingSettings) -> dict[str, Any]:
    """Give what every optimiser takes; None where it is off."""
    return {
        "global_clipnorm": settings.clip_at if settings.clip == "norm" else None,
        "clipvalue": settings.clip_at if settings.clip == "value" else None,
        "gradient_accumulation_steps": settings.accumulate if settings.accumulate > 1 else None,
        "use_ema": settings.average > 0,
        "ema_momentum": settings.average or 0.99,
    }
