"""A studio file over a few of the sample's recordings, small enough to be carried out in a test."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import yaml

from blockwright.datasets.sample import TEST_AUDIO, TRAINING_AUDIO, TRAINING_LABELS

SPECTROGRAM = {
    "sample_rate_hz": 22_050, "fft_samples": 512, "hop_samples": 1_024, "mel_bands": 32,
    "max_hz": 11_025, "frames": 64,
}  # fmt: skip


def write_studio_file(folder: Path, clips: int = 40) -> Path:
    """Write a studio file over a few of the sample's recordings, and what it names."""
    with TRAINING_LABELS.open(newline="") as file:
        rows = list(csv.reader(file))
    chosen = rows[1:][:: len(rows) // clips][:clips]
    (folder / "audio").mkdir(parents=True)
    (folder / "test").mkdir()
    for name, _ in chosen:
        shutil.copy(TRAINING_AUDIO / name, folder / "audio" / name)
    classes = sorted({label for _, labels in chosen for label in labels.split(",")})
    names = ["mix3_009.ogg", "mix3_003.ogg", "mix3_021.ogg"]
    for name in names:
        shutil.copy(TEST_AUDIO / name, folder / "test" / name)
    tables = {
        "labels.csv": [rows[0], *chosen],
        "sample_submission.csv": [
            ["fname", *reversed(classes)], *([name, *["0"] * len(classes)] for name in names)
        ],
    }  # fmt: skip
    for file_name, table in tables.items():
        with (folder / file_name).open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(table)
    wanted = {
        "format": 1,
        "project": "Small",
        "dataset": {
            "from": {
                "source": "audio",
                "folder": "audio",
                "labels": "labels.csv",
                "spectrogram": SPECTROGRAM,
            },
            "normalization": {"fname": "standardize"},
            "feature_sets": [{"name": "labels", "all_except": ["fname"]}],
        },
        "experiment": {
            "snippet": "cnn_small",
            "input": "fname",
            "target": "labels",
            "settings": {"batch_size": 8, "epochs": 2},
        },
        "outputs": {
            "submission": {
                "name": "Small competition",
                "sample_submission": "sample_submission.csv",
                "test_audio": "test",
                "competition_slug": "everyday-sounds",
            }
        },
    }
    path = folder / "small.yaml"
    path.write_text(yaml.safe_dump(wanted), encoding="utf-8")
    return path
