"""Dropout: hides a random share of the values while training."""

from __future__ import annotations

from collections.abc import Sequence

from blockwright.graph.block_spec import BlockSpec, Params, Shape
from blockwright.graph.cards import card


def _shape(_params: Params, inputs: Sequence[Shape]) -> Shape:
    return inputs[0]


SPEC = BlockSpec(
    kind="dropout",
    label=("Dropout", "随机失活"),
    group="layers",
    place=7,
    what=(
        "Hides a random share of the values in training, so that nothing is learnt by heart.",
        "训练时随机隐藏一部分数值，避免死记硬背。",
    ),
    cards=[
        card(
            "rate",
            ("Rate", "比率"),
            "number",
            0.3,
            minimum=0.0,
            maximum=0.95,
            what=("The share that is hidden.", "被隐藏的比例。"),
            why=("0.3 helps and rarely harms.", "0.3 有帮助，且很少有害。"),
            effect=(
                "More slows learning and helps when validation falls behind training; "
                "0.1 to 0.5 is usual.",
                "比率越大学得越慢，但在验证落后于训练时有帮助；常用 0.1 到 0.5。",
            ),
        )
    ],
    shape=_shape,
)
