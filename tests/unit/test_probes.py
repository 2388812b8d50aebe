"""What is worked out of a few measured steps: the largest batch, and the range of rates."""

from __future__ import annotations

import math

import numpy as np
import pytest

from blockwright.contracts.graph import ExperimentSettings
from blockwright.contracts.probes import UNMEASURED_SETTINGS, Forecast
from blockwright.contracts.runs import EpochMetrics
from blockwright.contracts.signals import EpochSignals
from blockwright.training import forecast, rate_test
from blockwright.training.measured import corrected, probe_key
from blockwright.training.stages import Stages
from tests.support.tiny_run import tiny_graph, tiny_settings

MB = 1_000_000


def a_key(graph=None, **settings: object) -> str:
    return probe_key(graph or tiny_graph(), tiny_settings(**settings))


def fitting(sizes: list[tuple[int, int]], memory_bytes: int, rows: int = 10_000) -> int | None:
    per_row = forecast.bytes_per_row(sizes)
    return forecast.largest_batch(max(sizes), per_row, memory_bytes=memory_bytes, rows=rows)


def test_the_largest_batch_follows_from_the_growth_of_memory() -> None:
    # 10 MB a row and 500 MB for the model: 2 GB have room for 150 rows.
    sizes = [(8, 580 * MB), (16, 660 * MB)]

    assert fitting(sizes, 2_000 * MB) == 128
    assert fitting(sizes, 2_500 * MB) == 192
    # The batch that is set does not fit: smaller ones may.
    assert fitting(sizes, 550 * MB) == 4
    assert fitting(sizes, 400 * MB) is None


def test_what_the_building_left_behind_makes_no_row_cheap() -> None:
    """Up to some size rows fit into memory that was let go before: they seem to cost nothing."""
    assert forecast.bytes_per_row([(8, 700 * MB), (32, 820 * MB), (128, 1_780 * MB)]) == 10 * MB


def test_a_batch_is_never_larger_than_all_rows() -> None:
    assert fitting([(8, 580 * MB), (16, 660 * MB)], 9_000 * MB, rows=100) == 96


def test_no_largest_batch_is_made_up_where_memory_did_not_grow() -> None:
    assert fitting([(8, 580 * MB), (16, 580 * MB)], 2_000 * MB) is None
    assert fitting([(1, 580 * MB)], 2_000 * MB) is None


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
    key = a_key()
    moved = tiny_graph()
    moved.blocks[0].position.x += 40

    assert a_key(moved) == key
    assert a_key(epochs=99, learning_rate=0.1, seed=1) == key
    assert a_key(batch_size=9) != key
    assert a_key(optimizer="sgd") != key
    smaller = tiny_graph()
    smaller.blocks[2].params["filters"] = 4
    assert a_key(smaller) != key


def test_epochs_count_where_they_say_which_rows_are_learnt_from() -> None:
    first = {"first_stage_subset_id": "other", "first_stage_epochs": 2}
    assert a_key(epochs=9, **first) != a_key(epochs=8, **first)


def test_what_changes_no_step_is_a_setting() -> None:
    assert set(ExperimentSettings.model_fields) >= UNMEASURED_SETTINGS


FORECAST = Forecast(
    batch_size=32,
    examples_per_second=100.0,
    start_seconds=4.0,
    seconds_per_epoch=13.0,
    save_seconds=1.0,
    memory_bytes=900 * MB,
    memory_free_bytes=8_000 * MB,
    disk_bytes=5 * MB,
    largest_batch=512,
)


def an_epoch(number: int, seconds: float, speed: float, memory: int) -> EpochMetrics:
    signals = EpochSignals(
        gradient_norm=1.0,
        gradient_norm_max=1.0,
        learning_rate=0.1,
        examples_per_second=speed,
        memory_bytes=memory,
        data_wait=0.0,
    )
    return EpochMetrics(epoch=number, seconds=seconds, training={}, validation={}, signals=signals)


def after(*epochs: EpochMetrics, validate_every: int = 1, alike: bool = True) -> Forecast:
    return corrected(
        FORECAST, list(epochs), training_rows=1_000, validate_every=validate_every, alike=alike
    )


def test_the_first_epoch_corrects_speed_and_memory_but_its_building_counts_not() -> None:
    found = after(an_epoch(1, 19.0, speed=125.0, memory=800 * MB))

    assert found.seconds_per_epoch == pytest.approx(13.0 - 2.0)  # 1,000 rows in 8 s, not 10
    assert (found.examples_per_second, found.memory_bytes) == (125.0, 800 * MB)
    assert found.largest_batch == 512


def test_later_epochs_say_what_an_epoch_takes_and_saving_comes_to_it() -> None:
    epochs = [
        an_epoch(1, 19.0, speed=125.0, memory=850 * MB),
        an_epoch(2, 9.0, speed=120.0, memory=800 * MB),
        an_epoch(3, 10.0, speed=110.0, memory=800 * MB),
    ]
    found = after(*epochs)
    assert found.seconds_per_epoch == pytest.approx(9.5 + 1.0)
    assert found.memory_bytes == 850 * MB


def test_only_whole_rounds_of_validations_tell_the_mean() -> None:
    epochs = [an_epoch(n, 20.0 if n % 2 == 0 else 8.0, 125.0, MB) for n in range(1, 5)]
    assert after(*epochs, validate_every=2).seconds_per_epoch == pytest.approx(14.0 + 1.0)


def test_epochs_of_a_first_stage_tell_the_speed_and_not_the_time_of_all() -> None:
    epochs = [an_epoch(n, 40.0 if n < 4 else 4.0, 125.0, MB) for n in range(1, 5)]
    assert after(*epochs, alike=False).seconds_per_epoch == pytest.approx(13.0 - 2.0)


def test_an_epoch_in_the_mean_counts_each_stage_by_its_epochs() -> None:
    settings = ExperimentSettings(
        training_subset_id="few",
        first_stage_subset_id="many",
        first_stage_epochs=1,
        epochs=4,
    )
    rows = {"few": np.arange(20), "many": np.arange(100)}
    stages = Stages(
        settings, rows_of=lambda name: rows[name or ""], weights_of=lambda _: None, steps_of=len
    )
    assert stages.mean_rows() == (100 + 3 * 20) / 4
