"""The report on a checkpoint, and what guessing gives."""

from __future__ import annotations

import numpy as np
import pytest

from blockwright.evaluation.baselines import frequency_lwlrap, random_lwlrap
from blockwright.evaluation.report import make_report
from blockwright.graph.task import metric_names

TRUTH = np.array([[1, 0, 0], [0, 1, 0], [1, 1, 0]], dtype=np.float32)


def test_a_perfect_model_is_told_as_perfect() -> None:
    report = make_report(
        TRUTH * 0.9,
        TRUTH,
        TRUTH,
        task="multi_label",
        class_names=["a", "b", "never"],
        subset="Validation",
        seed=1,
    )
    assert set(report.metrics) == set(metric_names("multi_label", 3)) - {"loss"}
    assert set(report.metrics.values()) == {1.0}
    assert report.classes[0].lwlrap == 1.0
    assert report.classes[2].rows == 0
    assert report.classes[2].recall is None
    assert report.classes[2].average_precision is None
    assert report.baselines["random_lwlrap"] < 0.9


def test_the_class_scores_weighted_by_their_rows_give_the_overall_score() -> None:
    random = np.random.default_rng(3)
    truth = (random.random((40, 6)) < 0.3).astype(np.float32)
    outputs = random.random((40, 6), dtype=np.float32)
    report = make_report(
        outputs, truth, truth, task="multi_label", class_names=list("abcdef"), subset="V", seed=1
    )
    total = sum(item.rows * (item.lwlrap or 0) for item in report.classes)
    assert report.metrics["lwlrap"] == pytest.approx(total / truth.sum())


def test_a_random_ranking_of_one_label_has_the_known_expectation() -> None:
    truth = np.eye(80, dtype=np.float32)[np.random.default_rng(0).integers(0, 80, 500)]
    harmonic = sum(1 / rank for rank in range(1, 81)) / 80
    assert random_lwlrap(truth, seed=1) == pytest.approx(harmonic, abs=0.003)
    assert random_lwlrap(truth, seed=1) == random_lwlrap(truth, seed=1)


def test_the_frequency_ranking_puts_the_most_frequent_class_first() -> None:
    training = np.array([[1, 0], [1, 0], [0, 1]], dtype=np.float32)
    assert frequency_lwlrap(np.array([[1, 0]], dtype=np.float32), training) == 1.0
    assert frequency_lwlrap(np.array([[0, 1]], dtype=np.float32), training) == 0.5


def test_numbers_are_judged_by_their_distance() -> None:
    report = make_report(
        np.array([[1.0], [3.0]], dtype=np.float32),
        np.array([[2.0], [3.0]], dtype=np.float32),
        np.zeros((1, 1), dtype=np.float32),
        task="regression",
        class_names=[],
        subset="V",
        seed=1,
    )
    assert report.metrics["mean_absolute_error"] == 0.5
    assert report.metrics["mean_absolute_percentage_error"] == 0.25
