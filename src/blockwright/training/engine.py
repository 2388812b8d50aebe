"""Which engine a run computes with: as set, as kept with the run, or as measured.

Takes   the plan of a run, and a function that tries ways of computing.
Gives   an `EngineChoice`, the same one for every attempt at the run: numbers depend on it.

Neighbours: `engine_trials` does the measuring, `kept_engine` reads what was kept, and
`backends` names the backend before Keras is loaded.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras

from blockwright.contracts.engine import EngineChoice, EngineTrial, Precision, Reason
from blockwright.contracts.work import TrainPlan
from blockwright.store.files import make_folder_durably, write_durably
from blockwright.training.backends import why_backend
from blockwright.training.kept_engine import ENGINE_FILE, kept_engine, read_engine
from blockwright.training.machine import (
    computes_bfloat16,
    device_name,
    package_versions,
    usable_cores,
)
from blockwright.training.threads import device_count, has_several_devices

# A way that is hardly faster is not worth what it costs in exactness or in building.
WORTH = 1.05
# Of one step. Smaller ones spend their time between operations, where XLA helps and bfloat16
# does not; larger ones in convolutions and products, where it is the other way round.
SMALL_STEP_OPERATIONS = 2e8
# XLA takes seconds to compile a step, and saves less than a millisecond of each small one.
STEPS_WORTH_COMPILING = 10_000
MOST_LOSS_DIFFERENCE = 0.03
# Several small steps in one call spare what lies between calls, which is more than the steps
# themselves. More steps than these, or longer calls, gain nothing that could be measured.
MOST_STEPS_AT_ONCE = 64
OPERATIONS_AT_ONCE = 2e9
BYTES_AT_ONCE = 8 * 2**20

Way = tuple[Precision, bool]
Try = Callable[[list[Way]], list[EngineTrial]]


@dataclass(frozen=True)
class TrainingSize:
    """What a run has to compute.

    Attributes:
        step_operations: Multiplications and additions of one step.
        steps: Of the whole run.
        batch_bytes: Of what one step reads.
    """

    step_operations: float
    steps: int
    batch_bytes: int = 1

    @property
    def is_small(self) -> bool:
        """Whether a step spends its time between operations."""
        return self.step_operations < SMALL_STEP_OPERATIONS

    def steps_at_once(self) -> int:
        """Give how many steps one call may learn."""
        if not self.is_small or has_several_devices():
            return 1
        affordable = min(
            OPERATIONS_AT_ONCE / max(1.0, self.step_operations), BYTES_AT_ONCE / self.batch_bytes
        )
        return max(1, min(MOST_STEPS_AT_ONCE, int(affordable)))


def choose_engine(
    plan: TrainPlan, size: TrainingSize, *, threads: int, try_ways: Try
) -> EngineChoice:
    """Give the engine of a run; it is kept in the run's folder when this returns.

    Args:
        plan: Of the run. Its settings may fix precision, threads and compilation.
        size: What there is to compute.
        threads: Cores that one operation may use in this process.
        try_ways: Measures; called only where neither the run nor an earlier one of the same
            model on this machine has chosen.
    """
    kept = Path(plan.run_folder) / ENGINE_FILE
    known = _of_an_earlier_attempt(plan)
    if known is not None:
        return known
    ways, reason = _ways(plan, size)
    shared = _shared_file(plan, threads, ways)
    choice = read_engine(shared) if shared else None
    if choice is None:
        choice = _choose(ways, reason, threads, size.steps_at_once(), try_ways)
    why = why_backend(plan.settings.backend, choice.backend)
    choice = choice.model_copy(update={"backend_why": why})
    written = choice.model_dump_json(indent=1).encode()
    # Later writers take a folder that is there for one whose name is durable.
    make_folder_durably(kept.parent)
    write_durably(kept, written)
    if shared and choice.trials:
        make_folder_durably(shared.parent)
        write_durably(shared, written)
    return choice


def threads_of(plan: TrainPlan) -> int:
    """Give how many cores one operation shall use: as kept with the run, set, or its share."""
    known = _of_an_earlier_attempt(plan)
    return known.threads if known else plan.settings.threads or plan.cores or usable_cores()


def _of_an_earlier_attempt(plan: TrainPlan) -> EngineChoice | None:
    known = kept_engine(plan)
    return known if known is not None and known.backend == keras.backend.backend() else None


def _choose(
    ways: list[Way], reason: Reason, threads: int, steps_at_once: int, try_ways: Try
) -> EngineChoice:
    best, trials = ways[0], list[EngineTrial]()
    if len(ways) > 1:
        trials = try_ways(ways)
        best, reason = _best(trials) if trials else (best, "failed")
    return EngineChoice(
        backend=keras.backend.backend(),
        precision=best[0],
        threads=threads,
        xla=best[1],
        steps_at_once=steps_at_once,
        why=reason,
        trials=trials,
    )


def _ways(plan: TrainPlan, size: TrainingSize) -> tuple[list[Way], Reason]:
    """Give what may win, the first being what is taken if nothing is tried, and why."""
    precision, xla = plan.settings.precision, plan.settings.xla
    is_small = size.is_small
    reason: Reason = "by_setting"
    precisions: list[Precision] = ["float32"]
    if precision != "auto":
        precisions = [precision]
    elif not is_small and computes_bfloat16():
        precisions = ["float32", "bfloat16"]
    else:
        reason = "too_small" if is_small else "no_faster_hardware"
    compiled = [xla == "on"]
    is_long = is_small and size.steps >= STEPS_WORTH_COMPILING
    if xla == "auto" and is_long and keras.backend.backend() == "tensorflow":
        compiled = [False, True]
    return [(one, other) for one in precisions for other in compiled], reason


def _best(trials: list[EngineTrial]) -> tuple[Way, Reason]:
    """Give the fastest way that agrees with the first one."""
    first = trials[0]
    agreeing = [trial for trial in trials if _agrees(trial)] or [first]
    best = min(agreeing, key=lambda trial: trial.seconds_per_row)
    if first.seconds_per_row < WORTH * best.seconds_per_row:
        best = first
    fastest = min(trials, key=lambda trial: trial.seconds_per_row)
    differed = fastest not in agreeing and WORTH * fastest.seconds_per_row < best.seconds_per_row
    return (best.precision, best.xla), "differed" if differed else "measured"


def _agrees(trial: EngineTrial) -> bool:
    return trial.loss_difference <= MOST_LOSS_DIFFERENCE


def _shared_file(plan: TrainPlan, threads: int, ways: list[Way]) -> Path | None:
    """Give where the choice for the same model on the same machine is kept."""
    if plan.engines_folder is None:
        return None
    settings = plan.settings
    what = {
        "machine": [device_name(), usable_cores(), device_count()],
        "engine": [keras.backend.backend(), package_versions()],
        "model": [
            [[block.id, block.kind, block.params] for block in plan.graph.blocks],
            [[wire.source, wire.target] for wire in plan.graph.wires],
            [[source.name, source.shape] for source in plan.data.data_schema.sources],
        ],
        "steps": [settings.batch_size, settings.optimizer, threads, ways],
    }
    digest = hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()
    return Path(plan.engines_folder) / f"{digest[:32]}.json"
