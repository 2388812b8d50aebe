"""A competition folder as the studio makes it, around a tiny untrained model."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from blockwright.audio import clip_picture
from blockwright.contracts.audio import SpectrogramSettings
from blockwright.contracts.work import BundlePlan, CompetitionPlan
from blockwright.delivery.kaggle_metadata import dataset_metadata, kernel_metadata
from blockwright.delivery.notebook import make_notebook, notebook_text

SPECTROGRAM = SpectrogramSettings(
    sample_rate_hz=22_050, fft_samples=512, hop_samples=512, mel_bands=16, max_hz=11_025, frames=32
)
BUNDLE_ID = "cmp_0123456789abcdef"


def competition_plan(**changes: Any) -> CompetitionPlan:
    """Give a plan with the fields that metadata and README lean on."""
    values = {
        "kind": "competition",
        "competition_id": BUNDLE_ID,
        "folder": "unused",
        "bundle": BundlePlan.model_construct(bundle_id=BUNDLE_ID),
        "name": "Everyday sounds",
        "kaggle_user": "someone",
        "competition_slug": "everyday-sounds",
        "sample_submission_path": "unused",
        "test_audio_path": "unused",
    }
    return CompetitionPlan.model_construct(**{**values, **changes})


def write_competition_folder(folder: Path, classes: list[str], **changes: Any) -> None:
    """Write model, preprocessing, notebook and metadata."""
    import keras  # noqa: PLC0415 - only tests that need a model pay for it

    folder.mkdir(parents=True)
    keras.utils.set_random_seed(7)
    inputs = keras.Input((SPECTROGRAM.mel_bands, SPECTROGRAM.frames))
    outputs = keras.layers.Dense(len(classes), activation="sigmoid")(
        keras.layers.Flatten()(keras.layers.Rescaling(0.01)(inputs))
    )
    keras.Model(inputs, outputs).save(folder / "model.h5", include_optimizer=False)
    preprocessing = {
        "bundle_id": BUNDLE_ID,
        "spectrogram": SPECTROGRAM.model_dump(),
        "inputs": [
            {
                "shape": [SPECTROGRAM.mel_bands, SPECTROGRAM.frames],
                "features": [{"shift": -40.0, "scale": 20.0}],
            }
        ],
    }
    plan = competition_plan(**changes)
    notebook = make_notebook({"name": plan.name, "bundle_id": BUNDLE_ID, "dataset": "a/b"})
    contents = {
        "classes.json": json.dumps(classes),
        "preprocessing.json": json.dumps(preprocessing),
        "kernel-metadata.json": json.dumps(kernel_metadata(plan, "submission.ipynb")),
        "dataset-metadata.json": json.dumps(dataset_metadata(plan)),
        "submission.ipynb": notebook_text(notebook),
    }
    for name, text in contents.items():
        (folder / name).write_text(text, encoding="utf-8")
    shutil.copyfile(clip_picture.__file__, folder / "blockwright_audio.py")


def write_sample_submission(path: Path, classes: list[str], names: list[str]) -> None:
    """Write a sample submission."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["fname", *classes])
        writer.writerows([name, *np.zeros(len(classes), dtype=int)] for name in names)
