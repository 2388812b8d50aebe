"""Single steps of a Keras model.

Takes   a built model, the plan's loss and optimiser, and batches.
Gives   loss, outputs and gradient norm of each step.

`keras.Model.train_on_batch` and `fit` tell neither the outputs nor the gradients, so the
step is written out, once per backend: `tensorflow_program` and `jax_program`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from blockwright.compiler.build import BuiltModel
from blockwright.compiler.losses import make_loss
from blockwright.compiler.optimizers import make_optimizer
from blockwright.contracts.engine import EngineChoice
from blockwright.contracts.work import TrainPlan
from blockwright.training.batches import Batch, FloatArray, Inputs, Stretch, layer_seed
from blockwright.training.program import Parts, make_program

_SEED_VARIABLE = "seed_generator_state"


@dataclass(frozen=True)
class StepResult:
    """What one step says.

    Attributes:
        loss: Mean over the rows of the batch, what layers add included.
        outputs: Of the model on this batch, float32, shape (rows, *output).
        gradient_norm: Length of the gradient of all trainable weights together, before
            clipping; 0 where nothing was learnt.
    """

    loss: float
    outputs: FloatArray
    gradient_norm: float = 0.0


@dataclass(frozen=True)
class StretchResult:
    """What the steps of a stretch say.

    Attributes:
        losses: Of each step, as of a `StepResult`.
        outputs: Of all of them, float32, shape (rows, *output).
        gradient_norms: Of each step.
    """

    losses: list[float]
    outputs: FloatArray
    gradient_norms: list[float]


def predict(model: keras.Model, inputs: Inputs) -> FloatArray:
    """Give a model's outputs in inference mode, float32, shape (rows, *output)."""
    return np.asarray(model.predict_on_batch(inputs), dtype=np.float32)


def random_states(model: keras.Model) -> list[Any]:
    """List what Dropout and its like draw from next, in the order of the layers."""
    return [each for each in model.variables if each.path.endswith(_SEED_VARIABLE)]


class Steps:
    """Trains and tests on one batch after the other."""

    def __init__(
        self,
        built: BuiltModel,
        plan: TrainPlan,
        engine: EngineChoice,
        *,
        judge: keras.Model | None = None,
    ) -> None:
        """Compile the model with the plan's loss and optimiser.

        Args:
            built: The model that learns.
            plan: Of the run.
            engine: How it computes.
            judge: The same model in float32, which predicts what the finished one will; by
                default the one that learns.
        """
        self.model: keras.Model = built.model
        self._judge = judge or built.model
        self._rate: float | None = None
        self._loss = make_loss(built.loss)
        self._optimizer = make_optimizer(plan.settings, self.model.trainable_variables)
        self.model.compile(optimizer=self._optimizer, loss=self._loss)
        parts = Parts(
            model=self.model,
            judge=self._judge,
            training_loss=make_loss(built.loss, label_smoothing=plan.settings.label_smoothing),
            loss=self._loss,
            optimizer=self._optimizer,
            xla=engine.xla,
        )
        self._program = make_program(parts)

    def seed_random_layers(self, *, run_seed: int, epoch: int) -> None:
        """Let Dropout and its like draw what belongs to this epoch."""
        for place, state in enumerate(random_states(self.model)):
            seed = layer_seed(run_seed=run_seed, epoch=epoch, place=place)
            state.assign(np.array([seed, 0], dtype=state.dtype))

    def set_rate(self, rate: float) -> None:
        """Let the steps from here on go by this learning rate."""
        if rate != self._rate:  # writing a variable takes as long as a small layer
            self._optimizer.learning_rate = self._rate = rate

    @property
    def learning_rate(self) -> float:
        """The rate that the next step would take."""
        # Kept in 32 bits: the shortest number that rounds to it is the one that was meant.
        return float(str(np.float32(self._optimizer.learning_rate)))

    def learn(self, stretch: Stretch, rates: list[float]) -> StretchResult:
        """Learn from a stretch.

        Args:
            stretch: As `BatchSource` makes them.
            rates: The learning rate of each of its steps.
        """
        if stretch.has_room:
            return self._learn_many(stretch, rates)
        self.set_rate(rates[0])
        said = self.train(stretch.batch)
        return StretchResult([said.loss], said.outputs, [said.gradient_norm])

    def _learn_many(self, stretch: Stretch, rates: list[float]) -> StretchResult:
        batch, steps = stretch.batch, stretch.steps
        told_rates = np.zeros(len(batch.target), dtype=np.float32)
        told_rates[:steps] = rates
        told = self._program.train_many(
            (batch.inputs, batch.target, batch.weights), told_rates, steps
        )
        self._rate = rates[-1]
        losses, outputs, norms = (np.asarray(each, dtype=np.float32)[:steps] for each in told)
        flat = outputs.reshape(-1, *outputs.shape[2:])
        return StretchResult(losses.tolist(), flat, norms.tolist())

    def train(self, batch: Batch) -> StepResult:
        """Learn from a batch."""
        loss, outputs, norm = self._program.train(batch.inputs, batch.target, batch.weights)
        return StepResult(float(loss), np.asarray(outputs, dtype=np.float32), float(norm))

    def gradient(self, batch: Batch) -> tuple[float, list[FloatArray]]:
        """Give the loss of a batch and its gradient, without learning from it."""
        loss, gradients = self._program.differentiate(batch.inputs, batch.target, batch.weights)
        return float(loss), [np.asarray(part, dtype=np.float32) for part in gradients]

    def begin_judging(self) -> None:
        """Let what is judged from here on be judged by the weights of now."""
        if self._judge is not self.model:
            for own, learnt in zip(self._judge.weights, self.model.weights, strict=True):
                own.assign(learnt)

    def predict(self, inputs: Inputs) -> FloatArray:
        """Give outputs as the finished model would, float32, shape (rows, *output)."""
        return np.asarray(self._program.predict(inputs), dtype=np.float32)

    def test(self, batch: Batch) -> StepResult:
        """Judge a batch."""
        loss, outputs = self._program.test(batch.inputs, batch.target)
        return StepResult(float(loss), np.asarray(outputs, dtype=np.float32))

    def judge(self, outputs: FloatArray, target: FloatArray) -> StepResult:
        """Judge outputs made elsewhere, e.g. averaged.

        Args:
            outputs: Shape (rows, *output).
            target: The truth of the same rows, of the same shape.
        """
        return StepResult(float(self._loss(target, outputs)), outputs)
