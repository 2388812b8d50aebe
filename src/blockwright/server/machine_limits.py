"""What trainings may take of this machine: as set, else all that it has."""

from __future__ import annotations

import os
from pathlib import Path

import psutil

from blockwright.contracts.queue import Limits
from blockwright.settings import Settings

# Where Linux tells what a container may use, and which GPUs its driver serves.
_CONTAINER_MEMORY = Path("/sys/fs/cgroup/memory.max")
_GPUS = Path("/proc/driver/nvidia/gpus")


def training_limits(settings: Settings) -> Limits:
    """Give the limits of all trainings together."""
    gpus = settings.training_gpus
    return Limits(
        cores=machine_cores(),
        memory_bytes=settings.training_memory_bytes or machine_memory(),
        gpus=count_gpus() if gpus is None else gpus,
    )


def machine_cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def machine_memory(container: Path = _CONTAINER_MEMORY) -> int:
    """Give the bytes of memory of the machine, or of the container that it pretends to be."""
    total = psutil.virtual_memory().total
    try:
        return min(total, int(container.read_text("ascii")))
    except (OSError, ValueError):  # no container, or one that says "max"
        return total


def count_gpus(folder: Path = _GPUS) -> int:
    """Count the GPUs that a driver serves, without loading anything."""
    return len(list(folder.iterdir())) if folder.is_dir() else 0
