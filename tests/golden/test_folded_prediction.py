"""A model with its normalizations folded says what it says without, wherever they may be folded."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from blockwright.compiler.folded_prediction import FoldedNormalization, folded
from tests.support.keras_models import with_numbers

ROWS, SIDE = 5, 12


def build(*layers: keras.layers.Layer, shape: tuple[int, ...] = (SIDE, SIDE, 3)) -> keras.Model:
    ends = x = keras.Input(shape)
    for layer in layers:
        x = layer(x)
    return with_numbers(keras.Model(ends, x))


def folds_in(model: keras.Model) -> int:
    return sum(isinstance(layer, FoldedNormalization) for layer in model.layers)


def require_same(model: keras.Model, folds: int) -> None:
    shape = model.inputs[0].shape[1:]
    inputs = np.random.default_rng(4).normal(size=(ROWS, *shape)).astype(np.float32)
    made = folded(model)
    assert folds_in(made) == folds
    assert (made is model) == (folds == 0)
    expected = model.predict_on_batch(inputs)
    np.testing.assert_allclose(made.predict_on_batch(inputs), expected, rtol=1e-4, atol=1e-5)
    # The variables are shared: what is learnt later counts, too.
    for variable in model.trainable_variables:
        variable.assign(variable * 0.7)
    later = model.predict_on_batch(inputs)
    assert np.abs(later - expected).max() > 1e-3
    np.testing.assert_allclose(made.predict_on_batch(inputs), later, rtol=1e-4, atol=1e-5)


conv = keras.layers.Conv2D
norm = keras.layers.BatchNormalization


@pytest.mark.parametrize(
    ("make", "folds"),
    [
        (lambda: build(conv(4, 3, padding="same"), norm(), keras.layers.ReLU()), 1),
        (lambda: build(conv(4, 3, strides=2, use_bias=False), norm(epsilon=1e-5)), 1),
        (lambda: build(conv(4, 3), norm(scale=False), conv(4, 3), norm(center=False)), 2),
        (lambda: build(keras.layers.Dense(6), norm(), shape=(7,)), 1),
        (lambda: build(keras.layers.Dense(6, use_bias=False), norm(), shape=(3, 7)), 1),
        # Not behind such a layer, or with something in between: never.
        (lambda: build(norm(), conv(4, 3, padding="same")), 0),
        (lambda: build(conv(4, 3, activation="relu"), norm()), 0),
        (lambda: build(conv(4, 3), keras.layers.ReLU(), norm()), 0),
        (lambda: build(conv(6, 3, groups=3), norm()), 0),
        (lambda: build(conv(4, 3, dilation_rate=2), norm()), 0),
        (lambda: build(conv(4, 3), norm(axis=1)), 0),
    ],
)
def test_what_is_folded_says_the_same(make, folds):
    require_same(make(), folds)


def test_what_others_look_at_is_left_as_it_is():
    ends = keras.Input((SIDE, SIDE, 3))
    shared = conv(3, 3, padding="same")(ends)
    outputs = keras.layers.Add()([norm()(shared), shared])
    require_same(with_numbers(keras.Model(ends, outputs)), folds=0)


def test_layers_of_several_inputs_are_kept():
    ends = keras.Input((SIDE, SIDE, 3))
    x = norm()(conv(3, 3, padding="same")(ends))
    outputs = keras.layers.Add()([x, keras.layers.ReLU()(ends)])
    require_same(with_numbers(keras.Model(ends, outputs)), folds=1)


def test_bfloat16_is_not_folded():
    layers = conv(4, 3, dtype="mixed_bfloat16"), norm(dtype="mixed_bfloat16")
    assert folds_in(folded(build(*layers))) == 0
