"""The loss batch by batch of real runs: bounded, live, and unbroken after a kill."""

from __future__ import annotations

import json
import os
import signal
import time

import pytest

from blockwright.contracts.runs import Run
from blockwright.store import leases
from blockwright.store.tables import JobRow, RunRow
from tests.support.tiny_run import TinyStudio, make_tiny_studio, supervised

EXACT = {"epochs": 3, "learning_rate": 0.01, "batch_size": 4}


@pytest.fixture
def studio(tmp_path) -> TinyStudio:
    return make_tiny_studio(tmp_path / "studio")


def kill_worker(studio: TinyStudio, run: Run) -> None:
    with studio.database.transaction() as session:
        row = session.get(JobRow, session.get(RunRow, run.id).job_id)
        key = leases.job_folder_key(row)
    os.kill(json.loads(studio.files.read(f"{key}/worker.json"))["pid"], signal.SIGKILL)


def finished(studio: TinyStudio, run: Run) -> Run:
    """Wait for the end, going on by hand where the studio does not by itself."""
    while (now := studio.wait_until_over(run.id)).can_continue:
        studio.runs.continue_from_last_checkpoint(run.id)
    return now


def test_the_curve_and_the_signals_of_a_run_are_kept(studio):
    with supervised(studio):
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


def test_the_curve_is_the_same_after_a_kill(studio):
    with supervised(studio):
        whole = studio.wait_until_over(studio.runs.create(studio.experiment(**EXACT)).id)
        run = studio.runs.create(studio.experiment(**EXACT))
        studio.wait_for(run.id, lambda now: len(now.epochs) > 0)
        kill_worker(studio, run)
        time.sleep(0.5)
        run = finished(studio, run)

    assert (run.state, run.problem) == ("done", None)
    expected = studio.runs.loss_curve(whole.id, 5_000).points
    assert len(expected) == 3 * run.progress.steps_per_epoch
    assert studio.runs.loss_curve(run.id, 5_000).points == expected
