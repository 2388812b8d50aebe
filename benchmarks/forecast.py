"""How far a forecast is from the run that follows it: time per epoch and memory.

Each model of `train.py` is measured by a worker as before `Run`, then trained by another
one; the second epoch is compared, as the first also builds the programs. An error under
20 % is what the studio promises. Run on a machine that does nothing else:

    python benchmarks/forecast.py [--models cnn_small resnet50v2 mlp] [--rows N]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from blockwright.contracts.probes import Forecast
from blockwright.contracts.runs import EpochMetrics
from blockwright.contracts.work import (
    EVENTS_FILE,
    PLAN_FILE,
    ForecastMade,
    ForecastPlan,
    Plan,
    PlanFile,
    TrainEpoch,
    TrainPlan,
    WorkerEvent,
)
from blockwright.jobs.event_file import read_events
from train import CASES, Case, write_numbers, write_plan

ROWS = {"cnn_small": 1_024, "resnet50v2": 112, "mlp": 65_536}
EPOCHS = 3


def work(folder: Path, plan: Plan) -> list[WorkerEvent]:
    """Let a worker of its own carry out a plan; give what it said."""
    folder.mkdir()
    task = PlanFile(job_id="job_benchmark", attempt=1, plan=plan)
    (folder / PLAN_FILE).write_text(task.model_dump_json(), encoding="utf-8")
    with (folder / "worker.log").open("wb") as log:
        command = [sys.executable, "-m", "blockwright.jobs.worker", str(folder)]
        subprocess.run(command, check=True, stdout=log, stderr=log)
    lines, _ = read_events(folder / EVENTS_FILE, 0)
    return [line.event for line in lines]


def measure(case: Case) -> tuple[Forecast, EpochMetrics]:
    """Give the forecast of a case, and the last epoch of its run."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_numbers(folder, case)
        train = TrainPlan.model_validate_json(write_plan(folder, case, augment=False).read_bytes())
        settings = train.settings.model_copy(update={"epochs": EPOCHS})
        engines = str(folder / "engines")
        train = train.model_copy(update={"settings": settings, "engines_folder": engines})
        asked = work(folder / "ask", ForecastPlan(probe_id="prb_benchmark", train=train))
        trained = work(folder / "train", train)
    forecast = next(event.forecast for event in asked if isinstance(event, ForecastMade))
    epochs = [event.metrics for event in trained if isinstance(event, TrainEpoch)]
    return forecast, epochs[-1]


def main() -> None:
    """Measure every model asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", choices=list(ROWS), default=list(ROWS))
    parser.add_argument("--rows", type=int, help="rows of training, instead of the usual")
    options = parser.parse_args()
    print("model        s/epoch: told  real  error   memory, MB: told  real  error  largest batch")
    for case in CASES:
        if case.name not in options.models:
            continue
        rows = options.rows or ROWS[case.name]
        told, real = measure(Case(case.name, case.shape, case.batch_size, rows))
        memory = real.signals.memory_bytes if real.signals else 0
        print(
            f"{case.name:12} {told.seconds_per_epoch:13.2f} {real.seconds:5.2f} "
            f"{told.seconds_per_epoch / real.seconds - 1:+6.0%}   "
            f"{told.memory_bytes / 1e6:16.0f} {memory / 1e6:5.0f} "
            f"{told.memory_bytes / memory - 1:+6.0%}  {told.largest_batch}"
        )


if __name__ == "__main__":
    main()
