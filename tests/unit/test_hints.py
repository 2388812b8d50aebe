"""Each hint by a curve that triggers it and one that does not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from blockwright.contracts.base import utc_now
from blockwright.contracts.graph import ExperimentSettings
from blockwright.contracts.runs import EpochMetrics, Run, RunProgress
from blockwright.contracts.signals import EpochSignals
from blockwright.training.hints import RULES, hints_of
from blockwright.training.signals import class_share


def falling(start: float, end: float, count: int) -> list[float]:
    """A healthy curve: fast at first, then slower."""
    return list(np.geomspace(start, end, count))


def a_run(
    training: Sequence[float],
    validation: Sequence[float] | None = None,
    *,
    state: str = "running",
    best_epoch: int | None = None,
    metrics: Sequence[dict[str, float]] | None = None,
    signals: Sequence[dict[str, float | None]] | None = None,
    **settings: object,
) -> Run:
    validation = validation or [loss * 1.1 for loss in training]
    usual = {
        "gradient_norm": 1.0,
        "gradient_norm_max": 2.0,
        "learning_rate": 0.001,
        "examples_per_second": 100.0,
        "memory_bytes": 500_000_000,
        "data_wait": 0.01,
    }
    epochs = [
        EpochMetrics(
            epoch=place + 1,
            seconds=1.0,
            training={"loss": loss},
            validation={"loss": validation[place], **(metrics[place] if metrics else {})},
            signals=EpochSignals(**{**usual, **(signals[place] if signals else {})}),
        )
        for place, loss in enumerate(training)
    ]
    return Run(
        id="run_1",
        project_id="prj_1",
        experiment_id="exp_1",
        experiment_name="Experiment",
        number=1,
        state=state,
        settings=ExperimentSettings(**{"epochs": max(1, len(epochs)), **settings}),
        loss="categorical_crossentropy",
        metric_names=["loss"],
        best_by="loss",
        higher_is_better=False,
        progress=RunProgress(epoch=len(epochs), step=1, steps_per_epoch=1),
        epochs=epochs,
        best_epoch=best_epoch,
        checkpoints=[],
        created_at=utc_now(),
        parameters=1,
        data_hash="",
        dataset_name="Data",
        version_number=1,
        can_continue=False,
    )


def codes(run: Run, rows: int = 1_000) -> list[str]:
    return [hint.problem.code.removeprefix("hint.") for hint in hints_of(run, validation_rows=rows)]


def test_a_healthy_run_gives_no_hint() -> None:
    assert codes(a_run(falling(2.0, 0.2, 20))) == []
    assert codes(a_run([])) == []


def test_memorising() -> None:
    training = falling(2.0, 0.1, 16)
    rising = [*falling(2.1, 0.9, 8), 0.95, 1.0, 0.98, 1.1, 1.15, 1.2, 1.3, 1.4]
    late = [*falling(2.1, 0.9, 13), 0.95, 1.0, 1.1]  # above the lowest for 3 epochs only

    assert codes(a_run(training, rising)) == ["memorising"]
    (hint,) = hints_of(a_run(training, rising), validation_rows=1_000)
    assert hint.problem.params == {"epochs": 8, "best_epoch": 8}
    assert hint.setting == "early_stopping_epochs"
    assert "memorising" not in codes(a_run(training, late))
    # Both rise: that is no memorising.
    assert "memorising" not in codes(a_run([*falling(2, 1, 8), *[1.2] * 8], rising))
    # Training rows are still harder than validation rows, as augmented ones are.
    assert "memorising" not in codes(a_run([loss + 2 for loss in training], rising))


def test_one_lucky_epoch_is_no_lowest_point() -> None:
    """A noisy loss that goes on to fall, whose luckiest epoch lies far back."""
    noise = np.random.default_rng(5).uniform(0.9, 1.4, 60)
    noisy = [float(v) for v in np.geomspace(0.5, 0.2, 60) * noise]
    noisy[30] = 0.1
    assert "memorising" not in codes(a_run(falling(0.4, 0.05, 60), noisy))


def test_what_follows_from_a_loss_that_ran_away_is_not_told_beside_it() -> None:
    run = a_run([0.7, 1e6, 1e9, 3e8, 2e8], [1.0] * 5, metrics=[{"recall": 0.0}] * 5)
    assert codes(run) == ["loss_jumps"]


def test_not_learning() -> None:
    assert codes(a_run([2.30, 2.30, 2.299, 2.301])) == ["not_learning"]
    assert codes(a_run([2.30, 2.25, 2.2])) == []
    assert codes(a_run([2.30, 2.30])) == []


def test_unstable() -> None:
    jump = [*falling(2.0, 0.5, 8), 1.4, 0.6]
    assert "loss_jumps" in codes(a_run(jump))
    assert "loss_jumps" not in codes(a_run([*falling(2.0, 0.5, 8), 0.6, 0.5]))
    near_zero = [*falling(2.0, 0.01, 8), 0.03]
    assert "loss_jumps" not in codes(a_run(near_zero))
    calm = [{}] * 5
    long = [*calm[:4], {"gradient_norm_max": 500.0}]
    assert codes(a_run(falling(2, 1, 5), signals=long)) == ["gradients_explode"]
    assert codes(a_run(falling(2, 1, 5), signals=calm)) == []


def test_still_improving_at_the_last_epoch() -> None:
    run = a_run(falling(2.0, 0.2, 10), state="done", best_epoch=10)
    assert codes(run) == ["still_improving"]
    assert hints_of(run, validation_rows=1_000)[0].more_epochs
    assert codes(run.model_copy(update={"state": "running"})) == []
    assert codes(run.model_copy(update={"best_epoch": 5})) == []
    # Stopped early, before the epochs that were planned.
    early = a_run(falling(2.0, 0.2, 10), state="done", best_epoch=10, epochs=30)
    assert codes(early) == []


def test_plateau() -> None:
    flat = [*falling(2.0, 0.5, 8), *[0.5] * 8]
    assert codes(a_run(flat)) == ["plateau"]
    assert codes(a_run([*falling(2.0, 0.5, 8), *falling(0.5, 0.4, 8)])) == []


def test_a_large_gap() -> None:
    training = falling(2.0, 0.1, 6)
    assert codes(a_run(training, [2.0, 1.5, 1.2, 1.0, 0.9, 0.85])) == ["large_gap"]
    assert codes(a_run(training, [loss * 1.5 for loss in training])) == []


def test_validation_far_better_than_training() -> None:
    training = falling(2.0, 1.0, 4)
    better = [loss * 0.5 for loss in training]
    assert codes(a_run(training, better)) == ["validation_better"]
    assert codes(a_run(training, better, mixup=0.2)) == []
    assert codes(a_run(training, [loss * 0.9 for loss in training])) == []


def test_few_validation_rows() -> None:
    run = a_run(falling(2.0, 0.2, 5))
    assert codes(run, rows=40) == ["small_validation"]
    assert codes(run, rows=100) == []


def test_waiting_for_data() -> None:
    assert codes(a_run(falling(2, 1, 4), signals=[{"data_wait": 0.4}] * 4)) == ["data_wait"]
    assert codes(a_run(falling(2, 1, 4), signals=[{"data_wait": 0.05}] * 4)) == []


def test_speed_that_dropped() -> None:
    slow = [{}] * 6 + [{"examples_per_second": 40.0}] * 2
    assert codes(a_run(falling(2, 0.5, 8), signals=slow)) == ["slower"]
    assert codes(a_run(falling(2, 0.5, 8), signals=slow, state="stopped")) == []
    slight = [{}] * 6 + [{"examples_per_second": 80.0}] * 2
    assert codes(a_run(falling(2, 0.5, 8), signals=slight)) == []


def test_one_class_for_all_rows() -> None:
    said = [{"said_share": 1.0, "true_share": 0.6}] * 4
    assert codes(a_run(falling(2, 1.5, 4), signals=said)) == ["one_class"]
    varied = [{"said_share": 0.7, "true_share": 0.6}] * 4
    assert codes(a_run(falling(2, 1.5, 4), signals=varied)) == []


def test_no_class_is_ever_said() -> None:
    silent = [{"recall": 0.0}] * 4
    assert codes(a_run(falling(2, 1.5, 4), metrics=silent)) == ["says_nothing"]
    assert codes(a_run(falling(2, 1.5, 4), metrics=[*silent[:3], {"recall": 0.3}])) == []


def test_no_better_than_guessing() -> None:
    shares = [{"said_share": 0.8, "true_share": 0.5}] * 4
    run = a_run(falling(2, 1.5, 4), metrics=[{"accuracy": 0.49}] * 4, signals=shares)
    assert codes(run) == ["guessing"]
    better = a_run(falling(2, 1.5, 4), metrics=[{"accuracy": 0.7}] * 4, signals=shares)
    assert codes(better) == []
    assert codes(a_run(falling(2, 1, 4), metrics=[{"r2": -0.1}] * 4)) == ["guessing_numbers"]
    assert codes(a_run(falling(2, 1, 4), metrics=[{"r2": 0.4}] * 4)) == []


def test_the_most_important_comes_first_and_says_it_once() -> None:
    said = [{"said_share": 1.0, "true_share": 0.5, "data_wait": 0.5}] * 4
    run = a_run([2.0] * 4, metrics=[{"accuracy": 0.5}] * 4, signals=said)

    assert codes(run, rows=20) == ["one_class", "small_validation", "data_wait"]


@pytest.mark.parametrize("state", ["queued", "failed"])
def test_runs_that_have_nothing_to_say_give_no_hint(state: str) -> None:
    assert codes(a_run([2.3] * 5, state=state), rows=10) == []


def test_every_rule_leads_to_a_setting_that_exists() -> None:
    for rule in RULES:
        assert rule.setting is None or rule.setting in ExperimentSettings.model_fields


def test_the_share_of_the_most_common_class() -> None:
    one_hot = np.eye(3, dtype=np.float32)[[0, 0, 1, 2]]
    assert class_share(one_hot, "categorical") == 0.5
    assert class_share(np.array([[0.9], [0.2], [0.1], [0.3]], np.float32), "binary") == 0.75
    assert class_share(one_hot, "multi_label") is None
