"""A few steps of a model in several ways, to see which is fastest and whether they agree.

Takes   the plan, the model in float32, and the first rows of the training subset.
Gives   seconds per row of each way, and how far its loss and gradient are from float32's.

What bounds the time: few rows where a row is expensive, and seconds of steps, not a number.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import keras
import numpy as np
import numpy.typing as npt

from blockwright.compiler.build import BuiltModel
from blockwright.contracts.engine import EngineChoice, EngineTrial
from blockwright.contracts.work import TrainPlan
from blockwright.training.batches import Batch
from blockwright.training.engine import Way
from blockwright.training.machine import usable_cores
from blockwright.training.steps import Steps

# So much a trial's batch may ask for: under a second on two cores.
MOST_OPERATIONS = 4e10
SECONDS_OF_STEPS = 1.0
LEAST_STEPS = 2
MOST_STEPS = 20
_NO_NUMBER = 1e9

Build = Callable[[EngineChoice], BuiltModel]
Gradient = npt.NDArray[np.float32]


def trial_rows(batch_size: int, operations_per_row: float) -> int:
    """Give how many rows a trial's batch has; at least 4, for statistics of a batch need some."""
    affordable = int(MOST_OPERATIONS / max(operations_per_row, 1.0))
    return min(batch_size, max(4, affordable))


def measure_ways(plan: TrainPlan, build: Build, batch: Batch, ways: list[Way]) -> list[EngineTrial]:
    """Measure each way on the same batch, turn by turn; the first one is the reference."""
    made = [_steps_of(plan, build, way) for way in ways]
    losses, gradients = zip(*(_gradient(steps, batch) for steps in made), strict=True)
    seconds = _seconds_of(made, batch)
    return [
        EngineTrial(
            precision=precision,
            xla=xla,
            seconds_per_row=took / len(batch.target),
            loss_difference=_difference(losses[0], loss),
            gradient_agreement=_agreement(gradients[0], gradient),
        )
        for (precision, xla), took, loss, gradient in zip(
            ways, seconds, losses, gradients, strict=True
        )
    ]


def _steps_of(plan: TrainPlan, build: Build, way: Way) -> Steps:
    choice = EngineChoice(
        backend=keras.backend.backend(),
        precision=way[0],
        threads=usable_cores(),
        xla=way[1],
        why="measured",
    )
    built = build(choice)
    for layer in built.model.layers:
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0  # each precision draws its own: gradients could not be compared
    return Steps(built, plan, choice)


def _gradient(steps: Steps, batch: Batch) -> tuple[float, Gradient]:
    loss, parts = steps.gradient(batch)
    return loss, np.concatenate([part.ravel() for part in parts])


def _seconds_of(made: list[Steps], batch: Batch) -> list[float]:
    """Give the shortest of a few steps of each."""
    for steps in made:
        steps.train(batch)  # builds the program
    shortest = [math.inf] * len(made)
    began_at = time.perf_counter()
    for number in range(MOST_STEPS):
        if number >= LEAST_STEPS and time.perf_counter() - began_at > SECONDS_OF_STEPS * len(made):
            break
        for place, steps in enumerate(made):
            step_at = time.perf_counter()
            steps.train(batch)
            shortest[place] = min(shortest[place], time.perf_counter() - step_at)
    return shortest


def _difference(reference: float, loss: float) -> float:
    if not math.isfinite(loss):
        return _NO_NUMBER
    return abs(loss - reference) / max(abs(reference), 1e-6)


def _agreement(reference: Gradient, gradient: Gradient) -> float:
    lengths = float(np.linalg.norm(reference)) * float(np.linalg.norm(gradient))
    if not math.isfinite(lengths):
        return 0.0
    return float(reference @ gradient) / lengths if lengths else 1.0
