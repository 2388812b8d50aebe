"""How much memory a process has used at its peak."""

from __future__ import annotations

import re
from pathlib import Path


def peak_mb(pid: int | str = "self") -> float:
    """Give the peak of a process's own memory in MB, since it began its program.

    `ru_maxrss` would count what the parent had when it forked, too.
    """
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) / 1024
