"""Programs that were built to be tried do not stay for as long as the process lives."""

from __future__ import annotations

import gc
import weakref

import keras
import numpy as np
import tensorflow as tf

from blockwright.training import trial_graphs


def learn_once() -> list[weakref.ref[object]]:
    """Build a program as a trial does; give what would show that its graph is still there."""
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    optimizer = keras.optimizers.Adam()
    optimizer.build(model.trainable_variables)
    graphs = []

    @tf.function
    def step(values):
        graphs.append(weakref.ref(tf.compat.v1.get_default_graph()))
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(model(values, training=True))
        variables = [each.value for each in model.trainable_variables]
        optimizer.apply(tape.gradient(loss, variables), model.trainable_variables)

    step(np.ones((4, 3), dtype=np.float32))
    return [*graphs, *(weakref.ref(each.value) for each in model.weights)]


def alive(found: list[weakref.ref[object]]) -> int:
    gc.collect()
    return sum(each() is not None for each in found)


def test_nothing_of_a_trial_is_left():
    with trial_graphs.let_go():
        found = learn_once()
        assert alive(found) > 0, "TensorFlow frees them by itself: nothing is left to let go"
    assert alive(found) == 0


def test_what_failed_is_let_go_as_well():
    found: list[weakref.ref[object]] = []
    try:
        with trial_graphs.let_go():
            found.extend(learn_once())
            raise ValueError
    except ValueError:
        pass
    assert found
    assert alive(found) == 0


def test_what_was_there_before_stays():
    found = learn_once()
    with trial_graphs.let_go():
        learn_once()
    assert alive(found) > 0
