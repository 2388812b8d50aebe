"""Start a Jupyter kernel that cannot write its input or reach a network; run as a script.

Takes   `BLOCKWRIGHT_GUARD` in the environment: JSON with `read_only` (folders) and
        `report` (a file).
Gives   a kernel as `ipykernel` starts it; each refused attempt is one JSON line in
        the report.
Never   lets the studio's own package be imported: on Kaggle it is not there either.

The refusal works by an audit hook, so it needs no rights and works on every platform;
it holds what Python does, not what native code does behind its back. The files of the
input are therefore also compared before and after by the dry run.
"""

from __future__ import annotations

import ipaddress
import json
import os
import platform
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

GUARD_VARIABLE = "BLOCKWRIGHT_GUARD"
_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = {
    "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink",
    "os.truncate", "os.chmod", "os.chown", "os.utime", "os.setxattr",
}  # fmt: skip
_CONNECTIONS = {"socket.connect", "socket.sendto", "socket.sendmsg"}
_LOOKUPS = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
_PROCESSES = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.startfile"}


class NoStudio:
    """An import finder that refuses the studio's package."""

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None,  # noqa: ARG002 - the finder protocol
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """Refuse `blockwright`; leave every other name to the finders after this one."""
        if name.partition(".")[0] == "blockwright":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


class Guard:
    """The audit hook."""

    def __init__(self, read_only: list[str], report: int) -> None:
        """Protect folders; write refusals to an open file descriptor."""
        self._roots = [os.path.realpath(folder) for folder in read_only]
        self._report = report

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Look at one audit event and refuse it where it must not be."""
        if event == "open":
            path, _, flags = arguments
            if isinstance(flags, int) and flags & _WRITE_FLAGS and self._is_input(path):
                self._refuse("write", path)
        elif event in _CHANGES:
            for item in arguments:
                if self._is_input(item):
                    self._refuse("write", item)
        elif event in _CONNECTIONS:
            if not _is_local(arguments[1]):
                self._refuse("network", arguments[1])
        elif event in _LOOKUPS:
            if not _is_local((arguments[0],)):
                self._refuse("network", arguments[0])
        elif event in _PROCESSES:
            self._refuse("process", arguments[0])

    def _is_input(self, path: object) -> bool:
        if not isinstance(path, str | bytes | os.PathLike):
            return False
        real = os.path.realpath(os.fsdecode(path))
        return any(real == root or real.startswith(root + os.sep) for root in self._roots)

    def _refuse(self, kind: str, what: object) -> None:
        line = json.dumps({"kind": kind, "what": str(what)[:500]}) + "\n"
        os.write(self._report, line.encode())
        raise PermissionError(f"not allowed in a dry run: {kind} {what}")


def _is_local(address: object) -> bool:
    if not isinstance(address, tuple):
        return True  # a Unix socket has a path and stays on the machine
    host = address[0]
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def main() -> None:
    """Install the guard, then start the kernel."""
    wanted = json.loads(os.environ[GUARD_VARIABLE])
    report = os.open(wanted["report"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    sys.meta_path.insert(0, NoStudio())
    from ipykernel.kernelapp import launch_new_instance  # noqa: PLC0415 - after NoStudio

    platform.processor()  # asks another program once and remembers the answer
    sys.addaudithook(Guard(wanted["read_only"], report))
    launch_new_instance()


if __name__ == "__main__":
    main()
