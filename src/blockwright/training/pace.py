"""How fast a run goes, and how long it will take."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from blockwright.contracts.runs import RunProgress

TOLD_EVERY_SECONDS = 0.25
_WINDOW_SECONDS = 10.0
# Before the first validation is measured: a step without gradients costs about so much of one with.
_GUESSED_VALIDATION_SHARE = 0.4


@dataclass
class Pace:
    """Measures steps; all times in seconds of the monotonic clock.

    Attributes:
        training_steps: Of the epoch at hand.
        steps_after: Counts the steps of all epochs after one; by default they are like it.
    """

    epochs: int
    training_steps: int
    validation_steps: int
    steps_after: Callable[[int], int] | None = None
    _marks: deque[tuple[float, int, int]] = field(default_factory=deque)
    _told_at: float = float("-inf")
    _validation_seconds: float | None = None
    _steps: int = 0
    _examples: int = 0

    def begin_epoch(self) -> None:
        """Measure steps from here; what lies before is not training."""
        self._marks.clear()
        self._marks.append((time.monotonic(), self._steps, self._examples))

    def count(self, examples: int, *, steps: int = 1) -> None:
        """Note so many steps over so many rows in all."""
        is_first = self._steps == 0
        self._steps += steps
        self._examples += examples
        now = time.monotonic()
        if is_first:  # the first of all also builds the program of the step
            self._marks.clear()
        self._marks.append((now, self._steps, self._examples))
        while len(self._marks) > 2 and now - self._marks[0][0] > _WINDOW_SECONDS:
            self._marks.popleft()

    def validated(self, seconds: float) -> None:
        """Note how long a validation took."""
        self._validation_seconds = seconds

    def due(self) -> bool:
        """Say whether it is time to tell the progress again, and begin the next wait."""
        now = time.monotonic()
        if now - self._told_at < TOLD_EVERY_SECONDS:
            return False
        self._told_at = now
        return True

    def progress(self, *, epoch: int, step: int) -> RunProgress:
        """Tell where the run is, after `step` steps of `epoch`."""
        seconds = self._marks[-1][0] - self._marks[0][0] if self._marks else 0.0
        steps = self._marks[-1][1] - self._marks[0][1] if self._marks else 0
        examples = self._marks[-1][2] - self._marks[0][2] if self._marks else 0
        rate = examples / seconds if seconds > 0 and examples else None
        per_step = seconds / steps if steps else None
        return RunProgress(
            epoch=epoch,
            step=step,
            steps_per_epoch=self.training_steps,
            examples_per_second=rate,
            seconds_left=None if per_step is None else self._seconds_left(epoch, step, per_step),
        )

    def _seconds_left(self, epoch: int, step: int, per_step: float) -> float:
        epochs_after = self.epochs - epoch
        whole = epochs_after * self.training_steps
        later = self.steps_after(epoch) if self.steps_after else whole
        training = (self.training_steps - step + later) * per_step
        guessed = self.validation_steps * per_step * _GUESSED_VALIDATION_SHARE
        validation = guessed if self._validation_seconds is None else self._validation_seconds
        return training + (epochs_after + 1) * validation
