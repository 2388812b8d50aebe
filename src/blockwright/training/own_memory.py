"""The memory that this process needs for itself.

Takes   nothing; asks the system.
Gives   bytes, files that are mapped for reading left out: the system lets go of those when
        memory runs short, so that they do not limit what fits.
"""

from __future__ import annotations

import sys
from pathlib import Path

import psutil

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")
# From the manual of proc(5): "5" sets the peak resident size to what it is now.
_FORGET_PEAK = b"5"


def forget_peak() -> None:
    """Begin to measure the peak anew, where the system can."""
    try:
        _CLEAR.write_bytes(_FORGET_PEAK)
    except OSError:
        return  # not Linux, or not allowed: the peak is then that of the process


def present_bytes() -> int:
    """Give what the process holds now."""
    status = _status()
    if status:
        return status["RssAnon"] + status["RssShmem"]
    return int(psutil.Process().memory_info().rss)


def peak_bytes() -> int:
    """Give the most that the process held since `forget_peak`."""
    status = _status()
    if status:
        mapped = status["RssFile"]
        return max(status["VmHWM"] - mapped, status["RssAnon"] + status["RssShmem"])
    memory = psutil.Process().memory_info()
    if sys.platform == "win32":
        return int(memory.peak_wset)
    import resource  # noqa: PLC0415 - not there on Windows

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS


def _status() -> dict[str, int]:
    """Give the sizes of this process in bytes by their names in proc(5); empty if not Linux."""
    try:
        lines = _STATUS.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return {}
    pairs = (line.split(":", 1) for line in lines if line.endswith(" kB"))
    return {name: int(value.split()[0]) * 1024 for name, value in pairs}
