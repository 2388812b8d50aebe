"""Which engine workers load: it has to be named before Keras is imported."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

_GPUS = Path("/proc/driver/nvidia/gpus")
_GPU_PLUGINS = ("jax_cuda12_plugin", "jax_cuda13_plugin")


def keras_backend(gpus: Path = _GPUS) -> str:
    """Give JAX where there is a GPU and its JAX is installed, else TensorFlow.

    `KERAS_BACKEND` in the studio's environment has the last word. Without a GPU JAX is no
    candidate: on a processor it takes two to four times as long as TensorFlow.

    Args:
        gpus: The folder in which the driver lists its GPUs.
    """
    named = os.environ.get("KERAS_BACKEND")
    if named:
        return named
    has_gpu = gpus.is_dir() and any(gpus.iterdir())
    return "jax" if has_gpu and any(map(find_spec, _GPU_PLUGINS)) else "tensorflow"
