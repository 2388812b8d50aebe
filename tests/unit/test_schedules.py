"""The learning rate of each step, as the papers and the usual libraries give it."""

from __future__ import annotations

import math

import pytest

from blockwright.contracts.training_settings import TrainingSettings
from blockwright.graph.schedules import Plateau, Schedule, rate_curve

STEPS_PER_EPOCH = 10


def schedule(**settings: object) -> Schedule:
    wanted = TrainingSettings.model_validate({"epochs": 10, "learning_rate": 0.1, **settings})
    return Schedule(wanted, steps_per_epoch=STEPS_PER_EPOCH)


def rates(**settings: object) -> list[float]:
    made = schedule(**settings)
    return [made.rate(step) for step in range(100)]


def test_a_constant_rate_stays() -> None:
    assert set(rates()) == {0.1}


def test_cosine_falls_by_half_a_wave_to_its_last_share() -> None:
    found = rates(schedule="cosine", lowest_rate=0.01)

    assert found[0] == 0.1
    assert found[50] == pytest.approx(0.1 * (0.01 + 0.99 / 2))
    assert found[25] == pytest.approx(0.1 * (0.01 + 0.99 * (1 + math.cos(math.pi / 4)) / 2))
    assert found[99] == pytest.approx(0.001, rel=0.05)
    assert found == sorted(found, reverse=True)


@pytest.mark.parametrize(("unit", "length"), [("epochs", 2), ("steps", 20)])
def test_the_warm_up_rises_evenly_and_the_schedule_begins_after_it(unit: str, length: int) -> None:
    found = rates(schedule="cosine", warmup=length, warmup_unit=unit)

    assert found[:20] == pytest.approx([0.1 * (step + 1) / 20 for step in range(20)])
    assert found[20] == 0.1
    assert found[60] == pytest.approx(0.05)


def test_one_cycle_climbs_from_a_25th_and_ends_near_nothing() -> None:
    found = rates(schedule="one_cycle", peak_at=0.3, warmup=5)

    assert found[0] == pytest.approx(0.004)
    assert max(found) == found[30] == pytest.approx(0.1)
    assert schedule(schedule="one_cycle").rate(100) == pytest.approx(0.1 / 25 / 10_000)


def test_exponential_keeps_its_share_of_each_epoch() -> None:
    found = rates(schedule="exponential", decay_per_epoch=0.5)

    assert found[10] == pytest.approx(0.05)
    assert found[30] == pytest.approx(0.0125)
    assert found[5] == pytest.approx(0.1 * 0.5**0.5)


def test_steps_drop_after_so_many_epochs() -> None:
    found = rates(schedule="step", drop_every=4, drop_to=0.1)

    assert found[39] == 0.1
    assert found[40] == found[79] == pytest.approx(0.01)
    assert found[80] == pytest.approx(0.001)


def test_the_rate_falls_when_progress_stops_and_waits_anew() -> None:
    settings = TrainingSettings(
        schedule="plateau", plateau_epochs=3, drop_to=0.1, lowest_rate=0.05, epochs=20
    )
    plateau = Plateau()
    parts = []
    for epoch in range(1, 12):
        plateau.look(settings, epoch=epoch, best_epoch=min(epoch, 2))
        parts.append(plateau.part)
    assert parts == [1, 1, 1, 1, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05]


def test_a_rate_by_another_schedule_does_not_fall_when_progress_stops() -> None:
    plateau = Plateau()
    plateau.look(TrainingSettings(schedule="cosine"), epoch=20, best_epoch=1)
    assert plateau == Plateau()


def test_the_curve_reaches_from_the_first_step_to_the_last() -> None:
    settings = TrainingSettings(epochs=10, schedule="cosine", warmup=1, learning_rate=0.1)
    curve = rate_curve(settings, steps_per_epoch=50)
    assert curve[0] == (0, pytest.approx(0.002))
    assert curve[-1] == (pytest.approx(9.98), pytest.approx(0, abs=2e-6))
    assert max(rate for _, rate in curve) == pytest.approx(0.1, rel=0.01)
    assert rate_curve(TrainingSettings(epochs=10), steps_per_epoch=50) == [
        (0, 0.001),
        (9.98, 0.001),
    ]


def test_a_warm_up_of_less_than_a_step_changes_nothing() -> None:
    assert rates(warmup=0.05)[0] == 0.1
