"""A step as a TensorFlow function."""

from __future__ import annotations

from functools import cached_property, partial
from typing import Any

import keras
import tensorflow as tf

from blockwright.compiler.folded_prediction import folded
from blockwright.compiler.training_form import training_form
from blockwright.training.batches import Inputs
from blockwright.training.program import Parts, Tensor


class TensorFlowProgram:
    """Steps that change the model's variables where they lie."""

    def __init__(self, parts: Parts) -> None:
        """Say what to translate; that happens at the first step."""
        self._parts = parts
        # One program per size of batch, whichever comes first: one for any size rounds otherwise,
        # and a run resumed at its last, smaller batch would no longer be equal bit by bit.
        self.train = tf.function(self._train, jit_compile=parts.xla or None)
        self._train_many = tf.function(self._train_in_turn, jit_compile=parts.xla or None)
        self.test = tf.function(self._test)

    def train_many(
        self, stretch: tuple[Inputs, Tensor, Tensor], rates: Tensor, steps: int
    ) -> tuple[Any, Any, Any]:
        """Learn from several batches of one size in one call."""
        return self._train_many(stretch, rates, tf.constant(steps))  # type: ignore[no-any-return]

    def differentiate(
        self, inputs: Inputs, target: Tensor, weights: Tensor
    ) -> tuple[Any, list[Any]]:
        """Give loss and gradient without learning."""
        loss, _, gradients = self._differentiate(inputs, target, weights)
        return loss, gradients

    def predict(self, inputs: Inputs) -> Any:
        """Give outputs of the judge."""
        return self._judge.predict_on_batch(inputs)

    @cached_property
    def _judge(self) -> keras.Model:
        """What predicts; made when it is first asked for, as a training begins without it."""
        return folded(self._parts.judge)

    @cached_property
    def _learner(self) -> keras.Model:
        """What learns, as it is computed."""
        return training_form(self._parts.model)

    def _train(self, inputs: Any, target: Any, weights: Any) -> tuple[Any, Any, Any]:
        loss, outputs, gradients = self._differentiate(inputs, target, weights)
        self._parts.optimizer.apply(gradients, self._parts.model.trainable_variables)
        return loss, outputs, tf.linalg.global_norm(gradients)

    def _train_in_turn(self, stretch: Any, rates: Any, steps: Any) -> tuple[Any, Any, Any]:
        """Go through a stretch in one loop, whose body is the step."""
        room = rates.shape[0]
        told = [tf.TensorArray(tf.float32, room) for _ in range(3)]

        def body(step: Any, told: list[Any]) -> tuple[Any, list[Any]]:
            self._parts.optimizer.learning_rate = rates[step]
            said = self._train(*tf.nest.map_structure(partial(_at, step), stretch))
            kept = [each.write(step, one) for each, one in zip(told, said, strict=True)]
            return step + 1, kept

        _, told = tf.while_loop(
            lambda step, _: step < steps, body, [0, told], parallel_iterations=1
        )
        losses, outputs, norms = (each.stack() for each in told)
        return losses, outputs, norms

    def _differentiate(self, inputs: Any, target: Any, weights: Any) -> tuple[Any, Any, Any]:
        learner = self._learner
        with tf.GradientTape() as tape:
            outputs = learner(inputs, training=True)
            loss = self._parts.training_loss(target, outputs, weights) + sum(learner.losses)
        variables = [variable.value for variable in self._parts.model.trainable_variables]
        return loss, outputs, tape.gradient(loss, variables)

    def _test(self, inputs: Any, target: Any) -> tuple[Any, Any]:
        judge = self._judge
        outputs = judge(inputs, training=False)
        return self._parts.loss(target, outputs) + sum(judge.losses), outputs


def _at(step: Any, values: Any) -> Any:
    return None if values is None else values[step]
