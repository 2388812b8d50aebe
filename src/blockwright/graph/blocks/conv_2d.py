"""2D convolution: small filters look for patterns all over a picture."""

from __future__ import annotations

from collections.abc import Sequence

from blockwright.graph.block_spec import BlockSpec, Params, Shape, sides, slide_window, whole
from blockwright.graph.cards import activation_card, card, padding_card, pair_card, stride_card


def _shape(params: Params, inputs: Sequence[Shape]) -> Shape:
    return (*slide_window(params, inputs[0], window_param="kernel_size"), whole(params, "filters"))


def _parameters(params: Params, inputs: Sequence[Shape]) -> int:
    height, width = sides(params, "kernel_size")
    filters = whole(params, "filters")
    return height * width * inputs[0][-1] * filters + filters


SPEC = BlockSpec(
    kind="conv_2d",
    label=("2D convolution", "二维卷积"),
    group="layers",
    place=2,
    what=(
        "Slides small filters over a picture; each one learns to find one pattern.",
        "让小滤波器滑过图片，每个滤波器学会寻找一种图案。",
    ),
    rank=3,
    cards=[
        card(
            "filters",
            ("Filters", "滤波器数"),
            "integer",
            32,
            minimum=1,
            maximum=65_536,
            what=("How many patterns it looks for.", "寻找多少种图案。"),
            why=("32 is a good start near the input.", "靠近输入处用 32 是好的起点。"),
            effect=(
                "Deeper blocks usually have more: 32, 64, 128. Time grows with it.",
                "越深的模块通常越多：32、64、128。耗时随之增加。",
            ),
        ),
        pair_card(
            "kernel_size",
            ("Kernel size", "卷积核大小"),
            [3, 3],
            maximum=256,
            what=("Height and width of each filter.", "每个滤波器的高和宽。"),
            why=(
                "3 by 3 sees the neighbours; several in a row see far.",
                "3×3 能看到相邻位置；多层相叠可看得更远。",
            ),
            effect=("5 or 7 are used near the input.", "靠近输入处可用 5 或 7。"),
        ),
        stride_card([1, 1]),
        padding_card("same"),
        activation_card("relu"),
    ],
    shape=_shape,
    parameters=_parameters,
)
