"""Add: several inputs of one shape, value by value."""

from __future__ import annotations

from collections.abc import Sequence

from blockwright.graph.block_spec import BlockSpec, Params, Shape, ShapeError, shape_words


def _shape(_params: Params, inputs: Sequence[Shape]) -> Shape:
    for other in inputs[1:]:
        if other != inputs[0]:
            raise ShapeError(
                "graph.add_shapes_differ", first=shape_words(inputs[0]), other=shape_words(other)
            )
    return inputs[0]


SPEC = BlockSpec(
    kind="add",
    label=("Add", "相加"),
    group="merge",
    place=2,
    what=(
        "Adds several inputs of the same shape, value by value.",
        "把形状相同的多个输入逐值相加。",
    ),
    inputs="many",
    cards=[],
    shape=_shape,
)
