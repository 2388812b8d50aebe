"""Batch normalization folded into the layer before it, for predicting with TensorFlow.

Takes   a functional model of standard layers, each used once.
Gives   a model that shares its variables and says the same but for rounding: a normalization
        behind a convolution or a dense layer is a factor of that layer's kernel, and a bias.
Never   is trained or saved: the factors are worked out from the variables at each call.
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from blockwright.compiler.rewriting import Joint, pairs, rewritten

_FOLDED_INTO = (keras.layers.Conv2D, keras.layers.Dense)


def folded(model: keras.Model) -> keras.Model:
    """Give the model that predicts; the same one if there is nothing to fold."""
    return rewritten(
        model,
        [
            Joint((head, layer), FoldedNormalization(head, layer))
            for head, layer in pairs(model)
            if isinstance(layer, keras.layers.BatchNormalization) and _can_fold(head, layer)
        ],
    )


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
