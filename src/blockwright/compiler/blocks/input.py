"""Input: the tensor that `compiler.build` made for the chosen feature."""

from __future__ import annotations

from collections.abc import Sequence

from blockwright.compiler.layer_options import LayerOptions, Tensor
from blockwright.graph.block_spec import Params


def build(_params: Params, inputs: Sequence[Tensor], _options: LayerOptions) -> Tensor:
    """Pass the feature's tensor on."""
    return inputs[0]
