"""How long a csv takes until its columns are typed and counted, against Polars reading it.

.venv/bin/python benchmarks/table_import.py [--rows 1000000] [--rounds 3]

The csv has 100 columns as label tables have them: 60 measurements, 20 of 0 and 1, 10 of
whole numbers, 8 of classes, one of several labels, one of file names. Peer:
`polars.read_csv` of the same file in the same process, interleaved. The peak memory is that
of a process of its own that only imports.
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

from blockwright.datasets.column_statistics import column_statistics
from blockwright.datasets.column_types import propose
from blockwright.datasets.table_files import read_csv
from blockwright.datasets.typed_columns import typed

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


def import_table(path: Path) -> tuple[float, float, float]:
    """Read, propose and count; give the seconds of each."""
    begun = time.perf_counter()
    table = read_csv(path)
    read = time.perf_counter()
    proposals = propose(table.frame, missing_words=table.missing_words, lines=table.source_lines)
    proposed = time.perf_counter()
    columns = [(table.frame[each.name], each.type) for each in proposals]
    column_statistics(
        [(typed(*each)[0], each[1]) if each[1] == "multi_label" else each for each in columns]
    )
    return read - begun, proposed - read, time.perf_counter() - proposed


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
            read, proposed, counted = import_table(path)
            processor_ratios.append((time.process_time() - busy) / peer_busy)
            ratios.append((read + proposed + counted) / peer)
            print(
                f"Polars {peer:.2f} s; read {read:.2f} + propose {proposed:.2f} "
                f"+ count {counted:.2f} s: ratio {ratios[-1]:.2f}, "
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
