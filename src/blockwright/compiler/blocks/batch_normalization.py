"""Batch normalization: `keras.layers.BatchNormalization` over the last axis."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from blockwright.compiler.layer_options import LayerOptions, Tensor
from blockwright.graph.block_spec import Params, number, switch


def build(params: Params, inputs: Sequence[Tensor], options: LayerOptions) -> Tensor:
    """Put the layer; untrainable, it also uses its kept averages while training."""
    layer = keras.layers.BatchNormalization(
        momentum=number(params, "momentum"),
        trainable=switch(params, "trainable"),
        name=options.name,
        dtype=options.dtype,
    )
    return layer(inputs[0])
