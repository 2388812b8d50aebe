"""What trainings may take of this machine: as set, else all that it has.

A GPU is named as CUDA takes it: as `CUDA_VISIBLE_DEVICES` of the studio says, else by its place
in the order of the bus.
"""

from __future__ import annotations

import os
from pathlib import Path

import psutil

from blockwright.contracts.queue import Limits
from blockwright.contracts.work import CUDA_DEVICES
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
        gpus=len(gpu_names()) if gpus is None else gpus,
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


def training_gpus(settings: Settings, folder: Path = _GPUS) -> list[str] | None:
    """Name the GPUs that trainings may see; None where there are none to choose from."""
    names = gpu_names(folder)
    return names[: settings.training_gpus] if names else None


def gpu_names(folder: Path = _GPUS) -> list[str]:
    """Name the GPUs that a driver serves, without loading anything."""
    named = os.environ.get(CUDA_DEVICES)
    if named is not None:
        return [name for name in named.split(",") if name and name != "-1"]
    found = len(list(folder.iterdir())) if folder.is_dir() else 0
    return [str(place) for place in range(found)]
