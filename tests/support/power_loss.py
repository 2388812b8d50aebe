"""What a disk holds after the power is cut: only what was fsynced.

Takes   the fsyncs of the processes under test, as they happen.
Gives   the folder as the strictest disk would show it: bytes of a file as of its last fsync,
        names in a folder as of that folder's last fsync; everything else never was.

SQLite's own files are not touched: it writes by itself, and is trusted to fsync well.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import stat
from pathlib import Path

_REAL_FSYNC = os.fsync
_LIBC = ctypes.CDLL(None, use_errno=True)
_HERE = -100  # AT_FDCWD
_NO_FOLLOW = 0x100
_BIRTH = 0x800
_BIRTH_AT = 80  # In `struct statx`: seconds as 8 bytes, nanoseconds as 4.


def mirror_fsyncs(mirror: Path) -> None:
    """Keep a copy of whatever this process fsyncs from now on, by what it is on the disk."""

    def fsync(descriptor: int) -> None:
        _REAL_FSYNC(descriptor)
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        goal = mirror / _identity(path)
        beside = goal.with_name(f"{goal.name}.{os.getpid()}")
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            names = {}
            for item in os.scandir(path):
                with contextlib.suppress(FileNotFoundError):  # it went meanwhile
                    is_folder = item.is_dir(follow_symlinks=False)
                    names[item.name] = [_identity(Path(item.path)), is_folder]
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
        _rebuild(rebuilt, _identity(item), mirror)
        shutil.rmtree(item)
        rebuilt.rename(item)


def _identity(path: Path) -> str:
    """Tell a file or folder apart from one before it that had the same inode: by its birth."""
    found = ctypes.create_string_buffer(256)
    if _LIBC.statx(_HERE, os.fsencode(path), _NO_FOLLOW, _BIRTH, found):
        raise OSError(ctypes.get_errno(), "statx", str(path))
    birth = found.raw[_BIRTH_AT : _BIRTH_AT + 12].hex()
    return f"{path.lstat().st_ino}-{birth}"


def _rebuild(goal: Path, identity: str, mirror: Path) -> None:
    goal.mkdir()
    known = mirror / identity
    names = json.loads(known.read_text()) if known.exists() else {}
    for name, (item, is_folder) in names.items():
        if is_folder:
            _rebuild(goal / name, item, mirror)
        elif (mirror / item).exists():
            shutil.copyfile(mirror / item, goal / name)
        else:
            (goal / name).touch()  # named durably, but never a byte of it
