"""How much rows count: by how rare their class is, and by a feature, 1 on the average."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_sample_weight

from blockwright.contracts.training_settings import TrainingSettings
from blockwright.datasets.reader import VersionReader
from blockwright.graph.task import Task
from blockwright.training.row_weights import row_weights
from tests.support.tiny_run import write_version

BALANCED = TrainingSettings(class_weights="balanced")
ROWS = np.arange(3, 40, dtype=np.int64)


class Truth(VersionReader):
    """A reader of one target."""

    def __init__(self, truth: np.ndarray) -> None:
        self._truth = truth.astype(np.float32)

    @property
    def rows(self) -> int:
        return len(self._truth)

    def read(self, source_name: str, rows: np.ndarray, **_options: object) -> np.ndarray:
        return self._truth[rows]


def weights(truth: np.ndarray, task: Task) -> np.ndarray:
    found = row_weights(BALANCED, Truth(truth), ROWS, target_source="labels", task=task)
    assert found is not None
    assert found.shape == (len(truth),)
    assert found[ROWS].mean() == pytest.approx(1)
    assert not found[:3].any()
    return found[ROWS]


def test_balanced_classes_count_as_scikit_learn_has_them() -> None:
    numbers = np.array([0] * 25 + [1] * 10 + [2] * 5)
    found = weights(np.eye(4)[numbers], "categorical")
    expected = compute_sample_weight("balanced", numbers[ROWS])
    np.testing.assert_allclose(found, expected / expected.mean(), rtol=1e-6)


def test_of_two_answers_each_counts_half() -> None:
    truth = (np.arange(40) % 8 == 0).astype(float)[:, None]
    found = weights(truth, "binary")
    is_true = truth[ROWS, 0] > 0
    assert found[is_true].sum() == pytest.approx(found[~is_true].sum())


def test_a_row_with_several_labels_counts_by_their_mean() -> None:
    truth = np.zeros((40, 3))
    truth[:, 0] = 1
    truth[::4, 1] = 1
    truth[5] = 0
    found = weights(truth, "multi_label")
    common, both, none = (found[np.flatnonzero(row == ROWS)[0]] for row in (6, 8, 5))
    counts = truth[ROWS].sum(axis=0)
    rarity = counts.sum() / (2 * counts[:2])
    assert both / common == pytest.approx(rarity.mean() / rarity[0], rel=1e-5)
    assert none / common == pytest.approx(1 / rarity[0], rel=1e-5)


def test_numbers_have_no_classes_and_nothing_is_weighed_without_need(tmp_path: Path) -> None:
    reader = VersionReader(write_version(tmp_path, rows=40))
    for settings in (BALANCED, TrainingSettings()):
        found = row_weights(settings, reader, ROWS, target_source="labels", task="regression")
        assert found is None


def test_a_feature_and_the_classes_are_multiplied(tmp_path: Path) -> None:
    reader = VersionReader(write_version(tmp_path, rows=40))
    of_feature, of_classes, both = (
        row_weights(settings, reader, ROWS, target_source="labels", task="multi_label")
        for settings in (
            TrainingSettings(weight_feature="trust"),
            BALANCED,
            TrainingSettings(weight_feature="trust", class_weights="balanced"),
        )
    )
    assert of_feature is not None
    assert of_classes is not None
    assert both is not None
    product = of_feature[ROWS] * of_classes[ROWS]
    np.testing.assert_allclose(both[ROWS], product / product.mean(), rtol=1e-5)
