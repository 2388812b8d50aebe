"""2D average pooling: the mean of each window."""

from __future__ import annotations

from collections.abc import Sequence

from blockwright.graph.block_spec import BlockSpec, Params, Shape, slide_window
from blockwright.graph.cards import padding_card, pool_size_card, stride_card


def _shape(params: Params, inputs: Sequence[Shape]) -> Shape:
    return (*slide_window(params, inputs[0], window_param="pool_size"), inputs[0][-1])


SPEC = BlockSpec(
    kind="average_pooling_2d",
    label=("2D average pooling", "二维平均池化"),
    group="layers",
    place=4,
    what=(
        "Keeps the mean of each window: smaller and smoother.",
        "保留每个窗口的平均值：更小、更平滑。",
    ),
    rank=3,
    cards=[pool_size_card(), stride_card([2, 2]), padding_card("valid")],
    shape=_shape,
)
