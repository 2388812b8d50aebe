"""Checkpoints are whole or not there: torn, flipped, killed while being written."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from blockwright.contracts.problems import BlockwrightError
from blockwright.contracts.runs import EpochMetrics
from blockwright.training.checkpoint_files import (
    TrainingState,
    checkpoint_folders,
    epoch_of,
    keep_only,
    newest_good,
    read_checkpoint,
    write_checkpoint,
)

# Writes epoch after epoch; every number of a checkpoint is its epoch, so that a mixture shows.
ENDLESS_WRITER = """
import sys
from pathlib import Path
import numpy as np
from tests.unit.test_checkpoint_files import state_of
from blockwright.training.checkpoint_files import keep_only, write_checkpoint
root, epoch = Path(sys.argv[1]), int(sys.argv[2])
while True:
    numbers = {"a/kernel": np.full((300, 300), epoch, np.float32)}
    write_checkpoint(root, numbers, dict(numbers), state_of(epoch))
    print(epoch, flush=True)
    keep_only(root, {epoch, epoch - 1})
    epoch += 1
"""


def state_of(epoch: int) -> TrainingState:
    metrics = EpochMetrics(epoch=epoch, seconds=1.0, training={"loss": 1.0}, validation={})
    return TrainingState(
        epoch=epoch, run_seed=42, best_epoch=epoch, best_value=0.5, metrics=metrics
    )


def write(root: Path, epoch: int) -> Path:
    numbers = {"a/kernel": np.full((20, 30), epoch, np.float32), "file": np.arange(3)}
    return write_checkpoint(root, numbers, {"adam/step": np.array(epoch)}, state_of(epoch)).folder


def test_what_was_written_comes_back_in_its_order(tmp_path):
    content = read_checkpoint(write(tmp_path, 3))

    assert list(content.weights) == ["a/kernel", "file"]
    assert (content.weights["a/kernel"] == 3).all()
    assert content.optimizer["adam/step"] == 3
    assert content.state == state_of(3)


@pytest.mark.parametrize("name", ["weights.npz", "optimizer.npz", "state.json", "checksums.json"])
@pytest.mark.parametrize("harm", ["flip", "truncate", "remove"])
def test_harm_to_any_file_is_noticed_and_the_checkpoint_before_is_used(tmp_path, name, harm):
    write(tmp_path, 1)
    newest = write(tmp_path, 2)
    file = newest / name
    data = bytearray(file.read_bytes())
    if harm == "flip":
        data[len(data) // 2] ^= 0x20
        file.write_bytes(data)
    elif harm == "truncate":
        file.write_bytes(data[:-7])
    else:
        file.unlink()

    with pytest.raises(BlockwrightError) as caught:
        read_checkpoint(newest)
    assert caught.value.problem.code == "training.checkpoint_damaged"
    assert "epoch_2" in caught.value.problem.message
    assert newest_good(tmp_path, last_epoch=2).state.epoch == 1


def test_no_whole_checkpoint_is_said_in_words(tmp_path):
    (write(tmp_path, 1) / "weights.npz").write_bytes(b"")
    with pytest.raises(BlockwrightError) as caught:
        newest_good(tmp_path, last_epoch=9)
    assert caught.value.problem.code == "training.no_good_checkpoint"


def test_a_repeated_epoch_takes_the_place_of_the_old_one(tmp_path):
    write(tmp_path, 1)
    numbers = {"a/kernel": np.full(2, 9.0)}
    folder = write_checkpoint(tmp_path, numbers, {}, state_of(1)).folder
    assert (read_checkpoint(folder).weights["a/kernel"] == 9).all()


def test_letting_go_removes_others_and_what_a_killed_writer_left(tmp_path):
    for epoch in (1, 2, 3, 4):
        write(tmp_path, epoch)
    (tmp_path / ".writing-epoch_5-77").mkdir()

    assert keep_only(tmp_path, {2, 4}) == ["epoch_1", "epoch_3"]
    assert sorted(item.name for item in tmp_path.iterdir()) == ["epoch_2", "epoch_4"]


def test_a_writer_killed_at_any_moment_leaves_a_whole_newest_checkpoint(tmp_path):
    moments = random.Random(11)
    acknowledged = 0
    for _ in range(20):
        writer = subprocess.Popen(
            [sys.executable, "-c", ENDLESS_WRITER, str(tmp_path), str(acknowledged + 1)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        said = [writer.stdout.readline()]
        time.sleep(moments.uniform(0.0, 0.12))
        writer.send_signal(signal.SIGKILL)
        said += writer.stdout.read().splitlines()
        writer.stdout.close()
        writer.wait()
        acknowledged = max(int(line) for line in said if line.strip())

        content = newest_good(tmp_path, last_epoch=10**9)
        assert content.state.epoch >= acknowledged
        assert (content.weights["a/kernel"] == content.state.epoch).all()
        assert (content.optimizer["a/kernel"] == content.state.epoch).all()
        for folder in checkpoint_folders(tmp_path):
            assert read_checkpoint(folder).state.epoch == epoch_of(folder)
        acknowledged = content.state.epoch
