"""ResNetv2 large 50: the body of ResNet-50 v2, without its last layer.

He et al., Identity Mappings in Deep Residual Networks, 2016; sizes as in
`keras.applications.ResNet50V2`, which shrinks at the end of each stage.
"""

from __future__ import annotations

from collections.abc import Sequence

from blockwright.contracts.graph import Stage
from blockwright.graph.block_spec import BlockSpec, Params, Shape, ShapeError, shape_words
from blockwright.graph.cards import card, trainable_card

STEM_FILTERS = 64
# (filters, units, stride of the last unit) of the four stages
STAGES = ((64, 3, 2), (128, 4, 2), (256, 6, 2), (512, 3, 1))
SMALLEST_SIDE = 32


def _stage_shapes(picture: Shape) -> list[Shape]:
    height, width = ((side + 3) // 4 for side in picture[:2])  # two windows of stride 2
    shapes: list[Shape] = [(height, width, STEM_FILTERS)]
    for filters, _units, stride in STAGES:
        height, width = -(-height // stride), -(-width // stride)
        shapes.append((height, width, 4 * filters))
    return shapes


def _shape(_params: Params, inputs: Sequence[Shape]) -> Shape:
    if min(inputs[0][:2]) < SMALLEST_SIDE:
        raise ShapeError(
            "graph.picture_too_small", shape=shape_words(inputs[0]), smallest=SMALLEST_SIDE
        )
    return (4 * STAGES[-1][0],)


def _parameters(_params: Params, inputs: Sequence[Shape]) -> int:
    total = 7 * 7 * inputs[0][-1] * STEM_FILTERS + STEM_FILTERS
    channels = STEM_FILTERS
    for filters, units, _stride in STAGES:
        for unit in range(units):
            total += 4 * channels  # batch normalization before the unit
            total += channels * filters + 4 * filters  # 1 × 1, no bias, and its normalization
            total += 9 * filters * filters + 4 * filters  # 3 × 3, no bias, and its normalization
            total += filters * 4 * filters + 4 * filters  # 1 × 1 with bias
            if unit == 0:
                total += channels * 4 * filters + 4 * filters  # 1 × 1 shortcut with bias
            channels = 4 * filters
    return total + 4 * channels  # the last batch normalization


def _stages(_params: Params, inputs: Sequence[Shape]) -> list[Stage]:
    shapes = _stage_shapes(inputs[0])
    stages = [Stage(name="Stem", units=1, shape=list(shapes[0]), skip=False)]
    for place, (_filters, units, _stride) in enumerate(STAGES, start=1):
        stages.append(
            Stage(name=f"Stage {place}", units=units, shape=list(shapes[place]), skip=True)
        )
    return [*stages, Stage(name="Pool", units=1, shape=[shapes[-1][-1]], skip=False)]


SPEC = BlockSpec(
    kind="resnet_v2_50",
    label=("ResNetv2 large 50", "ResNetv2 large 50"),
    group="bodies",
    place=1,
    what=(
        "A ready network of 50 layers for pictures, with shortcuts around every three of them.",
        "一个现成的 50 层图片网络，每三层有一条捷径。",
    ),
    rank=3,
    in_catalogue=False,
    height_px=140,
    cards=[
        card(
            "weights",
            ("Weights", "权重"),
            "choice",
            "random",
            choices={"random": ("Random", "随机")},
            what=("Where its weights begin.", "权重的起点。"),
            why=(
                "Random needs nothing but your data.",
                "随机权重只需要你自己的数据。",
            ),
            effect=(
                "Everything is learnt from your data, which takes many epochs.",
                "一切从你的数据学起，需要较多轮次。",
            ),
        ),
        card(
            "pooling",
            ("Pooling", "池化"),
            "choice",
            "average",
            choices={"average": ("Average", "平均")},
            what=(
                "How the last pictures become one row of values.",
                "最后的特征图如何变成一行数值。",
            ),
            why=(
                "The mean of each of the 2,048 channels works for any picture size.",
                "取 2,048 个通道各自的平均值，适用于任何图片尺寸。",
            ),
            effect=("2,048 values come out.", "输出 2,048 个值。"),
        ),
        trainable_card(),
    ],
    shape=_shape,
    parameters=_parameters,
    stages=_stages,
)
