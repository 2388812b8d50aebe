"""Metrics gathered over batches are exact over the whole subset."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, precision_score, recall_score

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
    assert told["precision"] == measure("precision", outputs, truth, "multi_label")
    starts = np.arange(len(truth)) // batch_size * batch_size
    assert told["loss"] == pytest.approx(starts.mean())


@pytest.mark.parametrize(
    ("name", "reference"), [("precision", precision_score), ("recall", recall_score)]
)
def test_precision_and_recall_count_every_decision_at_one_half(cases, name, reference):
    truth, outputs = cases
    expected = reference(truth.ravel(), outputs.ravel() > 0.5)
    assert measure(name, outputs, truth, "multi_label") == pytest.approx(expected, abs=1e-12)


def test_accuracy_of_classes_compares_the_largest(cases):
    _, outputs = cases
    truth = np.eye(80, dtype=np.float32)[np.arange(101) % 80]
    expected = accuracy_score(truth.argmax(axis=1), outputs.argmax(axis=1))
    assert measure("accuracy", outputs, truth, "categorical") == pytest.approx(expected)


def test_nothing_to_rank_is_no_error(cases):
    _, outputs = cases
    assert measure("lwlrap", outputs, np.zeros_like(outputs), "multi_label") == 0.0
