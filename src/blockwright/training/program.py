"""What a backend's way of computing a step takes, gives, and is called with."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any, Protocol

import keras

from blockwright.training.batches import Inputs

Tensor = Any
_PROGRAMS = {
    "tensorflow": ("blockwright.training.tensorflow_program", "TensorFlowProgram"),
    "jax": ("blockwright.training.jax_program", "JaxProgram"),
}


@dataclass(frozen=True)
class Parts:
    """What a step is made of.

    Attributes:
        model: The one that learns.
        judge: The one that predicts, or the same.
        training_loss: Of truth, outputs and weights of rows.
        loss: The same without what only training adds.
        optimizer: Built for the model's trainable variables.
        xla: Whether the step is compiled as a whole where that can be chosen.
    """

    model: keras.Model
    judge: keras.Model
    training_loss: keras.losses.Loss
    loss: keras.losses.Loss
    optimizer: keras.optimizers.Optimizer
    xla: bool


class Program(Protocol):
    """A step of one backend; tensors are of that backend."""

    def train(self, inputs: Inputs, target: Tensor, weights: Tensor) -> tuple[Any, Any, Any]:
        """Learn; give loss, outputs and the length of the gradient."""

    def train_many(
        self, stretch: tuple[Inputs, Tensor, Tensor], rates: Tensor, steps: int
    ) -> tuple[Any, Any, Any]:
        """Learn from several batches of one size in one call, the numbers of each step alike.

        Args:
            stretch: Inputs, target and weights, each of shape (room, rows, ...).
            rates: The learning rate of each step, shape (room,).
            steps: How many of them are there; what lies behind is not looked at. A call of
                any number of steps is the same program, so that numbers do not depend on it.

        Returns:
            Losses (room,), outputs (room, rows, *output), lengths of the gradient (room,).
        """

    def differentiate(
        self, inputs: Inputs, target: Tensor, weights: Tensor
    ) -> tuple[Any, list[Any]]:
        """Give loss and gradient without learning."""

    def test(self, inputs: Inputs, target: Tensor) -> tuple[Any, Any]:
        """Give loss and outputs of the judge."""

    def predict(self, inputs: Inputs) -> Any:
        """Give outputs of the judge."""


def make_program(parts: Parts) -> Program:
    """Make the step of the backend that Keras runs on; others are not loaded."""
    module, name = _PROGRAMS[keras.backend.backend()]
    program: Program = getattr(importlib.import_module(module), name)(parts)
    return program
