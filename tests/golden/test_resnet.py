"""The body of ResNet-50 v2 against the one that Keras brings."""

from __future__ import annotations

import keras
import numpy as np

from blockwright.compiler.blocks.resnet_v2_50 import build
from blockwright.compiler.build import build_model
from blockwright.compiler.layer_options import LayerOptions
from tests.support.graphs import between, block, graph, look, schema

STEP_9 = between(
    block("normalize", "batch_normalization"),
    block("reshape", "reshape", target_shape=[256, 256, 1]),
    block("resnet", "resnet_v2_50"),
    block("hidden", "dense", nodes=512, activation="relu"),
    block("classes", "dense", nodes=80, activation="sigmoid"),
)


def reference_parameters() -> int:
    """The issue's own yardstick: Keras' body and the two Dense layers."""
    body = keras.applications.ResNet50V2(
        include_top=False, weights=None, input_shape=(256, 256, 1), pooling="avg"
    )
    x = keras.layers.Dense(512, activation="relu")(body.output)
    return int(keras.Model(body.input, keras.layers.Dense(80)(x)).count_params())


def test_the_tutorials_model_counts_as_keras_applications_does() -> None:
    model = build_model(STEP_9, schema(), seed=1).model
    normalization = 4 * 256

    assert model.count_params() == reference_parameters() + normalization
    assert not isinstance(model.input, list)  # a plain batch is taken without a warning
    assert look(STEP_9).parameters == model.count_params() == 24_649_680


def test_the_body_computes_what_keras_applications_computes() -> None:
    theirs = keras.applications.ResNet50V2(
        include_top=False, weights=None, input_shape=(64, 64, 1), pooling="avg"
    )
    inputs = keras.Input((64, 64, 1))
    ours = keras.Model(
        inputs, build({"trainable": True}, [inputs], LayerOptions(name="body", seed=1))
    )
    for layer in theirs.layers:
        if layer.weights:
            ours.get_layer(f"body_{layer.name}").set_weights(layer.get_weights())
    picture = np.random.default_rng(0).normal(size=(2, 64, 64, 1)).astype("float32")

    np.testing.assert_allclose(ours(picture), theirs(picture), rtol=1e-4, atol=1e-5)


def test_a_graph_may_hold_two_bodies() -> None:
    document = graph(
        [
            block("input", "input", source="fname"),
            block("reshape", "reshape", target_shape=[256, 256, 1]),
            block("left", "resnet_v2_50"),
            block("right", "resnet_v2_50", trainable=False),
            block("both", "concatenate"),
            block("classes", "dense", nodes=80, activation="sigmoid"),
            block("target", "target", source="labels", loss="binary_crossentropy"),
        ],
        "input>reshape",
        "reshape>left",
        "reshape>right",
        "left>both",
        "right>both",
        "both>classes",
        "classes>target",
    )
    model = build_model(document, schema(), seed=1).model

    assert model.output_shape == (None, 80)
    assert model.count_params() == look(document).parameters
    untrained = [weight for weight in model.trainable_weights if "right" in weight.path]
    assert untrained == []
