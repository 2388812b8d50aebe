"""How far a forecast is from the run that follows it.

Each model of `train.py` is measured by a worker as before `Run`, then trained by another one.
Told are the time of an epoch (training and validation; saving depends on the disk and stands
alone) against the epochs after the first, which also builds the programs; the time left that
the run tells when its first epoch is over against what it then takes; the memory; and that of
a larger batch, by which the largest batch is told, against a run with that batch.
An error under 20 % is what the studio promises. Run on a machine that does nothing else:

    python benchmarks/forecast.py [--models cnn_small resnet50v2 mlp] [--rows N] [--epochs N]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np

from blockwright.contracts.probes import Forecast
from blockwright.contracts.work import (
    EVENTS_FILE,
    PLAN_FILE,
    EventLine,
    ForecastMade,
    ForecastPlan,
    Plan,
    PlanFile,
    TrainEpoch,
    TrainPlan,
    TrainStarted,
    TrainStep,
)
from blockwright.jobs.event_file import read_events
from train import CASES, Case, write_numbers, write_plan

ROWS = {"cnn_small": 1_000, "resnet50v2": 120, "mlp": 65_000}
VALIDATION_SHARE = 0.2
# How many times larger the other batch is, where there are rows enough.
LARGER = (4, 2)


@dataclass(frozen=True)
class Taken:
    """What a run took.

    Attributes:
        seconds: Of training and validation in an epoch after the first.
        saving: Seconds of what is left of the time from one saved epoch to the next.
        memory: The most of any epoch, in bytes.
        told_left: What it said was left when the first epoch was over.
        left: What it then took.
    """

    seconds: float
    saving: float
    memory: int
    told_left: float
    left: float


def work(folder: Path, plan: Plan) -> list[EventLine]:
    """Let a worker of its own carry out a plan; give what it said."""
    folder.mkdir()
    task = PlanFile(job_id="job_benchmark", attempt=1, plan=plan)
    (folder / PLAN_FILE).write_text(task.model_dump_json(), encoding="utf-8")
    with (folder / "worker.log").open("wb") as log:
        command = [sys.executable, "-m", "blockwright.jobs.worker", str(folder)]
        subprocess.run(command, check=True, stdout=log, stderr=log)
    lines, _ = read_events(folder / EVENTS_FILE, 0)
    return lines


def split(folder: Path, plan: TrainPlan, rows: int) -> TrainPlan:
    """Set some rows aside for validation."""
    every = np.arange(rows, dtype=np.int64)
    border = int(rows * (1 - VALIDATION_SHARE))
    np.savez(folder / "subsets.npz", training=every[:border], validation=every[border:])
    return plan.model_copy(update={"engines_folder": str(folder / "engines")})


def with_settings(plan: TrainPlan, folder: Path, **settings: int | str) -> TrainPlan:
    """Give a plan with other settings and a folder of its own."""
    changed = plan.settings.model_copy(update=settings)
    return plan.model_copy(update={"settings": changed, "run_folder": str(folder)})


def precision_of(lines: list[EventLine]) -> str:
    """Give the precision that a run computed with."""
    begun = next(line.event for line in lines if isinstance(line.event, TrainStarted))
    return begun.machine.precision


def taken_by(lines: list[EventLine]) -> Taken:
    """Give what a run took by what its worker said."""
    ends = [line for line in lines if isinstance(line.event, TrainEpoch)]
    first, last = ends[0].at, ends[-1].at
    told = next(line for line in lines if isinstance(line.event, TrainStep) and line.at > first)
    return Taken(
        seconds=median(line.event.metrics.seconds for line in ends[1:]),
        saving=median(
            line.at - before.at - line.event.metrics.seconds for before, line in pairwise(ends)
        ),
        memory=max(line.event.metrics.signals.memory_bytes for line in ends),
        told_left=told.event.progress.seconds_left or 0.0,
        left=last - told.at,
    )


def larger_batch(case: Case) -> int:
    """Give the other batch size."""
    rows = case.rows * (1 - VALIDATION_SHARE)
    return next(case.batch_size * factor for factor in LARGER if case.batch_size * factor <= rows)


def measure(case: Case, epochs: int) -> tuple[Forecast, Taken, Taken]:
    """Give the forecast of a case, its run, and a run with a larger batch."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_numbers(folder, case)
        written = write_plan(folder, case, augment=False)
        plan = split(folder, TrainPlan.model_validate_json(written.read_bytes()), case.rows)
        plan = with_settings(plan, folder / "run", epochs=epochs)
        asked = work(folder / "ask", ForecastPlan(probe_id="prb_benchmark", train=plan))
        trained = work(folder / "train", plan)
        larger = with_settings(
            plan,
            folder / "other",
            epochs=2,
            batch_size=larger_batch(case),
            # As chosen: the memory of trials would be that of another forecast.
            precision=precision_of(trained),
        )
        others = work(folder / "larger", larger)
    forecast = next(line.event.forecast for line in asked if isinstance(line.event, ForecastMade))
    return forecast, taken_by(trained), taken_by(others)


def beside(told: float, real: float, digits: int) -> str:
    """Give two numbers and how far the first is from the second."""
    return f"{told:9.{digits}f} {real:9.{digits}f} {told / real - 1:+5.0%}"


def main() -> None:
    """Measure every model asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", choices=list(ROWS), default=list(ROWS))
    parser.add_argument("--rows", type=int, help="rows in all, instead of the usual")
    parser.add_argument("--epochs", type=int, default=4)
    options = parser.parse_args()
    for one in CASES:
        if one.name not in options.models:
            continue
        rows = options.rows or ROWS[one.name]
        case = Case(one.name, one.shape, one.batch_size, rows)
        told, real, larger = measure(case, options.epochs)
        other = larger_batch(case)
        more = (other - case.batch_size) * told.memory_per_row_bytes
        learning = told.seconds_per_epoch - told.save_seconds
        print(f"  seconds an epoch          {beside(learning, real.seconds, 2)}")
        print(f"  saving it                 {beside(told.save_seconds, real.saving, 2)}")
        print(f"  left after the first one  {beside(real.told_left, real.left, 2)}")
        print(
            f"  memory, MB                {beside(told.memory_bytes / 1e6, real.memory / 1e6, 0)}"
        )
        print(
            f"  memory, batch of {other:<8} "
            f"{beside((told.memory_bytes + more) / 1e6, larger.memory / 1e6, 0)}"
        )
        print(f"  largest batch {told.largest_batch}, once {told.start_seconds:.1f} s", flush=True)


if __name__ == "__main__":
    main()
