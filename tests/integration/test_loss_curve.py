"""The loss batch by batch of real runs: bounded, live, and unbroken after a kill."""

from __future__ import annotations

import pytest

from tests.support.fork_server import ForkExecutor
from tests.support.tiny_run import TinyStudio, make_tiny_studio, supervised

EXACT = {"epochs": 3, "learning_rate": 0.01, "batch_size": 4}


@pytest.fixture
def studio(tmp_path) -> TinyStudio:
    return make_tiny_studio(tmp_path / "studio")


def test_the_curve_and_the_signals_of_a_run_are_kept(studio, forked):
    with supervised(studio, executor=forked):
        run = studio.wait_until_over(studio.runs.create(studio.experiment(**EXACT)).id)
    points = studio.runs.loss_curve(run.id, 5_000).points
    steps = run.progress.steps_per_epoch

    assert len(points) == 3 * steps
    assert (points[0].start, points[-1].end) == (0.0, 3.0)
    for epoch in run.epochs:
        own = [point.mean for point in points if epoch.epoch - 1 < point.end <= epoch.epoch + 1e-9]
        assert sum(own) / steps == pytest.approx(epoch.training["loss"], rel=0.02)
        assert epoch.signals.learning_rate == pytest.approx(0.01)
        assert 0 < epoch.signals.gradient_norm <= epoch.signals.gradient_norm_max
        assert 50e6 < epoch.signals.memory_bytes < 4e9
        assert 0 <= epoch.signals.data_wait < 1
        assert epoch.signals.examples_per_second > 0
    assert len(studio.runs.loss_curve(run.id, 10).points) <= 10


def test_the_curve_is_the_same_after_a_kill(studio, forks, forked):
    with supervised(studio, executor=forked):
        whole = studio.wait_until_over(studio.runs.create(studio.experiment(**EXACT)).id)
    # In the second epoch, whose batches have been told of in part.
    dying = ForkExecutor(forks.socket_path, dies_at="run-trained:2")
    with supervised(studio, executor=dying):
        run = studio.wait_until_over(studio.runs.create(studio.experiment(**EXACT)).id)

    assert (run.state, run.problem) == ("done", None)
    assert [each.epoch for each in run.interruptions] == [2]
    expected = studio.runs.loss_curve(whole.id, 5_000).points
    assert len(expected) == 3 * run.progress.steps_per_epoch
    assert studio.runs.loss_curve(run.id, 5_000).points == expected
