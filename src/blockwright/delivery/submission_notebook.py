# %% [markdown]
# # Predictions for the competition
#
# Made by Blockwright. Nothing needs to be edited: the notebook looks for its files
# below the input folder whatever the folders are called, works without the internet,
# on a CPU or a GPU, and writes `submission.csv` in the order of the sample submission.

# %%
from __future__ import annotations

import csv
import json
import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace

INPUT = Path(os.environ.get("BLOCKWRIGHT_INPUT", "/kaggle/input"))
OUTPUT = Path(os.environ.get("BLOCKWRIGHT_OUTPUT", "/kaggle/working"))
STARTED = time.monotonic()


class PredictionError(RuntimeError):
    """Something that the notebook needs is not as expected; the message says what."""


# %% [markdown]
# ## Find the files

# %%


def all_files(folder: Path) -> list[Path]:
    """List every file below a folder; links are followed, each folder once."""
    found, seen = [], set()
    for place, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(place)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        found += [Path(place) / name for name in names]
    return sorted(found)


def find_model_folder(files: list[Path], bundle_id: str) -> Path:
    """Find the folder of this very model, also when other models are attached."""
    for file in files:
        if file.name == "preprocessing.json":
            made = json.loads(file.read_text(encoding="utf-8"))
            if made.get("bundle_id") == bundle_id:
                return file.parent
    raise PredictionError(
        f"The model is not below {INPUT}: attach the dataset {SETTINGS['dataset']} to the notebook."
    )


def find_sample_submission(files: list[Path]) -> Path:
    """Find the competition's sample submission."""
    for file in files:
        if file.name == "sample_submission.csv":
            return file
    raise PredictionError(
        f"sample_submission.csv is not below {INPUT}: attach the competition to this notebook."
    )


def find_clips(files: list[Path], names: list[str]) -> dict[str, Path]:
    """Find the file of each row of the sample submission; a test folder goes first."""
    by_name: dict[str, list[Path]] = {}
    for file in files:
        by_name.setdefault(file.name, []).append(file)
    clips = {}
    for name in names:
        found = [f for f in by_name.get(Path(name).name, []) if f.as_posix().endswith("/" + name)]
        found.sort(key=lambda file: "test" not in file.parent.as_posix().lower())
        if found:
            clips[name] = found[0]
    missing = [name for name in names if name not in clips]
    if missing:
        raise PredictionError(
            f"{len(missing)} test clips are not below {INPUT}, e.g. {missing[:3]}."
        )
    return clips


FILES = all_files(INPUT)
MODEL_FOLDER = find_model_folder(FILES, SETTINGS["bundle_id"])
with find_sample_submission(FILES).open(newline="", encoding="utf-8-sig") as sample:
    ROWS = list(csv.reader(sample))
HEADER, NAMES = ROWS[0], [row[0] for row in ROWS[1:] if row]
CLIPS = find_clips(FILES, NAMES)
print(f"{len(NAMES)} clips, {len(HEADER) - 1} classes, model in {MODEL_FOLDER}")

# %% [markdown]
# ## Load the model

# %%
import keras
import numpy as np

if int(keras.__version__.split(".")[0]) < 3:
    raise PredictionError(
        f"Keras {keras.__version__} is too old for this model: 3 or later is needed."
    )
sys.path.insert(0, str(MODEL_FOLDER))
from blockwright_audio import clip_picture, clip_spectrogram, tiles

CLASSES = json.loads((MODEL_FOLDER / "classes.json").read_text(encoding="utf-8"))
PREPROCESSING = json.loads((MODEL_FOLDER / "preprocessing.json").read_text(encoding="utf-8"))
SPECTROGRAM = SimpleNamespace(**PREPROCESSING["spectrogram"])
MODEL_INPUT = PREPROCESSING["inputs"][0]
NORMALIZATION = MODEL_INPUT["features"][0]
VARIABLE = MODEL_INPUT.get("variable")
if set(CLASSES) != set(HEADER[1:]) or len(CLASSES) != len(HEADER) - 1:
    unknown = sorted(set(HEADER[1:]) ^ set(CLASSES))
    raise PredictionError(
        f"The model and the sample submission have other classes: {unknown[:10]}."
    )
