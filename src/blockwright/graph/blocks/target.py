"""Target: what the model shall predict, and how a mistake is counted."""

from __future__ import annotations

from collections.abc import Sequence

from blockwright.graph.block_spec import BlockSpec, Params, Shape
from blockwright.graph.cards import LOSSES, card


def _shape(_params: Params, inputs: Sequence[Shape]) -> Shape:
    return inputs[0]


SPEC = BlockSpec(
    kind="target",
    label=("Target", "目标"),
    group="data",
    place=2,
    what=(
        "Compares the model's output with the truth of one feature or feature set.",
        "把模型的输出与某个特征或特征集的真实值作比较。",
    ),
    has_output=False,
    cards=[
        card(
            "source",
            ("Feature", "特征"),
            "source",
            None,
            what=("What the model shall predict.", "模型要预测的内容。"),
            why=("Empty until you choose one.", "在你选择之前为空。"),
            effect=(
                "The block above must give one value per class of it.",
                "上方的模块必须为它的每个类别给出一个值。",
            ),
        ),
        card(
            "loss",
            ("Loss", "损失函数"),
            "choice",
            "categorical_crossentropy",
            choices=LOSSES,
            what=(
                "The number that training makes smaller.",
                "训练所要减小的数值。",
            ),
            why=(
                "Categorical crossentropy suits the most common case: exactly one true class.",
                "分类交叉熵适合最常见的情形：每行恰好一个正确类别。",
            ),
            effect=(
                "Binary crossentropy asks one yes/no question per class, which is what classes "
                "that occur together need; Mean squared error is for numbers.",
                "二元交叉熵对每个类别分别回答是或否，适合可同时出现的类别；均方误差用于数值。",
            ),
        ),
    ],
    shape=_shape,
)
