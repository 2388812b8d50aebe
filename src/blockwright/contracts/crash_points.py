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
]

_NAME, _, _NTH = os.environ.get("BLOCKWRIGHT_CRASH_AT", "").partition(":")
_reached: Counter[str] = Counter()


def reach(point: CrashPoint) -> None:
    """Die here if the environment says so."""
    if point == _NAME:
        _reached[point] += 1
        if _reached[point] >= int(_NTH or 1):
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
