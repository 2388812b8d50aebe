"""Files that came become a content folder, row by row, in constant memory.

Takes   uploaded files, or a path of this machine.
Gives   the folder of `datasets.folder`, and a report of everything that was not taken.
Never   drops, reorders or guesses in silence; never writes outside its folder.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from blockwright.contracts.audio import SpectrogramSettings
from blockwright.contracts.crash_points import reach
from blockwright.contracts.data import ImportOptions
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
from blockwright.datasets.intake.found_files import FoundFiles
from blockwright.datasets.intake.incoming import IncomingRows
from blockwright.datasets.intake.rows_from_arrays import beside_arrays, rows_side_by_side
from blockwright.datasets.intake.rows_from_files import rows_from_files
from blockwright.datasets.intake.rows_from_table import rows_from_table
from blockwright.datasets.intake.rows_from_version import rows_from_version
from blockwright.datasets.intake.taking import (
    Taking,
    refuse_before_reading,
    require_space_for,
    take_rows,
)
from blockwright.datasets.intake.under_way import StagingFolder, StoppedError
from blockwright.datasets.media.limits import ParserLimits
from blockwright.settings import Settings, load_settings

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
            imported = _import(files, plan.options, base, settings, staging, sink)
    except StoppedError:
        return "stopped"
    sink.emit(imported)
    reach("import.told")
    return "done"


def _import(
    files: FoundFiles,
    options: ImportOptions,
    base: BaseContent | None,
    settings: Settings,
    staging: StagingFolder,
    sink: EventSink,
) -> Imported:
    reach("import.files_found")
    arrival = recognise(files)
    if arrival.form == "version" and base is not None:
        raise error("data.export_not_added")
    incoming = _rows(files, arrival, options, settings, staging)
    reach("import.table_read")
    columns = table_columns(incoming, files)
    if arrival.arrays and arrival.form == "table" and not any(c.file_kind for c in columns):
        incoming = beside_arrays([incoming], arrival.arrays, settings)
        columns = table_columns(incoming, files)
    notes: list[Problem] = []
    if base is not None:
        base.require_same_files(columns, incoming)
        notes = fit_to_base(columns, base)
    limits = ParserLimits.of(settings)
    work = refuse_before_reading(incoming, columns, files, staging, sink, limits, base)
    work.notes += notes
    spectrogram = _spectrogram(work, arrival)
    require_space_for(work)
    writer = _writer(work)
    try:
        if base is not None:
            for _ in writer.start_from(base.folder, base.content):
                staging.check_stop()
        take_rows(work, writer)
        reach("import.rows_written")
        return finish(work, writer, spectrogram)
    finally:
        writer.close()


def _rows(
    files: FoundFiles,
    arrival: Arrival,
    options: ImportOptions,
    settings: Settings,
    staging: StagingFolder,
) -> IncomingRows:
    if arrival.form == "version":
        return rows_from_version(files, arrival.top, settings, staging)
    if arrival.form == "one_file_per_row":
        return rows_from_files(arrival)
    if arrival.form == "side_by_side":
        return rows_side_by_side(arrival.tables, arrival.arrays, options, settings, staging)
    return rows_from_table(arrival.tables[0], options, settings, staging)


def _writer(work: Taking) -> ContentWriter:
    tensors = {each.name: each.shape for each in work.file_columns if each.kind == "tensor"}
    tensors |= {name: each.header.shape[1:] for name, each in work.incoming.arrays.items()}
    media: dict[str, Literal["audio", "image"]] = {
        each.name: each.kind for each in work.file_columns if each.kind != "tensor"
    }
    rows = int(work.refusals.taken.sum()) + (work.base.content.rows if work.base else 0)
    return ContentWriter(work.staging.content_folder, tensors, media, rows)


def _spectrogram(work: Taking, arrival: Arrival) -> SpectrogramSettings | None:
    """Give the settings that `blockwright preprocess` put beside its tensors."""
    folder = work.incoming.folder
    name = f"{folder}/{PREPROCESSING_FILE}" if folder else PREPROCESSING_FILE
    file = work.files.get(name) or work.files.get(f"{arrival.top}{PREPROCESSING_FILE}")
    if file is None:
        return work.base.content.spectrogram if work.base else None
    try:
        if file.bytes > MAX_PREPROCESSING_BYTES:
            msg = "too large"
            raise ValueError(msg)
        with file.open() as stream:
            content = json.loads(stream.read())
        return SpectrogramSettings.model_validate(content["spectrogram"])
    except (*READ_ERRORS, ValidationError, ValueError, KeyError, TypeError):
        work.notes.append(problem("data.preprocessing_unreadable", file=PREPROCESSING_FILE))
        return None
