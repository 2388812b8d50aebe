"""Runs from the queue to their end: real database, real supervisor, real worker processes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from blockwright.contracts.problems import BlockwrightError, Problem, problem
from blockwright.contracts.runs import EpochMetrics, Run
from blockwright.contracts.work import CheckpointWritten, EventLine, Finished, TrainEpoch
from blockwright.jobs import service
from blockwright.jobs.service import JobService
from blockwright.store import leases
from blockwright.store.events import events_after
from blockwright.store.tables import JobRow, RunRow
from blockwright.training.checkpoint_files import read_checkpoint
from tests.support.tiny_run import CLASSES, TinyStudio, make_tiny_studio, supervised

ROOT = Path(__file__).parents[2]
LONG = {"epochs": 400, "learning_rate": 0.0001}

# A "server" that can be killed: it only looks after the jobs of a studio folder.
SERVER = """
import sys, time
from pathlib import Path
from tests.support.tiny_run import make_tiny_studio
from blockwright.jobs.supervisor import Supervisor
studio = make_tiny_studio(Path(sys.argv[1]))
Supervisor(studio.database, studio.files, workers=1).start()
time.sleep(600)
"""


@pytest.fixture
def studio(tmp_path) -> TinyStudio:
    return make_tiny_studio(tmp_path / "studio")


def worker_pid(studio: TinyStudio, run: Run) -> int:
    with studio.database.transaction() as session:
        row = session.get(JobRow, session.get(RunRow, run.id).job_id)
        key = leases.job_folder_key(row)
    return json.loads(studio.files.read(f"{key}/worker.json"))["pid"]


def has_epochs(count: int):
    return lambda run: len(run.epochs) >= count


def epoch_numbers(run: Run) -> list[int]:
    return [epoch.epoch for epoch in run.epochs]


def final_weights(studio: TinyStudio, run: Run, epoch: int) -> list[np.ndarray]:
    folder = studio.files.root / f"runs/{run.id}/checkpoints/epoch_{epoch}"
    return list(read_checkpoint(folder).weights.values())


def test_a_run_trains_to_its_end_and_learns(studio):
    with supervised(studio):
        run = studio.runs.create(studio.experiment(epochs=6, learning_rate=0.01))
        assert run.state == "queued"
        run = studio.wait_until_over(run.id)

    assert (run.state, run.problem) == ("done", None)
    assert epoch_numbers(run) == [1, 2, 3, 4, 5, 6]
    assert set(run.epochs[0].training) == set(run.metric_names)
    assert {"loss", "lwlrap", "average_precision", "f1_macro"} <= set(run.metric_names)
    assert run.best_value == max(epoch.validation["lwlrap"] for epoch in run.epochs)
    assert run.best_value > 0.8
    told = studio.runs.class_scores(run.id, None)
    assert (told.epoch, told.epochs) == (run.best_epoch, epoch_numbers(run))
    assert [each.name for each in told.classes] == CLASSES
    f1s = [each.f1 or 0.0 for each in told.classes]
    best = run.epochs[run.best_epoch - 1].validation
    assert np.mean(f1s) == pytest.approx(best["f1_macro"])
    assert studio.runs.class_scores(run.id, 2).epoch == 2
    assert run.machine.backend == "tensorflow"
    kept = {checkpoint.epoch for checkpoint in run.checkpoints}
    assert kept == {5, 6, run.best_epoch}
    assert [c.epoch for c in run.checkpoints if c.is_best] == [run.best_epoch]
    folders = {path.name for path in (studio.files.root / f"runs/{run.id}/checkpoints").iterdir()}
    assert folders == {f"epoch_{epoch}" for epoch in kept}
    with studio.database.transaction() as session:
        told = [logged.event for logged in events_after(session, 0)]
    assert [e.metrics.epoch for e in told if e.type == "epoch_ended"] == epoch_numbers(run)
    assert sum(e.type == "run_changed" for e in told) == 1
    assert next(e for e in told if e.type == "run_changed").run.state == "done"


def test_two_runs_queue_and_each_can_be_stopped(studio, forked):
    with supervised(studio, executor=forked):
        first = studio.runs.create(studio.experiment(**LONG))
        second = studio.runs.create(studio.experiment(**LONG))
        third = studio.runs.create(studio.experiment(**LONG))
        studio.wait_for(first.id, has_epochs(1))
        assert [studio.runs.get(r.id).queue_place for r in (first, second, third)] == [None, 1, 2]

        assert studio.runs.stop(second.id).state == "stopped"  # leaves the queue at once
        assert studio.runs.get(third.id).queue_place == 1
        assert studio.runs.stop(first.id).state == "stopping"
        first = studio.wait_until_over(first.id)
        studio.wait_for(third.id, lambda run: run.state == "running")
        JobService(studio.database, studio.files).cancel(_job_of(studio, third))
        third = studio.wait_until_over(third.id)

    assert (first.state, first.problem, first.can_continue) == ("stopped", None, True)
    assert third.state == "stopped"
    assert studio.runs.list_all(studio.project_id).best_run_id is not None


def test_a_killed_worker_is_noticed_and_the_run_goes_on_by_itself_unbroken(studio):
    settings = {"epochs": 60, "learning_rate": 0.003}
    with supervised(studio):
        whole = studio.runs.create(studio.experiment(**settings))
        whole = studio.wait_until_over(whole.id)
        broken = studio.runs.create(studio.experiment(**settings))
        broken = studio.wait_for(broken.id, has_epochs(2))
        os.kill(worker_pid(studio, broken), signal.SIGKILL)
        killed_at = time.monotonic()
        broken = studio.wait_for(broken.id, lambda run: run.state == "recovering")
        noticed_seconds = time.monotonic() - killed_at
        (interruption,) = broken.interruptions
        before = broken.epochs
        broken = studio.wait_until_over(broken.id)

    assert noticed_seconds < leases.LEASE_SECONDS
    assert interruption.problem.code == "training.worker_killed"
    assert "SIGKILL" in interruption.problem.message
    assert "goes on by itself" in interruption.problem.fix
    assert (broken.state, broken.problem) == ("done", None)
    (interruption,) = broken.interruptions
    assert interruption.epoch == len(before) + 1
    assert [e for e in broken.epochs if e.epoch <= len(before)] == before
    assert scores(broken) == scores(whole)
    for one, other in zip(
        final_weights(studio, whole, 60), final_weights(studio, broken, 60), strict=True
    ):
        np.testing.assert_array_equal(one, other)


def test_a_run_that_is_lost_again_and_again_waits_for_a_person(studio):
    run = studio.runs.create(studio.experiment())
    killed = problem("job.worker_killed", signal="SIGKILL")
    for lost in range(1, leases.MOST_RESTARTS + 2):
        assert studio.runs.get(run.id).state == ("queued" if lost == 1 else "recovering")
        lose(studio, run, killed)
    run = studio.runs.get(run.id)
    assert (run.state, run.problem.code) == ("interrupted", "training.lost_again")
    assert run.problem.params == {"times": leases.MOST_RESTARTS + 1, "epochs": 0}
    assert len(run.interruptions) == leases.MOST_RESTARTS


def test_a_run_that_an_older_studio_lost_does_not_say_that_it_goes_on(studio):
    run = studio.runs.create(studio.experiment())
    with studio.database.transaction() as session:
        row = session.get_one(RunRow, run.id)
        row.state = "interrupted"
        lost = problem("training.worker_killed", signal="SIGKILL", epochs=0)
        row.problem = lost.model_dump(mode="json")
    told = studio.runs.get(run.id)
    assert told.problem.code == "training.lost_before"
    assert "by itself" not in told.problem.fix
    assert told.can_continue


def test_progress_makes_up_for_what_was_lost_before(studio):
    run = studio.runs.create(studio.experiment(epochs=99))
    killed = problem("job.worker_killed", signal="SIGKILL")
    for epoch in range(1, leases.MOST_RESTARTS + 3):
        with studio.database.transaction() as session:
            row = leases.claim_next(session, workers=1)
            service.record_start(session, row)
            service.record(session, row, ended_epoch(epoch), studio.files)
            service.record_loss(session, row, killed, studio.files)
            assert row.plan["resume_from"].endswith(f"checkpoints/epoch_{epoch}")
    assert studio.runs.get(run.id).state == "recovering"
    assert studio.runs.stop(run.id).state == "stopped"  # a person's word counts at any time


def test_memory_that_runs_out_twice_at_the_same_place_is_a_failure(studio):
    run = studio.runs.create(studio.experiment())
    too_little = Finished(outcome="failed", problem=problem("job.out_of_memory"))
    for state in ("recovering", "failed"):
        with studio.database.transaction() as session:
            row = leases.claim_next(session, workers=1)
            service.record_start(session, row)
            service.record(session, row, too_little, studio.files)
        assert studio.runs.get(run.id).state == state
    assert studio.runs.get(run.id).problem.code == "training.out_of_memory"


def test_a_run_that_was_told_to_stop_stays_stopped_when_its_worker_dies(studio):
    run = studio.runs.create(studio.experiment())
    with studio.database.transaction() as session:
        row = leases.claim_next(session, workers=1)
        service.record_start(session, row)
    studio.runs.stop(run.id)
    with studio.database.transaction() as session:
        row = session.get(JobRow, _job_of(studio, run))
        service.record_loss(session, row, problem("job.worker_lost"), studio.files)
    run = studio.runs.get(run.id)
    assert (run.state, run.problem, run.interruptions) == ("stopped", None, [])


def test_the_next_server_starts_what_one_claimed_before_it_died(studio):
    run = studio.runs.create(studio.experiment(epochs=1))
    with studio.database.transaction() as session:
        service.record_start(session, leases.claim_next(session, workers=1))
    with supervised(studio):
        run = studio.wait_until_over(run.id)
    assert (run.state, run.interruptions) == ("done", [])


def lose(studio: TinyStudio, run: Run, why: Problem) -> None:
    """Claim a run's job and lose its worker at once."""
    with studio.database.transaction() as session:
        row = leases.claim_next(session, workers=1)
        service.record_start(session, row)
        service.record_loss(session, row, why, studio.files)


