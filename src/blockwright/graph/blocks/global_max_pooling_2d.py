"""Global max pooling 2D: the largest value of each channel."""

from __future__ import annotations

from collections.abc import Sequence

from blockwright.graph.block_spec import BlockSpec, Params, Shape


def _shape(_params: Params, inputs: Sequence[Shape]) -> Shape:
    return (inputs[0][-1],)


SPEC = BlockSpec(
    kind="global_max_pooling_2d",
    label=("Global max pooling 2D", "全局二维最大池化"),
    group="layers",
    place=6,
    what=(
        "Gives the largest value of each channel: whether a pattern is there at all, however "
        "briefly.",
        "给出每个通道的最大值：某种图案是否出现过，哪怕只有一瞬间。",
    ),
    rank=3,
    cards=[],
    shape=_shape,
)