COLUMN_OF_OUTPUT = [CLASSES.index(name) for name in HEADER[1:]]
MODEL = keras.models.load_model(MODEL_FOLDER / "model.h5", compile=False)
print(f"Keras {keras.__version__} on {keras.backend.backend()}, {MODEL.count_params():,} weights")

# %% [markdown]
# ## Predict

# %%
BATCH = 16


def model_inputs(path: Path) -> np.ndarray:
    """Turn one clip into what the model takes, as in training: one picture, or all tiles."""
    if VARIABLE is None:
        windows = clip_picture(path, SPECTROGRAM)[None]
    else:
        whole = clip_spectrogram(path, SPECTROGRAM)
        windows = tiles(whole, VARIABLE["tile"], VARIABLE["overlap"])
    shaped = windows.reshape(-1, *MODEL_INPUT["shape"])
    return (shaped - np.float32(NORMALIZATION["shift"])) / np.float32(NORMALIZATION["scale"])


def predict(clips: list[np.ndarray]) -> np.ndarray:
    """Predict some clips; of one with several tiles, give the mean over them."""
    windows = np.concatenate(clips)
    outputs = [
        np.asarray(MODEL(windows[first : first + BATCH], training=False))
        for first in range(0, len(windows), BATCH)
    ]
    ends = np.cumsum([len(clip) for clip in clips])[:-1]
    parts = np.split(np.concatenate(outputs), ends)
    return np.stack([part.mean(axis=0, dtype=np.float64) for part in parts])


def tell(done: int, started: float) -> None:
    """Print how far it is and how long the rest will take."""
    per_clip = (time.monotonic() - started) / max(1, done)
    left = per_clip * (len(NAMES) - done)
    print(f"{done}/{len(NAMES)} clips, {per_clip:.4f} s per clip, {left:.0f} s left", flush=True)


def predict_all() -> tuple[np.ndarray, list[int]]:
    """Predict every clip; one that cannot be read is named and left as NaN for now."""
    scores = np.full((len(NAMES), len(CLASSES)), np.nan)
    unreadable, started, told = [], time.monotonic(), 0.0
    places, clips = [], []
    for done, name in enumerate(NAMES, start=1):
        try:
            clips.append(model_inputs(CLIPS[name]))
            places.append(done - 1)
        except (OSError, ValueError, RuntimeError) as problem:
            unreadable.append(done - 1)
            print(f"cannot read {name}: {problem}")
        is_last = done == len(NAMES)
        if clips and (is_last or sum(len(clip) for clip in clips) >= BATCH):
            scores[places] = predict(clips)
            places, clips = [], []
        if is_last or (not clips and time.monotonic() - told > 1):
            told = time.monotonic()
            tell(done, started)
    return scores, unreadable


SCORES, UNREADABLE = predict_all()
if len(UNREADABLE) > 0.01 * len(NAMES):
    raise PredictionError(
        f"{len(UNREADABLE)} of {len(NAMES)} clips cannot be read, more than 1 in 100, "
        f"e.g. {[NAMES[place] for place in UNREADABLE[:3]]}; "
        "predictions for so many would be guesses."
    )
if UNREADABLE:
    SCORES[UNREADABLE] = np.delete(SCORES, UNREADABLE, axis=0).mean(axis=0)
    named = [NAMES[place] for place in UNREADABLE]
    print(f"{len(named)} unreadable clips got the mean of all other predictions: {named}")

# %% [markdown]
# ## Write submission.csv

# %%
if np.isnan(SCORES).any():
    raise PredictionError("Some predictions are not a number; nothing was written.")
if SCORES.min() < 0 or SCORES.max() > 1:
    raise PredictionError("Some predictions lie outside 0 to 1; nothing was written.")
with (OUTPUT / "submission.csv").open("w", newline="", encoding="utf-8") as goal:
    writer = csv.writer(goal, lineterminator="\n")
    writer.writerow(HEADER)
    for name, values in zip(NAMES, SCORES[:, COLUMN_OF_OUTPUT], strict=True):
        writer.writerow([name, *(f"{value:.9g}" for value in values)])
print(f"submission.csv: {len(NAMES)} rows, {time.monotonic() - STARTED:.1f} s in all")
