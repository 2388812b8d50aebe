"""Keras models as they are after some training."""

from __future__ import annotations

import keras
import numpy as np


def with_numbers(model: keras.Model) -> keras.Model:
    """Give all numbers of a model values as after a training, the same each time."""
    random = np.random.default_rng(3)
    for variable in model.weights:
        if variable.path.endswith(("moving_variance", "gamma")):
            variable.assign(random.uniform(0.3, 2.0, variable.shape))
        else:
            variable.assign(random.normal(0, 0.4, variable.shape))
    return model
