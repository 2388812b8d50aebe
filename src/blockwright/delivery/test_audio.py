"""Where test clips and their labels lie; no Keras here, so that the service may ask."""

from __future__ import annotations

from pathlib import Path

LABELS_FILE = "test_labels.csv"


def extracted_audio(competition_folder: Path) -> Path:
    """Give the place of test clips that came as a zip, beside the competition's folder."""
    return competition_folder.parent / "test_audio"


def find_labels(audio: Path, sample_submission: Path) -> Path | None:
    """Find `test_labels.csv` in the audio folder, beside it, or beside the sample submission."""
    for folder in (audio, audio.parent, sample_submission.parent):
        if (folder / LABELS_FILE).is_file():
            return folder / LABELS_FILE
    return None
