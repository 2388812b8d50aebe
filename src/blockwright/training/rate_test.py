"""Which learning rates suit a model: the loss while the rate grows from tiny to too large.

Takes   the plan of the run that a person thinks of; its weights are new ones.
Gives   one `RateTestMade`: loss by rate, and the range in which it falls.

Source: Smith, Cyclical learning rates for training neural networks, 2017, section 3.3;
here the rate grows by the same factor at each step, so that each power of ten counts alike.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from itertools import islice
from statistics import fmean

from blockwright.contracts.probes import RateStep, RateTest
from blockwright.contracts.problems import error
from blockwright.contracts.sink import EventSink, Outcome
from blockwright.contracts.work import Progress, RateTestMade, RateTestPlan
from blockwright.training.probing import ProbeTraining

LOWEST_RATE = 1e-6
HIGHEST_RATE = 10.0
STEPS = 100
FEWEST_STEPS = 40
MOST_SECONDS = 120.0
# The weight of what was before in the smoothed loss.
SMOOTHING = 0.85
# At rates so small that nothing is learnt yet; they tell what the loss begins with.
FIRST_STEPS = 12
DIVERGED = 3.0
TOLD_EVERY_SECONDS = 0.5
# Steps that the steepest fall is measured over; one alone is noise.
STEEP_OVER = 5
# Below the rate of the lowest loss, where single batches already make it jump.
SAFE_PART = 1 / 3
# So much of the starting loss must the smoothed loss lose, else nothing can be said.
SMALLEST_FALL = 0.05


def run_rate_test(plan: RateTestPlan, sink: EventSink) -> Outcome:
    """Let the rate grow until the loss runs away, and tell what was found.

    Raises:
        BlockwrightError: `training.rate_test_failed` if there was no loss at all, or what
            a run of the plan would raise.
    """
    probe = ProbeTraining(plan.train, sink)
    batches = probe.batches_on_end()
    probe.learn_at(LOWEST_RATE, next(batches))  # builds the program
    began_at = time.monotonic()
    probe.learn_at(LOWEST_RATE, next(batches))
    steps = steps_within(MOST_SECONDS, step_seconds=time.monotonic() - began_at)
    rates: list[float] = []
    losses: list[float] = []
    told_at = 0.0
    for step, batch in enumerate(islice(batches, steps)):
        if probe.stop_requested():
            return "stopped"
        rate = LOWEST_RATE * (HIGHEST_RATE / LOWEST_RATE) ** (step / (steps - 1))
        loss = probe.learn_at(rate, batch)
        if not math.isfinite(loss):
            break
        rates.append(rate)
        losses.append(loss)
        if has_diverged(smoothed(losses)):
            break
        if time.monotonic() - told_at > TOLD_EVERY_SECONDS:
            told_at = time.monotonic()
            sink.emit(Progress(done_units=step + 1, total_units=steps, unit="steps"))
    if not losses:
        raise error("training.rate_test_failed")
    sink.emit(RateTestMade(rate_test=judge(rates, losses)))
    return "done"


def steps_within(seconds: float, *, step_seconds: float) -> int:
    """Give how many steps a test takes: fewer where the model is slow."""
    return max(FEWEST_STEPS, min(STEPS, int(seconds / max(1e-6, step_seconds))))


def smoothed(losses: Sequence[float]) -> list[float]:
    """Give the running mean of losses, where newer ones weigh more; as unsteady as few allow."""
    mean, result = 0.0, []
    for place, loss in enumerate(losses, start=1):
        mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
        result.append(mean / (1 - SMOOTHING**place))
    return result


def has_diverged(curve: Sequence[float]) -> bool:
    """Say whether the loss has run away: nothing larger needs to be tried."""
    return len(curve) > FIRST_STEPS and curve[-1] > DIVERGED * max(curve[:FIRST_STEPS])


def judge(rates: Sequence[float], losses: Sequence[float]) -> RateTest:
    """Say which rates let the loss fall.

    Args:
        rates: Growing.
        losses: Of the step at each rate.

    Returns:
        The curve, and where the loss had fallen by a tenth of all that it fell, a third of
        the rate of the lowest loss, and the rate of the steepest fall between both.
    """
    curve = smoothed(losses)
    points = [
        RateStep(rate=rate, loss=loss, smoothed=value)
        for rate, loss, value in zip(rates, losses, curve, strict=True)
    ]
    if len(curve) <= FIRST_STEPS:
        return RateTest(points=points)
    start = fmean(losses[:FIRST_STEPS])
    lowest = min(range(FIRST_STEPS, len(curve)), key=curve.__getitem__)
    fall = start - curve[lowest]
    if fall < SMALLEST_FALL * abs(start):
        return RateTest(points=points)
    first = next(i for i in range(FIRST_STEPS, lowest + 1) if curve[i] <= start - 0.1 * fall)
    high = rates[lowest] * SAFE_PART
    low = min(rates[first], high)
    steepest = min(range(first, lowest + 1), key=lambda i: curve[i] - curve[i - STEEP_OVER])
    suggested = min(max(rates[steepest], low), high)
    return RateTest(points=points, low=low, high=high, suggested=rounded(suggested))


def rounded(rate: float) -> float:
    """Give a rate as a person would type it: one digit, or 1.5."""
    power = 10.0 ** math.floor(math.log10(rate))
    factor = min((1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9, 10), key=lambda f: abs(f * power - rate))
    return float(f"{factor * power:.6g}")
