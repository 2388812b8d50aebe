"""Input: where the rows of a feature enter the model."""

from __future__ import annotations

from collections.abc import Sequence

from blockwright.graph.block_spec import BlockSpec, Params, Shape
from blockwright.graph.cards import card


def _shape(_params: Params, inputs: Sequence[Shape]) -> Shape:
    return inputs[0]  # the analysis hands the shape of the chosen feature


SPEC = BlockSpec(
    kind="input",
    label=("Input", "输入"),
    group="data",
    place=1,
    what=("Brings one feature of the dataset into the model.", "把数据集的一个特征送入模型。"),
    inputs="none",
    cards=[
        card(
            "source",
            ("Feature", "特征"),
            "source",
            None,
            what=(
                "The feature or feature set that the model looks at.",
                "模型所看的特征或特征集。",
            ),
            why=("Empty until you choose one.", "在你选择之前为空。"),
            effect=(
                "Its shape travels down the wire; blocks below must fit it.",
                "它的形状沿连线向下传递，下面的模块必须与之相符。",
            ),
        )
    ],
    shape=_shape,
)
