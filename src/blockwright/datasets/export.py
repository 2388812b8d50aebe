"""A version becomes one zip, which other programs can read and which imports to the same.

Takes   a content folder, and the features, sets, subsets and corrections of a version.
Gives   a zip of `version_file`'s form, stored without compression.
Never   leaves a half-written file under the final name.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import secrets
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import polars as pl

from blockwright.contracts.sink import EventSink, Outcome
from blockwright.contracts.work import ExportVersionPlan, VersionExported
from blockwright.datasets import folder as content_files
from blockwright.datasets.folder import (
    DatasetContent,
    bytes_in,
    disk_full_told,
    read_content,
    require_space,
)
from blockwright.datasets.progress import ProgressTeller
from blockwright.datasets.version_file import (
    INDEX_FILE,
    ROWS_FILE,
    SOURCES_FILE,
    VERSION_FILE,
    ExportedMedia,
    VersionFile,
    media_member,
)
from blockwright.store.files import fsync_folder
from blockwright.version import __version__

PIECE_BYTES = 1 << 20
WRITTEN_ROWS = 20_000
# The earliest moment that a zip can name: an export holds no time of its own.
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


class _StoppedError(Exception):
    """Someone asked for the end."""


def run_export(plan: ExportVersionPlan, sink: EventSink) -> Outcome:
    """Write the zip of a version.

    Raises:
        BlockwrightError: `data.disk_full`, `data.disk_full_ahead`.
    """
    folder, goal = Path(plan.content_folder), Path(plan.export_file)
    try:
        with disk_full_told(goal), _whole_file(goal) as making:
            require_space(goal.parent, bytes_in(folder))
            with zipfile.ZipFile(making, "w", zipfile.ZIP_STORED) as archive:
                _Export(plan, read_content(folder), archive, sink).write()
    except _StoppedError:
        return "stopped"
    sink.emit(VersionExported(bytes=goal.stat().st_size))
    return "done"


class _Export:
    """One export under way."""

    def __init__(
        self,
        plan: ExportVersionPlan,
        content: DatasetContent,
        archive: zipfile.ZipFile,
        sink: EventSink,
    ) -> None:
        self._plan = plan
        self._folder = folder = Path(plan.content_folder)
        self._content = content
        self._archive = archive
        self._sink = sink
        self._teller = ProgressTeller(sink, max(1, bytes_in(folder)), "bytes")
        self._rows = pl.read_parquet(folder / content_files.ROWS_FILE)
        self._media = {
            name: ExportedMedia(kind=media.kind, folder=f"media/{number}")
            for number, (name, media) in enumerate(content.media.items())
        }

    def write(self) -> None:
        """Write every member."""
        index_sha256 = self._write_index()
        self._copy(self._folder / content_files.ROWS_FILE, ROWS_FILE)
        self._copy(self._folder / content_files.SOURCES_FILE, SOURCES_FILE)
        tensors: dict[str, str] = {}
        for number, (name, tensor) in enumerate(self._content.tensors.items()):
            tensors[name] = f"tensors/{number}.npy"
            self._copy(self._folder / tensor.file, tensors[name])
        for name in self._content.media:
            self._write_media(name)
        plan = self._plan
        version = VersionFile(
            made_by=f"blockwright {__version__}",
            dataset_name=plan.dataset_name,
            content_hash=plan.content_hash,
            rows=self._content.rows,
            index_sha256=index_sha256,
            features=plan.features,
            feature_sets=plan.feature_sets,
            subsets=plan.subsets,
            corrections=plan.corrections,
            left_out=plan.left_out,
            proposed_features=self._content.features,
            tensors=tensors,
            media=self._media,
        )
        with self._member(VERSION_FILE) as member:
            member.write(version.model_dump_json(indent=1).encode())

    def _write_index(self) -> str:
        """Write the table for people; gives the SHA-256 of its bytes."""
        digest = hashlib.sha256()
        columns = [self._index_column(series) for series in self._rows.iter_columns()]
        every = pl.int_range(self._rows.height, eager=True)
        table = pl.DataFrame(columns).filter(~every.is_in(self._plan.left_out))
        with self._member(INDEX_FILE) as member:
            for start in range(0, table.height, WRITTEN_ROWS):
                self._check_stop()
                text = io.StringIO()
                writer = csv.writer(text, lineterminator="\n")
                if start == 0:
                    writer.writerow(table.columns)
                writer.writerows(table.slice(start, WRITTEN_ROWS).iter_rows())
                piece = text.getvalue().encode()
                digest.update(piece)
                member.write(piece)
        return digest.hexdigest()

    def _index_column(self, series: pl.Series) -> pl.Series:
        words = series.cast(pl.String)
        if series.name in self._media:
            folder = self._media[series.name].folder
            paths = [media_member(folder, row, path) for row, path in enumerate(words)]
            return pl.Series(series.name, paths, pl.String)
        names = {each.name for each in self._plan.features if each.column == series.name}
        corrected = {
            each.row: each
            for each in self._plan.corrections
            if each.feature in names and each.row < len(series)
        }
        changed = {row: each for row, each in corrected.items() if not each.restore}
        if not changed:
            return words
        values = [None if each.value is None else str(each.value) for each in changed.values()]
        return words.scatter(list(changed), pl.Series(values, dtype=pl.String))

    def _write_media(self, name: str) -> None:
        stored = self._content.media[name]
        places = pl.read_parquet(self._folder / stored.facts_file, columns=["offset", "bytes"])
        folder = self._media[name].folder
        with (self._folder / stored.blob_file).open("rb") as blob:
            for row, (offset, count) in enumerate(places.iter_rows()):
                blob.seek(offset)
                with self._member(media_member(folder, row, self._rows[name][row])) as member:
                    self._pour(blob, member, count)

    def _copy(self, path: Path, name: str) -> None:
        with path.open("rb") as source, self._member(name) as member:
            self._pour(source, member, path.stat().st_size)

    def _pour(self, source: IO[bytes], member: IO[bytes], count: int) -> None:
        left = count
        while left and (piece := source.read(min(PIECE_BYTES, left))):
            self._check_stop()
            member.write(piece)
            left -= len(piece)
            self._teller.advance(len(piece))

    def _member(self, name: str) -> IO[bytes]:
        entry = zipfile.ZipInfo(name, _ZIP_TIME)
        entry.external_attr = 0o644 << 16
        entry.create_system = 3  # the same on every platform
        return self._archive.open(entry, "w", force_zip64=True)

    def _check_stop(self) -> None:
        if self._sink.stop_requested():
            raise _StoppedError


@contextmanager
def _whole_file(goal: Path) -> Iterator[Path]:
    """Give the path of a file that takes the goal's place when all went well."""
    goal.parent.mkdir(parents=True, exist_ok=True)
    for left in goal.parent.glob(f".{goal.name}.*.tmp"):
        left.unlink(missing_ok=True)
    making = goal.parent / f".{goal.name}.{secrets.token_hex(4)}.tmp"
    try:
        yield making
        with making.open("rb") as file:
            os.fsync(file.fileno())
        making.replace(goal)
        fsync_folder(goal.parent)
    except BaseException:  # also a stop or an interrupt must leave nothing half-made
        making.unlink(missing_ok=True)
        raise
