"""Reshape: the same values in another shape."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from blockwright.graph.block_spec import BlockSpec, Params, Shape, ShapeError, shape_words, sides
from blockwright.graph.cards import card


def _shape(params: Params, inputs: Sequence[Shape]) -> Shape:
    wanted = sides(params, "target_shape")
    if prod(wanted) != prod(inputs[0]):
        raise ShapeError(
            "graph.reshape_values_differ",
            param="target_shape",
            shape=shape_words(inputs[0]),
            values=prod(inputs[0]),
            target_shape=shape_words(wanted),
            target_values=prod(wanted),
        )
    return wanted


SPEC = BlockSpec(
    kind="reshape",
    label=("Reshape", "重塑形状"),
    group="shape",
    place=1,
    what=(
        "Gives the same values another shape, for example a channel axis to a spectrogram.",
        "让同样的数值换一种形状，例如给频谱图加上通道轴。",
    ),
    cards=[
        card(
            "target_shape",
            ("Target shape", "目标形状"),
            "shape",
            [256, 256, 1],
            minimum=1,
            maximum=1_000_000,
            what=("The new shape, without the row axis.", "新的形状，不含行轴。"),
            why=(
                "(256, 256, 1) turns a spectrogram of 256 by 256 into a picture with one channel.",
                "(256, 256, 1) 把 256×256 的频谱图变成单通道图片。",
            ),
            effect=(
                "The number of values must stay the same.",
                "数值的总个数必须保持不变。",
            ),
        )
    ],
    shape=_shape,
)
