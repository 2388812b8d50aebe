"""Metrics gathered over batches are exact over the whole subset."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, precision_score, recall_score

from blockwright.training.metrics import lwlrap
from blockwright.training.streaming_metrics import make_metric


def gathered(metric, truth: np.ndarray, scores: np.ndarray, *, batch_size: int) -> float:
    for start in range(0, len(truth), batch_size):
        metric.update_state(truth[start : start + batch_size], scores[start : start + batch_size])
    return float(metric.result())


@pytest.fixture(scope="module")
def cases() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(3)
    truth = (random.random((101, 80)) < 0.015).astype(np.float32)
    # Rounded, so that there are ties.
    return truth, np.round(random.random((101, 80)), 2).astype(np.float32)


@pytest.mark.parametrize("batch_size", [1, 7, 101])
def test_lwlrap_over_batches_is_that_of_the_whole(cases, batch_size):
    truth, scores = cases
    streamed = gathered(make_metric("lwlrap", "multi_label"), truth, scores, batch_size=batch_size)
    assert streamed == pytest.approx(lwlrap(scores, truth), abs=1e-6)


@pytest.mark.parametrize(
    ("name", "reference"), [("precision", precision_score), ("recall", recall_score)]
)
def test_precision_and_recall_count_every_decision_at_one_half(cases, name, reference):
    truth, scores = cases
    expected = reference(truth.ravel(), scores.ravel() > 0.5)
    streamed = gathered(make_metric(name, "multi_label"), truth, scores, batch_size=7)
    assert streamed == pytest.approx(expected, abs=1e-6)


def test_accuracy_of_classes_compares_the_largest(cases):
    _, scores = cases
    truth = np.eye(80, dtype=np.float32)[np.arange(101) % 80]
    expected = accuracy_score(truth.argmax(axis=1), scores.argmax(axis=1))
    streamed = gathered(make_metric("accuracy", "categorical"), truth, scores, batch_size=7)
    assert streamed == pytest.approx(expected, abs=1e-6)


def test_a_reset_metric_starts_anew(cases):
    truth, scores = cases
    metric = make_metric("lwlrap", "multi_label")
    gathered(metric, truth, scores, batch_size=50)
    metric.reset_state()
    assert float(metric.result()) == 0.0
