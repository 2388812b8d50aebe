"""An uploaded dataset zip becomes a dataset folder, row by row, in constant memory.

Takes   a zip with `index.csv` at its root or in its one folder, and the npy files it names.
Gives   the folder of `datasets.folder`, and a report of everything that was not taken.
Never   drops, reorders or guesses in silence; never writes outside its folder.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
from pydantic import ValidationError

from blockwright.contracts.audio import SpectrogramSettings
from blockwright.contracts.data import Feature, ImportReport, RowProblem
from blockwright.contracts.problems import BlockwrightError, Problem, error, problem
from blockwright.contracts.sink import EventSink, Outcome
from blockwright.contracts.work import Imported, ImportPlan
from blockwright.datasets.archive import READ_ERRORS, Archive, ArchiveLimits
from blockwright.datasets.describe import TensorSummary, column_histogram
from blockwright.datasets.folder import (
    CONTENT_FILE,
    PROBLEMS_FILE,
    REPORT_FILE,
    ROWS_FILE,
    DatasetContent,
    StoredTensor,
    disk_full_told,
    require_space,
    sha256_of_file,
    whole_folder,
)
from blockwright.datasets.npy import FloatArray, TensorFile, read_array, read_header
from blockwright.datasets.progress import ProgressTeller
from blockwright.datasets.table import INDEX_FILE, Column, IndexTable, read_index, type_columns
from blockwright.settings import Settings, load_settings

PREPROCESSING_FILE = "preprocessing.json"
AUDIO_SUFFIXES = (".wav", ".flac", ".ogg", ".mp3")
MAX_REPORTED = 1_000
MAX_PREPROCESSING_BYTES = 4 << 20

BoolArray = npt.NDArray[np.bool_]


class _StopError(Exception):
    """Someone asked for the end."""


@dataclass
class _Intake:
    """One import under way."""

    archive: Archive
    folder: Path
    sink: EventSink
    index_name: str
    table: IndexTable
    columns: list[Column]
    problems: list[RowProblem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)

    @property
    def tensor_columns(self) -> list[Column]:
        return [column for column in self.columns if column.type == "tensor"]


def run_import(plan: ImportPlan, sink: EventSink) -> Outcome:
    """Read an uploaded file into a dataset folder.

    Raises:
        BlockwrightError: When the file as a whole cannot be read (`data.…`), or the
            disk is full (`data.disk_full`).
    """
    settings = load_settings({})
    limits = ArchiveLimits(settings.max_archive_entries, settings.max_expanded_bytes)
    goal = Path(plan.dataset_folder)
    try:
        with (
            disk_full_told(goal),
            Archive(Path(plan.source_path), plan.source_name, limits) as archive,
            whole_folder(goal) as folder,
        ):
            imported = _import(archive, folder, plan.source_name, settings, sink)
    except _StopError:
        return "stopped"
    sink.emit(imported)
    return "done"


def _import(
    archive: Archive, folder: Path, source_name: str, settings: Settings, sink: EventSink
) -> Imported:
    index_name = _find_index(archive, source_name)
    try:
        with archive.open(index_name) as stream:
            table = read_index(
                stream,
                INDEX_FILE,
                max_columns=settings.max_columns,
                max_rows=settings.max_rows,
            )
    except READ_ERRORS as reason:
        raise error("data.index_damaged", file=source_name) from reason
    columns = type_columns(table.cells)
    work = _Intake(archive, folder, sink, index_name, table, columns, list(table.problems))
    spectrogram = _read_preprocessing(work)
    taken, stored, summaries = _take_rows(work)
    _report_unnamed_files(work)
    features = [_feature(column, taken, stored, summaries, spectrogram) for column in columns]
    _note_nearly_binary(work)
    _note_missing(work, features)
    return _finish(work, taken, features, stored, spectrogram)


def _find_index(archive: Archive, source_name: str) -> str:
    found = [name for name in archive.names if name == INDEX_FILE or _in_one_folder(name)]
    if INDEX_FILE in found:
        return INDEX_FILE
    if len(found) > 1:
        raise error("data.several_indexes", file=source_name, count=len(found))
    if not found:
        raise error("data.no_index", file=source_name, files=len(archive.names))
    return found[0]


def _in_one_folder(name: str) -> bool:
    folder, _, rest = name.partition("/")
    return bool(folder) and rest == INDEX_FILE


def _read_preprocessing(work: _Intake) -> SpectrogramSettings | None:
    name = work.archive.find(_beside(work.index_name, PREPROCESSING_FILE))
    if name is None:
        return None
    try:
        if work.archive.bytes_of(name) > MAX_PREPROCESSING_BYTES:
            msg = "too large"
            raise ValueError(msg)
        with work.archive.open(name) as stream:
            content = json.loads(stream.read())
        return SpectrogramSettings.model_validate(content["spectrogram"])
    except (*READ_ERRORS, ValidationError, ValueError, KeyError, TypeError):
        work.notes.append(problem("data.preprocessing_unreadable", file=PREPROCESSING_FILE))
        return None


def _beside(index_name: str, path: str) -> str:
    return f"{index_name.removesuffix(INDEX_FILE)}{path.replace(chr(92), '/').removeprefix('./')}"


def _take_rows(
    work: _Intake,
) -> tuple[BoolArray, dict[str, StoredTensor], dict[str, TensorSummary]]:
    """Read every row once; a row is taken when nothing of it is wrong."""
    taken = _rows_with_good_values(work)
    shapes = {column.name: _vote_shape(work, column, taken) for column in work.tensor_columns}
    rows = int(taken.sum())
    row_bytes = sum(4 * int(np.prod(shape)) for shape in shapes.values() if shape is not None)
    require_space(work.folder, rows * row_bytes)
    files = {
        name: TensorFile(work.folder / f"tensor_{number}.npy", shape or ())
        for number, (name, shape) in enumerate(shapes.items())
    }
    summaries = {name: TensorSummary(rows) for name in files}
    try:
        teller = ProgressTeller(work.sink, rows, "rows")
        for row in np.flatnonzero(taken):
            if work.sink.stop_requested():
                raise _StopError
            arrays = _read_row(work, int(row), shapes)
            if arrays is None:
                taken[row] = False
            else:
                for name, array in arrays.items():
                    files[name].append(array)
                    summaries[name].add(array)
            teller.advance()
        stored = {
            name: StoredTensor(
                file=file.path.name, row_shape=list(file.row_shape), sha256=file.finish()
            )
            for name, file in files.items()
        }
    finally:
        for file in files.values():
            file.close()
    return taken, stored, summaries


def _rows_with_good_values(work: _Intake) -> BoolArray:
    taken: BoolArray = np.ones(work.table.cells.height, dtype=bool)
    for column in work.columns:
        cells = work.table.cells[column.name]
        for row in np.flatnonzero(column.bad_rows):
            code = "data.not_an_npy_path" if column.type == "tensor" else "data.label_not_0_or_1"
            wrong = problem(code, column=column.name, value=cells[int(row)][:100])
            _refuse(work, taken, int(row), wrong)
    for column in work.tensor_columns:
        seen: set[str] = set()
        for number, path in enumerate(work.table.cells[column.name]):
            if taken[number]:
                if path in seen:
                    wrong = problem("data.file_named_twice", column=column.name, file=path)
                    _refuse(work, taken, number, wrong)
                seen.add(path)
    return taken


def _refuse(work: _Intake, taken: BoolArray, row: int, wrong: Problem) -> None:
    taken[row] = False
    work.problems.append(RowProblem(item=_row_name(work, row), problem=wrong))


def _row_name(work: _Intake, row: int) -> str:
    tensors = work.tensor_columns
    if tensors:
        return (
            str(work.table.cells[tensors[0].name][row]) or f"{INDEX_FILE}: {work.table.lines[row]}"
        )
    return f"{INDEX_FILE}: {work.table.lines[row]}"


def _vote_shape(work: _Intake, column: Column, taken: BoolArray) -> tuple[int, ...] | None:
    """Give the shape that most files of a column have; refuse rows whose header is no good.

    Only the first bytes of each file are expanded for this.
    """
    votes: Counter[tuple[int, ...]] = Counter()
    for row in np.flatnonzero(taken):
        path = work.table.cells[column.name][int(row)]
        try:
            name = _member(work, path)
            with work.archive.open(name) as stream:
                votes[read_header(stream, path, work.archive.bytes_of(name)).shape] += 1
        except BlockwrightError as reason:
            _refuse(work, taken, int(row), reason.problem)
        except READ_ERRORS:
            _refuse(work, taken, int(row), problem("data.file_damaged", file=path))
    return votes.most_common(1)[0][0] if votes else None


def _member(work: _Intake, path: str) -> str:
    name = work.archive.find(_beside(work.index_name, path))
    if name is None:
        raise error("data.file_missing", file=path)
    return name


def _read_row(
    work: _Intake, row: int, shapes: dict[str, tuple[int, ...] | None]
) -> dict[str, FloatArray] | None:
    arrays: dict[str, FloatArray] = {}
    taken: BoolArray = np.ones(row + 1, dtype=bool)
    for name, shape in shapes.items():
        path = work.table.cells[name][row]
        try:
            member = _member(work, path)
            with work.archive.open(member) as stream:
                array = read_array(stream, path, work.archive.bytes_of(member))
            if array.shape != shape:
                raise error(
                    "data.other_shape",
                    file=path,
                    shape=_shape_text(array.shape),
                    column=name,
                    column_shape=_shape_text(shape or ()),
                )
            arrays[name] = array
        except BlockwrightError as reason:
            _refuse(work, taken, row, reason.problem)
            return None
        except READ_ERRORS:
            _refuse(work, taken, row, problem("data.file_damaged", file=path))
            return None
    return arrays


def _shape_text(shape: tuple[int, ...]) -> str:
    return " × ".join(str(size) for size in shape) or "1"


def _report_unnamed_files(work: _Intake) -> None:
    """Name every file that no row speaks of; recordings get a word on what to do first."""
    recordings = [name for name in work.archive.names if name.lower().endswith(AUDIO_SUFFIXES)]
    if recordings:
        work.notes.append(problem("data.recordings_found", count=len(recordings)))
    known = {work.index_name, work.archive.find(_beside(work.index_name, PREPROCESSING_FILE))}
    for column in work.tensor_columns:
        for path in work.table.cells[column.name]:
            known.add(work.archive.find(_beside(work.index_name, path)))
    for name in work.archive.names:
        if name not in known:
            work.problems.append(
                RowProblem(item=name, problem=problem("data.file_not_in_index", file=name))
            )


def _feature(
    column: Column,
    taken: BoolArray,
    stored: dict[str, StoredTensor],
    summaries: dict[str, TensorSummary],
    spectrogram: SpectrogramSettings | None,
) -> Feature:
    if column.type == "tensor":
        shape = stored[column.name].row_shape
        is_spectrogram = spectrogram is not None and shape == [
            spectrogram.mel_bands,
            spectrogram.frames,
        ]
        return Feature(
            name=column.name,
            type="tensor",
            shape=shape,
            histogram=summaries[column.name].histogram(),
            spectrogram=spectrogram if is_spectrogram else None,
        )
    values = column.values.filter(pl.Series(taken))
    return Feature(
        name=column.name,
        type=column.type,
        shape=[len(column.classes)] if column.classes else [] if column.type == "text" else [1],
        classes=column.classes,
        histogram=column_histogram(column, values),
        missing_rows=values.null_count(),
    )


def _note_nearly_binary(work: _Intake) -> None:
    for column in work.columns:
        if column.odd_rows:
            row = column.odd_rows[0]
            work.notes.append(
                problem(
                    "data.nearly_binary",
                    column=column.name,
                    count=len(column.odd_rows),
                    row=work.table.lines[row],
                    value=work.table.cells[column.name][row][:100],
                )
            )


def _note_missing(work: _Intake, features: list[Feature]) -> None:
    for feature in features:
        if feature.missing_rows and feature.type != "text":
            work.notes.append(
                problem("data.column_has_gaps", column=feature.name, rows=feature.missing_rows)
            )


def _finish(
    work: _Intake,
    taken: BoolArray,
    features: list[Feature],
    stored: dict[str, StoredTensor],
    spectrogram: SpectrogramSettings | None,
) -> Imported:
    rows = int(taken.sum())
    if rows == 0:
        first = work.problems[0]
        raise error(
            "data.no_row_taken",
            rows=work.table.rows_found,
            item=first.item,
            reason=first.problem.code,
        )
    folder = work.folder
    kept = pl.DataFrame([column.values for column in work.columns]).filter(pl.Series(taken))
    kept.write_parquet(folder / ROWS_FILE)
    report = ImportReport(
        files_found=len(work.archive.names),
        rows_found=work.table.rows_found,
        rows_taken=rows,
        problems=work.problems[:MAX_REPORTED],
        problem_count=len(work.problems),
        notes=work.notes,
    )
    (folder / REPORT_FILE).write_text(report.model_dump_json(), encoding="utf-8")
    with (folder / PROBLEMS_FILE).open("w", encoding="utf-8") as file:
        file.writelines(f"{item.model_dump_json()}\n" for item in work.problems)
    content = DatasetContent(
        rows=rows,
        features=features,
        tensors=stored,
        rows_sha256=sha256_of_file(folder / ROWS_FILE),
        spectrogram=spectrogram,
    )
    (folder / CONTENT_FILE).write_text(content.model_dump_json(), encoding="utf-8")
    total_bytes = sum(file.stat().st_size for file in folder.iterdir())
    return Imported(report=report, rows=rows, bytes=total_bytes, features=features)
