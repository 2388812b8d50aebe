"""Flatten: all values in one row."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from blockwright.graph.block_spec import BlockSpec, Params, Shape


def _shape(_params: Params, inputs: Sequence[Shape]) -> Shape:
    return (prod(inputs[0]),)


SPEC = BlockSpec(
    kind="flatten",
    label=("Flatten", "展平"),
    group="shape",
    place=2,
    what=(
        "Puts all values in one row, so that a Dense can see all of them.",
        "把所有数值排成一行，使全连接能看到全部。",
    ),
    cards=[],
    shape=_shape,
)
