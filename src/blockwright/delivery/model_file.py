"""The model as one H5 file that any Keras 3 opens, and the proof that it does.

Takes   a built model with its weights, and inputs of a few rows.
Gives   model.h5 with standard layers only, loaded again in a clean process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from blockwright.contracts.problems import error
from blockwright.delivery import reload_check

MODEL_FILE = "model.h5"
OUTPUTS_FILE = "sample_outputs.npy"
ROWS_FILE = "sample_rows.npy"
MAX_DIFFERENCE = 1e-5
RELOAD_SECONDS = 600


def write_model(model: keras.Model, folder: Path) -> None:
    """Write model.h5 without optimiser state: weights and standard layers, nothing to run."""
    model.save(folder / MODEL_FILE, include_optimizer=False)


def sample_input_names(count: int) -> list[str]:
    """Name the files of the sample inputs, in the order of the model's inputs."""
    return ["sample_inputs.npy", *(f"sample_inputs_{i}.npy" for i in range(2, count + 1))][:count]


def write_sample(
    inputs: list[npt.NDArray[np.float32]],
    outputs: npt.NDArray[np.float32],
    folder: Path,
    *,
    owners: npt.NDArray[np.int64] | None = None,
) -> None:
    """Write a few inputs and what the studio's model makes of them.

    Args:
        inputs: One array per input of the model.
        outputs: Shape (rows, outputs).
        folder: Where to.
        owners: Given when inputs are tiles: which row of `outputs` each is of.
    """
    for name, values in zip(sample_input_names(len(inputs)), inputs, strict=True):
        np.save(folder / name, values, allow_pickle=False)
    np.save(folder / OUTPUTS_FILE, outputs, allow_pickle=False)
    if owners is not None:
        np.save(folder / ROWS_FILE, owners, allow_pickle=False)


def check_in_clean_process(folder: Path, input_count: int) -> float:
    """Load model.h5 with nothing but Keras and compare its outputs with the studio's.

    Returns:
        The largest difference.

    Raises:
        BlockwrightError: `delivery.model_does_not_load`, `delivery.outputs_differ`.
    """
    command = [sys.executable, "-I", str(Path(reload_check.__file__)), str(folder)]
    done = subprocess.run(  # noqa: S603 - our own script, no shell
        [*command, *sample_input_names(input_count)],
        capture_output=True,
        text=True,
        timeout=RELOAD_SECONDS,
        check=False,
        env={**os.environ, "KERAS_BACKEND": keras.backend.backend()},
    )
    if done.returncode != 0:
        last_line = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise error("delivery.model_does_not_load", reason=last_line[:500])
    answer = json.loads(done.stdout.strip().splitlines()[-1])
    difference = float(answer["difference"])
    if answer["studio_imported"] or not difference <= MAX_DIFFERENCE:
        raise error(
            "delivery.outputs_differ", difference=f"{difference:.3g}", allowed=MAX_DIFFERENCE
        )
    return difference
