"""Dataset zips for tests, shaped as `blockwright preprocess` shapes them, with any fault."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from blockwright.contracts.data import ImportOptions
from blockwright.contracts.sink import Outcome
from blockwright.contracts.work import Imported, ImportPlan, SourceFile, WorkerEvent
from blockwright.datasets.intake import run_import


def npy_bytes(array: np.ndarray, *, allow_pickle: bool = False) -> bytes:
    content = io.BytesIO()
    np.save(content, array, allow_pickle=allow_pickle)
    return content.getvalue()


def index_text(labels: list[str], rows: list[list[str]]) -> str:
    return "\n".join(",".join(row) for row in [["fname", *labels], *rows]) + "\n"


def write_zip(path: Path, entries: dict[str, bytes | str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def small_entries(
    rows: int, *, shape: tuple[int, ...] = (8, 6), labels: tuple[str, ...] = ("Bark", "Hi-hat")
) -> dict[str, bytes | str]:
    """Give the entries of a faultless zip: random tensors, labels by row number."""
    random = np.random.default_rng(7)
    entries: dict[str, bytes | str] = {
        f"clips/c{n:04d}.npy": npy_bytes(random.normal(size=shape).astype("f4"))
        for n in range(rows)
    }
    table = [
        [f"clips/c{n:04d}.npy", *[str(int(n % (k + 2) == 0)) for k in range(len(labels))]]
        for n in range(rows)
    ]
    entries["index.csv"] = index_text(list(labels), table)
    return entries


@dataclass
class RecordingSink:
    """Keeps the events of a job; asks it to stop after so many."""

    stop_after_events: int | None = None
    events: list[WorkerEvent] = field(default_factory=list)

    def emit(self, event: WorkerEvent) -> None:
        self.events.append(event)

    def stop_requested(self) -> bool:
        return self.stop_after_events is not None and len(self.events) >= self.stop_after_events

    def last(self, kind: type[WorkerEvent]) -> WorkerEvent:
        return [event for event in self.events if isinstance(event, kind)][-1]


def import_zip(source: Path, folder: Path, sink: RecordingSink | None = None) -> Imported:
    """Import and give what the import says at its end."""
    return import_files(source, folder=folder, sink=sink)


def import_files(
    *sources: Path,
    folder: Path,
    base: Path | None = None,
    sink: RecordingSink | None = None,
    options: ImportOptions | None = None,
) -> Imported:
    """Import files, added to `base` if given, and give what the import says at its end."""
    sink = sink or RecordingSink()
    plan = import_plan(*sources, folder=folder, base=base, options=options)
    outcome: Outcome = run_import(plan, sink)
    assert outcome == "done"
    imported = sink.last(Imported)
    assert isinstance(imported, Imported)
    return imported


def import_plan(
    *sources: Path, folder: Path, base: Path | None = None, options: ImportOptions | None = None
) -> ImportPlan:
    """Give the plan of an import of files of this machine."""
    return ImportPlan(
        dataset_id="ds_test",
        sources=[SourceFile(path=str(source), name=source.name) for source in sources],
        content_folder=str(folder),
        base_folder=str(base) if base else None,
        options=options or ImportOptions(),
    )
