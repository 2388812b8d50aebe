"""Rows are read once, in order, and written; a row is taken when nothing of it is wrong.

Takes   the rows on their way in and their columns.
Gives   which rows were taken, and everything that lies beside the table, written.
"""

from __future__ import annotations

import math
import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from blockwright.contracts.crash_points import reach
from blockwright.contracts.data import ImportOptions
from blockwright.contracts.problems import Problem, problem
from blockwright.contracts.sink import EventSink
from blockwright.datasets.folder import require_space
from blockwright.datasets.intake.base_content import BaseContent
from blockwright.datasets.intake.changed_files import ChangedFiles
from blockwright.datasets.intake.columns import TableColumn
from blockwright.datasets.intake.content_writer import ContentWriter
from blockwright.datasets.intake.found_files import FoundFiles
from blockwright.datasets.intake.incoming import IncomingRows
from blockwright.datasets.intake.row_arrays import finite_rows, row_blocks_of
from blockwright.datasets.intake.row_files import (
    FileColumn,
    ReadRow,
    Refusals,
    RowReader,
    find_files,
    vote_shape,
)
from blockwright.datasets.intake.under_way import StagingFolder
from blockwright.datasets.media.limits import ParserLimits
from blockwright.datasets.progress import ProgressTeller
from blockwright.settings import Settings

# How far reading may be ahead of writing.
AHEAD_ROWS_PER_THREAD = 8
AHEAD_BYTES = 64 << 20


@dataclass(frozen=True)
class ImportUnderWay:
    """What all parts of one import lean on."""

    files: FoundFiles
    options: ImportOptions
    settings: Settings
    staging: StagingFolder
    sink: EventSink
    base: BaseContent | None
    refused_folder: Path | None = None


@dataclass
class Taking:
    """The taking of rows: what came, and which of it is taken."""

    job: ImportUnderWay
    incoming: IncomingRows
    columns: list[TableColumn]
    refusals: Refusals
    file_columns: list[FileColumn] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    changed: ChangedFiles = field(init=False)

    def __post_init__(self) -> None:
        """Keep remarks on files where the job has its passing files."""
        self.changed = ChangedFiles(self.job.staging)

    def paths_of(self, row: int) -> dict[str, str]:
        """Give the paths of the files of a row as the person wrote them, by column."""
        return {
            column.name: str(path)
            for column in self.columns
            if column.file_kind is not None and (path := column.values[row])
        }


def refuse_before_reading(
    job: ImportUnderWay, incoming: IncomingRows, columns: list[TableColumn]
) -> Taking:
    """Leave out rows whose cells, paths, headers or numbers tell already that they are no good."""
    work = Taking(job, incoming, columns, Refusals(incoming.rows))
    refusals, base = work.refusals, job.base
    for column in columns:
        for row in np.flatnonzero(column.bad):
            refusals.refuse(int(row), _bad_cell(incoming, column, int(row)))
    for column in columns:
        kind = column.file_kind
        if kind is None or column.name in incoming.arrays:
            continue
        if base is not None:
            base.skip_paths_already_there(column, refusals)
        found = find_files(column, kind, job.files, incoming.folder, refusals)
        work.file_columns.append(found)
    for found in work.file_columns:
        if found.kind == "tensor":
            shape = base.shape_of(found.name) if base is not None else None
            vote_shape(found, shape, refusals, job.staging)
    for name, array in incoming.arrays.items():
        for row in np.flatnonzero(~finite_rows(array, job.staging)):
            refusals.refuse(int(row), problem("data.npy_not_finite", file=f"{name}[{row}]"))
    return work


def _bad_cell(incoming: IncomingRows, column: TableColumn, row: int) -> Problem:
    value = str(incoming.cells[column.name][row] or "")[:100]
    if column.file_kind is not None and not value.strip():
        return problem("data.file_cell_empty", column=column.name)
    if column.file_kind == "tensor":
        return problem("data.not_an_npy_path", column=column.name, value=value)
    if column.file_kind is not None:
        return problem("data.not_a_file_path", column=column.name, value=value)
    if column.type == "binary":
        return problem("data.label_not_0_or_1", column=column.name, value=value)
    return problem("data.value_of_other_type", column=column.name, value=value, type=column.type)


def take_rows(work: Taking, folder_writer: ContentWriter) -> None:
    """Read the files of every row that is left, write them in order, tell of the others."""
    rows, base = np.flatnonzero(work.refusals.taken), work.job.base
    teller = ProgressTeller(work.job.sink, max(1, len(rows)), "rows")
    if not work.file_columns:
        teller.advance(len(rows))
    else:
        threads = os.cpu_count() or 1
        limits = ParserLimits.of(work.job.settings)
        with RowReader(work.file_columns, work.job.staging, limits, threads) as reader:
            for row, read in _read_ahead(reader, rows.tolist(), threads):
                work.job.staging.check_stop()
                if isinstance(read, Problem):
                    work.refusals.refuse(row, read)
                elif base is not None and (copy := base.already_there(read, work.paths_of(row))):
                    work.refusals.skip(row, copy)
                    read.remove_staged()
                else:
                    _write(work, folder_writer, read)
                    reach("import-row-written")
                teller.advance()
    for name, array in work.incoming.arrays.items():
        start = 0
        for block in row_blocks_of(array, work.job.staging):
            folder_writer.add_rows(name, block[work.refusals.taken[start : start + len(block)]])
            start += len(block)


def _read_ahead(
    reader: RowReader, rows: list[int], threads: int
) -> Iterator[tuple[int, ReadRow | Problem]]:
    """Read rows on several threads and give them in order; few are held at a time."""
    waiting: deque[tuple[int, int, Future[ReadRow | Problem]]] = deque()
    held_bytes, left = 0, iter(rows)
    row = next(left, None)
    pool = ThreadPoolExecutor(threads, thread_name_prefix="intake")
    try:
        while row is not None or waiting:
            while row is not None and (
                not waiting
                or (len(waiting) < threads * AHEAD_ROWS_PER_THREAD and held_bytes < AHEAD_BYTES)
            ):
                size = reader.bytes_of(row)
                waiting.append((row, size, pool.submit(reader.read, row)))
                held_bytes += size
                row = next(left, None)
            done, size, future = waiting.popleft()
            yield done, future.result()
            held_bytes -= size
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _write(work: Taking, writer: ContentWriter, read: ReadRow) -> None:
    for name, array in read.arrays.items():
        writer.add_rows(name, array[np.newaxis])
    for name, media in read.media.items():
        writer.add_media(name, media)
        for remark in media.remarks:
            work.changed.note(name, media.name, remark)


def require_space_for(work: Taking) -> None:
    """Raise `data.disk_full_ahead` when the disk cannot hold what is about to be written."""
    taken = np.flatnonzero(work.refusals.taken)
    needed = sum(
        4 * math.prod(column.shape) * len(taken)
        for column in work.file_columns
        if column.kind == "tensor"
    )
    for column in work.file_columns:
        if column.kind != "tensor":
            needed += sum(
                file.size_bytes for row in taken if (file := column.found[row]) is not None
            )
    for array in work.incoming.arrays.values():
        needed += 4 * math.prod(array.header.shape[1:]) * len(taken)
    if work.job.base is not None:
        needed += work.job.base.bytes
    require_space(work.job.staging.content_folder, needed)
