"""Batch normalization: `keras.layers.BatchNormalization` over the last axis."""

from __future__ import annotations

from collections.abc import Sequence

from blockwright.compiler.layer_options import LayerOptions, Tensor
from blockwright.compiler.normalization import batch_normalization
from blockwright.graph.block_spec import Params, number, switch


def build(params: Params, inputs: Sequence[Tensor], options: LayerOptions) -> Tensor:
    """Put the layer; untrainable, it also uses its kept averages while training."""
    layer = batch_normalization(
        options,
        momentum=number(params, "momentum"),
        trainable=switch(params, "trainable"),
    )
    return layer(inputs[0])
