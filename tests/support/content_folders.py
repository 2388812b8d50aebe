"""Content folders for tests, written in the documented format without an import."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from blockwright.contracts.data import Feature, Histogram, ImportReport
from blockwright.contracts.encodings import ENCODINGS_OF_TYPE, FeatureType
from blockwright.contracts.problems import problem
from blockwright.datasets.draft_state import DraftState
from blockwright.datasets.folder import (
    CONTENT_FILE,
    IDENTITIES_FILE,
    ROWS_FILE,
    SOURCES_FILE,
    DatasetContent,
    StoredMedia,
)
from blockwright.datasets.import_reports import write_report


def feature(name: str, kind: FeatureType, **more: Any) -> Feature:
    """Give a feature of a column with the same name, encoded by default."""
    fields: dict[str, Any] = {
        "name": name,
        "column": name,
        "type": kind,
        "shape": [],
        "encoding": {"kind": ENCODINGS_OF_TYPE[kind][0]},
        "histogram": Histogram(counts=[]),
        **more,
    }
    return Feature.model_validate(fields)


def write_content(
    folder: Path,
    columns: Mapping[str, Sequence[Any]] | pl.DataFrame,
    types: Mapping[str, FeatureType],
    *,
    identities: np.ndarray | None = None,
    sources: Sequence[tuple[str, int]] | None = None,
    media: Mapping[str, tuple[str, list[bytes], Mapping[str, Sequence[Any]]]] | None = None,
    problems: int = 0,
) -> DraftState:
    """Write a content folder and give the draft that an import would propose.

    `media` gives for a column its kind, the files' bytes, and their facts.
    """
    folder.mkdir(parents=True)
    frame = columns if isinstance(columns, pl.DataFrame) else pl.DataFrame(columns, strict=False)
    frame.write_parquet(folder / ROWS_FILE)
    np.save(folder / IDENTITIES_FILE, row_identities(frame) if identities is None else identities)
    told = sources or [("index.csv", line + 2) for line in range(len(frame))]
    pl.DataFrame(
        {"file": [file for file, _ in told], "line": [line for _, line in told]},
        schema={"file": pl.Categorical, "line": pl.Int64},
    ).write_parquet(folder / SOURCES_FILE)
    stored = {
        column: _write_media(folder, number, *given)
        for number, (column, given) in enumerate((media or {}).items())
    }
    features = [feature(name, types[name]) for name in frame.columns]
    content = DatasetContent(
        rows=len(frame), features=features, tensors={}, media=stored, rows_sha256=""
    )
    (folder / CONTENT_FILE).write_text(content.model_dump_json())
    report = ImportReport(
        files_found=1,
        rows_found=len(frame) + problems,
        rows_taken=len(frame),
        problems=[],
        problem_count=problems,
        notes=[problem("data.more_notes", count=1)] if problems else [],
    )
    write_report(folder, report, [])
    return DraftState(content_folder=folder, rows=len(frame), features=features)


def row_identities(frame: pl.DataFrame) -> np.ndarray:
    """Hash whole rows as an import does, equal ones told apart by their number."""
    seen: dict[str, int] = {}
    numbers = []
    for row in frame.iter_rows():
        text = "\x1f".join("" if cell is None else str(cell) for cell in row)
        copy = seen[text] = seen.get(text, 0) + 1
        whole = text if copy == 1 else f"{text}\x1f{copy}"
        numbers.append(int.from_bytes(hashlib.blake2b(whole.encode(), digest_size=8).digest()))
    return np.array(numbers, dtype=np.uint64)


def _write_media(
    folder: Path, number: int, kind: str, files: list[bytes], facts: Mapping[str, Sequence[Any]]
) -> StoredMedia:
    blob = f"media_{number}.bin"
    (folder / blob).write_bytes(b"".join(files))
    lengths = [len(file) for file in files]
    offsets = [sum(lengths[:place]) for place in range(len(lengths))]
    hashes = [hashlib.sha256(file).hexdigest() for file in files]
    pl.DataFrame(
        {"offset": offsets, "bytes": lengths, "sha256": hashes, **facts}, strict=False
    ).write_parquet(folder / f"media_{number}.parquet")
    return StoredMedia.model_validate(
        {
            "kind": kind,
            "blob_file": blob,
            "facts_file": f"media_{number}.parquet",
            "sha256": hashlib.sha256(json.dumps(hashes).encode()).hexdigest(),
        }
    )
