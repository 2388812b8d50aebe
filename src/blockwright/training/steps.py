"""Single steps of a Keras model, with metrics that gather until they are reset."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from blockwright.compiler.build import BuiltModel
from blockwright.compiler.losses import make_loss
from blockwright.compiler.optimizers import make_optimizer
from blockwright.contracts.work import TrainPlan
from blockwright.training.batches import Batch, FloatArray, Inputs, layer_seed
from blockwright.training.streaming_metrics import make_metric

_SEED_VARIABLE = "seed_generator_state"


def predict(model: keras.Model, inputs: Inputs) -> FloatArray:
    """Give a model's outputs in inference mode, float32, shape (rows, *output)."""
    return np.asarray(model.predict_on_batch(inputs), dtype=np.float32)


class Steps:
    """Trains and tests on one batch after the other.

    `model.train_on_batch` resets the metrics at each batch, and `model.fit` hides the
    loop; so the compiled functions that both of them call are called here.
    """

    def __init__(self, built: BuiltModel, plan: TrainPlan) -> None:
        """Compile the model with the plan's loss, optimiser and metrics."""
        self.model: keras.Model = built.model
        self.model.compile(
            optimizer=make_optimizer(plan.settings),
            loss=make_loss(built.loss),
            metrics=[make_metric(name, built.task) for name in plan.metric_names if name != "loss"],
        )
        self.model.make_train_function()
        self.model.make_test_function()
        self._logs: dict[str, Any] = {}
        self._judged_rows = 0
        self._judged_loss = 0.0

    def begin(self) -> None:
        """Forget what the metrics have gathered."""
        self.model.reset_metrics()
        self._logs = {}
        self._judged_rows = 0
        self._judged_loss = 0.0

    def seed_random_layers(self, *, run_seed: int, epoch: int) -> None:
        """Let Dropout and its like draw what belongs to this epoch."""
        states = [v for v in self.model.variables if v.path.endswith(_SEED_VARIABLE)]
        for place, state in enumerate(states):
            seed = layer_seed(run_seed=run_seed, epoch=epoch, place=place)
            state.assign(np.array([seed, 0], dtype=state.dtype))

    def train(self, batch: Batch) -> float:
        """Learn from a batch; gives the mean loss since `begin`."""
        self._logs = self.model.train_function(iter([batch]))
        return float(self._logs["loss"])

    def test(self, batch: Batch) -> float:
        """Judge a batch; gives the mean loss since `begin`."""
        self._logs = self.model.test_function(iter([batch]))
        return float(self._logs["loss"])

    def judge(self, outputs: FloatArray, target: FloatArray) -> float:
        """Judge outputs made elsewhere, e.g. averaged; gives the mean loss since `begin`.

        Args:
            outputs: Shape (rows, *output).
            target: The truth of the same rows, of the same shape.
        """
        loss = float(self.model.compute_loss(y=target, y_pred=outputs, training=False))
        self._judged_rows += len(target)
        self._judged_loss += loss * len(target)
        logs = self.model.compute_metrics(None, target, outputs)
        self._logs = {**logs, "loss": self._judged_loss / self._judged_rows}
        return float(self._logs["loss"])

    def metrics(self) -> dict[str, float]:
        """Give all metrics over what was seen since `begin`."""
        return {name: float(value) for name, value in self._logs.items()}
