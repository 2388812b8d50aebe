"""Which of a project's runs is marked as the best."""

from __future__ import annotations

from blockwright.contracts.runs import Run
from blockwright.training.service import best_of


def judged(run_id: str, value: float | None, metric: str = "lwlrap") -> Run:
    return Run.model_construct(
        id=run_id, best_value=value, best_by=metric, higher_is_better=metric != "loss"
    )


def test_of_equal_runs_the_oldest_stays_the_best() -> None:
    newest_first = [judged("c", 0.9), judged("b", 0.9), judged("a", 0.7)]
    assert best_of(newest_first) == "b"


def test_runs_are_compared_by_the_metric_of_the_newest_that_has_a_value() -> None:
    newest_first = [judged("d", None), judged("c", 0.4, "loss"), judged("b", 0.2, "loss")]
    assert best_of([*newest_first, judged("a", 0.9)]) == "b"
    assert best_of([judged("d", None)]) is None
