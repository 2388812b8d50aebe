"""The small real sample that comes with the studio; ATTRIBUTION.md names its authors."""

from __future__ import annotations

from pathlib import Path

SAMPLE_FOLDER = Path(__file__).parent
TRAINING_AUDIO = SAMPLE_FOLDER / "audio"
TRAINING_LABELS = SAMPLE_FOLDER / "train_curated.csv"
TEST_AUDIO = SAMPLE_FOLDER / "test"
TEST_LABELS = SAMPLE_FOLDER / "test_labels.csv"
SAMPLE_SUBMISSION = SAMPLE_FOLDER / "sample_submission.csv"
