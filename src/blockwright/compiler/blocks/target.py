"""Target: nothing is built; what reaches it is the model's output."""

from __future__ import annotations

from collections.abc import Sequence

from blockwright.compiler.layer_options import LayerOptions, Tensor
from blockwright.graph.block_spec import Params


def build(_params: Params, inputs: Sequence[Tensor], _options: LayerOptions) -> Tensor:
    """Pass the output on."""
    return inputs[0]
