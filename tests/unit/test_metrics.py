"""Every metric beside scikit-learn's, over arrays with ties and with classes that are not there."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
from sklearn import metrics as sk

from blockwright.graph.task import Task, metric_names
from blockwright.training.metrics import (
    FloatArray,
    Judged,
    lwlrap,
    lwlrap_of_classes,
    measure,
)

ROWS, CLASSES = 211, 12
Reference = Callable[[FloatArray, FloatArray], float]


def labels() -> tuple[FloatArray, FloatArray]:
    random = np.random.default_rng(3)
    truth = (random.random((ROWS, CLASSES)) < 0.2).astype(np.float32)
    outputs = 0.4 * truth + 0.6 * random.random((ROWS, CLASSES))
    return np.round(outputs, 2).astype(np.float32), truth  # rounded, so that there are ties


def classes() -> tuple[FloatArray, FloatArray]:
    random = np.random.default_rng(4)
    truth = np.eye(CLASSES, dtype=np.float32)[random.integers(0, CLASSES, ROWS)]
    outputs = random.random((ROWS, CLASSES)) + 0.3 * truth
    return (outputs / outputs.sum(axis=1, keepdims=True)).astype(np.float32), truth


def one_or_none() -> tuple[FloatArray, FloatArray]:
    outputs, truth = labels()
    return outputs[:, :1], truth[:, :1]


def numbers() -> tuple[FloatArray, FloatArray]:
    random = np.random.default_rng(5)
    truth = random.normal(5, 2, size=(ROWS, 3)).astype(np.float32)
    return (truth + random.normal(size=truth.shape)).astype(np.float32), truth


def of_class(reference: Callable[..., float], **options: object) -> Reference:
    return lambda outputs, truth: reference(
        truth.argmax(axis=1), outputs.argmax(axis=1), zero_division=0, **options
    )


def of_labels(reference: Callable[..., float], **options: object) -> Reference:
    return lambda outputs, truth: reference(truth, outputs > 0.5, zero_division=0, **options)


def of_scores(reference: Callable[..., float], **options: object) -> Reference:
    return lambda outputs, truth: reference(truth, outputs, **options)


def top(most: int) -> Reference:
    return lambda outputs, truth: sk.top_k_accuracy_score(
        truth.argmax(axis=1), outputs, k=most, labels=range(CLASSES)
    )


CASES: list[tuple[Task, str, Reference]] = [
    ("multi_label", "precision", of_labels(sk.precision_score, average="micro")),
    ("multi_label", "recall", of_labels(sk.recall_score, average="micro")),
    ("multi_label", "f1", of_labels(sk.f1_score, average="micro")),
    ("multi_label", "precision_macro", of_labels(sk.precision_score, average="macro")),
    ("multi_label", "recall_macro", of_labels(sk.recall_score, average="macro")),
    ("multi_label", "f1_macro", of_labels(sk.f1_score, average="macro")),
    ("multi_label", "roc_auc", of_scores(sk.roc_auc_score, average="macro")),
    ("multi_label", "roc_auc_micro", of_scores(sk.roc_auc_score, average="micro")),
    ("multi_label", "average_precision", of_scores(sk.average_precision_score, average="macro")),
    (
        "multi_label",
        "average_precision_micro",
        of_scores(sk.average_precision_score, average="micro"),
    ),
    (
        "multi_label",
        "lwlrap",
        lambda outputs, truth: sk.label_ranking_average_precision_score(
            truth, outputs, sample_weight=truth.sum(axis=1)
        ),
    ),
    (
        "categorical",
        "accuracy",
        lambda outputs, truth: sk.accuracy_score(truth.argmax(axis=1), outputs.argmax(axis=1)),
    ),
    ("categorical", "top_3_accuracy", top(3)),
    ("categorical", "top_5_accuracy", top(5)),
    ("categorical", "precision_macro", of_class(sk.precision_score, average="macro")),
    ("categorical", "recall_macro", of_class(sk.recall_score, average="macro")),
    ("categorical", "f1_macro", of_class(sk.f1_score, average="macro")),
    ("categorical", "roc_auc", of_scores(sk.roc_auc_score, average="macro", multi_class="ovr")),
    ("categorical", "average_precision", of_scores(sk.average_precision_score, average="macro")),
    (
        "binary",
        "accuracy",
        lambda outputs, truth: sk.accuracy_score(truth > 0.5, outputs > 0.5),
    ),
    ("binary", "precision", of_labels(sk.precision_score)),
    ("binary", "recall", of_labels(sk.recall_score)),
    ("binary", "f1", of_labels(sk.f1_score)),
    ("binary", "roc_auc", of_scores(sk.roc_auc_score)),
    ("binary", "average_precision", of_scores(sk.average_precision_score)),
    ("regression", "mean_absolute_error", of_scores(sk.mean_absolute_error)),
    ("regression", "root_mean_squared_error", of_scores(sk.root_mean_squared_error)),
    ("regression", "r2", of_scores(sk.r2_score)),
    (
        "regression",
        "mean_absolute_percentage_error",
        of_scores(sk.mean_absolute_percentage_error),
    ),
]
MATERIAL = {
    "multi_label": labels,
    "categorical": classes,
    "binary": one_or_none,
    "regression": numbers,
}


@pytest.mark.parametrize(
    ("task", "name", "reference"), CASES, ids=[f"{task}-{name}" for task, name, _ in CASES]
)
def test_a_metric_is_that_of_scikit_learn(task: Task, name: str, reference: Reference) -> None:
    outputs, truth = MATERIAL[task]()
    found = measure([name], outputs, truth, task)[name]
    assert found == pytest.approx(reference(outputs, truth), abs=1e-6)


@pytest.mark.parametrize("task", list(MATERIAL))
def test_every_metric_of_a_run_is_compared(task: Task) -> None:
    compared = {name for kind, name, _ in CASES if kind == task}
    assert set(metric_names(task, 100)) - {"loss"} <= compared


@pytest.mark.parametrize("task", list(MATERIAL))
def test_what_cannot_be_said_is_nothing_and_no_error(task: Task) -> None:
    outputs, truth = MATERIAL[task]()
    nothing = np.zeros_like(truth)
    if task == "categorical":
        nothing[:, 0] = 1
    names = [name for name in metric_names(task, CLASSES) if name != "loss"]
    found = measure(names, outputs, nothing, task)
    assert all(np.isfinite(value) for value in found.values())


def test_classes_that_are_never_there_count_nothing_in_the_mean_of_classes() -> None:
    outputs, truth = labels()
    more = np.zeros((ROWS, 3), dtype=np.float32)
    names = ["precision_macro", "recall_macro", "f1_macro", "roc_auc", "average_precision"]
    wider = measure(names, np.hstack([outputs, more]), np.hstack([truth, more]), "multi_label")
    assert wider == pytest.approx(measure(names, outputs, truth, "multi_label"))


def test_the_same_truth_in_every_row_is_explained_wholly_or_not_at_all() -> None:
    truth = np.full((9, 1), 2, dtype=np.float32)
    for outputs in (truth, truth + 1):
        assert measure(["r2"], outputs, truth, "regression")["r2"] == sk.r2_score(truth, outputs)


def test_an_error_in_per_cent_of_nothing_is_left_out() -> None:
    truth = np.array([[0], [2]], dtype=np.float32)
    outputs = np.array([[1], [3]], dtype=np.float32)
    found = measure(["mean_absolute_percentage_error"], outputs, truth, "regression")
    assert found == {"mean_absolute_percentage_error": 0.5}


def test_the_values_of_classes_are_those_of_scikit_learn() -> None:
    outputs, truth = labels()
    judged = Judged(outputs, truth, "multi_label")
    said = outputs > 0.5
    for found, reference in (
        (judged.precisions, sk.precision_score),
        (judged.recalls, sk.recall_score),
        (judged.f1s, sk.f1_score),
    ):
        np.testing.assert_allclose(found, reference(truth, said, average=None))
    expected = sk.average_precision_score(truth, outputs, average=None)
    found = [ranking.average_precision for ranking in judged.class_rankings]
    np.testing.assert_allclose(found, expected)


def test_lwlrap_of_classes_gives_the_whole_by_their_rows() -> None:
    outputs, truth = labels()
    truth[:, 4] = 0
    of_classes = lwlrap_of_classes(outputs, truth)
    assert np.isnan(of_classes[4])
    assert np.nansum(of_classes * truth.sum(axis=0)) / truth.sum() == pytest.approx(
        lwlrap(outputs, truth)
    )


def test_all_metrics_of_an_epoch_take_little_time() -> None:
    """Four thousand rows of 80 classes, as the tutorial has: far below the time of an epoch."""
    random = np.random.default_rng(6)
    truth = (random.random((4_000, 80)) < 0.015).astype(np.float32)
    outputs = random.random(truth.shape).astype(np.float32)
    names = [name for name in metric_names("multi_label", 80) if name != "loss"]
    began_at = time.process_time()
    measure(names, outputs, truth, "multi_label")
    assert time.process_time() - began_at < 2
