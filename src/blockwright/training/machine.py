"""What a run is made with and on, so that its numbers can be made again."""

from __future__ import annotations

import platform
from importlib import metadata
from pathlib import Path

import keras
import psutil

from blockwright.contracts.runs import MachineFacts
from blockwright.version import __version__

_PACKAGES = ("keras", "tensorflow", "tensorflow-cpu", "jax", "numpy")


def machine_facts() -> MachineFacts:
    """Describe this process, its packages and its machine."""
    versions = {"blockwright": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue  # one backend is enough
    return MachineFacts(
        backend=keras.backend.backend(),
        versions=versions,
        cores=psutil.cpu_count(logical=True) or 1,
        memory_bytes=psutil.virtual_memory().total,
        device=_device(),
        precision=keras.config.dtype_policy().name,
    )


def _device() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []  # not Linux
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
