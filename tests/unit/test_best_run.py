"""Which of a project's runs is marked as the best."""

from __future__ import annotations

from typing import Literal

from blockwright.contracts.runs import ErrorUnits, Run
from blockwright.training.service import best_of


def judged(
    run_id: str,
    value: float | None,
    metric: str = "lwlrap",
    target: str = "tags",
    loss: str = "binary_crossentropy",
) -> Run:
    return Run.model_construct(
        id=run_id,
        best_value=value,
        best_by=metric,
        error_units=None,
        higher_is_better=metric != "loss",
        target=target,
        loss=loss,
    )


def test_of_equal_runs_the_oldest_stays_the_best() -> None:
    newest_first = [judged("c", 0.9), judged("b", 0.9), judged("a", 0.7)]
    assert best_of(newest_first) == ["b"]


def test_each_metric_has_its_best_that_of_the_newest_run_with_a_value_first() -> None:
    newest_first = [judged("d", None), judged("c", 0.4, "loss"), judged("b", 0.2, "loss")]
    assert best_of([*newest_first, judged("a", 0.9)]) == ["b", "a"]
    assert best_of([judged("d", None)]) == []


def test_each_target_and_each_loss_has_its_best() -> None:
    kinds = [judged("c", 0.6, target="kind"), judged("b", 0.8, target="kind")]
    assert best_of([*kinds, judged("a", 0.99, target="shape")]) == ["b", "a"]
    losses = [judged("c", 0.5, "loss"), judged("b", 86_187.0, "loss", loss="mean_squared_error")]
    assert best_of([*losses, judged("a", 0.4, "loss")]) == ["a", "b"]


def test_errors_in_different_units_are_not_compared() -> None:
    def erring(run_id: str, value: float, errors: Literal["real", "normalized"]) -> Run:
        units = ErrorUnits(target="price", several=False, errors=errors, loss="normalized")
        return Run.model_construct(
            id=run_id,
            best_value=value,
            best_by="mean_absolute_error",
            higher_is_better=False,
            error_units=units,
            target="price",
        )

    newest_first = [erring("c", 900.0, "real"), erring("b", 800.0, "real")]
    assert best_of([*newest_first, erring("a", 0.02, "normalized")]) == ["b", "a"]
