"""Rows become the files of a content folder, one after the other, in constant memory.

Takes   the arrays, recordings and images of rows in their final order.
Gives   `tensor_<n>.npy`, `media_<n>.bin` and `media_<n>.parquet`, with their hashes.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars as pl

from blockwright.contracts.base import Model
from blockwright.contracts.problems import Problem
from blockwright.datasets.folder import DatasetContent, StoredMedia, StoredTensor
from blockwright.datasets.intake.tensor_summary import TensorSummary
from blockwright.datasets.npy import FloatArray, TensorFile

COPY_BYTES = 8 << 20
_SYSTEM_ERROR = re.compile(r"os error (\d+)")
_PLACE_SCHEMA = {"offset": pl.Int64, "bytes": pl.Int64, "sha256": pl.String}


@dataclass(frozen=True)
class ReadMedia:
    """One recording or image that was found good; `is_staged` when its file may go.

    `remarks` say what of it is not as in the file that is called `name`.
    """

    path: Path
    bytes: int
    sha256: str
    facts: Model
    is_staged: bool
    name: str
    remarks: tuple[Problem, ...]


class MediaFile:
    """One growing file of recordings or images, and what is known of each."""

    def __init__(self, folder: Path, number: int, kind: Literal["audio", "image"]) -> None:
        """Begin the files."""
        self.kind = kind
        self.blob_path = folder / f"media_{number}.bin"
        self.facts_path = folder / f"media_{number}.parquet"
        self._blob = self.blob_path.open("wb")
        self._offset = 0
        self._hash = hashlib.sha256()
        self._rows: list[dict[str, Any]] = []
        self._parts: list[pl.DataFrame] = []

    def append(self, media: ReadMedia) -> None:
        """Add the bytes of one file."""
        with media.path.open("rb") as source:
            shutil.copyfileobj(source, self._blob, 1 << 20)
        self._note(media.sha256)
        facts = media.facts.model_dump(exclude={"media"})
        place = {"offset": self._offset, "bytes": media.bytes, "sha256": media.sha256}
        self._rows.append(place | facts)
        self._offset += media.bytes
        if len(self._rows) >= 10_000:
            self._gather()

    def copy_all(self, blob: Path, facts: pl.DataFrame) -> None:
        """Begin with the files of an earlier content."""
        with blob.open("rb") as source:
            shutil.copyfileobj(source, self._blob, COPY_BYTES)
        for sha256 in facts["sha256"]:
            self._note(sha256)
        self._parts.append(facts)
        self._offset = blob.stat().st_size

    def facts(self) -> pl.DataFrame:
        """Give what is known of each file so far."""
        self._gather()
        if not self._parts:
            return pl.DataFrame(schema=_PLACE_SCHEMA)
        self._parts = [pl.concat(self._parts, how="diagonal_relaxed")]
        return self._parts[0]

    def finish(self) -> StoredMedia:
        """Make the files durable and give what they are."""
        self._blob.flush()
        os.fsync(self._blob.fileno())
        self._blob.close()
        write_table(self.facts(), self.facts_path)
        return StoredMedia(
            kind=self.kind,
            blob_file=self.blob_path.name,
            facts_file=self.facts_path.name,
            sha256=self._hash.hexdigest(),
        )

    def close(self) -> None:
        """Let the file go, finished or not."""
        self._blob.close()

    def _note(self, sha256: str) -> None:
        self._hash.update(bytes.fromhex(sha256))

    def _gather(self) -> None:
        if self._rows:
            self._parts.append(pl.DataFrame(self._rows, infer_schema_length=None))
            self._rows = []


class ContentWriter:
    """All arrays and media of a content folder that is being made."""

    def __init__(
        self,
        folder: Path,
        tensors: dict[str, tuple[int, ...]],
        media: dict[str, Literal["audio", "image"]],
        expected_rows: int,
    ) -> None:
        """Begin a file for each column; `tensors` has the shape of one row of each."""
        self.tensors = {
            name: TensorFile(folder / f"tensor_{number}.npy", shape)
            for number, (name, shape) in enumerate(tensors.items())
        }
        self.summaries = {name: TensorSummary(expected_rows) for name in tensors}
        self.media = {
            name: MediaFile(folder, number, kind)
            for number, (name, kind) in enumerate(media.items())
        }

    def add_rows(self, name: str, rows: FloatArray) -> None:
        """Add rows of one tensor column, shape (rows, *row_shape)."""
        self.tensors[name].append_rows(rows)
        self.summaries[name].add_rows(rows)

    def add_media(self, name: str, media: ReadMedia) -> None:
        """Add one file of one media column."""
        self.media[name].append(media)
        if media.is_staged:
            media.path.unlink()

    def start_from(self, base_folder: Path, base: DatasetContent) -> Iterator[int]:
        """Copy everything of an earlier content; gives the bytes of each piece when it is done."""
        for name, tensor in base.tensors.items():
            for rows in row_blocks(base_folder / tensor.file):
                self.add_rows(name, rows)
                yield rows.nbytes
        for name, stored in base.media.items():
            blob = base_folder / stored.blob_file
            self.media[name].copy_all(blob, pl.read_parquet(base_folder / stored.facts_file))
            yield blob.stat().st_size

    def finish(self) -> tuple[dict[str, StoredTensor], dict[str, StoredMedia]]:
        """Make all files durable and give what they are, by column."""
        tensors = {
            name: StoredTensor(
                file=file.path.name, row_shape=list(file.row_shape), sha256=file.finish()
            )
            for name, file in self.tensors.items()
        }
        return tensors, {name: file.finish() for name, file in self.media.items()}

    def close(self) -> None:
        """Let the files go, finished or not."""
        for tensor in self.tensors.values():
            tensor.close()
        for media in self.media.values():
            media.close()


def write_table(table: pl.DataFrame, path: Path) -> None:
    """Write a table as Parquet.

    Raises:
        OSError: When the disk is full or does not take so large a file; Polars wraps that.
    """
    try:
        table.write_parquet(path, compression=_compression(table), statistics=False)
    except pl.exceptions.PolarsError as reason:
        number = _SYSTEM_ERROR.search(str(reason))
        if number is None:
            raise
        raise OSError(int(number[1]), str(reason)) from reason


def _compression(table: pl.DataFrame) -> Literal["lz4", "uncompressed"]:
    """Long texts become a third; numbers hardly smaller, and twice as slow to write."""
    text_bytes = table.select(pl.col(pl.String)).estimated_size()
    return "lz4" if text_bytes * 2 > table.estimated_size() else "uncompressed"


def row_blocks(path: Path) -> Iterator[FloatArray]:
    """Give the rows of a stored tensor in pieces of a few MB, read rather than mapped.

    Pages of a mapped file count as memory of the process for as long as it is mapped.
    """
    with path.open("rb") as file:
        np.lib.format.read_magic(file)
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
        row_bytes = max(1, int(np.prod(shape[1:]))) * dtype.itemsize
        count = max(1, COPY_BYTES // row_bytes)
        for start in range(0, shape[0], count):
            rows = min(count, shape[0] - start)
            values = np.fromfile(file, dtype, rows * int(np.prod(shape[1:])))
            yield values.reshape(rows, *shape[1:])
