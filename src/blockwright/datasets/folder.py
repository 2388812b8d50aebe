"""The content folder of a dataset on disk: what lies where, and how it comes into place whole.

`rows.parquet`      one typed column per table column (numbers, or text as it was written)
`sources.parquet`   per row: `file` (categorical) and `line` (int64) that it came from
`identities.npy`    uint64 per row: a hash of what makes the row itself, for random subsets
`tensor_<n>.npy`    one per npy column, float32, rows first
`media_<n>.bin`     one per column of recordings or images: the files' bytes, one after the other
`media_<n>.parquet` per row: `offset`, `bytes`, `sha256`, and the facts of the recording or image
`dataset.json`      what all of it is, with hashes
`import-report.json`, `import-problems.jsonl` (each row and file not taken, or changed), and
                    `…-2…`, `…-3…` of files that were added: see `import_reports`

A content folder never changes once it is in place; `.cells` may come to it, which is worked out
from `rows.parquet` for looking at rows quickly, and is no part of the content.
"""

from __future__ import annotations

import errno
import hashlib
import json
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from blockwright.contracts.audio import SpectrogramSettings
from blockwright.contracts.base import Model
from blockwright.contracts.crash_points import reach
from blockwright.contracts.data import Feature
from blockwright.contracts.problems import error
from blockwright.store.files import fsync_file, fsync_folder

if TYPE_CHECKING:
    import polars as pl

ROWS_FILE = "rows.parquet"
SOURCES_FILE = "sources.parquet"
IDENTITIES_FILE = "identities.npy"
CONTENT_FILE = "dataset.json"
CELLS_FOLDER = ".cells"
CONTENT_FORMAT: Literal[2] = 2
HASHED_ROWS = 100_000
_FULL = {errno.ENOSPC, errno.EDQUOT}


class StoredTensor(Model):
    """One tensor column on disk."""

    file: str
    row_shape: list[int]
    sha256: str


class StoredMedia(Model):
    """One column of recordings or images on disk; `sha256` is that of all files' hashes."""

    kind: Literal["audio", "image"]
    blob_file: str
    facts_file: str
    sha256: str


class DatasetContent(Model):
    """What a content folder holds."""

    format: Literal[2] = CONTENT_FORMAT
    rows: int
    features: list[Feature] = Field(description="As proposed by the import")
    tensors: dict[str, StoredTensor] = Field(description="By column")
    media: dict[str, StoredMedia] = Field(default_factory=dict, description="By column")
    rows_sha256: str = Field(description="Of the values, whatever wrote the file: see row_hash")
    spectrogram: SpectrogramSettings | None = None


def read_content(folder: Path) -> DatasetContent:
    """Read what a content folder says of itself.

    Raises:
        BlockwrightError: `data.content_of_other_build` when another build wrote it, in a form
            that this one does not know.
    """
    written = (folder / CONTENT_FILE).read_bytes()
    try:
        # Not by the model's default: a build before the first form with a number named none.
        is_known = json.loads(written).get("format") == CONTENT_FORMAT
        if is_known and (folder / IDENTITIES_FILE).is_file():
            return DatasetContent.model_validate_json(written)
    except (ValueError, AttributeError):  # no JSON, no object, or fields of another form
        is_known = False
    raise error("data.content_of_other_build", folder=folder.name)


@contextmanager
def whole_folder(goal: Path) -> Iterator[Path]:
    """Give a fresh folder that takes the place of `goal` when all went well.

    Everything in it is fsynced before one rename, so that after a crash at any
    moment `goal` is either as before or complete. What an interrupted attempt
    left is removed. On an error nothing is left.
    """
    goal.parent.mkdir(parents=True, exist_ok=True)
    for left in goal.parent.glob(f".{goal.name}.*.tmp"):
        shutil.rmtree(left, ignore_errors=True)
    making = goal.parent / f".{goal.name}.{secrets.token_hex(4)}.tmp"
    making.mkdir(mode=0o700)
    try:
        yield making
        for file in making.iterdir():
            fsync_file(file)
        fsync_folder(making)
        reach("folder-durable")
        if goal.exists():  # an earlier attempt that ended, but could not say so
            shutil.rmtree(goal)
        making.rename(goal)
        reach("folder-in-place")
        fsync_folder(goal.parent)
    except BaseException:  # also a stop or an interrupt must leave nothing half-made
        shutil.rmtree(making, ignore_errors=True)
        raise


@contextmanager
def disk_full_told(folder: Path) -> Iterator[None]:
    """Turn a full disk into `data.disk_full`, and too large a file into its own problem."""
    try:
        yield
    except OSError as reason:
        if reason.errno in _FULL:
            raise error("data.disk_full", free_mb=free_bytes(folder) // 1_000_000) from reason
        if reason.errno == errno.EFBIG:
            raise error("data.file_too_large_for_disk") from reason
        raise


def require_space(folder: Path, needed_bytes: int) -> None:
    """Raise `data.disk_full_ahead` when the disk cannot hold what is about to be written."""
    free = free_bytes(folder)
    if needed_bytes > free:
        raise error(
            "data.disk_full_ahead",
            needed_mb=needed_bytes // 1_000_000,
            free_mb=free // 1_000_000,
        )


def free_bytes(folder: Path) -> int:
    """Give the free bytes of the disk that a folder lies, or will lie, on."""
    there = folder
    while not there.exists():
        there = there.parent
    return shutil.disk_usage(there).free


def bytes_in(folder: Path) -> int:
    """Give the bytes of all files that lie in a folder itself."""
    return sum(file.stat().st_size for file in folder.iterdir() if file.is_file())


def sha256_of_file(path: Path) -> str:
    """Give the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def row_hash(frame: pl.DataFrame) -> str:
    """Give the SHA-256 of the values of a table, the same whatever file they were read from.

    Hashed are, for each column: its name, its type, which values are missing, and the
    values: little-endian numbers, or the lengths and the UTF-8 bytes of words.
    """
    digest = hashlib.sha256()
    for series in frame.iter_columns():
        name, kind = series.name.encode(), str(series.dtype).encode()
        digest.update(b"%d,%d,%d;" % (len(name), len(kind), len(series)) + name + kind)
        for start in range(0, len(series), HASHED_ROWS):
            _hash_values(digest, series.slice(start, HASHED_ROWS))
    return digest.hexdigest()


def _hash_values(digest: hashlib._Hash, values: pl.Series) -> None:
    import numpy as np  # noqa: PLC0415 - the studio starts without it
    import polars as pl  # noqa: PLC0415

    has_gaps = bool(values.null_count())
    gaps = (
        np.packbits(values.is_null().to_numpy()).tobytes()
        if has_gaps
        else bytes(-(-len(values) // 8))
    )
    digest.update(gaps)
    if values.dtype.is_numeric() or values.dtype == pl.Boolean:
        if has_gaps:
            values = values.fill_null(False if values.dtype == pl.Boolean else 0)
        numbers = values.to_numpy()
        digest.update(np.ascontiguousarray(numbers, numbers.dtype.newbyteorder("<")).data)
        return
    words = values.cast(pl.String).fill_null("")
    digest.update(words.str.len_bytes().to_numpy().astype("<u4").data)
    digest.update(str(words.str.join("").item()).encode())
