"""Whether a worker that died without a word died for want of memory.

Takes   the kernel's count of processes that it killed for memory; what the worker printed last.
Gives   yes or no; no where nothing tells.
"""

from __future__ import annotations

from pathlib import Path

from blockwright.contracts.work import LOG_FILE

# "oom_kill", from the kernel's documentation of proc(5): of this machine, containers included.
KERNEL_COUNTS = Path("/proc/vmstat")
_TAIL_BYTES = 8_192
# What C++, Rust, the C library, TensorFlow and oneDNN print before they give up.
_LAST_WORDS = (
    b"bad_alloc",
    b"memory allocation of",
    b"annot allocate memory",
    b"OOM when allocating",
    b"could not create a primitive",
)


def kernel_kills(counts: Path = KERNEL_COUNTS) -> int:
    """Give how many processes the kernel has killed for memory since it started; 0 if unknown."""
    try:
        lines = counts.read_text("ascii").splitlines()
    except OSError:  # not Linux
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)


def log_tells(folder: Path) -> bool:
    """Say whether the last that a worker printed is that it got no memory."""
    try:
        with (folder / LOG_FILE).open("rb") as log:
            log.seek(max(0, log.seek(0, 2) - _TAIL_BYTES))
            tail = log.read()
    except OSError:
        return False
    return any(words in tail for words in _LAST_WORDS)
