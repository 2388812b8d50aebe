"""lwlrap equals hand-checked vectors, and scikit-learn on random cases."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from sklearn.metrics import label_ranking_average_precision_score

from blockwright.contracts.problems import BlockwrightError
from blockwright.training.metrics import lwlrap

VECTORS = json.loads((Path(__file__).parent / "lwlrap.json").read_text())["vectors"]


def arrays(vector: dict) -> tuple[np.ndarray, np.ndarray]:
    if "truth" in vector:
        return np.array(vector["scores"], dtype=float), np.array(vector["truth"])
    random = np.random.RandomState(2019)
    truth = (random.rand(200, 80) < 0.015).astype(int)
    scores = random.rand(200, 80)
    return (scores + 0.5 * truth if vector["name"] == "E7b_seeded" else scores), truth


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_equals_the_hand_checked_value(vector):
    expected = vector.get("lwlrap", vector.get("lwlrap_sklearn"))
    assert lwlrap(*arrays(vector)) == pytest.approx(expected, abs=1e-12)


@st.composite
def rankings(draw):
    shape = (draw(st.integers(1, 12)), draw(st.integers(2, 9)))
    truth = draw(st_numpy.arrays(np.int8, shape, elements=st.integers(0, 1)))
    # Few different values, so that ties are common.
    scores = draw(st_numpy.arrays(np.float64, shape, elements=st.integers(-3, 3).map(float)))
    return scores, truth


@settings(max_examples=200, deadline=None)
@given(rankings())
def test_equals_scikit_learn_weighted_by_label_counts(ranking):
    scores, truth = ranking
    labelled = truth.sum(axis=1) > 0
    if not labelled.any():
        with pytest.raises(BlockwrightError) as caught:
            lwlrap(scores, truth)
        assert caught.value.problem.code == "training.nothing_to_rank"
        return
    expected = label_ranking_average_precision_score(
        truth[labelled], scores[labelled], sample_weight=truth[labelled].sum(axis=1)
    )
    assert lwlrap(scores, truth) == pytest.approx(expected, abs=1e-12)


def test_refuses_a_score_that_is_not_a_number():
    with pytest.raises(BlockwrightError) as caught:
        lwlrap([[0.1, float("nan")]], [[0, 1]])
    assert caught.value.problem.code == "training.scores_are_nan"
    assert "not numbers (NaN)" in caught.value.problem.message
    assert "smaller learning rate" in caught.value.problem.fix


def test_refuses_arrays_of_different_shapes():
    with pytest.raises(ValueError, match=r"\(1, 2\) and truth \(1, 3\)"):
        lwlrap([[0.1, 0.2]], [[0, 1, 0]])
