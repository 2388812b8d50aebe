"""A step as a TensorFlow function."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

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
        self.test = tf.function(self._test)

    def differentiate(
        self, inputs: Inputs, target: Tensor, weights: Tensor
    ) -> tuple[Any, list[Any]]:
        """Give loss and gradient without learning."""
        loss, _, gradients = self._differentiate(inputs, target, weights)
        return loss, gradients

    def predict(self, inputs: Inputs) -> Any:
        """Give outputs of the judge."""
        return self._parts.judge.predict_on_batch(inputs)

    def _train(self, inputs: Any, target: Any, weights: Any) -> tuple[Any, Any, Any]:
        loss, outputs, gradients = self._differentiate(inputs, target, weights)
        self._parts.optimizer.apply(gradients, self._parts.model.trainable_variables)
        return loss, outputs, tf.linalg.global_norm(gradients)

    def _differentiate(self, inputs: Any, target: Any, weights: Any) -> tuple[Any, Any, Any]:
        model = self._parts.model
        with tf.GradientTape() as tape:
            outputs = model(inputs, training=True)
            loss = self._parts.training_loss(target, outputs, weights) + sum(model.losses)
        variables = [variable.value for variable in model.trainable_variables]
        return loss, outputs, tape.gradient(loss, variables)

    def _test(self, inputs: Any, target: Any) -> tuple[Any, Any]:
        judge = self._parts.judge
        outputs = judge(inputs, training=False)
        return self._parts.loss(target, outputs) + sum(judge.losses), outputs
