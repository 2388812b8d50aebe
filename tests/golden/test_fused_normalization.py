"""The normalization that trains says, learns and keeps what Keras' own does."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from blockwright.compiler.build import build_model
from blockwright.compiler.fused_normalization import FusedBatchNormalization
from tests.support.graphs import between, block, schema, tensor

SHAPES = [(5, 8), (1, 3), (4, 7, 3), (6, 9, 8, 5), (2, 16, 16, 1), (3, 2, 4, 4, 2)]
# What bfloat16 can tell apart: 8 bits. Statistics are in float32 in both.
CLOSE = {"float32": {"rtol": 2e-5, "atol": 2e-5}, "mixed_bfloat16": {"rtol": 0.02, "atol": 0.02}}
TRAINED = between(
    block("reshape", "reshape", target_shape=[12, 12, 1]),
    block("first", "batch_normalization", momentum=0.7),
    block("conv", "conv_2d", filters=4, stride=[2, 2], activation="linear"),
    block("second", "batch_normalization", momentum=0.9),
    block("average", "global_average_pooling_2d"),
    block("hidden", "dense", nodes=6, activation="relu"),
    block("third", "batch_normalization"),
    block("frozen", "batch_normalization", trainable=False),
    block("dense", "dense", nodes=80, activation="sigmoid"),
    source="small",
)


def learn(layer: keras.layers.Layer, values: np.ndarray, weights: np.ndarray) -> list[np.ndarray]:
    """Give outputs, the gradients of input and weights, and what the layer keeps."""
    inputs = tf.constant(values)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = layer(inputs, training=True)
        loss = tf.reduce_sum(tf.cast(outputs, tf.float32) * weights)
    gradients = tape.gradient(loss, [inputs, *(item.value for item in layer.trainable_variables)])
    kept = [keras.ops.convert_to_numpy(item) for item in layer.non_trainable_variables]
    return [np.asarray(item, dtype=np.float32) for item in (outputs, *gradients, *kept)]


def both(shape: tuple[int, ...], **settings: object) -> tuple[list[np.ndarray], list[np.ndarray]]:
    random = np.random.default_rng(3)
    values = (random.normal(size=shape) * 3 + 2).astype(np.float32)
    weights = random.normal(size=shape).astype(np.float32)
    found = []
    for kind in (keras.layers.BatchNormalization, FusedBatchNormalization):
        layer = kind(**settings)
        layer.build(shape)
        rng = np.random.default_rng(4)
        layer.set_weights([rng.uniform(0.5, 2, size=w.shape) for w in layer.weights])
        found.append(learn(layer, values, weights))
    return found[0], found[1]


@pytest.mark.parametrize("precision", CLOSE)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(("momentum", "epsilon"), [(0.99, 1e-3), (0.6, 1.001e-5)])
def test_outputs_gradients_and_averages_are_those_of_keras(shape, precision, momentum, epsilon):
    theirs, ours = both(shape, momentum=momentum, epsilon=epsilon, dtype=precision)
    assert len(ours) == 6  # outputs, three gradients, two averages
    for one, other in zip(theirs, ours, strict=True):
        assert np.isfinite(other).all()
        scale = max(1.0, float(np.abs(one).max()))
        if shape[0] == 1 and len(shape) == 2:  # nothing but rounding is left, divided by √epsilon
            scale *= 10
        np.testing.assert_allclose(other / scale, one / scale, **CLOSE[precision])


def test_averages_are_kept_in_float32_whatever_comes_in():
    theirs, ours = both((64, 8, 8, 3), momentum=0.5, dtype="mixed_bfloat16")
    for one, other in zip(theirs[-2:], ours[-2:], strict=True):
        # Of inputs that are rounded alike: their mean is not rounded again.
        np.testing.assert_allclose(other, one, rtol=1e-4)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_an_untrainable_layer_uses_and_leaves_its_averages(shape):
    theirs, ours = both(shape, trainable=False)
    assert len(ours) == len(theirs)
    for one, other in zip(theirs, ours, strict=True):
        np.testing.assert_array_equal(other, one)


@pytest.mark.parametrize("precision", CLOSE)
def test_weights_that_it_trained_say_the_same_in_standard_layers(precision):
    data = schema(tensor("small", 12, 12))
    plain = build_model(TRAINED, data, seed=5).model
    fast = build_model(TRAINED, data, seed=5, precision=precision, for_training=True).model
    assert [item.path for item in fast.weights] == [item.path for item in plain.weights]
    for one, other in zip(plain.get_weights(), fast.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert any(isinstance(layer, FusedBatchNormalization) for layer in fast.layers)
    assert not any(isinstance(layer, FusedBatchNormalization) for layer in plain.layers)

    random = np.random.default_rng(6)
    inputs = random.normal(size=(32, 12, 12)).astype(np.float32)
    truth = (random.random((32, 80)) < 0.3).astype(np.float32)
    fast.compile("sgd", "binary_crossentropy")
    before = [item.copy() for item in fast.get_weights()]
    fast.fit(inputs, truth, batch_size=8, epochs=2, verbose=0)
    assert all(item.dtype == np.float32 for item in fast.get_weights())
    assert sum((a != b).any() for a, b in zip(before, fast.get_weights(), strict=True)) > 8
    plain.set_weights(fast.get_weights())
    said, meant = plain.predict_on_batch(inputs), fast.predict_on_batch(inputs)
    np.testing.assert_allclose(said, meant, atol=1e-6 if precision == "float32" else 0.01)
