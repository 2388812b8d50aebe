"""How long a person waits for rows of a large table, against Polars doing the same.

.venv/bin/python benchmarks/row_browser.py [--rows 1000000] [--rounds 3]

The table has 100 columns: 60 measurements, 20 of 0 and 1, 10 of whole numbers, 8 of classes,
one of several labels and one of file names. Each round takes a fresh process that never saw
the table and has no cells laid out. "First" is the first of its kind in that process, one
right after the other, the cells not yet laid out; a warm page is 50 rows at a random place of
the sorted table, after they were laid out behind.

Peer: Polars with the same file in the same process, after each of ours: scan_parquet, sort or
filter, slice of 50 rows; for health, reading the whole table. Memory is the largest that a
process of its own without peer has for itself (anonymous), Python and libraries included.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from blockwright.contracts.data import Feature, Histogram
from blockwright.contracts.encodings import ENCODINGS_OF_TYPE, FeatureType
from blockwright.contracts.subsets import Condition, RowQuery
from blockwright.datasets import browse, subset_drafts
from blockwright.datasets.draft_state import DraftState
from blockwright.datasets.folder import (
    CELLS_FOLDER,
    CONTENT_FILE,
    IDENTITIES_FILE,
    ROWS_FILE,
    SOURCES_FILE,
    DatasetContent,
    read_content,
)
from blockwright.datasets.health import health_report

WORDS = ("Bark", "Church_bell", "Fill_(with_liquid)", "Meow", "Raindrop", "Squeak", "Tap")
PAGE_ROWS = 50
PAGES = 20
_LONGEST_LAYOUT_SECONDS = 120


def write_content(folder: Path, rows: int) -> None:
    """Write a content folder, the same for the same number of rows."""
    random = np.random.default_rng(7)
    types: dict[str, FeatureType] = {"fname": "text", "labels": "multi_label"}
    columns: dict[str, object] = {"fname": [f"clips/{row:08d}.wav" for row in range(rows)]}
    labels = np.array([*WORDS, "Bark,Meow", "Tap,Squeak,Raindrop"])
    columns["labels"] = labels[random.integers(0, len(labels), rows)]
    for number in range(60):
        columns[f"measured_{number}"] = np.round(random.normal(size=rows) * 10, 4)
    for number in range(20):
        columns[f"class_{number}"] = (random.random(rows) < 0.1).astype(np.int8)
        types[f"class_{number}"] = "binary"
    for number in range(10):
        columns[f"count_{number}"] = random.integers(0, 10_000, rows)
    for number in range(8):
        columns[f"kind_{number}"] = np.array(WORDS)[random.integers(0, len(WORDS), rows)]
        types[f"kind_{number}"] = "categorical"
    frame = pl.DataFrame(columns)
    frame.write_parquet(folder / ROWS_FILE)
    places = {"file": pl.lit("table.csv", pl.Categorical), "line": pl.int_range(2, rows + 2)}
    pl.select(pl.int_range(rows)).select(**places).write_parquet(folder / SOURCES_FILE)
    identities = random.integers(0, 2**63, rows).astype(np.uint64)
    np.save(folder / IDENTITIES_FILE, identities, allow_pickle=False)
    features = [_feature(name, types.get(name, "numeric")) for name in frame.columns]
    content = DatasetContent(rows=rows, features=features, tensors={}, rows_sha256="")
    (folder / CONTENT_FILE).write_text(content.model_dump_json(), encoding="utf-8")


def _feature(name: str, kind: FeatureType) -> Feature:
    fields = {"encoding": {"kind": ENCODINGS_OF_TYPE[kind][0]}, "histogram": Histogram(counts=[])}
    return Feature.model_validate(
        {"name": name, "column": name, "type": kind, "shape": [], **fields}
    )


class Clock:
    """Seconds by wall and by processor of each thing, ours and the peer's."""

    def __init__(self, *, with_peer: bool) -> None:
        """Begin with nothing."""
        self.with_peer = with_peer
        self.seconds: dict[str, list[float]] = {}

    def take(self, name: str, ours: Callable[[], object], peer: Callable[[], object]) -> None:
        """Time ours, then the peer."""
        self.seconds[name] = _timed(ours)
        if self.with_peer:
            self.seconds[name] += _timed(peer)


def _timed(work: Callable[[], object]) -> list[float]:
    begun, busy = time.perf_counter(), time.process_time()
    work()
    return [time.perf_counter() - begun, time.process_time() - busy]


class OwnMemory:
    """Watches the anonymous memory of this process."""

    def __init__(self) -> None:
        """Begin to watch."""
        self.largest_mb = 0.0
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            for line in Path("/proc/self/status").read_text("ascii").splitlines():
                if line.startswith("RssAnon"):
                    self.largest_mb = max(self.largest_mb, int(line.split()[1]) / 1024)
            time.sleep(0.005)


