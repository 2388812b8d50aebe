"""The engine that a run has kept in its folder: every attempt at the run computes with it.

Never   imports Keras: which backend a worker loads depends on what is kept.

Neighbour: `engine` chooses, and keeps what it chose.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from blockwright.contracts.engine import EngineChoice
from blockwright.contracts.work import TrainPlan

ENGINE_FILE = "engine.json"


def kept_engine(plan: TrainPlan) -> EngineChoice | None:
    """Give what an earlier attempt at this run chose, if its settings still ask for that."""
    known = read_engine(Path(plan.run_folder) / ENGINE_FILE)
    return known if known is not None and _is_as_set(known, plan) else None


def read_engine(path: Path) -> EngineChoice | None:
    """Give what a file tells; None if there is none, or one of another release."""
    try:
        return EngineChoice.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def _is_as_set(choice: EngineChoice, plan: TrainPlan) -> bool:
    """Say whether what was kept is still what the settings ask for."""
    settings = plan.settings
    return (
        settings.backend in ("auto", choice.backend)
        and settings.precision in ("auto", choice.precision)
        and settings.xla in ("auto", "on" if choice.xla else "off")
        # JAX takes no number of threads.
        and (settings.threads in (0, choice.threads) or choice.backend == "jax")
    )
