"""A real studio for tests: the installed command, in a process of its own."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_ADDRESS = re.compile(r"https?://\S+")
START_SECONDS = 180


@dataclass
class Studio:
    """A running `blockwright serve`."""

    process: subprocess.Popen[str]
    address: str
    data_folder: Path
    log_file: Path

    @property
    def base_url(self) -> str:
        """The address without its token."""
        return self.address.split("?", 1)[0].rstrip("/")

    def log(self) -> str:
        """What the studio has printed so far."""
        return self.log_file.read_text(encoding="utf-8")

    def kill(self) -> None:
        """Kill the server at once, as a crash would."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """Ask the server to end, as Ctrl+C does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(timeout=40)
            except subprocess.TimeoutExpired:
                self.kill()


def start_studio(
    data_folder: Path, *arguments: str, command: str = "serve", **environment: str
) -> Studio:
    """Start a studio (`serve` or `demo`) on a free port and wait for its address.

    Raises:
        RuntimeError: If it does not print an address in time, with its output.
    """
    data_folder.mkdir(parents=True, exist_ok=True)
    log_file = data_folder.parent / f"{data_folder.name}-{time.monotonic_ns()}.log"
    program = [sys.executable, "-m", "blockwright", command, "--data", str(data_folder)]
    with log_file.open("w") as log:
        process = subprocess.Popen(
            [*program, "--port", "0", "--no-browser", *arguments],
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
            # A worker kept ready for a training that never comes would slow the tests down.
            env={
                **os.environ,
                "PYTHONUNBUFFERED": "1",
                "BLOCKWRIGHT_WARM_WORKER_BYTES": "0",
                **environment,
            },
        )
    return Studio(process, wait_for_address(process, log_file), data_folder, log_file)


def wait_for_address(process: subprocess.Popen[str], log_file: Path) -> str:
    """Give the address that a starting studio prints.

    Raises:
        RuntimeError: If it does not print one in time, with its output.
    """
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        found = _ADDRESS.search(log_file.read_text(encoding="utf-8"))
        if found:
            return found.group(0)
        time.sleep(0.05)
    process.kill()
    process.wait()
    raise RuntimeError(f"no address was printed:\n{log_file.read_text(encoding='utf-8')}")


@contextlib.contextmanager
def running_studio(data_folder: Path, *arguments: str, command: str = "serve") -> Iterator[Studio]:
    """Run a studio for the length of a block."""
    studio = start_studio(data_folder, *arguments, command=command)
    try:
        yield studio
    finally:
        studio.stop()
