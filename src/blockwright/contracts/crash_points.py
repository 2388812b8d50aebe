"""Places at which a test lets a real process die, as a power cut would.

Takes   the environment: `BLOCKWRIGHT_CRASH_AT=name` or `name:nth`, the nth time it is reached.
Gives   nothing; without the variable nothing ever happens here.
Never   ends a process in any other way than `kill -9`: no `finally` runs, nothing is flushed.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from typing import Literal

CrashPoint = Literal[
    "upload-made-without-name",
    "upload-made",
    "upload-bytes-gathered",
    "upload-bytes-written",
    "upload-bytes-durable",
    "import-files-found",
    "import-table-read",
    "import-row-written",
    "import-rows-written",
    "folder-durable",
    "folder-in-place",
    "import-told",
    "job-claimed",
    "job-planned",
    "job-started",
    "job-events-read",
    "job-events-recorded",
    "job-loss-recorded",
    "worker-began",
    "worker-known",
    "worker-work-over",
    "worker-farewell-said",
    "event-written",
    "event-durable",
    "run-model-built",
    "run-restored",
    "run-begun",
    "run-step-done",
    "run-trained",
    "run-validated",
    "checkpoint-begun",
    "checkpoint-file-written",
    "checkpoint-file-durable",
    "checkpoint-whole",
    "checkpoint-names-durable",
    "checkpoint-renamed",
    "checkpoint-in-place",
    "checkpoint-told",
    "checkpoint-leaving",
    "checkpoint-gone",
]

_reached: Counter[str] = Counter()


def reach(point: CrashPoint) -> None:
    """Die here if the environment says so."""
    name, _, nth = os.environ.get("BLOCKWRIGHT_CRASH_AT", "").partition(":")
    if point == name:
        _reached[point] += 1
        if _reached[point] >= int(nth or 1):
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
