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
        validate_every: Epochs from one validation to the next; the last one has one too.
        seconds_to_limit: Tells when a time limit ends the run, given the seconds that are left
            of the epoch at hand; None where there is none.
    """

    epochs: int
    training_steps: int
    validation_steps: int
    steps_after: Callable[[int], int] | None = None
    validate_every: int = 1
    seconds_to_limit: Callable[[float], float | None] | None = None
    _marks: deque[tuple[float, int, int]] = field(default_factory=deque)
    _before: tuple[float, int, int] = (0.0, 0, 0)
    _told_at: float = float("-inf")
    _validation_seconds: float | None = None
    _with_building: bool = False
    _judged_at: float = 0.0
    _judged_sizes: set[int] = field(default_factory=set)
    _usual: float = 0.0
    _unusual: float = 0.0
    _usual_seconds: float = 0.0
    _judging_seconds: float = 0.0
    _saving_seconds: float = 0.0
    _steps: int = 0
    _examples: int = 0

    def begin_epoch(self) -> None:
        """Measure steps from here; what lies before is not training."""
        if len(self._marks) > 1:  # until there are enough of this epoch, its last ones count too
            first, last = self._marks[0], self._marks[-1]
            self._before = (last[0] - first[0], last[1] - first[1], last[2] - first[2])
        self._marks.clear()
        self._marks.append((time.monotonic(), self._steps, self._examples))

    def count(self, examples: int, *, steps: int = 1, builds: bool = False) -> None:
        """Note so many steps over so many rows in all.

        Args:
            examples: Rows of all these steps.
            steps: Learnt in one call.
            builds: The program of a step of this size was built, too: its time tells nothing.
        """
        self._steps += steps
        self._examples += examples
        now = time.monotonic()
        if builds:  # as if these steps had not been
            ended_at = self._marks[-1][0]
            self._marks = deque(
                (at + now - ended_at, done + steps, rows + examples)
                for at, done, rows in self._marks
            )
            return
        self._marks.append((now, self._steps, self._examples))
        while len(self._marks) > 2 and now - self._marks[0][0] > _WINDOW_SECONDS:
            self._marks.popleft()

    def begin_validation(self) -> None:
        """Measure a validation from here."""
        self._judged_at = time.monotonic()
        self._usual = self._unusual = self._usual_seconds = self._judging_seconds = 0.0

    def judged(self, rows: int) -> None:
        """Note that a batch of so many rows was judged; the first of a size also builds."""
        now = time.monotonic()
        seconds, self._judged_at = now - self._judged_at, now
        self._judging_seconds += seconds
        if rows in self._judged_sizes:
            self._usual += rows
            self._usual_seconds += seconds
        else:
            self._judged_sizes.add(rows)
            self._unusual += rows

    def validated(self) -> None:
        """Note that a validation is over."""
        self._with_building = self._usual == 0 and self._unusual > 0
        if self._usual and self._unusual:
            share = (self._usual + self._unusual) / self._usual
            self._validation_seconds = self._usual_seconds * share
        else:
            self._validation_seconds = self._judging_seconds

    def saved(self, seconds: float) -> None:
        """Note how long an epoch took to be kept."""
        self._saving_seconds = seconds

    def due(self) -> bool:
        """Say whether it is time to tell the progress again, and begin the next wait."""
        now = time.monotonic()
        if now - self._told_at < TOLD_EVERY_SECONDS:
            return False
        self._told_at = now
        return True

    def progress(self, *, epoch: int, step: int) -> RunProgress:
        """Tell where the run is, after `step` steps of `epoch`."""
        seconds, steps, examples = self._newest()
        rate = examples / seconds if seconds > 0 and examples else None
        left, of_all = self._left(epoch, step, seconds / steps) if steps else (None, None)
        return RunProgress(
            epoch=epoch,
            step=step,
            steps_per_epoch=self.training_steps,
            examples_per_second=rate,
            seconds_left=left,
            seconds_of_all_epochs=of_all,
        )

    def _newest(self) -> tuple[float, int, int]:
        """Give seconds, steps and rows of the newest steps."""
        if not self._marks:
            return self._before
        first, last = self._marks[0], self._marks[-1]
        seconds, steps, examples = last[0] - first[0], last[1] - first[1], last[2] - first[2]
        if seconds >= _WINDOW_SECONDS:
            return seconds, steps, examples
        before = self._before
        return seconds + before[0], steps + before[1], examples + before[2]

    def _left(self, epoch: int, step: int, per_step: float) -> tuple[float, float | None]:
        """Give the seconds to the end; where a time limit is the end, those of all epochs too."""
        of_all = self._seconds_left(epoch, step, per_step)
        if self.seconds_to_limit is None:
            return of_all, None
        of_epoch = (self.training_steps - step) * per_step
        of_epoch += self._validation(per_step) + self._saving_seconds
        limit = self.seconds_to_limit(min(of_all, of_epoch))
        return (of_all, None) if limit is None or limit >= of_all else (limit, of_all)

    def _seconds_left(self, epoch: int, step: int, per_step: float) -> float:
        epochs_after = self.epochs - epoch
        whole = epochs_after * self.training_steps
        later = self.steps_after(epoch) if self.steps_after else whole
        training = (self.training_steps - step + later) * per_step
        saving = (epochs_after + 1) * self._saving_seconds
        return training + self._validations_from(epoch) * self._validation(per_step) + saving

    def _validation(self, per_step: float) -> float:
        guessed = self.validation_steps * per_step * _GUESSED_VALIDATION_SHARE
        validation = guessed if self._validation_seconds is None else self._validation_seconds
        return min(validation, guessed) if self._with_building else validation

    def _validations_from(self, epoch: int) -> int:
        every = self.validate_every
        is_last_extra = self.epochs % every > 0
        return self.epochs // every - (epoch - 1) // every + is_last_extra
