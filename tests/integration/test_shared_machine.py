"""Trainings at once, as their workers are started: each its part of the cores, and its GPU."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from blockwright.contracts.queue import Limits
from blockwright.contracts.work import PLAN_FILE, PlanFile
from blockwright.jobs import supervisor as supervisor_module
from blockwright.jobs.executor import WORKER_FILE, WorkerProcess
from blockwright.jobs.service import plan_file
from blockwright.jobs.shares import with_share
from blockwright.jobs.supervisor import Supervisor
from blockwright.store.files import make_folder_durably
from blockwright.store.leases import claim_next, job_folder_key
from blockwright.training.kept_engine import ENGINE_FILE
from blockwright.training.service import RunService
from tests.support.fork_server import ForkExecutor
from tests.support.real_queue import small_experiment
from tests.support.tiny_run import TinyStudio, make_tiny_studio

LIMITS = Limits(cores=6, gpus=2)


@pytest.fixture
def studio(tmp_path: Path) -> TinyStudio:
    return make_tiny_studio(tmp_path / "studio")


@pytest.fixture
def with_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the backend be one that would use GPUs, if they were more than names here."""
    monkeypatch.setattr(supervisor_module, "can_use_gpu", lambda _backend: True)


@contextmanager
def shared(studio: TinyStudio, forked: ForkExecutor, gpus: list[str] | None) -> Iterator[None]:
    """Let two trainings run at once on a machine of six cores, with these GPUs."""
    supervisor = Supervisor(
        studio.database, studio.files, workers=2, limits=LIMITS, gpus=gpus, executor=forked
    )
    supervisor.start()
    try:
        yield
    finally:
        supervisor.stop(20)


def handed(studio: TinyStudio, run_id: str) -> PlanFile:
    """Give what the worker of a run was handed."""
    for path in studio.files.root.glob(f"jobs/*/*/{PLAN_FILE}"):
        task = PlanFile.model_validate_json(path.read_bytes())
        if task.plan.kind == "train" and task.plan.run_id == run_id:
            return task
    raise AssertionError(run_id)


@pytest.mark.usefixtures("with_gpus")
def test_two_trainings_at_once_share_the_cores_and_have_a_gpu_each(studio, forked) -> None:
    runs = RunService(studio.database, studio.files, limits=LIMITS)
    ids = [runs.create(small_experiment(studio, epochs=400)).id for _ in range(2)]
    with shared(studio, forked, ["0", "1"]):
        for run_id in ids:
            studio.wait_for(run_id, lambda run: bool(run.epochs))
    tasks = [handed(studio, run_id) for run_id in ids]
    assert sorted(task.gpus for task in tasks) == [["0"], ["1"]]
    kept = [studio.files.root / "runs" / run_id / ENGINE_FILE for run_id in ids]
    assert [json.loads(path.read_text())["threads"] for path in kept] == [3, 3]


def test_without_gpus_nothing_is_said_of_them(studio, forked) -> None:
    run = studio.runs.create(small_experiment(studio, epochs=1))
    with shared(studio, forked, None):
        studio.wait_until_over(run.id)
    assert handed(studio, run.id).gpus is None


def test_a_training_that_can_use_no_gpu_holds_none(studio, forked, monkeypatch) -> None:
    monkeypatch.setattr(supervisor_module, "can_use_gpu", lambda _backend: False)
    run = studio.runs.create(small_experiment(studio, epochs=1))
    with shared(studio, forked, ["0", "1"]):
        studio.wait_until_over(run.id)
    assert handed(studio, run.id).gpus is None


@pytest.mark.usefixtures("with_gpus")
def test_after_a_restart_the_gpu_of_a_worker_that_lives_on_is_taken(studio, forked) -> None:
    runs = RunService(studio.database, studio.files, limits=LIMITS)
    runs.create(small_experiment(studio))
    with studio.database.transaction() as session:
        row = claim_next(session, workers=2, limits=LIMITS)
        folder = studio.files.local_path(job_folder_key(row))
        task = with_share(plan_file(row), cores=3, gpus=["0"])
    make_folder_durably(folder)
    (folder / PLAN_FILE).write_text(task.model_dump_json())
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as alive:
        began_at = psutil.Process(alive.pid).create_time()
        worker = WorkerProcess(pid=alive.pid, began_at=began_at)
        (folder / WORKER_FILE).write_text(worker.model_dump_json())
        second = runs.create(small_experiment(studio, epochs=1)).id
        with shared(studio, forked, ["0", "1"]):
            studio.wait_until_over(second)
            alive.kill()
    assert handed(studio, second).gpus == ["1"]
