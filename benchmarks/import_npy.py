"""Import of a zip of npy files against `unzip` followed by reading every file once.

    python benchmarks/import_npy.py [--files N] [--rounds N] [--method deflated|stored]

Both do the same zip in turn, each in processes of its own, from page cache. The import ends
with everything fsynced and hashed; `unzip` is measured as it is, and with its files fsynced.
The peak memory is that of the worker process (ru_maxrss), for a fifth of the files and for
all of them. Needs the command `unzip`, and disk for three times the files (0.26 MB each).
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np

SHAPE = (256, 256)
METHODS = {"deflated": zipfile.ZIP_DEFLATED, "stored": zipfile.ZIP_STORED}
MOST_RATIO = 1.5
MOST_PEAK_MB = 400

IMPORT = """
import resource, sys, time
from pathlib import Path
from blockwright.contracts.work import Imported, ImportPlan, SourceFile
from blockwright.datasets.intake import run_import

class Sink:
    rows = 0
    def emit(self, event):
        if isinstance(event, Imported):
            self.rows = event.rows
            assert event.report.problem_count == 0
    def stop_requested(self):
        return Path(sys.argv[3]).exists()

source, goal = sys.argv[1:3]
plan = ImportPlan(
    dataset_id="ds_1", sources=[SourceFile(path=source, name="d.zip")], content_folder=goal
)
sink = Sink()
began = time.perf_counter()
run_import(plan, sink)
seconds = time.perf_counter() - began
print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3, sink.rows)
"""


def make_zip(path: Path, files: int, method: int) -> None:
    """Write spectrogram-like npy files (decibels with noise) and their index."""
    random = np.random.default_rng(3)
    with zipfile.ZipFile(path, "w", method) as archive:
        for number in range(files):
            slope = np.linspace(0, -60, SHAPE[0], dtype="f4")[:, np.newaxis]
            picture = slope + random.normal(scale=6, size=SHAPE).astype("f4")
            content = io.BytesIO()
            np.save(content, picture)
            archive.writestr(f"clips/{number:05d}.npy", content.getvalue())
        lines = [
            f"clips/{number:05d}.npy,{number % 2},{number % 3 == 0:d}" for number in range(files)
        ]
        archive.writestr("index.csv", "\n".join(["fname,Bark,Meow", *lines]) + "\n")


def import_it(source: Path, goal: Path, files: int) -> tuple[float, float]:
    """Import in a process of its own; gives seconds and its peak memory in MB."""
    told = subprocess.run(
        [sys.executable, "-c", IMPORT, str(source), str(goal), str(goal) + ".stop"],
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, peak_mb, rows = told.stdout.split()
    assert int(rows) == files
    shutil.rmtree(goal)
    return float(seconds), float(peak_mb)


def unzip_and_read(source: Path, goal: Path) -> tuple[float, float]:
    """Unzip, read every file once; gives seconds without and with fsync of the files."""
    began = time.perf_counter()
    subprocess.run(["unzip", "-qq", str(source), "-d", str(goal)], check=True)
    for path in sorted(goal.rglob("*.npy")):
        path.read_bytes()
    seconds = time.perf_counter() - began
    for path in goal.rglob("*"):
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
    durable_seconds = time.perf_counter() - began
    shutil.rmtree(goal)
    return seconds, durable_seconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--files", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--method", choices=METHODS, default="deflated")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="import-npy-") as place:
        few, many = Path(place) / "few.zip", Path(place) / "many.zip"
        make_zip(few, given.files // 5, METHODS[given.method])
        make_zip(many, given.files, METHODS[given.method])
        megabytes = given.files * SHAPE[0] * SHAPE[1] * 4 / 1e6
        print(f"{given.files} files {SHAPE}, {given.method}: {megabytes:.0f} MB of numbers")
        goal = Path(place) / "goal"
        _, peak_few_mb = import_it(few, goal, given.files // 5)
        ours, theirs, durable, peaks_mb = [], [], [], []
        for number in range(given.rounds):
            seconds, peak_mb = import_it(many, goal, given.files)
            plain, synced = unzip_and_read(many, goal)
            ours.append(seconds)
            peaks_mb.append(peak_mb)
            theirs.append(plain)
            durable.append(synced)
            print(
                f"round {number + 1}: import {seconds:.2f} s, "
                f"unzip and read {plain:.2f} s, with fsync {synced:.2f} s"
            )
    ratio = statistics.median(ours) / statistics.median(theirs)
    print(
        f"import / unzip and read: {ratio:.2f} (at most {MOST_RATIO}); "
        f"with fsync of both: {statistics.median(ours) / statistics.median(durable):.2f}; "
        f"{megabytes / statistics.median(ours):.0f} MB/s"
    )
    print(
        f"peak memory of the worker: {peak_few_mb:.0f} MB with {given.files // 5} files, "
        f"{max(peaks_mb):.0f} MB with {given.files} (at most {MOST_PEAK_MB})"
    )


if __name__ == "__main__":
    main()
