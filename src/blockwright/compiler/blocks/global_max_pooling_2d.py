"""Global max pooling 2D: `keras.layers.GlobalMaxPooling2D`."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from blockwright.compiler.layer_options import LayerOptions, Tensor
from blockwright.graph.block_spec import Params


def build(_params: Params, inputs: Sequence[Tensor], options: LayerOptions) -> Tensor:
    """Put the layer."""
    layer = keras.layers.GlobalMaxPooling2D(name=options.name, dtype=options.dtype)
    return layer(inputs[0])
