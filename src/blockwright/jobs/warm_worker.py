"""One worker that has loaded Keras already and waits for a training.

Takes   how much memory it may take; word of whether a training is likely.
Gives   a process that begins at once when it is handed a folder; None where a cold one must do.
Never   outlives the server (its input ends with it), and never waits while memory is short.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

from blockwright.contracts.work import WARM_ARGUMENT

# Below this share of the machine's memory a waiting process would be in somebody's way.
SHORT_OF_MEMORY_SHARE = 0.1


class WarmWorker:
    """Keeps at most one process ready."""

    def __init__(self, most_bytes: int) -> None:
        """Let it take at most `most_bytes` of memory; 0 keeps none."""
        self._most_bytes = most_bytes
        self._child: subprocess.Popen[bytes] | None = None
        self._backend = ""

    def tend(
        self, backend: str, environment: Mapping[str, str], session: Mapping[str, Any]
    ) -> None:
        """Start one if none is there, end it if memory is short or it grew too large.

        One that has loaded another backend than the next training is likely to want goes, too.
        """
        if self._child is not None and (self._child.poll() is not None or backend != self._backend):
            self.close()
        memory = psutil.virtual_memory()
        reserve = memory.total * SHORT_OF_MEMORY_SHARE
        if self._child is None:
            if 0 < self._most_bytes < memory.available - reserve:
                self._child, self._backend = self._start(environment, session), backend
        elif memory.available < reserve or self._bytes() > self._most_bytes:
            self.close()

    def _start(
        self, environment: Mapping[str, str], session: Mapping[str, Any]
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "blockwright.jobs.worker", WARM_ARGUMENT],
            stdin=subprocess.PIPE,
            bufsize=0,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=dict(environment),
            **session,
        )

    def _bytes(self) -> int:
        try:
            return int(psutil.Process(self._child.pid).memory_info().rss) if self._child else 0
        except psutil.NoSuchProcess:
            return 0

    def hand_over(self, folder: Path, backend: str) -> subprocess.Popen[bytes] | None:
        """Let the waiting process work on a folder.

        Returns:
            None if there is none, it has died, or it has loaded another backend.
        """
        if self._child is None or self._child.stdin is None or backend != self._backend:
            return None
        try:
            self._child.stdin.write(f"{folder}\n".encode())
            self._child.stdin.close()
        except OSError:  # it has died
            self.close()
            return None
        child, self._child = self._child, None
        return child

    def close(self) -> None:
        """End the waiting process."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        if child.stdin is not None:
            child.stdin.close()
