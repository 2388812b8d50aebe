"""A step as a JAX program: the numbers of the model in, the changed ones out.

Several devices share each batch: weights lie on all of them, rows are dealt out.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import keras

from blockwright.training.batches import Inputs
from blockwright.training.program import Parts, Tensor

Numbers = list[Any]


class JaxProgram:
    """Steps that take numbers out of the variables and put new ones in."""

    def __init__(self, parts: Parts) -> None:
        """Say what to translate; that happens at the first step of each size of batch."""
        self._parts = parts
        self._train = jax.jit(self._train_step)
        self._train_many = jax.jit(self._train_in_turn)
        self._test = jax.jit(self._test_step)
        self._predict = jax.jit(self._predict_step)
        self._differentiate = jax.jit(jax.value_and_grad(self._loss_of, has_aux=True))

    def train(self, inputs: Inputs, target: Tensor, weights: Tensor) -> tuple[Any, Any, Any]:
        """Learn; give loss, outputs and the length of the gradient."""
        variables = self._variables()
        numbers = tuple([each.value for each in group] for group in variables)
        changed, told = self._train(*numbers, _dealt(inputs, target, weights))
        _put(variables, changed)
        loss, outputs, norm = told
        return loss, outputs, norm

    def train_many(
        self, stretch: tuple[Inputs, Tensor, Tensor], rates: Tensor, steps: int
    ) -> tuple[Any, Any, Any]:
        """Learn from several batches of one size in one call."""
        variables = self._variables()
        numbers = tuple([each.value for each in group] for group in variables)
        changed, told = self._train_many(numbers, stretch, rates, steps)
        _put(variables, changed)
        losses, outputs, norms = told
        return losses, outputs, norms

    def differentiate(
        self, inputs: Inputs, target: Tensor, weights: Tensor
    ) -> tuple[Any, list[Any]]:
        """Give loss and gradient without learning."""
        model = self._parts.model
        learnt = [each.value for each in model.trainable_variables]
        rest = [each.value for each in model.non_trainable_variables]
        (loss, _), gradients = self._differentiate(learnt, rest, _dealt(inputs, target, weights))
        return loss, gradients

    def test(self, inputs: Inputs, target: Tensor) -> tuple[Any, Any]:
        """Give loss and outputs of the judge."""
        inputs, target = _dealt(inputs, target)
        loss, outputs = self._test(*self._judge_numbers(), inputs, target)
        return loss, outputs

    def predict(self, inputs: Inputs) -> Any:
        """Give outputs of the judge."""
        return self._predict(*self._judge_numbers(), *_dealt(inputs))

    def _variables(self) -> tuple[list[Any], list[Any], list[Any]]:
        model = self._parts.model
        kept = self._parts.optimizer.variables
        return model.trainable_variables, model.non_trainable_variables, kept

    def _judge_numbers(self) -> tuple[Numbers, Numbers]:
        judge = self._parts.judge
        return (
            [each.value for each in judge.trainable_variables],
            [each.value for each in judge.non_trainable_variables],
        )

    def _train_step(
        self, learnt: Numbers, rest: Numbers, kept: Numbers, batch: tuple[Any, Any, Any]
    ) -> tuple[tuple[Numbers, Numbers, Numbers], tuple[Any, Any, Any]]:
        differentiate = jax.value_and_grad(self._loss_of, has_aux=True)
        (loss, (outputs, rest)), gradients = differentiate(learnt, rest, batch)
        learnt, kept = self._parts.optimizer.stateless_apply(kept, gradients, learnt)
        norm = jnp.sqrt(sum(jnp.sum(jnp.square(part)) for part in gradients))
        return (learnt, rest, kept), (loss, outputs, norm)

    def _train_in_turn(
        self, numbers: tuple[Numbers, Numbers, Numbers], stretch: Any, rates: Any, steps: Any
    ) -> tuple[tuple[Numbers, Numbers, Numbers], tuple[Any, Any, Any]]:
        """Go through a stretch in one loop, whose body is the step."""
        optimizer = self._parts.optimizer
        # Keras has no public name for the variable, only for its value.
        of_rate = [each is optimizer._learning_rate for each in optimizer.variables].index(True)

        def step_of(step: Any, numbers: tuple[Numbers, Numbers, Numbers]) -> Any:
            learnt, rest, kept = numbers
            kept = [*kept[:of_rate], rates[step], *kept[of_rate + 1 :]]
            batch = jax.tree.map(lambda each: each[step], stretch)
            return self._train_step(learnt, rest, kept, batch)

        def body(step: Any, so_far: tuple[Any, Any]) -> tuple[Any, Any]:
            numbers, told = so_far
            numbers, said = step_of(step, numbers)
            return numbers, jax.tree.map(lambda each, one: each.at[step].set(one), told, said)

        _, one = jax.eval_shape(step_of, 0, numbers)
        room = len(rates)
        told = jax.tree.map(lambda each: jnp.zeros((room, *each.shape), each.dtype), one)
        so_far: tuple[Any, Any] = jax.lax.fori_loop(0, steps, body, (numbers, told))
        return so_far

    def _loss_of(
        self, learnt: Numbers, rest: Numbers, batch: tuple[Any, Any, Any]
    ) -> tuple[Any, tuple[Any, Numbers]]:
        inputs, target, weights = batch
        outputs, rest, losses = self._parts.model.stateless_call(
            learnt, rest, inputs, training=True, return_losses=True
        )
        loss = self._parts.training_loss(target, outputs, weights) + sum(losses)
        return loss, (outputs, rest)

    def _test_step(
        self, learnt: Numbers, rest: Numbers, inputs: Any, target: Any
    ) -> tuple[Any, Any]:
        outputs, _, losses = self._parts.judge.stateless_call(
            learnt, rest, inputs, training=False, return_losses=True
        )
        return self._parts.loss(target, outputs) + sum(losses), outputs

    def _predict_step(self, learnt: Numbers, rest: Numbers, inputs: Any) -> Any:
        outputs, _ = self._parts.judge.stateless_call(learnt, rest, inputs, training=False)
        return outputs


def _put(variables: tuple[list[Any], ...], values: tuple[Numbers, ...]) -> None:
    for group, numbers in zip(variables, values, strict=True):
        for variable, value in zip(group, numbers, strict=True):
            variable.assign(value)


def _dealt(*arrays: Any) -> Any:
    """Lay arrays onto the devices: rows dealt out where they come out even, else all on each."""
    distribution = keras.distribution.distribution()
    if distribution is None:
        return arrays
    mesh = distribution.device_mesh

    def deal(array: Any) -> Any:
        if len(array) % mesh.devices.size:
            layout = keras.distribution.TensorLayout([None] * array.ndim, mesh)
        else:
            layout = distribution.get_data_layout(array.shape)
        return keras.distribution.distribute_tensor(jnp.asarray(array), layout)

    return jax.tree.map(deal, arrays)
