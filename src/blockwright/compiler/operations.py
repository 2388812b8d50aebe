"""How much computing a model asks for, as far as convolutions and products go."""

from __future__ import annotations

import math

import keras

# Forward, and back to the weights and to the input of each layer.
_PASSES = 3


def training_operations(model: keras.Model) -> int:
    """Count the multiplications and additions of one training step for one row."""
    total = 0
    for layer in model.layers:
        kernel = getattr(layer, "kernel", None)
        if kernel is None:
            continue
        places = math.prod(side or 1 for side in layer.output.shape[1:-1])
        total += 2 * places * math.prod(kernel.shape)
    return _PASSES * total


def row_bytes(model: keras.Model) -> int:
    """Count the bytes of the inputs and outputs of one row; a side of any length counts as 1."""
    ends = [*model.inputs, *model.outputs]
    return sum(4 * math.prod(side or 1 for side in each.shape[1:]) for each in ends)
