"""Concatenate: several inputs side by side along the last axis."""

from __future__ import annotations

from collections.abc import Sequence

from blockwright.graph.block_spec import BlockSpec, Params, Shape, ShapeError, shape_words


def _shape(_params: Params, inputs: Sequence[Shape]) -> Shape:
    first = inputs[0]
    for other in inputs[1:]:
        if other[:-1] != first[:-1]:
            raise ShapeError(
                "graph.concatenate_shapes_differ",
                first=shape_words(first),
                other=shape_words(other),
            )
    return (*first[:-1], sum(shape[-1] for shape in inputs))


SPEC = BlockSpec(
    kind="concatenate",
    label=("Concatenate", "拼接"),
    group="merge",
    place=1,
    what=(
        "Puts several inputs side by side along their last axis.",
        "把多个输入沿最后一个轴并排放置。",
    ),
    inputs="many",
    cards=[],
    shape=_shape,
)
