"""The model that trains, with layers computed together where that takes less, for TensorFlow.

Takes   a functional model of standard layers, each used once.
Gives   a model that shares its variables, for the forward and the backward pass of a step.
Never   is saved, or predicts: only while training are the normalizations those of the batch.

A pooling that takes maxima goes before the activation that it follows: ReLU keeps the order of
values, so both ways round are equal bit by bit, and there are fewer values behind the pooling.

A normalization of the data itself is one with the convolution behind it. What it learns, scale
and offset, would need the gradient towards the convolution's input, of which nothing else is
used, and which with few channels takes as long as a convolution of many.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import tensorflow as tf

from blockwright.compiler.fused_normalization import FusedBatchNormalization
from blockwright.compiler.rewriting import Joint, inputs_of, pairs, rewritten


def training_form(model: keras.Model) -> keras.Model:
    """Give the model that is called in a step; the same one if there is nothing to join."""
    return rewritten(model, [*_late_activations(model), *_normalized_data(model)])


def _late_activations(model: keras.Model) -> Iterator[Joint]:
    for activation, pool in pairs(model):
        is_relu = isinstance(activation, keras.layers.Activation) and (
            activation.activation is keras.activations.relu
        )
        if is_relu and type(pool) is keras.layers.MaxPooling2D:
            yield Joint((activation, pool), _Behind(pool, activation))


class _Behind:
    """One layer behind another."""

    def __init__(self, first: keras.layers.Layer, second: keras.layers.Layer) -> None:
        self._first, self._second = first, second

    def __call__(self, inputs: Any) -> Any:
        return self._second(self._first(inputs))


def _normalized_data(model: keras.Model) -> Iterator[Joint]:
    for norm, conv in pairs(model):
        if _is_joinable(norm, conv) and _is_data(model, inputs_of(norm)[0]):
            yield Joint((norm, conv), NormalizedConvolution(norm, conv))


def _is_joinable(norm: keras.layers.Layer, conv: keras.layers.Layer) -> bool:
    return (
        isinstance(norm, FusedBatchNormalization)
        and type(conv) is keras.layers.Conv2D
        and norm.axis in (-1, len(norm.output.shape) - 1)
        and norm.trainable
        and norm.scale
        and norm.center
        and norm.compute_dtype == conv.compute_dtype
        and conv.groups == 1
        and conv.dilation_rate == (1, 1)
    )


def _is_data(model: keras.Model, values: Any) -> bool:
    """Say whether nothing is learnt on the way from the model's inputs to these values."""
    makers = {id(layer.output): layer for layer in model.layers}
    waiting = [values]
    while waiting:
        layer = makers[id(waiting.pop())]
        if layer.trainable_variables:
            return False
        if not isinstance(layer, keras.layers.InputLayer):
            waiting.extend(inputs_of(layer))
    return True


class NormalizedConvolution(keras.layers.Layer):  # type: ignore[misc]
    """A normalization of data by the batch and the convolution behind it, as one.

    Convolution is linear: with normalised data n, scale s and offset o, the gradient towards
    the kernel is s times that of n plus o times that of ones, and the gradients towards s and o
    are the kernel's products with those two.
    """

    def __init__(self, norm: FusedBatchNormalization, conv: keras.layers.Conv2D) -> None:
        """Share the variables of both."""
        super().__init__(dtype=conv.dtype_policy)
        self.norm = norm
        self.conv = conv

    def call(self, inputs: Any) -> Any:
        """Give what the convolution gives, and keep the averages of the normalization.

        Args:
            inputs: Shape (rows, height, width, channels), through which no gradient goes.
        """
        norm, conv = self.norm, self.conv
        values = tf.stop_gradient(tf.cast(inputs, tf.float32))
        mean, variance = tf.nn.moments(values, [0, 1, 2])
        norm.keep(mean, variance)
        normalised = (values - mean) * tf.math.rsqrt(variance + norm.epsilon)
        scale, offset = tf.convert_to_tensor(norm.gamma), tf.convert_to_tensor(norm.beta)
        kernel = tf.convert_to_tensor(conv.kernel)
        outputs = _convolved(
            normalised, scale, offset, kernel, strides=conv.strides, padding=conv.padding.upper()
        )
        return conv.activation(tf.nn.bias_add(outputs, conv.bias) if conv.use_bias else outputs)


def _convolved(
    normalised: Any,
    scale: Any,
    offset: Any,
    kernel: Any,
    *,
    strides: tuple[int, int],
    padding: str,
) -> Any:
    """Scale, shift and convolve, with gradients towards scale, offset and kernel.

    Args:
        normalised: float32, shape (rows, height, width, channels).
        scale: float32, shape (channels,).
        offset: Of the same shape.
        kernel: In the precision to compute in, shape (height, width, channels, filters).
        strides: Of the convolution.
        padding: `SAME` or `VALID`.
    """
    how = {"strides": [1, *strides, 1], "padding": padding}

    def towards_kernel(values: Any, gradient: Any) -> Any:
        sides = [*kernel.shape[:2], values.shape[-1], kernel.shape[-1]]
        values = tf.cast(values, kernel.dtype)
        found = tf.raw_ops.Conv2DBackpropFilter(
            input=values, filter_sizes=sides, out_backprop=gradient, **how
        )
        return tf.cast(found, tf.float32)

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def act(scale: Any, offset: Any, kernel: Any) -> Any:
        def backward(gradient: Any) -> tuple[Any, Any, Any]:
            of_data = towards_kernel(normalised, gradient)
            of_ones = towards_kernel(tf.ones_like(normalised[..., :1]), gradient)
            weights = tf.cast(kernel, tf.float32)
            return (
                tf.reduce_sum(weights * of_data, [0, 1, 3]),
                tf.reduce_sum(weights * of_ones, [0, 1, 3]),
                tf.cast(_by_channel(scale) * of_data + _by_channel(offset) * of_ones, kernel.dtype),
            )

        values = tf.cast(normalised * scale + offset, kernel.dtype)
        return tf.raw_ops.Conv2D(input=values, filter=kernel, **how), backward

    return act(scale, offset, kernel)


def _by_channel(values: Any) -> Any:
    return values[:, None]
