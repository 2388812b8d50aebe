"""When waiting trainings will start: numbers only, no rows."""

from __future__ import annotations

import heapq
from collections.abc import Sequence


def start_times(
    running: Sequence[float | None], waiting: Sequence[float | None], *, workers: int
) -> list[float | None]:
    """Tell in how many seconds each waiting training starts.

    Each worker takes the next one when it is free. From the first start that leans on a
    time that is not known, none is told.

    Args:
        running: Seconds that are left of each running training; None if not known.
        waiting: Seconds that each waiting one will take, in their order; None if not known.
        workers: How many run at the same time.

    >>> start_times([60.0], [30.0, 30.0, None, 5.0], workers=1)
    [60.0, 90.0, 120.0, None]
    """
    free = max(0, workers - len(running))
    unknown = float("inf")
    ends = [unknown if left is None else left for left in running] + [0.0] * free
    heapq.heapify(ends)
    starts: list[float | None] = []
    for seconds in waiting:
        start = heapq.heappop(ends)
        starts.append(None if start == unknown else start)
        heapq.heappush(ends, unknown if seconds is None else start + seconds)
    return starts


def earliest_times(
    running: Sequence[float | None], waiting: Sequence[float | None], *, workers: int
) -> list[float | None]:
    """Tell in how many seconds each waiting training starts at the earliest.

    As `start_times`, but a time that is not known counts as none at all.

    >>> earliest_times([60.0], [30.0, None, 5.0], workers=1)
    [60.0, 90.0, 90.0]
    """
    return start_times(
        [left or 0.0 for left in running], [each or 0.0 for each in waiting], workers=workers
    )
