"""The backend of GPUs, on the processor: it learns what TensorFlow learns, on two devices too."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
# The last batch of 27 rows has 3, which two devices cannot share evenly.
PROGRAM = """
import json, sys
from pathlib import Path
import keras
import numpy as np
from blockwright.training.loop import run_training
from blockwright.training.checkpoint_files import read_checkpoint
from tests.integration.test_training_settings import epochs_of
from tests.support.dataset_zips import RecordingSink
from tests.support.tiny_run import tiny_graph, tiny_plan, write_version

folder, settings = Path(sys.argv[1]), json.loads(sys.argv[2])
graph = tiny_graph()
for block in graph.blocks:
    if block.kind == "dropout":  # each backend draws its own
        block.params["rate"] = 0.0
data = write_version(folder / "version", rows=36)
plan = tiny_plan(folder, data=data, graph=graph, **settings)
first = folder / "run/checkpoints/epoch_1"
if first.exists():
    plan = plan.model_copy(update={"resume_from": str(first)})
sink = RecordingSink()
assert run_training(plan, sink) == "done"
last = folder / f"run/checkpoints/epoch_{plan.settings.epochs}"
np.savez(folder / "weights.npz", **read_checkpoint(last).weights)
(started,) = [event for event in sink.events if event.type == "train_started"]
several = keras.backend.backend() == "jax" and keras.distribution.distribution()
print(json.dumps({
    "backend": started.machine.backend,
    "devices": len(keras.distribution.list_devices()) if several else 1,
    "losses": [[e.metrics.training["loss"], e.metrics.validation["loss"]] for e in epochs_of(sink)],
}))
"""


def trained(folder: Path, backend: str, devices: int = 1, **settings: object):
    """Train in a process of its own; give what it said and its last weights."""
    folder.mkdir(exist_ok=True)
    settings = {"optimizer": "sgd", "epochs": 3, **settings}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder), json.dumps(settings)],
        cwd=ROOT,
        env={
            **os.environ,
            "KERAS_BACKEND": backend,
            "JAX_PLATFORMS": "cpu",
            "XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}",
            "TF_CPP_MIN_LOG_LEVEL": "2",
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    with np.load(folder / "weights.npz") as stored:
        return json.loads(done.stdout.splitlines()[-1]), [stored[name] for name in stored.files]


@pytest.fixture(scope="module")
def begun(tmp_path_factory) -> Path:
    """A run after one epoch: backends draw different first weights from the same seed."""
    folder = tmp_path_factory.mktemp("begun")
    trained(folder, "tensorflow", epochs=1)
    return folder


@pytest.fixture(scope="module")
def by_tensorflow(begun, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "tensorflow"
    shutil.copytree(begun, folder)
    return trained(folder, "tensorflow")


@pytest.mark.parametrize("devices", [1, 2])
def test_it_learns_what_tensorflow_learns(tmp_path, begun, by_tensorflow, devices):
    shutil.copytree(begun, tmp_path / "jax")
    told, weights = trained(tmp_path / "jax", "jax", devices)
    assert (told["backend"], told["devices"]) == ("jax", devices)
    expected, expected_weights = by_tensorflow
    assert len(told["losses"]) == 2
    np.testing.assert_allclose(told["losses"], expected["losses"], rtol=1e-4)
    assert len(weights) == len(expected_weights)
    for one, other in zip(weights, expected_weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4)


def test_it_learns_in_bfloat16_on_two_devices(tmp_path, begun, by_tensorflow):
    shutil.copytree(begun, tmp_path / "jax")
    told, weights = trained(tmp_path / "jax", "jax", 2, precision="bfloat16")
    np.testing.assert_allclose(told["losses"], by_tensorflow[0]["losses"], rtol=0.05)
    assert all(np.isfinite(part).all() for part in weights)
