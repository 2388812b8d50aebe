"""The learning rate of every step of a run, and its curve for the eye.

Takes   the settings, the number of steps of an epoch.
Gives   one rate per step, by arithmetic alone: a resumed run goes on with the same rates.
Never   imports Keras. Only `Plateau` has a state, which is kept with the run's.

References:
    cosine: Loshchilov and Hutter, SGDR (2017), without restarts. One cycle: Smith and Topin,
    Super-Convergence (2018), with the shares that PyTorch's OneCycleLR takes by default.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from blockwright.contracts.graph import ExperimentSettings
from blockwright.contracts.training_settings import TrainingSettings

ONE_CYCLE_START = 1 / 25
ONE_CYCLE_END = ONE_CYCLE_START / 10_000
_CURVE_POINTS = 120


class Schedule:
    """The rates of one run."""

    def __init__(self, settings: TrainingSettings, *, steps_per_epoch: int) -> None:
        """Give rates over `settings.epochs` epochs of `steps_per_epoch` steps, at least 1."""
        self._settings = settings
        self._steps_per_epoch = steps_per_epoch
        self._steps = settings.epochs * steps_per_epoch
        self._warmup = warmup_steps(settings, steps_per_epoch=steps_per_epoch)

    def rate(self, step: float) -> float:
        """Give the rate of a step of the run, counted from 0 over all epochs.

        Between two whole steps it gives what lies between: the curve is drawn so.
        """
        settings = self._settings
        if step < self._warmup:
            return settings.learning_rate * min(1.0, (step + 1) / self._warmup)
        after = step - self._warmup
        share = min(1.0, after / max(1.0, self._steps - self._warmup))
        return settings.learning_rate * self._part(share, after / self._steps_per_epoch)

    def _part(self, share: float, epochs: float) -> float:
        """Give the part of the learning rate after a share of the way, or so many epochs."""
        settings = self._settings
        match settings.schedule:
            case "constant" | "plateau":
                return 1.0
            case "cosine":
                return _between(1.0, settings.lowest_rate, share)
            case "one_cycle":
                if share < settings.peak_at:
                    return _between(ONE_CYCLE_START, 1.0, share / settings.peak_at)
                down = (share - settings.peak_at) / (1 - settings.peak_at)
                return _between(1.0, ONE_CYCLE_END, down)
            case "exponential":
                return float(settings.decay_per_epoch**epochs)
            case "step":
                return float(settings.drop_to ** math.floor(epochs / settings.drop_every))


@dataclass
class Plateau:
    """Lets the rate fall when progress stops; its state belongs to the state of a run.

    Attributes:
        part: What the rate of the schedule is multiplied by.
        since: The epoch of the last drop.
    """

    part: float = 1.0
    since: int = 0

    def look(self, settings: TrainingSettings, *, epoch: int, best_epoch: int) -> None:
        """Look at an epoch that was validated; `best_epoch` is the best one so far."""
        waited = epoch - max(best_epoch, self.since)
        if settings.schedule == "plateau" and waited >= settings.plateau_epochs:
            self.part = max(self.part * settings.drop_to, settings.lowest_rate)
            self.since = epoch


def split_settings(settings: ExperimentSettings) -> list[ExperimentSettings]:
    """Give the settings of each stage of a run: with its own subset, epochs and learning rate."""
    first = min(settings.first_stage_epochs, settings.epochs - 1)
    if first <= 0:
        return [settings]
    of_first = {
        "training_subset_id": settings.first_stage_subset_id,
        "epochs": first,
        "learning_rate": settings.first_stage_rate,
    }
    of_second = {"epochs": settings.epochs - first}
    return [settings.model_copy(update=of_first), settings.model_copy(update=of_second)]


def rate_curve(settings: TrainingSettings, *, steps_per_epoch: int) -> list[tuple[float, float]]:
    """Give the curve of a run as (epochs gone by, rate), thinned for the eye."""
    schedule = Schedule(settings, steps_per_epoch=steps_per_epoch)
    last = settings.epochs * steps_per_epoch - 1
    is_flat = settings.schedule in ("constant", "plateau") and settings.warmup == 0
    points = min(last, 1 if is_flat else _CURVE_POINTS)
    places = [last * point / points for point in range(points + 1)] if points else [0.0]
    return [(place / steps_per_epoch, schedule.rate(place)) for place in places]


def warmup_steps(settings: TrainingSettings, *, steps_per_epoch: int) -> float:
    """Give how many steps the warm-up takes; one cycle has its own."""
    if settings.schedule == "one_cycle":
        return 0.0
    if settings.warmup_unit == "steps":
        return settings.warmup
    return settings.warmup * steps_per_epoch


def _between(start: float, end: float, share: float) -> float:
    """Go from start to end by half a cosine wave."""
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2
