"""What is worked out of a few measured steps: the largest batch, and the range of rates."""

from __future__ import annotations

import math

import numpy as np
import pytest

from blockwright.contracts.graph import ExperimentSettings
from blockwright.contracts.probes import UNMEASURED_SETTINGS
from blockwright.store.tables import ExperimentRow
from blockwright.training import forecast, rate_test
from blockwright.training.probe_service import probe_key
from tests.support.tiny_run import tiny_graph, tiny_settings

MB = 1_000_000


def an_experiment(graph=None, **settings: object) -> ExperimentRow:
    return ExperimentRow(
        graph=(graph or tiny_graph()).model_dump(mode="json"),
        settings=tiny_settings(**settings).model_dump(mode="json"),
    )


def fitting(small: tuple[int, int], large: tuple[int, int], memory_bytes: int) -> int | None:
    return forecast.largest_batch(small, large, memory_bytes=memory_bytes, rows=10_000)


def test_the_largest_batch_follows_from_the_growth_of_memory() -> None:
    # 10 MB a row and 500 MB for the model: 2 GB have room for 150 rows.
    small, large = (8, 580 * MB), (16, 660 * MB)

    assert fitting(small, large, 2_000 * MB) == 128
    assert fitting(small, large, 2_500 * MB) == 192
    # The batch that is set does not fit: smaller ones may.
    assert fitting(small, large, 550 * MB) == 4
    assert fitting(small, large, 400 * MB) is None


def test_a_batch_is_never_larger_than_all_rows() -> None:
    small, large = (8, 580 * MB), (16, 660 * MB)
    assert forecast.largest_batch(small, large, memory_bytes=9_000 * MB, rows=100) == 96


def test_no_largest_batch_is_made_up_where_memory_did_not_grow() -> None:
    assert fitting((8, 580 * MB), (16, 580 * MB), 2_000 * MB) is None
    assert fitting((1, 580 * MB), (1, 580 * MB), 2_000 * MB) is None


def curve_of(rates: np.ndarray, *, noise: float = 0.0) -> list[float]:
    """A loss that falls between 1e-3 and 1e-1 and runs away beyond 1."""
    random = np.random.default_rng(5)
    place = np.log10(rates)
    falling = 2.0 - 1.2 / (1 + np.exp(-4 * (place + 2)))
    away = np.exp(np.clip(3 * (place - 0.2), -50, 5))
    return (falling + away + noise * random.normal(size=len(rates))).tolist()


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_the_suggested_rate_lies_where_the_loss_falls(noise: float) -> None:
    rates = np.geomspace(1e-6, 10, 100)
    found = rate_test.judge(rates.tolist(), curve_of(rates, noise=noise))

    assert found.low < found.suggested <= found.high * 1.1
    assert 1e-3 < found.suggested < 0.3
    assert len(found.points) == 100


def test_nothing_is_suggested_where_the_loss_does_not_fall() -> None:
    rates = np.geomspace(1e-6, 10, 100)
    flat = [2.3 + 0.001 * math.sin(i) for i in range(60)] + [2.3 * 1.05**i for i in range(40)]

    found = rate_test.judge(rates.tolist(), flat)
    assert (found.low, found.high, found.suggested) == (None, None, None)


def test_a_test_of_rates_ends_when_the_loss_has_run_away() -> None:
    assert rate_test.has_diverged([1.0] * 12 + [3.5])
    assert not rate_test.has_diverged([1.0] * 12 + [2.5])
    assert not rate_test.has_diverged([1.0, 9.0])


def test_slow_models_take_fewer_steps() -> None:
    assert rate_test.steps_within(120, step_seconds=0.01) == 100
    assert rate_test.steps_within(120, step_seconds=2.0) == 60
    assert rate_test.steps_within(120, step_seconds=7.0) == 40


@pytest.mark.parametrize(("rate", "said"), [(0.00312, 0.003), (0.014, 0.015), (0.0096, 0.01)])
def test_rates_are_told_as_a_person_types_them(rate: float, said: float) -> None:
    assert rate_test.rounded(rate) == said


def test_a_probe_holds_for_what_changes_no_step() -> None:
    key = probe_key(an_experiment())
    moved = tiny_graph()
    moved.blocks[0].position.x += 40

    assert probe_key(an_experiment(moved)) == key
    assert probe_key(an_experiment(epochs=99, learning_rate=0.1, seed=1)) == key
    assert probe_key(an_experiment(batch_size=9)) != key
    assert probe_key(an_experiment(optimizer="sgd")) != key
    smaller = tiny_graph()
    smaller.blocks[2].params["filters"] = 4
    assert probe_key(an_experiment(smaller)) != key


def test_what_changes_no_step_is_a_setting() -> None:
    assert set(ExperimentSettings.model_fields) >= UNMEASURED_SETTINGS