def ended_epoch(epoch: int) -> TrainEpoch:
    scores = {"loss": 1.0, "lwlrap": 0.5}
    return TrainEpoch(
        metrics=EpochMetrics(epoch=epoch, seconds=1, training=scores, validation=scores),
        checkpoint=CheckpointWritten(
            folder=f"epoch_{epoch}", epoch=epoch, bytes=1, sha256="0" * 64, is_best=False
        ),
    )


def scores(run: Run) -> list[tuple[int, dict[str, float], dict[str, float]]]:
    """The history without its wall-clock seconds, which differ from run to run."""
    return [(each.epoch, each.training, each.validation) for each in run.epochs]


def test_a_damaged_newest_checkpoint_is_passed_over_and_told(studio, forked):
    with supervised(studio, executor=forked):
        run = studio.runs.create(studio.experiment(epochs=40, learning_rate=0.003))
        studio.wait_for(run.id, has_epochs(3))
        studio.runs.stop(run.id)
        run = studio.wait_until_over(run.id)
        newest = run.checkpoints[-1].epoch
        weights = studio.files.root / f"runs/{run.id}/checkpoints/epoch_{newest}/weights.npz"
        data = bytearray(weights.read_bytes())
        data[len(data) // 2] ^= 1
        weights.write_bytes(data)
        for within in weights.parents[1].glob("within_*"):  # it would be taken first
            shutil.rmtree(within)

        studio.runs.continue_from_last_checkpoint(run.id)
        run = studio.wait_for(run.id, has_epochs(newest + 1))

        assert run.problem.code == "training.went_on_from_earlier"
        assert run.problem.params == {"epoch": newest - 1}
        assert epoch_numbers(run) == list(range(1, len(run.epochs) + 1))


def test_training_outlives_a_killed_server_and_the_next_one_takes_all_in(studio):
    command = [sys.executable, "-c", SERVER, str(studio.files.root)]
    server = subprocess.Popen(command, cwd=ROOT)
    run = studio.runs.create(studio.experiment(epochs=60, learning_rate=0.001))
    studio.wait_for(run.id, has_epochs(2))
    server.kill()
    server.wait()
    pid = worker_pid(studio, run)
    assert psutil.pid_exists(pid)
    written = len(studio.runs.get(run.id).epochs)
    while _epochs_in_event_file(studio, run) < written + 3:
        time.sleep(0.05)
    assert len(studio.runs.get(run.id).epochs) == written  # nobody was there to take them in

    with supervised(studio):
        run = studio.wait_until_over(run.id)
    assert run.state == "done"
    assert epoch_numbers(run) == list(range(1, 61))


def test_a_run_goes_on_by_itself_when_its_closed_studio_is_started_again(studio):
    with supervised(studio):
        run = studio.runs.create(studio.experiment(**LONG))
        studio.wait_for(run.id, has_epochs(1))
    run = studio.runs.get(run.id)
    assert (run.state, run.problem, run.ended_at) == ("recovering", None, None)
    assert run.interruptions[0].problem.code == "training.studio_closed"
    before = run.epochs
    with supervised(studio):
        run = studio.wait_for(run.id, has_epochs(len(before) + 2))
    assert run.epochs[: len(before)] == before
    assert epoch_numbers(run) == list(range(1, len(run.epochs) + 1))


def test_a_worker_that_was_given_up_is_not_believed(studio, forked):
    with supervised(studio, executor=forked):
        run = studio.runs.create(studio.experiment(**LONG))
        studio.wait_for(run.id, has_epochs(1))
        stale = worker_pid(studio, run)
        with studio.database.transaction() as session:
            row = session.get(JobRow, session.get(RunRow, run.id).job_id)
            row.attempt += 1  # as when its lease had run out and another took the job
        time.sleep(1)
        count = len(studio.runs.get(run.id).epochs)
        time.sleep(1)
        assert len(studio.runs.get(run.id).epochs) == count
        deadline = time.monotonic() + 10
        while psutil.pid_exists(stale) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not psutil.pid_exists(stale)


def test_early_stopping_ends_a_run_that_gets_no_better(studio, forked):
    with supervised(studio, executor=forked):
        run = studio.runs.create(
            studio.experiment(epochs=200, learning_rate=1e-9, early_stopping_epochs=2)
        )
        run = studio.wait_until_over(run.id)
    assert run.state == "done"
    assert len(run.epochs) == run.best_epoch + 2


def test_a_run_of_a_broken_graph_is_refused_with_the_first_problem(studio):
    experiment = studio.experiment(batch_size=60_000)
    with pytest.raises(BlockwrightError) as caught:
        studio.runs.create(experiment)
    assert caught.value.problem.code == "training.graph_has_errors"
    assert studio.runs.list_all(studio.project_id).runs == []


def _job_of(studio: TinyStudio, run: Run) -> str:
    with studio.database.transaction() as session:
        return session.get(RunRow, run.id).job_id


def _epochs_in_event_file(studio: TinyStudio, run: Run) -> int:
    lines = (studio.files.root / f"jobs/{_job_of(studio, run)}/1/events.jsonl").read_bytes()
    events = [
        EventLine.model_validate_json(line).event
        for line in lines.splitlines(True)
        if line.endswith(b"\n")
    ]
    return sum(isinstance(event, TrainEpoch) for event in events)
