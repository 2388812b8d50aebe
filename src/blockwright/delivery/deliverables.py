"""Folders that leave the studio: made aside, made durable, then renamed into place.

Takes   a folder that is being filled.
Gives   its list of files with size and SHA-256; the finished folder under its name.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from blockwright.contracts.runs import BundleFile
from blockwright.store.files import fsync_file, fsync_folder

_READ_BYTES = 1 << 20


@contextmanager
def finished_folder(goal: Path) -> Iterator[Path]:
    """Give a folder to fill; at the end it lies durably at `goal`, or nowhere.

    What lay at `goal` before (an attempt that was cut off) is replaced.
    """
    goal.parent.mkdir(parents=True, exist_ok=True)
    aside = goal.with_name(f".{goal.name}.{os.getpid()}.tmp")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    try:
        yield aside
        for file in aside.iterdir():
            fsync_file(file)
        fsync_folder(aside)
        if goal.exists():
            shutil.rmtree(goal)
        aside.replace(goal)
        fsync_folder(goal.parent)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def sha256_of(path: Path) -> str:
    """Give the SHA-256 of a file, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_READ_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def list_files(folder: Path) -> list[BundleFile]:
    """List the files of a finished folder, by name."""
    return [
        BundleFile(name=file.name, bytes=file.stat().st_size, sha256=sha256_of(file))
        for file in sorted(folder.iterdir())
    ]


def write_json(path: Path, content: dict[str, Any] | list[Any]) -> None:
    """Write JSON as people read it: indented, other scripts unescaped."""
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def make_zip(folder: Path, target: Path, *, inside: str) -> Path:
    """Pack a folder as `target`, streamed file by file, unless it is packed already.

    Args:
        folder: Files only, no folders in it.
        target: The zip; it appears whole or not at all.
        inside: Name of the one folder within the zip.
    """
    if target.exists():
        return target
    aside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    with zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for file in sorted(folder.iterdir()):
            # Weights do not compress; deflating them only costs time.
            kind = zipfile.ZIP_STORED if file.suffix in {".h5", ".npy"} else None
            archive.write(file, f"{inside}/{file.name}", compress_type=kind)
    aside.replace(target)
    return target
