"""How many steps are learnt in one call: as many as the run can look up in between.

Between calls a run is asked to stop, tells where it is and keeps its place. What the steps
learn does not depend on how many of them one call has.
"""

from __future__ import annotations

# Longer calls gain nothing more, and a person who presses Stop would notice.
LONGEST_SECONDS = 0.05


class StepsAtOnce:
    """Goes by the time that the last call took; the first one has a single step."""

    def __init__(self, room: int, *, place_seconds: float) -> None:
        """Begin with one step.

        Args:
            room: Steps that a call can have at most.
            place_seconds: How often the run wants to keep its place; 0 for after every step.
        """
        self.room = room
        self._longest = min(LONGEST_SECONDS, place_seconds)
        self._count = 1

    def __call__(self) -> int:
        """Give the steps of the next call."""
        return self._count

    def note(self, steps: int, seconds: float) -> None:
        """Say how long a call took."""
        if seconds > self._longest:
            self._count = max(1, self._count // 2)
        elif steps >= self._count and 2 * seconds <= self._longest:
            self._count = min(self.room, 2 * self._count)
