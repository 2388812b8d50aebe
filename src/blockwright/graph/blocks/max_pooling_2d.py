"""2D max pooling: the largest value of each window."""

from __future__ import annotations

from collections.abc import Sequence

from blockwright.graph.block_spec import BlockSpec, Params, Shape, slide_window
from blockwright.graph.cards import padding_card, pool_size_card, stride_card


def _shape(params: Params, inputs: Sequence[Shape]) -> Shape:
    return (*slide_window(params, inputs[0], window_param="pool_size"), inputs[0][-1])


SPEC = BlockSpec(
    kind="max_pooling_2d",
    label=("2D max pooling", "二维最大池化"),
    group="layers",
    place=3,
    what=(
        "Keeps the largest value of each window: smaller, and keeps what stands out.",
        "保留每个窗口中的最大值：尺寸变小，突出的部分留下。",
    ),
    rank=3,
    cards=[pool_size_card(), stride_card([2, 2]), padding_card("valid")],
    shape=_shape,
)
