"""A real PostgreSQL server for tests, from the binaries of this machine."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

BINARIES = Path("/usr/lib/postgresql")
MISSING = (
    "PostgreSQL is not tested here: no server binaries under /usr/lib/postgresql/*/bin "
    "(install the package postgresql)"
)


def find_binaries() -> Path | None:
    """Give the folder with `postgres` and `initdb`, the newest version first."""
    found = sorted(BINARIES.glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("postgres")
    return Path(on_path).resolve().parent if on_path else None


@contextlib.contextmanager
def running_postgresql(binaries: Path) -> Iterator[str]:
    """Run a server for the length of a block and give the URL of an empty database.

    PostgreSQL refuses to run as root; then the user `postgres` of the machine runs it.
    """
    folder = Path(tempfile.mkdtemp(prefix="blockwright-postgresql-"))
    run_as: dict[str, int] = {}
    if os.geteuid() == 0:
        person = pwd.getpwnam("postgres")
        run_as = {"user": person.pw_uid, "group": person.pw_gid}
        os.chown(folder, person.pw_uid, person.pw_gid)
    data = folder / "data"
    initdb = [binaries / "initdb", "-D", data, "-U", "tester", "--auth=trust", "-E", "UTF8"]
    subprocess.run([*initdb, "--no-sync"], check=True, capture_output=True, cwd=folder, **run_as)
    # A socket in a folder of its own: no other test can take its place.
    command = [binaries / "postgres", "-D", data, "-k", folder]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [*command, "-c", "listen_addresses=", "-c", "fsync=off"],
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=folder,
            **run_as,
        )
    try:
        _wait_until_it_answers(binaries, folder, server)
        yield f"postgresql+psycopg://tester@/postgres?host={folder}"
    finally:
        server.terminate()
        server.wait(timeout=30)
        shutil.rmtree(folder)


def _wait_until_it_answers(binaries: Path, folder: Path, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        ready = subprocess.run(
            [binaries / "pg_isready", "-h", folder],
            capture_output=True,
            check=False,
        )
        if ready.returncode == 0:
            return
        time.sleep(0.1)
    raise RuntimeError(f"PostgreSQL did not start:\n{(folder / 'log').read_text()}")
