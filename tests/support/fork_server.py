"""Servers and workers as forks of one process that has loaded Keras, for tests that kill many.

Takes   lines of JSON at a socket: what to be, on which folder, with which environment.
Gives   the process id of a fork that runs the product's own code from there on.

Loading Keras takes seconds, a tiny run takes one; so hundreds of kills are only affordable when
Keras is loaded once. Nothing is forked that has computed anything: TensorFlow starts its threads
at its first operation. The product itself never forks.

Run as `python -m tests.support.fork_server SOCKET`.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import psutil

from blockwright.contracts.work import LOG_FILE
from blockwright.jobs import memory_evidence, supervisor, worker
from blockwright.jobs.executor import LocalExecutor, WorkerProcess
from tests.support.power_loss import mirror_fsyncs
from tests.support.tiny_run import make_tiny_studio

# Loading Keras takes long on a machine that is busy otherwise.
START_SECONDS = 300
# Of the server alone: where the first worker that it starts dies.
WORKER_CRASH = "BLOCKWRIGHT_TEST_WORKER_CRASH_AT"
# A folder that keeps what was fsynced, for `power_loss`.
MIRROR = "BLOCKWRIGHT_TEST_MIRROR"
# So many bytes more than a worker holds when it begins are all that it gets.
SPARE_BYTES = "BLOCKWRIGHT_TEST_SPARE_BYTES"
# Of the server alone: a file in the place of the kernel's counts.
KERNEL_COUNTS = "BLOCKWRIGHT_TEST_KERNEL_COUNTS"
SOCKET = "BLOCKWRIGHT_TEST_FORK_SOCKET"
PASSED_ON = (MIRROR, SPARE_BYTES)


class ForkServer:
    """Starts the process that forks, and asks it for servers."""

    def __init__(self, folder: Path) -> None:
        self.socket_path = folder / "fork.sock"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.fork_server", str(self.socket_path)],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"},
        )
        deadline = time.monotonic() + START_SECONDS
        while not self.socket_path.exists():
            assert self._process.poll() is None, "the fork server did not start"
            assert time.monotonic() < deadline, "the fork server did not start in time"
            time.sleep(0.05)

    def server(self, folder: Path, **environment: str) -> int:
        """Fork the supervisor of the studio in `folder`; gives its process id."""
        return ask_for(
            self.socket_path, "server", folder, {**environment, SOCKET: str(self.socket_path)}
        )

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()


def ask_for(at: Path, role: str, folder: Path, environment: dict[str, str]) -> int:
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(at))
        wanted = {"role": role, "folder": str(folder), "environment": environment}
        line.sendall(json.dumps(wanted).encode() + b"\n")
        return int(line.makefile().readline())


class ForkExecutor(LocalExecutor):
    """Starts workers as forks; only the first one of a job dies at its point."""

    def __init__(
        self,
        socket_path: Path,
        *,
        dies_at: str | None = None,
        kernel_counts: Path = memory_evidence.KERNEL_COUNTS,
    ) -> None:
        super().__init__(kernel_counts=kernel_counts)
        self._socket_path = socket_path
        self._dies_at = dies_at

    def start(self, folder: Path, *, backend: str, trains: bool = False) -> WorkerProcess:
        environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        if folder.name == "1" and self._dies_at:
            environment["BLOCKWRIGHT_CRASH_AT"] = self._dies_at
        pid = ask_for(self._socket_path, "worker", folder, environment)
        try:
            began_at = psutil.Process(pid).create_time()
        except psutil.NoSuchProcess:
            began_at = 0.0
        return WorkerProcess(pid=pid, began_at=began_at)


def main(at: Path) -> None:
    importlib.import_module("blockwright.training.loop")  # Keras comes with it
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the forks
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f"{at}.new")
    listener.listen(16)
    Path(f"{at}.new").rename(at)
    while True:
        line, _ = listener.accept()
        with line, contextlib.suppress(OSError, ValueError):  # who asked was killed meanwhile
            wanted = json.loads(line.makefile().readline())
            pid = os.fork()
            if pid == 0:
                listener.close()
                _be(wanted)
            line.sendall(f"{pid}\n".encode())


def _be(wanted: dict[str, Any]) -> None:
    status = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        os.environ.update(wanted["environment"])
        folder = Path(wanted["folder"])
        _print_into(folder / LOG_FILE)
        if MIRROR in os.environ:
            mirror_fsyncs(Path(os.environ[MIRROR]))
        status = _work(folder) if wanted["role"] == "worker" else _serve(folder)
    except BaseException:  # noqa: BLE001 - a fork must never run its parent's code
        traceback.print_exc()
    os._exit(status)


def _print_into(log: Path) -> None:
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(descriptor, stream)


def _work(folder: Path) -> int:
    keeper = importlib.import_module("blockwright.training.keeper")
    keeper.LARGEST_SHARE = 1e9  # keep after every batch, if the plan says so
    if SPARE_BYTES in os.environ:
        _limit_memory(int(os.environ[SPARE_BYTES]))
    return worker.main([str(folder)])


def _limit_memory(spare_bytes: int) -> None:
    """Let the kernel refuse what goes beyond, as it does where memory is not overcommitted."""
    lines = Path("/proc/self/status").read_text().splitlines()
    held_kb = next(int(line.split()[1]) for line in lines if line.startswith("VmData"))
    limit = held_kb * 1024 + spare_bytes
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def _serve(folder: Path) -> int:
    supervisor.POLL_SECONDS, supervisor.CLAIM_SECONDS = 0.02, 0.1
    studio = make_tiny_studio(folder)
    executor = ForkExecutor(
        Path(os.environ[SOCKET]),
        dies_at=os.environ.get(WORKER_CRASH),
        kernel_counts=Path(os.environ.get(KERNEL_COUNTS, memory_evidence.KERNEL_COUNTS)),
    )
    looking = supervisor.Supervisor(studio.database, studio.files, workers=1, executor=executor)
    looking.start()
    while True:
        time.sleep(60)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
