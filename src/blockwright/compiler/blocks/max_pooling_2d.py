"""2D max pooling: `keras.layers.MaxPooling2D`."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from blockwright.compiler.layer_options import LayerOptions, Tensor
from blockwright.graph.block_spec import Params, sides, word


def build(params: Params, inputs: Sequence[Tensor], options: LayerOptions) -> Tensor:
    """Put the layer."""
    layer = keras.layers.MaxPooling2D(
        sides(params, "pool_size"),
        strides=sides(params, "stride"),
        padding=word(params, "padding"),
        name=options.name,
        dtype=options.dtype,
    )
    return layer(inputs[0])
