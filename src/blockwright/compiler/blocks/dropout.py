"""Dropout: `keras.layers.Dropout`."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from blockwright.compiler.layer_options import LayerOptions, Tensor
from blockwright.graph.block_spec import Params, number


def build(params: Params, inputs: Sequence[Tensor], options: LayerOptions) -> Tensor:
    """Put the layer."""
    layer = keras.layers.Dropout(
        number(params, "rate"),
        seed=options.layer_seed(),
        name=options.name,
        dtype=options.dtype,
    )
    return layer(inputs[0])
