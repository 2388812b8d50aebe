"""How long a csv takes until it is a draft with statistics and subsets, against Polars reading it.

.venv/bin/python benchmarks/table_import.py [--rows 1000000] [--rounds 3]

The csv has 100 columns as label tables have them: 60 measurements, 20 of 0 and 1, 10 of
whole numbers, 8 of classes, one of several labels, one of file names. Measured is the whole
import job, from the csv to the content folder in its place, and the subsets that a draft
begins with. Peer: `polars.read_csv` of the same file in the same process, interleaved. The
peak memory is that of a process of its own that only imports.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from blockwright.contracts.work import Imported, ImportPlan, Progress, SourceFile, WorkerEvent
from blockwright.datasets import subset_drafts
from blockwright.datasets.draft_state import DraftState
from blockwright.datasets.intake import run_import

WORDS = ("Bark", "Church_bell", "Fill_(with_liquid)", "Meow", "Raindrop", "Squeak", "Tap")


def write_table(path: Path, rows: int) -> None:
    """Write the csv, the same for the same number of rows."""
    random = np.random.default_rng(7)
    columns: dict[str, object] = {"fname": [f"clips/{row:08d}.wav" for row in range(rows)]}
    labels = np.array([*WORDS, "Bark,Meow", "Tap,Squeak,Raindrop"])
    columns["labels"] = labels[random.integers(0, len(labels), rows)]
    for number in range(60):
        columns[f"measured_{number}"] = np.round(random.normal(size=rows) * 10, 4)
    for number in range(20):
        columns[f"class_{number}"] = (random.random(rows) < 0.1).astype(np.int8)
    for number in range(10):
        columns[f"count_{number}"] = random.integers(0, 10_000, rows)
    for number in range(8):
        columns[f"kind_{number}"] = np.array(WORDS)[random.integers(0, len(WORDS), rows)]
    pl.DataFrame(columns).write_csv(path)


class StepTimes:
    """Takes the events of an import and notes when its steps began."""

    def __init__(self) -> None:
        """Begin the first step."""
        self.begun = time.perf_counter()
        self.read = 0.0
        self.imported: Imported | None = None

    def emit(self, event: WorkerEvent) -> None:
        """The first count of rows comes when the table is read and its types are proposed."""
        if isinstance(event, Imported):
            self.imported = event
        elif isinstance(event, Progress) and event.unit == "rows" and not self.read:
            self.read = time.perf_counter() - self.begun

    def stop_requested(self) -> bool:
        """Nobody asks for the end."""
        return False


def import_table(path: Path) -> tuple[float, float, float]:
    """Import; give the seconds until the types are proposed, of the rest, of the subsets."""
    steps = StepTimes()
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        content = Path(folder) / "content"
        source = SourceFile(path=str(path), name=path.name)
        plan = ImportPlan(dataset_id="benchmark", sources=[source], content_folder=str(content))
        run_import(plan, steps)
        done = time.perf_counter() - steps.begun
        if steps.imported is None:
            msg = "the import told no result"
            raise RuntimeError(msg)
        state = DraftState(content, steps.imported.rows, steps.imported.features)
        subset_drafts.default_subsets(state)
        return steps.read, done - steps.read, time.perf_counter() - steps.begun - done


def main() -> None:
    """Print the median of each step and of the ratio, and the peak memory."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--import-only", type=Path)
    given = parser.parse_args()
    if given.import_only is not None:
        import_table(given.import_only)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        write_table(path, given.rows)
        print(f"{given.rows} rows × 100 columns, {path.stat().st_size / 1e6:.0f} MB")
        ratios, processor_ratios = [], []
        for _ in range(given.rounds):
            begun, busy = time.perf_counter(), time.process_time()
            pl.read_csv(path)
            peer, peer_busy = time.perf_counter() - begun, time.process_time() - busy
            busy = time.process_time()
            read, finished, divided = import_table(path)
            processor_ratios.append((time.process_time() - busy) / peer_busy)
            ratios.append((read + finished + divided) / peer)
            print(
                f"Polars {peer:.2f} s; read and propose {read:.2f} + count, identify and write "
                f"{finished:.2f} + subsets {divided:.2f} s: ratio {ratios[-1]:.2f}, "
                f"by processor time {processor_ratios[-1]:.2f}"
            )
        print(
            f"median ratio {statistics.median(ratios):.2f}, "
            f"by processor time {statistics.median(processor_ratios):.2f}"
        )
        command = [sys.executable, __file__, "--import-only", str(path)]
        told = subprocess.run(command, check=True, capture_output=True, text=True)
        print(f"peak memory of the import {int(told.stdout) / 1024:.0f} MB")


if __name__ == "__main__":
    main()
