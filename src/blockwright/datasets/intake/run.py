"""Files that came become a content folder, row by row, in constant memory.

Takes   uploaded files, or a path of this machine.
Gives   the folder of `datasets.folder`, and a report of everything that was not taken.
Never   drops, reorders or guesses in silence; never writes outside its folder.
"""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Literal

import polars as pl
from pydantic import ValidationError

from blockwright.contracts.audio import SpectrogramSettings
from blockwright.contracts.crash_points import reach
from blockwright.contracts.problems import Problem, error, problem
from blockwright.contracts.sink import EventSink, Outcome
from blockwright.contracts.work import Imported, ImportPlan
from blockwright.datasets.archive import READ_ERRORS, ArchiveLimits
from blockwright.datasets.folder import disk_full_told, whole_folder
from blockwright.datasets.intake.added_values import fit_to_base
from blockwright.datasets.intake.arrivals import Arrival, recognise
from blockwright.datasets.intake.base_content import BaseContent
from blockwright.datasets.intake.columns import table_columns
from blockwright.datasets.intake.content_writer import ContentWriter
from blockwright.datasets.intake.finishing import finish
from blockwright.datasets.intake.found_files import FoundFile, FoundFiles
from blockwright.datasets.intake.incoming import IncomingRows
from blockwright.datasets.intake.rows_from_arrays import beside_arrays, rows_side_by_side
from blockwright.datasets.intake.rows_from_files import rows_from_files
from blockwright.datasets.intake.rows_from_table import read_table, rows_from_table
from blockwright.datasets.intake.rows_from_version import rows_from_version
from blockwright.datasets.intake.taking import (
    ImportUnderWay,
    Taking,
    refuse_before_reading,
    require_space_for,
    take_rows,
)
from blockwright.datasets.intake.under_way import StagingFolder, StoppedError
from blockwright.datasets.progress import ProgressTeller
from blockwright.settings import load_settings

PREPROCESSING_FILE = "preprocessing.json"
MAX_PREPROCESSING_BYTES = 4 << 20


def run_import(plan: ImportPlan, sink: EventSink) -> Outcome:
    """Read files into a content folder.

    Raises:
        BlockwrightError: When the files as a whole cannot be read (`data.…`), or the
            disk is full (`data.disk_full`).
    """
    settings = load_settings({})
    limits = ArchiveLimits(settings.max_archive_entries, settings.max_expanded_bytes)
    goal = Path(plan.content_folder)
    base = BaseContent.open(Path(plan.base_folder)) if plan.base_folder else None
    try:
        with (
            disk_full_told(goal),
            FoundFiles(plan.sources, limits) as files,
            whole_folder(goal) as folder,
        ):
            staging = StagingFolder(folder, sink)
            refused = Path(plan.refused_folder) if plan.refused_folder else None
            job = ImportUnderWay(files, plan.options, settings, staging, sink, base, refused)
            imported = _import(job)
    except StoppedError:
        return "stopped"
    sink.emit(imported)
    reach("import-told")
    return "done"


def _import(job: ImportUnderWay) -> Imported:
    reach("import-files-found")
    arrival = recognise(job.files, partial(_cells_of, job), job.options.table)
    if arrival.form == "version" and job.base is not None:
        raise error("data.export_not_added")
    incoming = _rows(job, arrival)
    reach("import-table-read")
    columns = table_columns(incoming, job.files)
    if arrival.arrays and arrival.form == "table" and not any(c.file_kind for c in columns):
        incoming = beside_arrays([incoming], arrival.arrays, job.settings)
        columns = table_columns(incoming, job.files)
    notes: list[Problem] = []
    if job.base is not None:
        job.base.require_same_files(columns, incoming)
        notes = fit_to_base(columns, job.base)
    work = refuse_before_reading(job, incoming, columns)
    work.notes += [*arrival.notes, *notes]
    spectrogram = _spectrogram(work, arrival)
    require_space_for(work)
    writer = _writer(work)
    try:
        if job.base is not None:
            teller = ProgressTeller(job.sink, max(1, job.base.bytes), "bytes")
            for copied_bytes in writer.start_from(job.base.folder, job.base.content):
                job.staging.check_stop()
                teller.advance(copied_bytes)
        take_rows(work, writer)
        reach("import-rows-written")
        return finish(work, writer, spectrogram)
    finally:
        writer.close()


def _cells_of(job: ImportUnderWay, table: FoundFile) -> pl.DataFrame:
    return read_table(table, job.options, job.settings, job.staging).frame


def _rows(job: ImportUnderWay, arrival: Arrival) -> IncomingRows:
    if arrival.form == "version":
        return rows_from_version(job.files, arrival.top, job.settings, job.staging)
    if arrival.form == "one_file_per_row":
        return rows_from_files(arrival)
    if arrival.form == "side_by_side":
        tables, arrays = arrival.tables, arrival.arrays
        return rows_side_by_side(tables, arrays, job.options, job.settings, job.staging)
    return rows_from_table(arrival.tables[0], job.options, job.settings, job.staging)


def _writer(work: Taking) -> ContentWriter:
    tensors = {each.name: each.shape for each in work.file_columns if each.kind == "tensor"}
    tensors |= {name: each.header.shape[1:] for name, each in work.incoming.arrays.items()}
    media: dict[str, Literal["audio", "image"]] = {
        each.name: each.kind for each in work.file_columns if each.kind != "tensor"
    }
    rows = int(work.refusals.taken.sum()) + (work.job.base.content.rows if work.job.base else 0)
    return ContentWriter(work.job.staging.content_folder, tensors, media, rows)


def _spectrogram(work: Taking, arrival: Arrival) -> SpectrogramSettings | None:
    """Give the settings that `blockwright preprocess` put beside its tensors."""
    folder = work.incoming.folder
    name = f"{folder}/{PREPROCESSING_FILE}" if folder else PREPROCESSING_FILE
    file = work.job.files.get(name) or work.job.files.get(f"{arrival.top}{PREPROCESSING_FILE}")
    if file is None:
        return work.job.base.content.spectrogram if work.job.base else None
    try:
        if file.size_bytes > MAX_PREPROCESSING_BYTES:
            msg = "too large"
            raise ValueError(msg)
        with file.open() as stream:
            content = json.loads(stream.read())
        return SpectrogramSettings.model_validate(content["spectrogram"])
    except (*READ_ERRORS, ValidationError, ValueError, KeyError, TypeError):
        work.notes.append(problem("data.preprocessing_unreadable", file=PREPROCESSING_FILE))
        return None
