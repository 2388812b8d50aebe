"""Load a model file with nothing but Keras and compare its outputs; run as a script.

Takes   a folder with model.h5 and sample_outputs.npy, and the names of its sample
        inputs in the order of the model's inputs; where these are tiles of longer values,
        sample_rows.npy, which says whose.
Gives   one line of JSON: the largest difference.
Never   imports anything of the studio: it stands for whoever downloads the model.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import keras
import numpy as np


def main(folder: Path, input_files: list[str]) -> None:
    """Compare what the file predicts with what the studio predicted."""
    model = keras.models.load_model(folder / "model.h5", compile=False)
    inputs = [np.load(folder / name, allow_pickle=False) for name in input_files]
    expected = np.load(folder / "sample_outputs.npy", allow_pickle=False)
    outputs = np.asarray(model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0))
    if (folder / "sample_rows.npy").exists():
        rows = np.load(folder / "sample_rows.npy", allow_pickle=False)
        outputs = np.stack([outputs[rows == row].mean(axis=0) for row in range(len(expected))])
    answer = {
        "difference": float(np.max(np.abs(outputs - expected))),
        "studio_imported": any(name.split(".")[0] == "blockwright" for name in sys.modules),
    }
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
