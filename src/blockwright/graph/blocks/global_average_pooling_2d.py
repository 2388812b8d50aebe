"""Global average pooling 2D: one mean per channel."""

from __future__ import annotations

from collections.abc import Sequence

from blockwright.graph.block_spec import BlockSpec, Params, Shape


def _shape(_params: Params, inputs: Sequence[Shape]) -> Shape:
    return (inputs[0][-1],)


SPEC = BlockSpec(
    kind="global_average_pooling_2d",
    label=("Global average pooling 2D", "全局二维平均池化"),
    group="layers",
    place=5,
    what=(
        "Gives the mean of each channel: how much of each pattern there is, wherever it is.",
        "给出每个通道的平均值：每种图案有多少，而不论在何处。",
    ),
    rank=3,
    cards=[],
    shape=_shape,
)
