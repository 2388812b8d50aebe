"""Runs from the queue to their end: real database, real supervisor, real worker processes."""

from __future__ import annotations

import pytest

from tests.support.tiny_run import TinyStudio, make_tiny_studio, supervised


@pytest.fixture
def studio(tmp_path) -> TinyStudio:
    return make_tiny_studio(tmp_path / "studio")


def test_a_run_trains_to_its_end_and_learns(studio):
    with supervised(studio):
        run = studio.runs.create(studio.experiment(epochs=6, learning_rate=0.01))
        assert run.state == "queued"
        run = studio.wait_until_over(run.id)

    assert (run.state, run.problem) == ("done", None)
    assert [epoch.epoch for epoch in run.epochs] == [1, 2, 3, 4, 5, 6]
    assert set(run.epochs[0].training) == {"loss", "precision", "recall", "lwlrap"}
    assert run.best_value == max(epoch.validation["lwlrap"] for epoch in run.epochs)
    assert run.best_value > 0.8
    assert run.machine.backend == "tensorflow"
    kept = {checkpoint.epoch for checkpoint in run.checkpoints}
    assert kept == {5, 6, run.best_epoch}
    assert [c.epoch for c in run.checkpoints if c.is_best] == [run.best_epoch]
    folders = {path.name for path in (studio.files.root / f"runs/{run.id}/checkpoints").iterdir()}
    assert folders == {f"epoch_{epoch}" for epoch in kept}
