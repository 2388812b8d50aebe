"""What a run keeps of each class: scores as scikit-learn gives them, and never too many epochs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn import metrics as sk

from blockwright.contracts.signals import ClassCounts
from blockwright.store import class_counts
from blockwright.store.class_counts import class_epochs, keep_class_counts
from blockwright.training.class_scores import count_classes, tell_classes
from blockwright.training.metrics import Judged
from blockwright.training.run_service import drop_epochs_after
from tests.support.tiny_run import TinyStudio, make_tiny_studio

NAMES = ["bark", "hum", "rain", "never"]


def judged(task: str) -> Judged:
    random = np.random.default_rng(8)
    if task == "categorical":
        truth = np.eye(4, dtype=np.float32)[random.integers(0, 3, 90)]
    else:
        truth = (random.random((90, 4)) < 0.3).astype(np.float32)
        truth[:, 3] = 0
    outputs = np.round(0.4 * truth + 0.6 * random.random((90, 4)), 2).astype(np.float32)
    return Judged(outputs, truth, task)


@pytest.mark.parametrize("task", ["multi_label", "categorical"])
def test_each_class_has_the_scores_of_scikit_learn(task: str) -> None:
    each = judged(task)
    counts = count_classes(each)
    assert counts is not None
    told = tell_classes(ClassCounts.model_validate_json(counts.model_dump_json()), NAMES)

    precision, recall, f1, rows = sk.precision_recall_fscore_support(
        each.true, each.said, zero_division=0
    )
    assert [one.name for one in told] == NAMES
    assert [one.rows for one in told] == rows.tolist()
    for place, one in enumerate(told):
        # Where nothing is there to count, scikit-learn says 0 and we say nothing.
        assert (one.precision or 0) == pytest.approx(precision[place])
        assert (one.recall or 0) == pytest.approx(recall[place])
        assert (one.f1 or 0) == pytest.approx(f1[place])
    for place, one in enumerate(told[:3]):
        true, scores = each.true[:, place], each.outputs[:, place]
        assert one.average_precision == pytest.approx(sk.average_precision_score(true, scores))
        assert one.roc_auc == pytest.approx(sk.roc_auc_score(true, scores))
    never = told[3]
    assert (never.rows, never.recall) == (0, None)
    assert (never.average_precision, never.roc_auc) == (None, None)


def test_what_tells_no_classes_apart_counts_none() -> None:
    values = np.array([[0.2], [0.9]], dtype=np.float32)
    assert count_classes(Judged(values, values, "binary")) is None
    assert count_classes(Judged(values, values, "regression")) is None


def keep(studio: TinyStudio, run_id: str, epochs: range, best_epoch: int) -> list[int]:
    counts = {"true": [3, 1], "said": [2, 2], "hits": [2, 0]}
    for epoch in epochs:
        with studio.database.transaction() as session:
            best = min(best_epoch, epoch)
            keep_class_counts(session, run_id, epoch=epoch, best_epoch=best, counts=counts)
    with studio.database.transaction() as session:
        return class_epochs(session, run_id)


def test_of_many_epochs_evenly_chosen_ones_stay_the_best_and_the_newest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(class_counts, "MOST_PER_RUN", 10)  # five epochs of two classes
    studio = make_tiny_studio(tmp_path)
    run = studio.runs.create(studio.experiment()).id
    assert keep(studio, run, range(1, 6), best_epoch=3) == [1, 2, 3, 4, 5]
    assert keep(studio, run, range(6, 20), best_epoch=3) == [3, 4, 8, 12, 16, 19]

    # A worker that fell back repeats epochs: what is kept at the end is the same.
    with studio.database.transaction() as session:
        drop_epochs_after(session, run, 16)
    assert keep(studio, run, range(17, 20), best_epoch=3) == [3, 4, 8, 12, 16, 19]
    studio.database.close()