def _once(folder: Path, clock: Clock) -> dict[str, float]:
    memory = OwnMemory()
    content = read_content(folder)
    state = DraftState(content_folder=folder, rows=content.rows, features=content.features)
    state = subset_drafts.default_subsets(state)
    table = pl.scan_parquet(folder / ROWS_FILE)
    middle = content.rows // 2

    def page(**query: object) -> object:
        return browse.page(state, RowQuery.model_validate({"limit": PAGE_ROWS, **query}))

    def sliced(found: pl.LazyFrame, offset: int = 0) -> object:
        return found.slice(offset, PAGE_ROWS).collect()

    words = pl.col("fname", "labels", "^kind_.*$").str.contains("(?i)meow")
    clock.take("first page", page, lambda: sliced(table))
    clock.take(
        "first sort (numbers), page deep inside",
        lambda: page(sort_by="measured_3", offset=middle),
        lambda: sliced(table.sort("measured_3"), middle),
    )
    clock.take(
        "first condition",
        lambda: page(condition=Condition(feature="measured_9", operator="less", value=-20)),
        lambda: sliced(table.filter(pl.col("measured_9") < -20)),
    )
    clock.take(
        "first search",
        lambda: page(search="meow"),
        lambda: sliced(table.filter(pl.any_horizontal(words))),
    )
    clock.take(
        "first sort (words), descending",
        lambda: page(sort_by="fname", descending=True),
        lambda: sliced(table.sort("fname", descending=True)),
    )
    before_layout_mb = memory.largest_mb
    _wait_for_layout(folder)
    clock.take(
        "another sort, cells laid out",
        lambda: page(sort_by="kind_2", offset=middle),
        lambda: sliced(table.sort("kind_2"), middle),
    )
    _warm_pages(clock, page, content.rows)
    after_pages_mb = memory.largest_mb
    clock.take("health", lambda: health_report(state), table.collect)
    return {
        "until cells are laid out": before_layout_mb,
        "until warm pages": after_pages_mb,
        "with health": memory.largest_mb,
    }


def _wait_for_layout(folder: Path) -> None:
    ends = time.monotonic() + _LONGEST_LAYOUT_SECONDS
    while not (folder / CELLS_FOLDER).is_dir():
        if time.monotonic() > ends:
            raise TimeoutError
        time.sleep(0.05)


def _warm_pages(clock: Clock, page: Callable[..., object], rows: int) -> None:
    places = np.random.default_rng(3).integers(0, max(1, rows - PAGE_ROWS), PAGES)
    taken = [_timed(lambda at=at: page(sort_by="measured_3", offset=int(at))) for at in places]
    clock.seconds["warm page, median of 20"] = [
        statistics.median(one[kind] for one in taken) for kind in (0, 1)
    ]


def _fresh(folder: Path, *arguments: str) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Take all times in a process of its own, without cells laid out."""
    if (folder / CELLS_FOLDER).is_dir():
        for file in (folder / CELLS_FOLDER).iterdir():
            file.unlink()
        (folder / CELLS_FOLDER).rmdir()
    command = [sys.executable, __file__, "--once", str(folder), *arguments]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return told["seconds"], told["memory"]


def main() -> None:
    """Print medians of each step, of its ratio to the peer, and the memory."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--once", type=Path)
    parser.add_argument("--alone", action="store_true")
    given = parser.parse_args()
    if given.once is not None:
        clock = Clock(with_peer=not given.alone)
        memory = _once(given.once, clock)
        print(json.dumps({"seconds": clock.seconds, "memory": memory}))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_content(folder, given.rows)
        size = (folder / ROWS_FILE).stat().st_size / 1e6
        print(f"{given.rows} rows × 100 columns, {size:.0f} MB of Parquet")
        rounds = [_fresh(folder)[0] for _ in range(given.rounds)]
        _, memory = _fresh(folder, "--alone")
        cells = sum(file.stat().st_size for file in (folder / CELLS_FOLDER).iterdir()) / 1e6
    for step in rounds[0]:
        _print_step(step, [one[step] for one in rounds])
    told = ", ".join(f"{when} {megabytes:.0f} MB" for when, megabytes in memory.items())
    print(f"own memory of a process that only shows rows, largest: {told}")
    print(f"cells laid out: {cells:.0f} MB on disk")


def _print_step(step: str, taken: list[list[float]]) -> None:
    wall, busy = (statistics.median(one[kind] for one in taken) * 1000 for kind in (0, 1))
    line = f"{step:40s} {wall:7.0f} ms, processor {busy:6.0f} ms"
    if len(taken[0]) > 2:
        peer = statistics.median(one[3] for one in taken) * 1000
        by_wall = statistics.median(one[0] / one[2] for one in taken)
        by_processor = statistics.median(one[1] / one[3] for one in taken)
        line += f"; Polars {peer:6.0f} ms; ratio {by_wall:.2f}, by processor {by_processor:.2f}"
    print(line)


if __name__ == "__main__":
    main()
