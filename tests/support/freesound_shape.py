"""A dataset in the exact shape of the original competition, from the sample's real recordings.

The 80 class names are the competition's (vocabulary of FSDKaggle2019, CC BY 4.0);
which clip carries which of them is made up here, by a hash of the clip's name, so
only the shape is the original's: `fname` and 80 columns of 0 and 1.
"""

from __future__ import annotations

import csv
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from blockwright.datasets import sample

CLASSES = (Path(__file__).parent / "freesound_classes.txt").read_text().split()
SAMPLE = Path(sample.__file__).parent


def write_labels(clips: list[Path], target: Path) -> None:
    """Write `fname,labels` with one to three of the 80 classes per clip."""
    with target.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["fname", "labels"])
        for clip in clips:
            digest = hashlib.sha256(clip.name.encode()).digest()
            labels = {CLASSES[digest[i] % 80] for i in range(1 + digest[3] % 3)}
            writer.writerow([clip.name, ",".join(sorted(labels))])


def make_dataset_zip(folder: Path, *, clips: int) -> Path:
    """Make `dataset.zip` with `blockwright preprocess`: 256 × 256, fname + 80 columns."""
    audio = folder / "train_curated"
    audio.mkdir(parents=True)
    chosen = sorted((SAMPLE / "audio").glob("*.ogg"))[:clips]
    for clip in chosen:
        shutil.copy(clip, audio / clip.name)
    write_labels(chosen, folder / "train_curated.csv")
    classes = folder / "classes.txt"
    classes.write_text("\n".join(CLASSES) + "\n")
    target = folder / "dataset.zip"
    command = [sys.executable, "-m", "blockwright", "preprocess", str(audio)]
    command += ["--labels", str(folder / "train_curated.csv"), "--classes", str(classes)]
    subprocess.run([*command, "--out", str(target)], check=True, capture_output=True)
    return target


def make_competition_files(folder: Path, *, clips: int) -> tuple[Path, Path]:
    """Make `sample_submission.csv` (classes sorted otherwise than in training) and test clips."""
    audio = folder / "test"
    audio.mkdir(parents=True)
    chosen = sorted((SAMPLE / "test").glob("*.ogg"))[:clips]
    for clip in chosen:
        shutil.copy(clip, audio / clip.name)
    submission = folder / "sample_submission.csv"
    with submission.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["fname", *reversed(CLASSES)])
        for clip in reversed(chosen):
            writer.writerow([clip.name, *["0"] * 80])
    return submission, audio
