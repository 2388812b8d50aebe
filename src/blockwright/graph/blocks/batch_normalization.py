"""Batch normalization: keeps the values of each channel in a steady range."""

from __future__ import annotations

from collections.abc import Sequence

from blockwright.graph.block_spec import BlockSpec, Params, Shape
from blockwright.graph.cards import card, trainable_card


def _shape(_params: Params, inputs: Sequence[Shape]) -> Shape:
    return inputs[0]


def _parameters(_params: Params, inputs: Sequence[Shape]) -> int:
    return 4 * inputs[0][-1]  # scale, shift, moving mean, moving variance


SPEC = BlockSpec(
    kind="batch_normalization",
    label=("Batch normalization", "批归一化"),
    group="shape",
    place=3,
    what=(
        "Brings each channel (last axis) to mean 0 and spread 1, then rescales it as learnt.",
        "把每个通道（最后一个轴）调整为均值 0、离散度 1，再按学到的比例缩放。",
    ),
    cards=[
        trainable_card(),
        card(
            "momentum",
            ("Momentum", "动量"),
            "number",
            0.99,
            minimum=0.0,
            maximum=0.9999,
            what=(
                "How slowly the averages that prediction uses follow the batches.",
                "预测时所用的平均值跟随批次变化的快慢。",
            ),
            why=(
                "0.99 is steady when an epoch has hundreds of batches.",
                "当一轮有数百个批次时，0.99 比较平稳。",
            ),
            effect=(
                "With few batches per epoch use 0.9, or validation lags behind training at first.",
                "每轮批次很少时用 0.9，否则验证结果起初会落后于训练。",
            ),
            telling=False,
        ),
    ],
    shape=_shape,
    parameters=_parameters,
)
