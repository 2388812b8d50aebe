"""2D convolution: `keras.layers.Conv2D`."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from blockwright.compiler.layer_options import LayerOptions, Tensor
from blockwright.graph.block_spec import Params, sides, whole, word


def build(params: Params, inputs: Sequence[Tensor], options: LayerOptions) -> Tensor:
    """Put the layer."""
    layer = keras.layers.Conv2D(
        whole(params, "filters"),
        sides(params, "kernel_size"),
        strides=sides(params, "stride"),
        padding=word(params, "padding"),
        activation=word(params, "activation"),
        kernel_initializer=options.kernel(),
        name=options.name,
        dtype=options.dtype,
    )
    return layer(inputs[0])
