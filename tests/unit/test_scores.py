"""Metrics gathered over batches are exact over the whole subset."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from blockwright.training.metrics import lwlrap, measure
from blockwright.training.scores import Scores, take_room


@pytest.fixture(scope="module")
def cases() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(3)
    truth = (random.random((101, 80)) < 0.015).astype(np.float32)
    # Rounded, so that there are ties.
    return truth, np.round(random.random((101, 80)), 2).astype(np.float32)


@pytest.mark.parametrize("batch_size", [1, 7, 101])
def test_what_batches_gather_is_that_of_the_whole(cases, batch_size):
    truth, outputs = cases
    scores = Scores(["loss", "lwlrap", "precision"], "multi_label", len(truth))
    for start in range(0, len(truth), batch_size):
        part = slice(start, start + batch_size)
        scores.add(float(start), outputs[part], truth[part])
    told = scores.result()
    assert list(told) == ["loss", "lwlrap", "precision"]
    assert told["lwlrap"] == lwlrap(outputs, truth)
    assert told["precision"] == measure(["precision"], outputs, truth, "multi_label")["precision"]
    starts = np.arange(len(truth)) // batch_size * batch_size
    assert told["loss"] == pytest.approx(starts.mean())


def test_large_arrays_lie_in_a_file_that_leaves_nothing_behind(cases, tmp_path, monkeypatch):
    truth, outputs = cases
    monkeypatch.setattr("blockwright.training.scores.LARGEST_IN_MEMORY_BYTES", 1_000)
    kept = Scores(["loss", "f1"], "multi_label", len(truth), tmp_path)
    kept.add(1.0, outputs, truth)
    assert kept.result()["f1"] == measure(["f1"], outputs, truth, "multi_label")["f1"]
    assert isinstance(kept._outputs, np.memmap)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="the system promises no room")
def test_room_in_a_file_is_taken_before_it_is_written_to(tmp_path: Path, monkeypatch) -> None:
    with (tmp_path / "room").open("wb") as file:
        take_room(file.fileno(), 2**20)
        assert os.fstat(file.fileno()).st_size == 2**20
        assert os.fstat(file.fileno()).st_blocks * 512 >= 2**20

    def full(*_: int) -> None:
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr(os, "posix_fallocate", full)
    monkeypatch.setattr("blockwright.training.scores.LARGEST_IN_MEMORY_BYTES", 1_000)
    scores = Scores(["loss"], "multi_label", 1_000, tmp_path)
    with pytest.raises(OSError, match="no room"):
        scores.add(1.0, np.zeros((8, 80), np.float32), np.zeros((8, 80), np.float32))


def test_a_file_system_that_promises_no_room_is_used_all_the_same(tmp_path, monkeypatch) -> None:
    def unknown(*_: int) -> None:
        raise OSError(errno.EOPNOTSUPP, "not here")

    monkeypatch.setattr(os, "posix_fallocate", unknown, raising=False)
    with (tmp_path / "room").open("wb") as file:
        take_room(file.fileno(), 2**20)
        assert os.fstat(file.fileno()).st_size == 2**20
