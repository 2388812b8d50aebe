"""Runs that a person pauses, continues and copies, and runs that wait for room on the disk."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from blockwright.contracts.graph import ExperimentSettings, GraphDocument
from blockwright.contracts.runs import Run, RunFollowUp
from blockwright.graph.service import ExperimentService
from blockwright.store.tables import JobRow, RunRow
from blockwright.training import job_service, scores
from tests.support.fork_server import ForkServer
from tests.support.killed_runs import EPOCHS, Ended, KilledStudio, make_template, wait_for
from tests.support.tiny_run import CLASSES, make_tiny_studio

LONG = 2_000
SETTINGS = {"epochs": EPOCHS}


def long_studio(forks: ForkServer, folder: Path) -> KilledStudio:
    """Give a studio whose one run takes longer than any test."""
    studio = KilledStudio(forks, make_template(folder / "template", epochs=LONG), folder / "studio")
    studio.start()
    wait_for(lambda: len(studio.run().epochs) >= 2, "two epochs are done")
    return studio


def state(studio: KilledStudio) -> str:
    return studio.run().state


def test_a_paused_run_frees_its_place_and_goes_on_where_it_was(forks, tmp_path) -> None:
    studio = long_studio(forks, tmp_path)
    runs = studio.studio.runs
    assert runs.pause(studio.run_id).state == "pausing"
    wait_for(lambda: state(studio) == "paused", "it is paused")
    wait_for(lambda: not studio.workers(), "its worker went")
    before = studio.run()
    assert (before.problem, before.ended_at, before.can_continue) == (None, None, True)

    other = runs.create(before.experiment_id)  # takes the free place
    wait_for(lambda: runs.get(other.id).epochs, "the other one trains")
    assert runs.pause(other.id).state == "pausing"
    wait_for(lambda: runs.get(other.id).state == "paused", "the other one is paused, too")

    assert runs.continue_from_last_checkpoint(studio.run_id).state == "queued"
    wait_for(lambda: len(studio.run().epochs) > len(before.epochs) + 1, "it went on")
    now = studio.run()
    assert now.epochs[: len(before.epochs)] == before.epochs
    assert now.interruptions == []
    assert runs.stop(other.id).state == "stopped"
    studio.kill_all()


def test_a_waiting_run_is_paused_and_resumed_in_the_queue(forks, template, tmp_path) -> None:
    studio = KilledStudio(forks, template, tmp_path / "studio")
    runs = studio.studio.runs
    assert runs.pause(studio.run_id).state == "paused"
    assert runs.continue_from_last_checkpoint(studio.run_id).state == "queued"
    studio.start()
    assert studio.wait_until_over().run.state == "done"


def test_a_new_run_trains_a_stopped_one_further(forks, tmp_path) -> None:
    studio = long_studio(forks, tmp_path)
    runs = studio.studio.runs
    runs.stop(studio.run_id)
    wait_for(lambda: state(studio) == "stopped", "it is stopped")
    old = studio.run()
    last = old.epochs[-1].epoch
    wanted = RunFollowUp(start="last", epochs=2, settings={"learning_rate": 0.0001})
    new = runs.follow_up(studio.run_id, wanted)
    assert (new.continues.run_id, new.continues.epoch) == (old.id, last)
    assert (new.experiment_id, new.number) == (old.experiment_id, old.number + 1)
    assert (new.settings.epochs, new.settings.learning_rate) == (last + 2, 0.0001)
    wait_for(lambda: runs.get(new.id).state == "done", "the new one is done")
    new = runs.get(new.id)
    assert [each.epoch for each in new.epochs] == [last + 1, last + 2]
    # It began where the other one ended, not anew.
    assert new.epochs[0].training["loss"] < old.epochs[0].training["loss"]
    assert {each.learning_rate for each in signals(new)} == {0.0001}
    assert runs.get(old.id) == old

    best = runs.follow_up(studio.run_id, RunFollowUp(start="best", epochs=1))
    assert best.continues.epoch == old.best_epoch
    studio.kill_all()


def signals(run: Run):
    return [each.signals for each in run.epochs]


def test_a_run_is_duplicated_as_it_was_made(forks, template, tmp_path) -> None:
    studio = KilledStudio(forks, template, tmp_path / "studio")
    copy = ExperimentService(studio.studio.database).duplicate_of_run(studio.run_id)
    with studio.studio.database.transaction() as session:
        plan = session.get_one(RunRow, studio.run_id).plan
    assert copy.name == "Tiny CNN v2"
    assert copy.graph == GraphDocument.model_validate(plan["graph"])
    assert copy.settings == ExperimentSettings.model_validate(plan["settings"])


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Put a real file system of 400 kB in the place of a folder; needs root."""
    folder.mkdir(parents=True, exist_ok=True)
    size = "size=400k,mode=700"
    command = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)]
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("NO FULL DISK: only root may mount a small file system")
    if subprocess.run(command, check=False).returncode != 0:
        pytest.skip("NO FULL DISK: a small file system could not be mounted")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_run_waits_for_room_on_a_full_disk_and_goes_on_by_itself(
    forks: ForkServer, template: Path, whole: Ended, tmp_path: Path
) -> None:
    studio = KilledStudio(forks, template, tmp_path / "studio")
    with small_disk(studio.folder / "runs"):
        filler = studio.folder / "runs" / "filler"
        filler.write_bytes(b"x" * 360_000)
        studio.start()
        wait_for(lambda: state(studio) == "paused", "it waits for room")
        run = studio.run()
        assert run.problem is not None
        assert run.problem.code == "training.paused_no_room"
        assert "goes on by itself" in run.problem.fix
        time.sleep(6)  # longer than the studio waits to look again
        assert state(studio) == "paused"
        filler.unlink()
        ended = studio.wait_until_over()
    ended.require_equal(whole)
    assert ended.run.problem is None


def test_a_run_waits_for_the_room_that_its_scores_need_too(tmp_path: Path, monkeypatch) -> None:
    studio = make_tiny_studio(tmp_path / "studio")  # 48 rows to learn from, 16 to be judged by
    run = studio.runs.create(studio.experiment())
    checkpoints = 2 * 12 * run.parameters
    disk = SimpleNamespace(free=checkpoints + 50_000 + 2 * 48 * 4 * len(CLASSES) + 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: disk)
    enough = []
    for most in (16 * 4 * len(CLASSES), 0):
        monkeypatch.setattr(scores, "LARGEST_IN_MEMORY_BYTES", most)
        with studio.database.transaction() as session:
            job = session.get_one(JobRow, session.get_one(RunRow, run.id).job_id)
            enough.append(job_service.has_room(session, job, studio.files))
    assert enough == [True, False]
