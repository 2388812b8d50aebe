"""A few steps of a model in several ways, to see which is fastest and whether they agree.

Takes   the plan, the model in float32, and the first rows of the training subset.
Gives   seconds per row of each way, and how far its losses are from float32's.

What bounds the time: few rows where a row is expensive, and seconds of steps, not a number.
Gradients are not compared: that of a deep network with batch normalization turns by chance. In
ResNet50V2, rounding the inputs alone to bfloat16 leaves a cosine of 0.73 between two gradients in
float32; computing in bfloat16 leaves 0.41, and yet over eight steps the losses of both stay
within 0.2 % of the first one.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import keras

from blockwright.compiler.build import BuiltModel
from blockwright.contracts.engine import EngineChoice, EngineTrial
from blockwright.contracts.work import TrainPlan
from blockwright.training.batches import Stretch
from blockwright.training.engine import Way
from blockwright.training.machine import usable_cores
from blockwright.training.steps import Steps

# So much a trial's batch may ask for: under a second on two cores.
MOST_OPERATIONS = 4e10
SECONDS_OF_STEPS = 1.0
LEAST_STEPS = 3
MOST_STEPS = 20
_NO_NUMBER = 1e9

Build = Callable[[EngineChoice], BuiltModel]


def trial_rows(batch_size: int, operations_per_row: float) -> int:
    """Give how many rows a trial's batch has; at least 4, for statistics of a batch need some."""
    affordable = int(MOST_OPERATIONS / max(operations_per_row, 1.0))
    return min(batch_size, max(4, affordable))


def measure_ways(
    plan: TrainPlan, build: Build, stretch: Stretch, ways: list[Way]
) -> list[EngineTrial]:
    """Measure each way on the same batches, turn by turn; the first one is the reference."""
    made = [_steps_of(plan, build, way) for way in ways]
    rates = [plan.settings.learning_rate] * stretch.steps
    losses = [steps.learn(stretch, rates).losses for steps in made]  # builds the program
    seconds = _seconds_of(made, stretch, rates, losses)
    return [
        EngineTrial(
            precision=precision,
            xla=xla,
            seconds_per_row=took / len(stretch.target),
            loss_difference=_difference(losses[0], own),
        )
        for (precision, xla), took, own in zip(ways, seconds, losses, strict=True)
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
            layer.rate = 0.0  # each precision draws its own: losses could not be compared
    return Steps(built, plan, choice)


def _seconds_of(
    made: list[Steps], stretch: Stretch, rates: list[float], losses: list[list[float]]
) -> list[float]:
    """Give the shortest of a few stretches of each; what they say goes to `losses`."""
    shortest = [math.inf] * len(made)
    began_at = time.perf_counter()
    for number in range(MOST_STEPS):
        if number >= LEAST_STEPS and time.perf_counter() - began_at > SECONDS_OF_STEPS * len(made):
            break
        for place, steps in enumerate(made):
            step_at = time.perf_counter()
            said = steps.learn(stretch, rates)
            shortest[place] = min(shortest[place], time.perf_counter() - step_at)
            losses[place].extend(said.losses)
    return shortest


def _difference(reference: list[float], losses: list[float]) -> float:
    if not all(math.isfinite(loss) for loss in losses):
        return _NO_NUMBER
    largest = max(abs(loss - own) for loss, own in zip(losses, reference, strict=True))
    return largest / max(abs(reference[0]), 1e-6)
