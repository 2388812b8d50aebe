"""From the click on Run to the first batch: with a worker kept ready, and with none.

Run as `python benchmarks/start_of_run.py --repeats 5`. Each run is of a tiny CNN, so that what
is measured is the way there: queue, process, Keras, model, data, the program of the first step.
Warm and cold starts take turns in one studio.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.tiny_run import TinyStudio, make_tiny_studio

from blockwright.jobs.executor import LocalExecutor
from blockwright.jobs.supervisor import Supervisor

WARM_BYTES = 1_500_000_000
SETTLED_SECONDS = 15.0


def seconds_to_first_batch(studio: TinyStudio) -> float:
    """Queue a run, wait until its first batch was told, and stop it."""
    experiment = studio.experiment(epochs=10_000)
    began_at = time.monotonic()
    run = studio.runs.create(experiment)
    while studio.runs.get(run.id).progress.step < 1:
        time.sleep(0.01)
    seconds = time.monotonic() - began_at
    studio.runs.stop(run.id)
    studio.wait_until_over(run.id)
    return seconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    found: dict[str, list[float]] = {"cold": [], "warm": []}
    with tempfile.TemporaryDirectory() as name:
        studio = make_tiny_studio(Path(name) / "studio")
        executor = LocalExecutor(warm_bytes=WARM_BYTES)
        supervisor = Supervisor(studio.database, studio.files, workers=1, executor=executor)
        executor.keep_warm = lambda: None  # type: ignore[method-assign] - here it is ours to say when
        supervisor.start()
        seconds_to_first_batch(studio)  # measures once how this machine computes best
        for _ in range(repeats):
            found["cold"].append(seconds_to_first_batch(studio))
            LocalExecutor.keep_warm(executor)
            time.sleep(SETTLED_SECONDS)
            found["warm"].append(seconds_to_first_batch(studio))
        supervisor.stop(20)
    for kind, seconds in found.items():
        print(
            f"{kind}: median {statistics.median(seconds):.1f} s, "
            f"from {min(seconds):.1f} to {max(seconds):.1f} s, {repeats} runs"
        )
    ratio = statistics.median(found["cold"]) / statistics.median(found["warm"])
    print(f"a worker kept ready is {ratio:.1f} times as fast")


if __name__ == "__main__":
    main()
