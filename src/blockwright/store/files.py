"""Where files of the studio lie: one small interface, a folder for now.

Keys look like `runs/run_12/checkpoints`. A key is made by the studio, never
from a name that a person typed.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Protocol

_REMOVED_FOLDER = ".removed"
_KEY = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*")


class FileStore(Protocol):
    """Durable files under keys; `local_path` is where a worker finds them."""

    def local_path(self, key: str) -> Path:
        """Give the path of a key; its parent folder exists afterwards."""

    def write(self, key: str, data: bytes) -> None:
        """Write a small file atomically and durably."""

    def read(self, key: str) -> bytes:
        """Read a file. Raises FileNotFoundError."""

    def exists(self, key: str) -> bool:
        """Say whether a file or folder is there."""

    def bytes_under(self, key: str) -> int:
        """Give the size of a file or of everything in a folder."""

    def remove(self, key: str) -> None:
        """Remove a file or folder; nothing happens when it is not there."""


class FolderStore:
    """A file store in one folder of this machine, readable by its owner only."""

    def __init__(self, root: Path) -> None:
        """Use `root`, made when it is not there."""
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.root = root.resolve()

    def local_path(self, key: str) -> Path:
        """Give the path of a key; its parent folder exists afterwards.

        Raises:
            ValueError: If the key would leave the store.
        """
        path = self._path(key)
        make_folder_durably(path.parent)
        return path

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key) or any(part in {".", ".."} for part in key.split("/")):
            msg = f"not a file store key: {key!r}"
            raise ValueError(msg)
        return self.root / key

    def write(self, key: str, data: bytes) -> None:
        """Write a small file atomically and durably."""
        write_durably(self.local_path(key), data)

    def read(self, key: str) -> bytes:
        """Read a file."""
        return self._path(key).read_bytes()

    def exists(self, key: str) -> bool:
        """Say whether a file or folder is there."""
        return self._path(key).exists()

    def bytes_under(self, key: str) -> int:
        """Give the size of a file or of everything in a folder."""
        path = self._path(key)
        if path.is_file():
            return path.stat().st_size
        return sum(item.stat().st_size for item in path.rglob("*") if item.is_file())

    def remove(self, key: str) -> None:
        """Remove a file or folder, also one that somebody is still writing into.

        A folder is moved aside first, so that it is gone at once and nothing new comes into
        it. What an interrupted removal left aside goes with the next one beside it.
        """
        path = self._path(key)
        if not path.is_dir():
            path.unlink(missing_ok=True)
            return
        aside = self.root / _REMOVED_FOLDER
        aside.mkdir(exist_ok=True)
        with suppress(FileNotFoundError):  # somebody else removed it just now
            path.rename(aside / secrets.token_hex(8))
        for left in aside.iterdir():
            shutil.rmtree(left, ignore_errors=True)


def fsync_file(path: Path) -> None:
    """Make a file's bytes durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def fsync_folder(path: Path) -> None:
    """Make a folder's list of names durable; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    fsync_file(path)


def make_folder_durably(path: Path) -> None:
    """Make a folder and those above it; each name is durable in the folder that holds it."""
    if path.is_dir():
        return
    make_folder_durably(path.parent)
    path.mkdir(exist_ok=True)
    fsync_folder(path.parent)


def create_durably(path: Path, data: bytes) -> bool:
    """Write a file that is not there yet; False if somebody else was first.

    Of several that try at the same time exactly one succeeds, and its content is whole.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    _write_and_fsync(temporary, data)
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        return False
    finally:
        temporary.unlink()
    fsync_folder(path.parent)
    return True


def write_durably(path: Path, data: bytes) -> None:
    """Write beside the goal, fsync, rename over it, fsync the folder."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    _write_and_fsync(temporary, data)
    temporary.replace(path)
    fsync_folder(path.parent)


def _write_and_fsync(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
