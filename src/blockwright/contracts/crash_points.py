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
    "upload.made_without_name",
    "upload.made",
    "upload.bytes_gathered",
    "upload.bytes_written",
    "upload.bytes_durable",
    "import.files_found",
    "import.table_read",
    "import.row_written",
    "import.rows_written",
    "folder.durable",
    "folder.in_place",
    "import.told",
]

_NAME, _, _NTH = os.environ.get("BLOCKWRIGHT_CRASH_AT", "").partition(":")
_reached: Counter[str] = Counter()


def reach(point: CrashPoint) -> None:
    """Die here if the environment says so."""
    if point == _NAME:
        _reached[point] += 1
        if _reached[point] >= int(_NTH or 1):
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
