"""A functional model with some of its layers computed together, sharing its variables.

Takes   a functional model of layers that are each used once, and what computes several of them.
Gives   a model that is called like it.
Never   is saved: what is kept of a training are the layers that the person drew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import keras

from blockwright.compiler.layer_options import Tensor


@dataclass(frozen=True)
class Joint:
    """Layers that are computed together, one behind the other.

    Attributes:
        layers: The first takes what the joint takes, the last gives what it gives.
        act: Computes them.
    """

    layers: tuple[keras.layers.Layer, ...]
    act: Callable[[Any], Any]


def rewritten(model: keras.Model, joints: Iterable[Joint]) -> keras.Model:
    """Give the model with its joints; the same one if there are none."""
    by_last = {id(joint.layers[-1]): joint for joint in joints}
    if not by_last:
        return model
    covered = {id(layer) for joint in by_last.values() for layer in joint.layers[:-1]}
    made: dict[int, Tensor] = {id(each): each for each in model.inputs}
    for layer in model.layers:
        if isinstance(layer, keras.layers.InputLayer) or id(layer) in covered:
            continue
        joint = by_last.get(id(layer), Joint((layer,), layer))
        inputs = [made[id(each)] for each in inputs_of(joint.layers[0])]
        made[id(layer.output)] = joint.act(inputs if len(inputs) > 1 else inputs[0])
    inputs = list(model.inputs)
    return keras.Model(inputs if len(inputs) > 1 else inputs[0], made[id(model.outputs[0])])


def pairs(model: keras.Model) -> list[tuple[keras.layers.Layer, keras.layers.Layer]]:
    """List layers and the one behind each, where nobody else looks at what lies between."""
    makers = {id(layer.output): layer for layer in model.layers}
    uses: dict[int, int] = defaultdict(int)
    behind = [one for one in model.layers if not isinstance(one, keras.layers.InputLayer)]
    for layer in behind:
        for each in inputs_of(layer):
            uses[id(each)] += 1
    for each in model.outputs:
        uses[id(each)] += 1
    found = []
    for layer in behind:
        ends = inputs_of(layer)
        if len(ends) == 1 and uses[id(ends[0])] == 1:
            found.append((makers[id(ends[0])], layer))
    return found


def inputs_of(layer: keras.layers.Layer) -> list[Tensor]:
    """Give what a layer takes."""
    return layer.input if isinstance(layer.input, list) else [layer.input]
