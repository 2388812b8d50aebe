"""Files that a person brings in, for tests in a browser: real clips with planted faults, tables."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

from blockwright.datasets.sample import TRAINING_AUDIO, TRAINING_LABELS
from tests.support.dataset_zips import write_zip
from tests.support.media_files import png_bytes

RARE_CLASS = "rooster"
FOLDS = 5


@dataclass(frozen=True)
class Clips:
    """A zip of recordings, the table of their labels beside it, and what was planted in them."""

    zip_file: Path
    labels_file: Path
    rows: int
    leaked: frozenset[str]
    silent: frozenset[str]
    rare: frozenset[str]


def write_clips(folder: Path, *, per_class: int = 12) -> Clips:
    """Write clips of two classes, one twice under two names, one silent, two of a rare class.

    The table has the columns `fname`, `labels` and `fold`; the copy stands in fold 5, its
    original in fold 1.
    """
    folder.mkdir(parents=True, exist_ok=True)
    by_class = _names_by_class()
    rows: list[tuple[str, str]] = []
    for label in ("dog", "rain"):
        rows += [(name, label) for name in by_class[label][:per_class]]
    rare = by_class[RARE_CLASS][:2]
    rows += [(name, RARE_CLASS) for name in rare]
    entries: dict[str, bytes | str] = {
        f"train_curated/{name}": (TRAINING_AUDIO / name).read_bytes() for name, _ in rows
    }
    folds = {name: 1 + place % (FOLDS - 1) for place, (name, _) in enumerate(rows)}
    original = rows[0][0]
    entries["train_curated/copy.ogg"] = entries[f"train_curated/{original}"]
    entries["train_curated/silent.wav"] = _silence()
    rows += [("copy.ogg", "dog"), ("silent.wav", "rain")]
    folds |= {"copy.ogg": FOLDS, "silent.wav": FOLDS}
    table = [[name, f'"{label},recorded"', folds[name]] for name, label in rows]
    labels_file = folder / "train_curated.csv"
    labels_file.write_text(_lines(["fname", "labels", "fold"], table), encoding="utf-8")
    return Clips(
        zip_file=write_zip(folder / "train_curated.zip", entries),
        labels_file=labels_file,
        rows=len(rows),
        leaked=frozenset({original, "copy.ogg"}),
        silent=frozenset({"silent.wav"}),
        rare=frozenset(rare),
    )


def write_recordings(path: Path, names: Sequence[str]) -> Path:
    """Write a zip of recordings with an index of their labels, to be added to others."""
    entries: dict[str, bytes | str] = {n: (TRAINING_AUDIO / n).read_bytes() for n in names}
    table = [[name, '"dog,recorded"', 2] for name in names]
    entries["index.csv"] = _lines(["fname", "labels", "fold"], table)
    return write_zip(path, entries)


def spare_dogs(count: int) -> list[str]:
    """Give names of recordings that `write_clips` does not take."""
    return _names_by_class()["dog"][-count:]


def write_mixed_folder(path: Path) -> Path:
    """Write a zip of 12 images, two of them with transparent pixels, and two that are none."""
    entries: dict[str, bytes | str] = {f"plain{n}.png": png_bytes(n) for n in range(10)}
    for number in range(2):
        content = io.BytesIO()
        Image.new("RGBA", (6, 4), (200, 10 * number, 3, 60)).save(content, "PNG")
        entries[f"clear{number}.png"] = content.getvalue()
    entries |= {"words.png": "not an image\n", "torn.png": png_bytes(1)[:40]}
    return write_zip(path, entries)


def write_measurements(path: Path, *, rows: int = 240) -> Path:
    """Write a table: five sites, three classes unevenly frequent, a size with gaps, folds."""
    random = np.random.default_rng(5)
    kinds = ["owl"] * 5 + ["frog"] * 3 + ["bat"] * 2
    lines = [
        [
            f"s{place % 5}",
            kinds[place % 10],
            "" if place % 24 == 7 else round(float(random.normal(50, 12)), 2),
            1 + place % 5,
        ]
        for place in range(rows)
    ]
    path.write_text(_lines(["site", "kind", "size", "fold"], lines), encoding="utf-8")
    return path


def write_wide_table(path: Path, *, columns: int = 1_000, rows: int = 400) -> Path:
    """Write a table of an id, numbers `band_000` … and 0/1 columns `label_000` …, half and half."""
    half = columns // 2
    random = np.random.default_rng(6)
    header = ["id", *(f"band_{n:03d}" for n in range(half))]
    header += [f"label_{n:03d}" for n in range(columns - half - 1)]
    numbers = random.normal(size=(rows, half)).round(3)
    truths = random.random((rows, columns - half - 1)) < 0.2
    lines = [
        [f"r{place}", *numbers[place].tolist(), *truths[place].astype(int).tolist()]
        for place in range(rows)
    ]
    path.write_text(_lines(header, lines), encoding="utf-8")
    return path


def _names_by_class() -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    with TRAINING_LABELS.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["labels"], []).append(row["fname"])
    return found


def _silence() -> bytes:
    content = io.BytesIO()
    soundfile.write(content, np.zeros(22_050, dtype="float32"), 22_050, "PCM_16", format="WAV")
    return content.getvalue()


def _lines(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    return "".join(",".join(str(each) for each in row) + "\n" for row in [header, *rows])
