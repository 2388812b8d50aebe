"""What a disk holds after the power is cut: only what was fsynced.

Takes   the fsyncs of the processes under test, as they happen.
Gives   the folder as the strictest disk would show it: bytes of a file as of its last fsync,
        names in a folder as of that folder's last fsync; everything else never was.

SQLite's own files are not touched: it writes by itself, and is trusted to fsync well.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
from pathlib import Path

_REAL_FSYNC = os.fsync


def mirror_fsyncs(mirror: Path) -> None:
    """Keep a copy of whatever this process fsyncs from now on, by inode."""

    def fsync(descriptor: int) -> None:
        _REAL_FSYNC(descriptor)
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        found = os.fstat(descriptor)
        goal = mirror / str(found.st_ino)
        beside = goal.with_name(f"{goal.name}.{os.getpid()}")
        if stat.S_ISDIR(found.st_mode):
            names = {}
            for item in os.scandir(path):
                names[item.name] = [item.inode(), item.is_dir(follow_symlinks=False)]
            beside.write_text(json.dumps(names))
        else:
            shutil.copyfile(path, beside)
        beside.replace(goal)

    os.fsync = fsync


def lose_power(root: Path, mirror: Path, names: set[str]) -> None:
    """Put in the place of folders what the mirror knows of them.

    Args:
        root: The studio's folder; every process in it is dead. Its own names are durable.
        mirror: Where `mirror_fsyncs` kept its copies.
        names: The folders in `root`.
    """
    for name in names:
        item, rebuilt = root / name, root / f"{name}.rebuilt"
        _rebuild(rebuilt, item.stat().st_ino, mirror)
        shutil.rmtree(item)
        rebuilt.rename(item)


def _rebuild(goal: Path, inode: int, mirror: Path) -> None:
    goal.mkdir()
    known = mirror / str(inode)
    names = json.loads(known.read_text()) if known.exists() else {}
    for name, (item, is_folder) in names.items():
        if is_folder:
            _rebuild(goal / name, item, mirror)
        elif (mirror / str(item)).exists():
            shutil.copyfile(mirror / str(item), goal / name)
        else:
            (goal / name).touch()  # named durably, but never a byte of it
