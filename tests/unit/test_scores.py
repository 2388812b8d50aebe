"""Metrics gathered over batches are exact over the whole subset."""

from __future__ import annotations

import numpy as np
import pytest

from blockwright.training.metrics import lwlrap, measure
from blockwright.training.scores import Scores


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
