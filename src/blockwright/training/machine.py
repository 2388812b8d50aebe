"""What a run is made with and on, so that its numbers can be made again."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path

import keras
import psutil

from blockwright.contracts.engine import EngineChoice
from blockwright.contracts.runs import MachineFacts
from blockwright.version import __version__

_PACKAGES = ("keras", "tensorflow", "tensorflow-cpu", "jax", "numpy")
_BFLOAT16_FLAGS = ("avx512_bf16", "amx_bf16")


def machine_facts(engine: EngineChoice) -> MachineFacts:
    """Describe this process, its packages and its machine."""
    return MachineFacts(
        backend=keras.backend.backend(),
        versions=package_versions(),
        cores=psutil.cpu_count(logical=True) or 1,
        memory_bytes=psutil.virtual_memory().total,
        device=device_name(),
        precision=engine.precision,
        engine=engine,
    )


def package_versions() -> dict[str, str]:
    """Give the versions of what the numbers of a run depend on."""
    versions = {"blockwright": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue  # one backend is enough
    return versions


def usable_cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def computes_bfloat16() -> bool:
    """Say whether what computes has instructions for bfloat16; without them it is slower.

    JAX on a processor turns products and convolutions of bfloat16 into those of float32,
    whatever the processor can do: a trial of both would only measure what else goes on.
    """
    if keras.backend.backend() == "jax":
        return _has_gpu()
    lines = _processor_lines("flags")
    return bool(lines) and any(name in lines[0].split() for name in _BFLOAT16_FLAGS)


def _has_gpu() -> bool:
    return any(device.startswith(("gpu", "cuda")) for device in keras.distribution.list_devices())


def device_name() -> str:
    """Give the name of the processor."""
    names = _processor_lines("model name")
    return names[0] if names else platform.processor() or platform.machine()


def _processor_lines(field: str) -> list[str]:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []  # not Linux
    return [line.split(":", 1)[1].strip() for line in lines if line.startswith(field)]
