"""A model in its form for training learns the same as the layers that were drawn."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from blockwright.compiler.fused_normalization import FusedBatchNormalization
from blockwright.compiler.training_form import NormalizedConvolution, training_form
from tests.support.keras_models import with_numbers

ROWS, SIDE = 6, 12

conv = keras.layers.Conv2D
norm = FusedBatchNormalization


def relu() -> keras.layers.Layer:
    return keras.layers.Activation("relu")


def pool(size: int = 2, **settings: object) -> keras.layers.Layer:
    return keras.layers.MaxPooling2D(size, **settings)


def build(*layers: keras.layers.Layer, channels: int = 1) -> keras.Model:
    ends = x = keras.Input((SIDE, SIDE, channels))
    for layer in layers:
        x = layer(x)
    return with_numbers(keras.Model(ends, keras.layers.GlobalAveragePooling2D(dtype="float32")(x)))


def learn(model: keras.Model, form: keras.Model) -> dict[str, np.ndarray]:
    """Give outputs, gradients and kept averages of a step, and put the averages back."""
    random = np.random.default_rng(4)
    inputs = random.normal(1.5, 2.0, size=(ROWS, *model.inputs[0].shape[1:])).astype(np.float32)
    before = [variable.numpy() for variable in model.non_trainable_variables]
    with tf.GradientTape() as tape:
        outputs = form(inputs, training=True)
        wanted = random.normal(size=outputs.shape).astype(np.float32)
        loss = tf.reduce_sum(outputs * wanted)
    gradients = tape.gradient(loss, [each.value for each in model.trainable_variables])
    found = {"outputs": outputs.numpy()}
    for variable, gradient in zip(model.trainable_variables, gradients, strict=True):
        found[variable.path] = gradient.numpy()
    for variable, value in zip(model.non_trainable_variables, before, strict=True):
        found[variable.path] = variable.numpy()
        variable.assign(value)
    return found


def joined_in(form: keras.Model) -> int:
    return sum(isinstance(layer, NormalizedConvolution) for layer in form.layers)


@pytest.mark.parametrize(
    ("make", "joined"),
    [
        (lambda: build(norm(), conv(4, 3, strides=2, padding="same")), 1),
        (lambda: build(norm(), conv(4, 3, padding="same", activation="relu"), channels=3), 1),
        (lambda: build(norm(epsilon=0.1), conv(4, (3, 2), use_bias=False)), 1),
        (lambda: build(keras.layers.Reshape((6, 24, 1)), norm(), conv(4, 3)), 1),
        (lambda: build(norm(), conv(4, 3), norm(), relu(), pool(), conv(3, 3)), 1),
        # What lies before is learnt, or not all of it is: layer by layer.
        (lambda: build(conv(2, 3), norm(), conv(4, 3)), 0),
        (lambda: build(norm(trainable=False), conv(4, 3)), 0),
        (lambda: build(norm(center=False), conv(4, 3)), 0),
        (lambda: build(norm(), conv(4, 3, groups=2), channels=2), 0),
        (lambda: build(norm(), conv(4, 3, dilation_rate=2)), 0),
        (lambda: build(norm(), relu(), conv(4, 3)), 0),
    ],
)
def test_a_normalization_of_data_learns_the_same(make, joined):
    model = make()
    form = training_form(model)
    assert joined_in(form) == joined
    expected = learn(model, model)
    found = learn(model, form)
    assert expected.keys() == found.keys()
    for name, values in expected.items():
        tolerance = 1e-4 * max(1.0, float(np.abs(values).max()))
        np.testing.assert_allclose(found[name], values, atol=tolerance, err_msg=name)


def test_bfloat16_learns_the_same_within_its_rounding():
    def make(dtype: str) -> keras.Model:
        layers = norm(dtype=dtype), conv(4, 3, strides=2, padding="same", dtype=dtype)
        return build(*layers)

    model, exact = make("mixed_bfloat16"), make("float32")
    form = training_form(model)
    assert joined_in(form) == 1
    expected = list(learn(exact, exact).values())
    apart = distance(list(learn(model, model).values()), expected)
    assert 0 < distance(list(learn(model, form).values()), expected) < 2 * apart


def distance(some: list[np.ndarray], others: list[np.ndarray]) -> float:
    """Give how far numbers are apart, as a part of their length."""
    one, other = (np.concatenate([each.ravel() for each in all_]) for all_ in (some, others))
    return float(np.linalg.norm(one - other) / np.linalg.norm(other))


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize("padding", ["same", "valid"])
def test_pooling_before_the_activation_is_equal_bit_by_bit(dtype, padding):
    layers = conv(4, 3, dtype=dtype), relu(), pool(3, strides=2, padding=padding)
    model = build(*layers, conv(3, 2, dtype=dtype))
    form = training_form(model)
    names = [type(layer).__name__ for layer in form.layers]
    assert names.index("MaxPooling2D") < names.index("Activation")
    expected, found = learn(model, model), learn(model, form)
    assert all(np.array_equal(found[name], values) for name, values in expected.items())


def test_what_others_look_at_is_left_as_it_is():
    ends = keras.Input((SIDE, SIDE, 1))
    shared = relu()(conv(3, 3)(ends))
    model = keras.Model(ends, keras.layers.Concatenate()([pool()(shared), pool()(shared)]))
    assert training_form(model) is model


@pytest.mark.parametrize("activation", ["tanh", "gelu"])
def test_an_activation_that_does_not_keep_the_order_stays(activation):
    model = build(conv(4, 3), keras.layers.Activation(activation), pool())
    assert training_form(model) is model
