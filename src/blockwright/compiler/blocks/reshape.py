"""Reshape: `keras.layers.Reshape`."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from blockwright.compiler.layer_options import LayerOptions, Tensor
from blockwright.graph.block_spec import Params, sides


def build(params: Params, inputs: Sequence[Tensor], options: LayerOptions) -> Tensor:
    """Put the layer."""
    layer = keras.layers.Reshape(
        sides(params, "target_shape"), name=options.name, dtype=options.dtype
    )
    return layer(inputs[0])
