"""Which backend of Keras computes: it has to be named before Keras is imported.

Takes   a job's plan, what the run has kept, what this machine has.
Gives   the name of a backend, and why it is that one.
Never   imports Keras.
"""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import get_args

from blockwright.contracts.engine import BackendReason
from blockwright.contracts.problems import error
from blockwright.contracts.training_settings import BackendName
from blockwright.contracts.work import ForecastPlan, Plan, RateTestPlan, TrainPlan
from blockwright.training.kept_engine import kept_engine

_GPUS = Path("/proc/driver/nvidia/gpus")
_GPU_PLUGINS = ("jax_cuda12_plugin", "jax_cuda13_plugin")
# TensorFlow as it is installed by default where there are wheels of it: it knows no GPU.
_WITHOUT_GPU = "tensorflow-cpu"
_WORDS = {"tensorflow": "TensorFlow", "jax": "JAX"}


def backend_of(plan: Plan) -> str:
    """Give the backend that a job's worker loads: as kept with its run, set, or automatic."""
    training = _training_of(plan)
    return _kept_or_set(training) or automatic_backend() if training else automatic_backend()


def automatic_backend(gpus: Path = _GPUS) -> str:
    """Give what `KERAS_BACKEND` names in the studio's environment, else the fastest one here.

    Args:
        gpus: The folder in which the driver lists its GPUs.
    """
    return os.environ.get("KERAS_BACKEND") or fastest_backend(gpus)


def fastest_backend(gpus: Path = _GPUS) -> BackendName:
    """Give JAX where there is a GPU and its JAX is installed, else TensorFlow.

    Without a GPU JAX is no candidate: on a processor it takes two to four times as long.

    Args:
        gpus: The folder in which the driver lists its GPUs.
    """
    return "jax" if _has_gpu(gpus) and can_use_gpu("jax") else "tensorflow"


def can_use_gpu(backend: str) -> bool:
    """Say whether a backend, as it is installed here, computes on a GPU that it finds."""
    if backend == "jax":
        return any(map(find_spec, _GPU_PLUGINS))
    try:
        distribution(_WITHOUT_GPU)
    except PackageNotFoundError:
        return True
    return False


def why_backend(wanted: str, loaded: str, gpus: Path = _GPUS) -> BackendReason:
    """Say why a worker has loaded a backend.

    Args:
        wanted: As the settings say; `auto` leaves it to the machine.
        loaded: What it computes with.
        gpus: The folder in which the driver lists its GPUs.
    """
    if wanted == loaded:
        return "by_setting"
    if loaded != fastest_backend(gpus):
        return "by_environment"
    return "gpu" if loaded == "jax" else "processor"


def is_installed(backend: str) -> bool:
    """Say whether a backend can be loaded here."""
    return find_spec(backend) is not None


def refuse_missing(wanted: str) -> None:
    """Refuse settings whose backend is not installed. Raises `training.backend_missing`."""
    if wanted in get_args(BackendName) and not is_installed(wanted):
        raise error("training.backend_missing", **_told(wanted))


def require_backend(plan: Plan) -> None:
    """Refuse a training whose backend is not installed; other jobs take what there is.

    Raises:
        BlockwrightError: `training.backend_gone` where the run has begun with it,
            `training.backend_missing` where it is to begin.
    """
    training = _training_of(plan)
    if training is None:
        return
    kept = kept_engine(training)
    if kept and not is_installed(kept.backend):
        raise error("training.backend_gone", **_told(kept.backend))
    refuse_missing(training.settings.backend)


def _told(backend: str) -> dict[str, str]:
    """Give a backend's name, and what pip calls it."""
    package = '"jax[cuda12]"' if backend == "jax" and _has_gpu(_GPUS) else backend
    return {"backend": _WORDS.get(backend, backend), "package": package}


def _has_gpu(gpus: Path) -> bool:
    return gpus.is_dir() and any(gpus.iterdir())


def _training_of(plan: Plan) -> TrainPlan | None:
    match plan:
        case TrainPlan():
            return plan
        case ForecastPlan() | RateTestPlan():
            return plan.train
        case _:
            return None


def _kept_or_set(plan: TrainPlan) -> str | None:
    kept = kept_engine(plan)
    if kept:
        return kept.backend
    return None if plan.settings.backend == "auto" else plan.settings.backend
