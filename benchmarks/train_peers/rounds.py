"""What every peer of `benchmarks/train.py` does: train when told to, say how long it took.

A peer is a process of its own, so that no engine's threads or settings touch another's. It
prints one JSON line when it is ready, then reads a line per round and answers with one.
This module needs nothing but Python: one peer runs in an environment of its own.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

Facts = dict[str, object]


def serve(train: Callable[[], Facts], facts: Facts) -> None:
    """Train once per line that comes in, until there are no more.

    Args:
        train: Trains on all rows once; what it gives is told along with the times.
        facts: Told first, e.g. versions and the number of parameters.
    """
    _say(facts)
    for _ in sys.stdin:
        began_at, busy_at = time.perf_counter(), time.process_time()
        found = train()
        times = {
            "seconds": time.perf_counter() - began_at,
            # Of all cores: steadier than the wall on a machine that others use too.
            "processor_seconds": time.process_time() - busy_at,
        }
        _say({**times, **found})


def _say(facts: Facts) -> None:
    print(json.dumps(facts), flush=True)
