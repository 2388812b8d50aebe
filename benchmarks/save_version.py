"""Memory and time of saving a version of a large table, in a process of its own.

.venv/bin/python benchmarks/save_version.py [--rows 1000000]

The table is that of `row_browser`: 100 columns, 99 of which become columns of the version.
Told is the largest resident memory that the kernel counted (VmHWM), libraries included, for a
fifth of the rows and for all. Linux only.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from blockwright.contracts.work import SaveVersionPlan, VersionSaved, WorkerEvent
from blockwright.datasets import subset_drafts
from blockwright.datasets.draft_state import DraftState
from blockwright.datasets.folder import read_content
from blockwright.datasets.freeze import run_save_version
from row_browser import write_content


class Sink:
    """Keeps the content hash."""

    content_hash = ""

    def emit(self, event: WorkerEvent) -> None:
        """Take an event in."""
        if isinstance(event, VersionSaved):
            self.content_hash = event.content_hash

    def stop_requested(self) -> bool:
        """Go on."""
        return False


def save(folder: Path) -> None:
    """Save a version of a content folder, and print what it took."""
    content = read_content(folder)
    state = DraftState(content_folder=folder, rows=content.rows, features=content.features)
    state = subset_drafts.default_subsets(state)
    sink = Sink()
    plan = SaveVersionPlan(
        version_id="ver_1",
        version_number=1,
        dataset_name="table",
        content_folder=str(folder),
        version_folder=str(folder / "version"),
        encoded_folder=str(folder / "encoded"),
        features=state.features,
        feature_sets=[],
        subsets=state.subsets,
        corrections=[],
    )
    began = time.perf_counter(), time.process_time()
    run_save_version(plan, sink)
    wall, busy = time.perf_counter() - began[0], time.process_time() - began[1]
    # Not ru_maxrss, which a process has from the one that started it.
    status = Path("/proc/self/status").read_text("ascii")
    peak_mb = int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) / 1024
    print(
        f"{content.rows} rows: {wall:.1f} s, processor {busy:.1f} s, "
        f"{peak_mb:.0f} MB at most; hash {sink.content_hash[:12]}"
    )


def main() -> None:
    """Save a smaller and a larger one."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--once", type=Path)
    given = parser.parse_args()
    if given.once is not None:
        save(given.once)
        return
    for rows in (given.rows // 5, given.rows):
        with tempfile.TemporaryDirectory() as name:
            write_content(Path(name), rows)
            subprocess.run([sys.executable, __file__, "--once", name], check=True)


if __name__ == "__main__":
    main()
