"""Checkpoints that are either whole on disk or not there.

Takes   named arrays and the state of a run after an epoch, or within one.
Gives   `checkpoints/epoch_<n>/` with `weights.npz`, `optimizer.npz`, `state.json` and
        `checksums.json`: written beside, fsynced, renamed, parent fsynced. One from within
        an epoch is `within_<epoch>_<step>/` and holds `seeds.npz` and `scores.npz` too.
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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import Field, ValidationError

from blockwright.contracts.base import Model
from blockwright.contracts.crash_points import reach
from blockwright.contracts.problems import BlockwrightError, error
from blockwright.contracts.runs import EpochMetrics
from blockwright.store.files import fsync_folder, make_folder_durably

CHECKPOINTS_FOLDER = "checkpoints"
WEIGHTS_FILE = "weights.npz"
OPTIMIZER_FILE = "optimizer.npz"
STATE_FILE = "state.json"
CHECKSUMS_FILE = "checksums.json"
# Only within an epoch: what the random layers draw next, and what the scores have gathered.
SEEDS_FILE = "seeds.npz"
SCORES_FILE = "scores.npz"
_CONTENT_FILES = (WEIGHTS_FILE, OPTIMIZER_FILE, STATE_FILE)
_WITHIN_FILES = (*_CONTENT_FILES, SEEDS_FILE, SCORES_FILE)
_TEMPORARY_PREFIX = ".writing-"
_LEAVING_PREFIX = ".leaving-"
_NAME = re.compile(r"epoch_(\d+)")
_WITHIN_NAME = re.compile(r"within_(\d+)_(\d+)")

NamedArrays = dict[str, npt.NDArray[Any]]


class TrainingState(Model):
    """Where a run was; with its seed and the arrays beside it, all that exact resuming needs."""

    format: int = 1
    epoch: int = Field(ge=0, description="The last one that is complete")
    step: int = Field(0, ge=0, description="Steps of the next epoch that are done")
    seconds: float = Field(0.0, description="That those steps took")
    run_seed: int
    best_epoch: int = Field(ge=0, description="0 before any epoch is complete")
    best_value: float | None
    metrics: EpochMetrics | None = Field(None, description="Of `epoch`; none within an epoch")
    trained_seconds: float = Field(0.0, description="That all complete epochs took")
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
    seeds: NamedArrays = field(default_factory=dict)
    scores: NamedArrays = field(default_factory=dict)


def write_checkpoint(
    root: Path, weights: NamedArrays, optimizer: NamedArrays, state: TrainingState
) -> SavedCheckpoint:
    """Write a checkpoint of `state.epoch` into `root`; it is durable when this returns.

    Raises:
        OSError: If it cannot be written; what was there before is untouched.
    """
    arrays = {WEIGHTS_FILE: weights, OPTIMIZER_FILE: optimizer}
    return _write(root, f"epoch_{state.epoch}", arrays, state)


def write_within(root: Path, content: CheckpointContent) -> SavedCheckpoint:
    """Write a checkpoint from within an epoch, as `write_checkpoint` does.

    Raises:
        OSError: If it cannot be written; what was there before is untouched.
    """
    arrays = {
        WEIGHTS_FILE: content.weights,
        OPTIMIZER_FILE: content.optimizer,
        SEEDS_FILE: content.seeds,
        SCORES_FILE: content.scores,
    }
    name = f"within_{content.state.epoch + 1}_{content.state.step}"
    return _write(root, name, arrays, content.state)


def _write(
    root: Path, name: str, arrays: dict[str, NamedArrays], state: TrainingState
) -> SavedCheckpoint:
    make_folder_durably(root)
    goal = root / name
    temporary = root / f"{_TEMPORARY_PREFIX}{goal.name}-{os.getpid()}"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    reach("checkpoint-begun")
    try:
        for file_name, named in arrays.items():
            _write_arrays(temporary / file_name, named)
        _write_bytes(temporary / STATE_FILE, state.model_dump_json(indent=1).encode())
        sums = {file_name: _sha256(temporary / file_name) for file_name in (*arrays, STATE_FILE)}
        checksums = json.dumps(sums, indent=1).encode()
        _write_bytes(temporary / CHECKSUMS_FILE, checksums)
        reach("checkpoint-whole")
        fsync_folder(temporary)
        reach("checkpoint-names-durable")
        if goal.exists():  # of an epoch that is repeated; nothing refers to it any more
            _remove(goal)
        temporary.rename(goal)
        reach("checkpoint-renamed")
        fsync_folder(root)
        reach("checkpoint-in-place")
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
    is_within = _WITHIN_NAME.fullmatch(folder.name) is not None
    names = _WITHIN_FILES if is_within else _CONTENT_FILES
    try:
        sums = json.loads((folder / CHECKSUMS_FILE).read_bytes())
        if sums != {name: _sha256(folder / name) for name in names}:
            raise damaged
        return CheckpointContent(
            weights=_read_arrays(folder / WEIGHTS_FILE),
            optimizer=_read_arrays(folder / OPTIMIZER_FILE) if with_optimizer else {},
            state=TrainingState.model_validate_json((folder / STATE_FILE).read_bytes()),
            seeds=_read_arrays(folder / SEEDS_FILE) if is_within else {},
            scores=_read_arrays(folder / SCORES_FILE) if is_within else {},
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


def newest_within(root: Path, *, epoch: int) -> CheckpointContent | None:
    """Read the newest whole checkpoint from within an epoch; None if there is none."""
    for folder in reversed(_within_folders(root)):
        if not folder.name.startswith(f"within_{epoch}_"):
            continue
        try:
            return read_checkpoint(folder)
        except BlockwrightError:
            continue  # the epoch is repeated from further back, with the same result
    return None


def _within_folders(root: Path) -> list[Path]:
    """List the checkpoints from within an epoch, the oldest first."""
    if not root.is_dir():
        return []
    found = [(_WITHIN_NAME.fullmatch(item.name), item) for item in root.iterdir()]
    placed = [(int(m.group(1)), int(m.group(2)), item) for m, item in found if m is not None]
    return [item for _, _, item in sorted(placed)]


def keep_only(root: Path, epochs: set[int], *, within: str | None = None) -> list[str]:
    """Remove every other checkpoint and what a killed writer left; give the names removed.

    Args:
        root: The run's checkpoints.
        epochs: Those whose checkpoints stay.
        within: Name of the one from within an epoch that stays.
    """
    leaving = [each for each in checkpoint_folders(root) if epoch_of(each) not in epochs]
    leaving += [each for each in _within_folders(root) if each.name != within]
    for folder in leaving:
        _remove(folder)
    removed = [folder.name for folder in leaving]
    if not root.is_dir():
        return removed
    left = [*root.glob(f"{_TEMPORARY_PREFIX}*"), *root.glob(f"{_LEAVING_PREFIX}*")]
    for folder in left:
        shutil.rmtree(folder)
    if removed or left:
        # After a power cut they would be there again, and nobody looks after a run that is over.
        fsync_folder(root)
    return removed


def _remove(folder: Path) -> None:
    """Take a checkpoint out of sight in one step, so that none is ever seen half removed."""
    leaving = folder.with_name(f"{_LEAVING_PREFIX}{folder.name}-{os.getpid()}")
    folder.rename(leaving)
    reach("checkpoint-leaving")
    shutil.rmtree(leaving)
    reach("checkpoint-gone")


def _write_arrays(path: Path, arrays: NamedArrays) -> None:
    with path.open("wb") as file:
        # The number keeps the order, and keeps names apart from savez's own arguments.
        numbered = {f"{place:05d} {name}": arrays[name] for place, name in enumerate(arrays)}
        np.savez(file, allow_pickle=False, **numbered)
        file.flush()
        reach("checkpoint-file-written")
        os.fsync(file.fileno())
        reach("checkpoint-file-durable")


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
