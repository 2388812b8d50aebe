"""A worker kept ready: taken by a training, bounded, gone with its server, replaced when dead."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from blockwright.contracts.work import WARM_ARGUMENT
from blockwright.jobs.executor import LocalExecutor
from blockwright.jobs.supervisor import Supervisor
from tests.support.tiny_run import TinyStudio, make_tiny_studio

ENOUGH_BYTES = 2_000_000_000
START_SECONDS = 120


def warm_pid(executor: LocalExecutor) -> int | None:
    child = executor._warm._child
    return child.pid if child else None


def train(studio: TinyStudio, executor: LocalExecutor):
    supervisor = Supervisor(studio.database, studio.files, workers=1, executor=executor)
    supervisor.start()
    try:
        run = studio.runs.create(studio.experiment(epochs=1))
        return studio.wait_until_over(run.id)
    finally:
        supervisor.stop(20)


def pids_of_workers(studio: TinyStudio) -> list[str]:
    return [path.read_text() for path in studio.files.root.glob("jobs/*/*/worker.json")]


def test_a_training_takes_the_worker_that_is_ready(tmp_path: Path, executor) -> None:
    studio = make_tiny_studio(tmp_path / "studio")
    executor.keep_warm()
    pid = warm_pid(executor)
    run = train(studio, executor)
    assert (run.state, run.problem) == ("done", None)
    (worker,) = pids_of_workers(studio)
    assert f'"pid":{pid},' in worker
    assert warm_pid(executor) is None  # used up


def test_a_dead_one_is_no_loss(tmp_path: Path, executor) -> None:
    studio = make_tiny_studio(tmp_path / "studio")
    executor.keep_warm()
    pid = warm_pid(executor)
    os.kill(pid, signal.SIGKILL)
    run = train(studio, executor)
    assert run.state == "done"
    (worker,) = pids_of_workers(studio)
    assert f'"pid":{pid},' not in worker


def test_it_goes_when_it_takes_too_much_or_memory_is_short(monkeypatch) -> None:
    executor = LocalExecutor(warm_bytes=1_000)
    executor.keep_warm()
    pid = warm_pid(executor)
    assert pid is not None
    while psutil.Process(pid).memory_info().rss <= 1_000:
        time.sleep(0.01)
    executor.keep_warm()
    assert warm_pid(executor) is None
    assert not psutil.pid_exists(pid)

    plenty = psutil.virtual_memory()
    monkeypatch.setattr(psutil, "virtual_memory", lambda: plenty._replace(available=1_000))
    LocalExecutor(warm_bytes=ENOUGH_BYTES).keep_warm()
    executor.keep_warm()
    assert warm_pid(executor) is None


def test_it_goes_with_its_server() -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "blockwright.jobs.worker", WARM_ARGUMENT],
        stdin=subprocess.PIPE,
    )
    child.stdin.close()
    assert child.wait(START_SECONDS) == 0
