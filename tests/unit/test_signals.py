"""What is measured of an epoch, and the loss batch by batch that is kept of it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from blockwright.contracts.signals import LossBucket, LossPoint
from blockwright.store.loss_curves import thinned
from blockwright.training import own_memory
from blockwright.training import signals as measured
from blockwright.training.signals import MOST_BUCKETS_PER_RUN, EpochRecorder, bucket_steps


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    clock = [0.0]
    monkeypatch.setattr(measured.time, "monotonic", lambda: clock[0])
    return clock


def test_waiting_speed_and_gradients_are_measured(now: list[float]) -> None:
    recorder = EpochRecorder(2)

    def batches():
        for number in range(4):
            now[0] += 0.25  # the data are awaited
            yield number

    for number in recorder.watch(batches()):
        now[0] += 0.75  # the step is done
        recorder.note(loss=1.0, gradient_norm=float(number))
        recorder.count(8)
    found = recorder.signals(learning_rate=0.01)

    assert found.data_wait == pytest.approx(0.25)
    assert found.examples_per_second == pytest.approx(8)
    assert (found.gradient_norm, found.gradient_norm_max) == (1.5, 3.0)
    assert found.learning_rate == 0.01


def test_steps_that_build_a_program_tell_nothing_of_the_speed(now: list[float]) -> None:
    """The first one of each size does: of whole batches, of the smaller one at the end."""
    recorder = EpochRecorder(1)
    now[0] = 60.0
    recorder.count(8, builds=True)
    now[0] = 62.0
    recorder.count(8)
    now[0] = 90.0
    recorder.count(3, builds=True)

    assert recorder.signals(learning_rate=0.1).examples_per_second == pytest.approx(4)


def test_a_gradient_that_is_no_number_is_told_as_none() -> None:
    recorder = EpochRecorder(1)
    recorder.note(loss=1.0, gradient_norm=math.inf)

    found = recorder.signals(learning_rate=0.1)
    assert (found.gradient_norm, found.gradient_norm_max) == (None, None)


def test_buckets_keep_spikes_and_the_last_one_may_be_short() -> None:
    recorder = EpochRecorder(3)
    for loss in (1.0, 9.0, 2.0, 3.0):
        recorder.note(loss=loss, gradient_norm=0.0)
    recorder.close_bucket()

    assert recorder.take_buckets() == [
        LossBucket(first_step=1, last_step=3, low=1.0, mean=4.0, high=9.0),
        LossBucket(first_step=4, last_step=4, low=3.0, mean=3.0, high=3.0),
    ]
    assert recorder.take_buckets() == []


@pytest.mark.parametrize("steps", [1, 7, 199, 200, 201, 50_000])
@pytest.mark.parametrize("epochs", [1, 30, 1_000, 100_000])
def test_a_run_keeps_a_bounded_number_of_buckets(steps: int, epochs: int) -> None:
    buckets = -(-steps // bucket_steps(steps=steps, epochs=epochs))

    assert buckets <= min(steps, 200)
    assert buckets * epochs <= max(MOST_BUCKETS_PER_RUN, epochs)


def test_thinning_loses_no_spike_and_no_stretch() -> None:
    random = np.random.default_rng(3)
    values = random.random(1_003)
    values[517] = 50.0
    points = [
        LossPoint(start=i / 10, end=(i + 1) / 10, low=v, mean=v, high=v)
        for i, v in enumerate(values.tolist())
    ]
    thin = thinned(points, 100)

    assert len(thin) <= 100
    assert max(point.high for point in thin) == 50.0
    assert (thin[0].start, thin[-1].end) == (points[0].start, points[-1].end)
    assert [point.start for point in thin[1:]] == [point.end for point in thin[:-1]]
    assert np.average(
        [point.mean for point in thin], weights=[point.end - point.start for point in thin]
    ) == pytest.approx(values.mean())


def test_the_peak_of_memory_is_that_of_this_epoch() -> None:
    block = np.ones(30_000_000, dtype=np.float64)
    block[0] = 2.0
    del block
    own_memory.forget_peak()
    before = own_memory.peak_bytes()
    block = np.ones(20_000_000, dtype=np.float64)
    grown = own_memory.peak_bytes() - before
    del block

    assert 150e6 < grown < 200e6
    assert own_memory.peak_bytes() - before == pytest.approx(grown, abs=10e6)
