"""Dense: every node sees every value of the last axis."""

from __future__ import annotations

from collections.abc import Sequence

from blockwright.graph.block_spec import BlockSpec, Params, Shape, whole
from blockwright.graph.cards import activation_card, card


def _shape(params: Params, inputs: Sequence[Shape]) -> Shape:
    return (*inputs[0][:-1], whole(params, "nodes"))


def _parameters(params: Params, inputs: Sequence[Shape]) -> int:
    nodes = whole(params, "nodes")
    return inputs[0][-1] * nodes + nodes


SPEC = BlockSpec(
    kind="dense",
    label=("Dense", "全连接"),
    group="layers",
    place=1,
    what=(
        "Weighs all incoming values anew for each of its nodes.",
        "每个节点都对全部输入值重新加权。",
    ),
    cards=[
        card(
            "nodes",
            ("Nodes", "节点数"),
            "integer",
            128,
            minimum=1,
            maximum=2_147_483_647,
            what=("How many values come out.", "输出多少个值。"),
            why=(
                "128 is enough to combine what was found before it.",
                "128 足以组合前面发现的内容。",
            ),
            effect=(
                "More nodes can tell more apart and memorise more; 32 to 1,024 is usual. "
                "The last one before a Target has one node per class.",
                "节点越多，区分能力越强，也越容易死记；常用 32 到 1,024。"
                "“目标”前的最后一个全连接：每个类别一个节点。",
            ),
        ),
        activation_card("relu"),
    ],
    shape=_shape,
    parameters=_parameters,
)
