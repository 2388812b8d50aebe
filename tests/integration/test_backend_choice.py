"""A backend chosen in the experiment: real workers on it, kept to the run's end, left by choice."""

from __future__ import annotations

import os
import time
from pathlib import Path

import psutil
import pytest

from blockwright.contracts.runs import Run, RunFollowUp
from blockwright.contracts.work import PLAN_FILE, PlanFile, TrainEpoch, TrainPlan
from blockwright.jobs import supervisor as supervisor_module
from blockwright.jobs.event_file import read_events
from blockwright.jobs.executor import LocalExecutor
from blockwright.jobs.supervisor import Supervisor
from blockwright.training.backends import backend_of
from tests.support.broken_runs import History, last_numbers
from tests.support.killed_runs import GRAPH
from tests.support.real_queue import small_experiment
from tests.support.tiny_run import make_tiny_studio, tiny_plan

PATIENCE_SECONDS = 300


@pytest.fixture(autouse=True)
def on_a_processor(monkeypatch):
    monkeypatch.setenv("JAX_PLATFORMS", "cpu")
    monkeypatch.delenv("KERAS_BACKEND", raising=False)


def warm_backend(executor: LocalExecutor) -> str | None:
    child = executor._warm._child
    if child is None:
        return None
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:  # until it has become a program of its own
        named = psutil.Process(child.pid).environ().get("KERAS_BACKEND")
        if named:
            return named
        time.sleep(0.01)
    raise AssertionError("the waiting worker names no backend")


def told(run: Run) -> tuple[object, ...]:
    assert run.machine is not None, run.problem
    assert run.machine.engine is not None
    why = run.machine.engine.backend_why
    return run.state, run.machine.backend, why, [each.epoch for each in run.epochs]


def test_a_run_computes_on_the_backend_that_was_chosen_and_goes_on_from_another(
    tmp_path: Path, executor, monkeypatch
) -> None:
    monkeypatch.setattr(supervisor_module, "SETTLING_SECONDS", 1e9)  # the test tends the worker
    studio = make_tiny_studio(tmp_path / "studio", rows=32)
    executor.keep_warm()
    assert warm_backend(executor) == "tensorflow"
    supervisor = Supervisor(studio.database, studio.files, workers=1, executor=executor)
    supervisor.start()
    try:
        run = studio.runs.create(small_experiment(studio, epochs=1, backend="jax"))
        first = studio.wait_until_over(run.id)
        assert told(first) == ("done", "jax", "by_setting", [1])
        assert warm_backend(executor) == "tensorflow"  # it was passed over
        wanted = RunFollowUp(epochs=1, start="last", settings={"backend": "tensorflow"})
        second = studio.wait_until_over(studio.runs.follow_up(run.id, wanted).id)
        assert told(second) == ("done", "tensorflow", "by_setting", [2])
        assert warm_backend(executor) is None  # it was taken
    finally:
        supervisor.stop(20)
    # What was learnt on the one is learnt further on the other.
    assert second.epochs[0].training["loss"] < first.epochs[0].training["loss"]


def test_the_waiting_worker_is_for_trainings_like_the_last_one(tmp_path: Path, executor) -> None:
    executor.keep_warm()
    assert warm_backend(executor) == "tensorflow"
    for name, backend in (("first", "jax"), ("second", "none_of_ours")):
        (tmp_path / name).mkdir()  # without a plan the worker itself ends at once
        executor.start(tmp_path / name, backend=backend, trains=True)
        executor.keep_warm()
        assert warm_backend(executor) == "jax"


def attempt(executor: LocalExecutor, plan: TrainPlan, folder: Path) -> list[TrainEpoch]:
    """Let a worker of its own make one attempt at a run; give what it said of epochs."""
    folder.mkdir()
    task = PlanFile(job_id="job_1", attempt=1, plan=plan)
    (folder / PLAN_FILE).write_text(task.model_dump_json())
    process = executor.start(folder, backend=backend_of(plan))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while executor.end_of(process) is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    lines, _ = read_events(folder / "events.jsonl", 0)
    backends = [line.event.machine.backend for line in lines if line.event.type == "train_started"]
    assert backends == ["jax"], (folder / "worker.log").read_text()[-3000:]
    return [line.event for line in lines if isinstance(line.event, TrainEpoch)]


def test_a_run_keeps_its_backend_when_that_of_the_machine_changes(
    tmp_path: Path, executor, monkeypatch
) -> None:
    settings = {"epochs": 2, "threads": os.cpu_count() or 1}
    plan = tiny_plan(tmp_path, graph=GRAPH, **settings)
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    whole, broken = History(), History()
    undisturbed = plan.model_copy(update={"run_folder": str(tmp_path / "whole")})
    whole.take(attempt(executor, undisturbed, tmp_path / "job"))

    monkeypatch.setenv("BLOCKWRIGHT_CRASH_AT", "checkpoint-told")
    broken.take(attempt(executor, plan, tmp_path / "first"))
    assert list(broken.epochs) == [1]
    monkeypatch.delenv("BLOCKWRIGHT_CRASH_AT")
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    newest = f"{plan.run_folder}/checkpoints/epoch_1"
    plan = plan.model_copy(update={"resume_from": newest})
    broken.take(attempt(executor, plan, tmp_path / "second"))

    assert broken.told() == whole.told()
    for one, other in zip(last_numbers(plan), last_numbers(undisturbed), strict=True):
        assert (one == other).all()
