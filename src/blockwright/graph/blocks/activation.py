"""Activation: a curve that each value passes through."""

from __future__ import annotations

from collections.abc import Sequence

from blockwright.graph.block_spec import BlockSpec, Params, Shape
from blockwright.graph.cards import activation_card


def _shape(_params: Params, inputs: Sequence[Shape]) -> Shape:
    return inputs[0]


SPEC = BlockSpec(
    kind="activation",
    label=("Activation", "激活"),
    group="layers",
    place=8,
    what=("Passes each value through a curve.", "让每个数值经过一条曲线。"),
    cards=[activation_card("relu")],
    shape=_shape,
)
