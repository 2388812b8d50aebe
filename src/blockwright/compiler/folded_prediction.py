"""Batch normalization folded into the layer before it, for predicting with TensorFlow.

Takes   a functional model of standard layers, each used once.
Gives   a model that shares its variables and says the same but for rounding: a normalization
        behind a convolution or a dense layer is a factor of that layer's kernel, and a bias.
Never   is trained or saved: the factors are worked out from the variables at each call.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import keras
import tensorflow as tf

from blockwright.compiler.layer_options import Tensor

_FOLDED_INTO = (keras.layers.Conv2D, keras.layers.Dense)


def folded(model: keras.Model) -> keras.Model:
    """Give the model that predicts; the same one if there is nothing to fold."""
    heads = _heads(model)
    if not heads:
        return model
    taken_over = {id(head) for head in heads.values()}
    made: dict[int, Tensor] = {id(each): each for each in model.inputs}
    for layer in model.layers:
        if isinstance(layer, keras.layers.InputLayer) or id(layer) in taken_over:
            continue
        head = heads.get(id(layer))
        inputs = [made[id(each)] for each in _ends(head or layer)]
        act = layer if head is None else FoldedNormalization(head, layer)
        made[id(layer.output)] = act(inputs if len(inputs) > 1 else inputs[0])
    inputs = list(model.inputs)
    return keras.Model(inputs if len(inputs) > 1 else inputs[0], made[id(model.outputs[0])])


def _heads(model: keras.Model) -> dict[int, keras.layers.Layer]:
    """Give the layer that each normalization is folded into, by the normalization's id."""
    makers = {id(layer.output): layer for layer in model.layers}
    uses: dict[int, int] = defaultdict(int)
    for layer in model.layers:
        if not isinstance(layer, keras.layers.InputLayer):
            for each in _ends(layer):
                uses[id(each)] += 1
    for each in model.outputs:
        uses[id(each)] += 1
    found = {}
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            (end,) = _ends(layer)
            head = makers[id(end)]
            # What others look at, too, has to be there as it is.
            if uses[id(end)] == 1 and _can_fold(head, layer):
                found[id(layer)] = head
    return found


def _can_fold(head: keras.layers.Layer, normalization: keras.layers.Layer) -> bool:
    if type(head) not in _FOLDED_INTO or head.activation is not keras.activations.linear:
        return False
    precisions = {head.compute_dtype, normalization.compute_dtype}
    is_plain = isinstance(head, keras.layers.Dense) or (
        head.groups == 1 and head.dilation_rate == (1, 1)
    )
    return (
        is_plain
        and precisions == {"float32"}
        and normalization.axis in (-1, len(head.output.shape) - 1)
    )


def _ends(layer: keras.layers.Layer) -> list[Tensor]:
    return layer.input if isinstance(layer.input, list) else [layer.input]


class FoldedNormalization(keras.layers.Layer):  # type: ignore[misc]
    """A convolution or a dense layer and the normalization behind it, as one."""

    def __init__(self, head: keras.layers.Layer, normalization: keras.layers.Layer) -> None:
        """Share the variables of both."""
        super().__init__(dtype="float32")
        self.head = head
        self.normalization = normalization

    def call(self, inputs: Any) -> Any:
        """Give the normalised values, shape as the head's.

        Args:
            inputs: What the head takes, float32.
        """
        head, norm = self.head, self.normalization
        factor = tf.math.rsqrt(norm.moving_variance + norm.epsilon)
        if norm.scale:
            factor *= norm.gamma
        kernel = head.kernel * factor
        bias = -norm.moving_mean * factor
        if norm.center:
            bias += norm.beta
        if head.use_bias:
            bias += head.bias * factor
        if isinstance(head, keras.layers.Dense):
            return tf.tensordot(inputs, kernel, 1) + bias
        values = tf.nn.conv2d(inputs, kernel, list(head.strides), head.padding.upper())
        return tf.nn.bias_add(values, bias)
