"""Dense: `keras.layers.Dense`."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from blockwright.compiler.layer_options import LayerOptions, Tensor
from blockwright.graph.block_spec import Params, whole, word


def build(params: Params, inputs: Sequence[Tensor], options: LayerOptions) -> Tensor:
    """Put the layer."""
    layer = keras.layers.Dense(
        whole(params, "nodes"),
        activation=word(params, "activation"),
        kernel_initializer=options.kernel(),
        name=options.name,
        dtype=options.dtype,
    )
    return layer(inputs[0])
