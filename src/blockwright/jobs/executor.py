"""Workers as processes of this machine.

Takes   the folder of an attempt, with its plan.
Gives   a process that outlives the server, and word of whether it still lives.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from blockwright.contracts.base import Model
from blockwright.contracts.work import LOG_FILE
from blockwright.jobs.memory_evidence import KERNEL_COUNTS, kernel_kills
from blockwright.jobs.warm_worker import WarmWorker
from blockwright.training.backends import automatic_backend, is_installed

WORKER_FILE = "worker.json"
# What a worker ends with that found no room to say why.
DISK_FULL_STATUS = 28
# A process that got the id of a dead worker began at another time.
_SAME_START_SECONDS = 2.0
_SIGKILL = 9
# By default JAX takes three quarters of a GPU's memory at once, and TensorFlow all of it:
# nothing would be left for a training, a forecast or a bundle beside it.
_GPU_MEMORY_ON_DEMAND = {
    "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",
}


class WorkerProcess(Model):
    """A process, told apart from a later one with the same id by when it began."""

    pid: int
    began_at: float


@dataclass(frozen=True)
class WorkerEnd:
    """How a worker's process ended.

    Attributes:
        exit_status: None if nobody can know.
        killed_for_memory: The kernel killed processes for memory while this one lived.
    """

    exit_status: int | None
    killed_for_memory: bool = False

    @property
    def signal_name(self) -> str | None:
        """The signal that killed it, e.g. SIGKILL; None if none is known of."""
        if self.exit_status is None or self.exit_status >= 0:
            return None
        try:
            return signal.Signals(-self.exit_status).name
        except ValueError:
            return f"signal {-self.exit_status}"


def present_process() -> WorkerProcess:
    """Give the process that calls this."""
    return WorkerProcess(pid=os.getpid(), began_at=psutil.Process().create_time())


class LocalExecutor:
    """Starts workers with this Python, each in a session of its own."""

    def __init__(self, *, warm_bytes: int = 0, kernel_counts: Path = KERNEL_COUNTS) -> None:
        """Know of no process yet; keep one ready that may take `warm_bytes` of memory."""
        self._children: dict[int, subprocess.Popen[bytes]] = {}
        self._warm = WarmWorker(warm_bytes)
        self._likely_backend = automatic_backend()
        self._kernel_counts = kernel_counts
        self._kills_at_first = kernel_kills(kernel_counts)
        self._kills_before: dict[int, int] = {}

    def keep_warm(self) -> None:
        """Look after the worker that waits for the next training."""
        backend = self._likely_backend
        self._warm.tend(backend, worker_environment(backend), _own_session())

    def start(self, folder: Path, *, backend: str, trains: bool = False) -> WorkerProcess:
        """Start a worker on an attempt's folder; what it prints goes to its log.

        Args:
            folder: Where its plan lies.
            backend: That Keras shall run on.
            trains: It needs Keras; one that has it loaded already, on this backend, is taken.
        """
        child = self._warm.hand_over(folder, backend) if trains else None
        child = child or self._start_cold(folder, backend)
        if trains and is_installed(backend):  # the next training is like this one
            self._likely_backend = backend
        self._children[child.pid] = child
        self._kills_before[child.pid] = kernel_kills(self._kernel_counts)
        try:
            began_at = psutil.Process(child.pid).create_time()
        except psutil.NoSuchProcess:
            began_at = 0.0
        return WorkerProcess(pid=child.pid, began_at=began_at)

    def _start_cold(self, folder: Path, backend: str) -> subprocess.Popen[bytes]:
        with (folder / LOG_FILE).open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", "blockwright.jobs.worker", str(folder)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=worker_environment(backend),
                **_own_session(),
            )

    def end_of(self, process: WorkerProcess) -> WorkerEnd | None:
        """Tell how a process ended; None while it lives."""
        child = self._children.get(process.pid)
        if child is not None:
            status = child.poll()
            return None if status is None else self._ended(process.pid, status)
        return None if _lives(process) else self._ended(process.pid, None)

    def _ended(self, pid: int, status: int | None) -> WorkerEnd:
        was_killed = status is None or status == -_SIGKILL
        before = self._kills_before.get(pid, self._kills_at_first)
        return WorkerEnd(status, was_killed and kernel_kills(self._kernel_counts) > before)

    def kill(self, process: WorkerProcess) -> None:
        """End a process at once, stopped ones too."""
        child = self._children.get(process.pid)
        if child is not None:
            child.kill()
            child.wait()
        elif _lives(process):
            psutil.Process(process.pid).kill()

    def forget_ended(self, watched: set[int]) -> None:
        """Let go of ended children but the `watched` ones, so that no zombie stays behind."""
        for pid, child in list(self._children.items()):
            if pid not in watched and child.poll() is not None:
                del self._children[pid]
                self._kills_before.pop(pid, None)

    def close(self, seconds: float) -> None:
        """Wait for children whose work is over; end those that do not go in time."""
        self._warm.close()
        deadline = time.monotonic() + seconds
        for child in self._children.values():
            try:
                child.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self._children.clear()


def _lives(process: WorkerProcess) -> bool:
    try:
        found = psutil.Process(process.pid)
        same = abs(found.create_time() - process.began_at) < _SAME_START_SECONDS
        return same and found.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _own_session() -> dict[str, Any]:
    if sys.platform == "win32":
        return {
            "creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS,
        }
    return {"start_new_session": True}


def worker_environment(backend: str) -> dict[str, str]:
    """Give what a worker is started with; what the studio was started with goes before."""
    return {
        **_GPU_MEMORY_ON_DEMAND,
        **os.environ,
        "PYTHONUNBUFFERED": "1",
        "PYTHONSAFEPATH": "1",
        "TF_CPP_MIN_LOG_LEVEL": os.environ.get("TF_CPP_MIN_LOG_LEVEL", "2"),
        "KERAS_BACKEND": backend,
    }
