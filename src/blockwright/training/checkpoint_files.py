"""Checkpoints that are either whole on disk or not there.

Takes   named arrays and the state of a run after an epoch.
Gives   `checkpoints/epoch_<n>/` with `weights.npz`, `optimizer.npz`, `state.json` and
        `checksums.json`: written beside, fsynced, renamed, parent fsynced.
Never   reads what does not match its checksums, and never unpickles.

Neighbour: `checkpoints` moves the arrays between these files and a Keras model.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import Field, ValidationError

from blockwright.contracts.base import Model
from blockwright.contracts.problems import BlockwrightError, error
from blockwright.contracts.runs import EpochMetrics
from blockwright.store.files import fsync_folder, make_folder_durably

CHECKPOINTS_FOLDER = "checkpoints"
WEIGHTS_FILE = "weights.npz"
OPTIMIZER_FILE = "optimizer.npz"
STATE_FILE = "state.json"
CHECKSUMS_FILE = "checksums.json"
_CONTENT_FILES = (WEIGHTS_FILE, OPTIMIZER_FILE, STATE_FILE)
_TEMPORARY_PREFIX = ".writing-"
_LEAVING_PREFIX = ".leaving-"
_NAME = re.compile(r"epoch_(\d+)")

NamedArrays = dict[str, npt.NDArray[Any]]


class TrainingState(Model):
    """Where a run was after an epoch; with its seed, all that exact resuming needs."""

    format: int = 1
    epoch: int = Field(ge=1)
    run_seed: int
    best_epoch: int = Field(ge=1)
    best_value: float
    metrics: EpochMetrics
    rate_part: float = Field(1.0, description="What the schedule's rate is multiplied by")
    rate_dropped_at: int = Field(0, description="The epoch in which it last fell")


@dataclass(frozen=True)
class SavedCheckpoint:
    """A checkpoint that is durable."""

    folder: Path
    bytes: int
    sha256: str


@dataclass(frozen=True)
class CheckpointContent:
    """A checkpoint that was read and matched its checksums."""

    weights: NamedArrays
    optimizer: NamedArrays
    state: TrainingState


def write_checkpoint(
    root: Path, weights: NamedArrays, optimizer: NamedArrays, state: TrainingState
) -> SavedCheckpoint:
    """Write a checkpoint of `state.epoch` into `root`; it is durable when this returns.

    Raises:
        OSError: If it cannot be written; what was there before is untouched.
    """
    make_folder_durably(root)
    goal = root / f"epoch_{state.epoch}"
    temporary = root / f"{_TEMPORARY_PREFIX}{goal.name}-{os.getpid()}"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        _write_arrays(temporary / WEIGHTS_FILE, weights)
        _write_arrays(temporary / OPTIMIZER_FILE, optimizer)
        _write_bytes(temporary / STATE_FILE, state.model_dump_json(indent=1).encode())
        sums = {name: _sha256(temporary / name) for name in _CONTENT_FILES}
        checksums = json.dumps(sums, indent=1).encode()
        _write_bytes(temporary / CHECKSUMS_FILE, checksums)
        fsync_folder(temporary)
        if goal.exists():  # of an epoch that is repeated; nothing refers to it any more
            _remove(goal)
        temporary.rename(goal)
        fsync_folder(root)
    except OSError:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    size = sum(item.stat().st_size for item in goal.iterdir())
    return SavedCheckpoint(goal, size, hashlib.sha256(checksums).hexdigest())


def read_checkpoint(folder: Path, *, with_optimizer: bool = True) -> CheckpointContent:
    """Read a checkpoint after comparing every file with its checksum.

    Raises:
        BlockwrightError: `training.checkpoint_damaged` if it is not whole.
    """
    damaged = error("training.checkpoint_damaged", folder=folder.name)
    try:
        sums = json.loads((folder / CHECKSUMS_FILE).read_bytes())
        if sums != {name: _sha256(folder / name) for name in _CONTENT_FILES}:
            raise damaged
        return CheckpointContent(
            weights=_read_arrays(folder / WEIGHTS_FILE),
            optimizer=_read_arrays(folder / OPTIMIZER_FILE) if with_optimizer else {},
            state=TrainingState.model_validate_json((folder / STATE_FILE).read_bytes()),
        )
    except (OSError, ValueError, ValidationError, zipfile.BadZipFile) as reason:
        raise damaged from reason


def checkpoint_folders(root: Path) -> list[Path]:
    """List the checkpoints in `root` that were renamed into place, the oldest epoch first."""
    if not root.is_dir():
        return []
    found = [item for item in root.iterdir() if _NAME.fullmatch(item.name)]
    return sorted(found, key=epoch_of)


def epoch_of(folder: Path) -> int:
    """Give the epoch of a checkpoint by its folder's name."""
    match = _NAME.fullmatch(folder.name)
    if match is None:
        msg = f"not a checkpoint folder: {folder.name}"
        raise ValueError(msg)
    return int(match.group(1))


def newest_good(root: Path, *, last_epoch: int) -> CheckpointContent:
    """Read the newest whole checkpoint up to `last_epoch`, passing over damaged ones.

    Raises:
        BlockwrightError: `training.no_good_checkpoint` if none is whole.
    """
    for folder in reversed(checkpoint_folders(root)):
        if epoch_of(folder) > last_epoch:
            continue
        try:
            return read_checkpoint(folder)
        except BlockwrightError:
            continue  # the caller sees by the epoch that newer ones were passed over
    raise error("training.no_good_checkpoint")


def keep_only(root: Path, epochs: set[int]) -> list[str]:
    """Remove every other checkpoint and what a killed writer left; give the names removed."""
    removed = []
    for folder in checkpoint_folders(root):
        if epoch_of(folder) not in epochs:
            _remove(folder)
            removed.append(folder.name)
    if root.is_dir():
        for left in [*root.glob(f"{_TEMPORARY_PREFIX}*"), *root.glob(f"{_LEAVING_PREFIX}*")]:
            shutil.rmtree(left)
    return removed


def _remove(folder: Path) -> None:
    """Take a checkpoint out of sight in one step, so that none is ever seen half removed."""
    leaving = folder.with_name(f"{_LEAVING_PREFIX}{folder.name}-{os.getpid()}")
    folder.rename(leaving)
    shutil.rmtree(leaving)


def _write_arrays(path: Path, arrays: NamedArrays) -> None:
    with path.open("wb") as file:
        # The number keeps the order, and keeps names apart from savez's own arguments.
        numbered = {f"{place:05d} {name}": arrays[name] for place, name in enumerate(arrays)}
        np.savez(file, allow_pickle=False, **numbered)
        file.flush()
        os.fsync(file.fileno())


def _write_bytes(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _read_arrays(path: Path) -> NamedArrays:
    with np.load(path, allow_pickle=False) as stored:
        return {name.split(" ", 1)[1]: stored[name] for name in sorted(stored.files)}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
