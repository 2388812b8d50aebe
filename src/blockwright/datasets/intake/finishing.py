"""The end of an import: the table, identities, features and the report are written.

Takes   the rows that were taken, and everything else that was met on the way.
Gives   the rest of the content folder, and the event that says what is in it.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NoReturn

import numpy as np
import polars as pl

from blockwright.contracts.audio import SpectrogramSettings
from blockwright.contracts.base import utc_now
from blockwright.contracts.data import Feature, ImportReport, RowProblem
from blockwright.contracts.problems import Problem, error, in_language, problem
from blockwright.contracts.work import Imported, ImportRefused
from blockwright.datasets.folder import (
    CONTENT_FILE,
    IDENTITIES_FILE,
    ROWS_FILE,
    SOURCES_FILE,
    DatasetContent,
    bytes_in,
    row_hash,
    whole_folder,
)
from blockwright.datasets.import_reports import carry_reports, write_report
from blockwright.datasets.intake.arrivals import SIDE_FILES, SUBMISSION_SAMPLES
from blockwright.datasets.intake.content_writer import ContentWriter, write_table
from blockwright.datasets.intake.features import propose_features
from blockwright.datasets.intake.found_files import TABLE_SUFFIXES, FoundFile
from blockwright.datasets.intake.identities import Identities, count_equal, row_identities
from blockwright.datasets.intake.taking import Taking

MAX_REPORTED = 1_000


def finish(
    work: Taking, writer: ContentWriter, spectrogram: SpectrogramSettings | None
) -> Imported:
    """Write what is left to write.

    Raises:
        BlockwrightError: `data.no_row_taken`, with the first reason, or `data.no_new_row`;
            what else kept rows out is told before, as `ImportRefused`.
    """
    problems = _all_problems(work)
    for _, copy in sorted(work.refusals.copies, key=lambda item: item[0]):
        work.changed.note(str(copy.params["column"]), str(copy.params["file"]), copy)
    if work.incoming.version is not None and work.refusals.problems:
        raise error("data.export_damaged", what=work.refusals.problems[0][1].message)
    if not work.refusals.taken.any():
        _tell_of_nothing(work, problems)
    content = _write_content(work, writer, spectrogram)
    report = _report(work, problems, content.features)
    folder = work.job.staging.content_folder
    if work.job.base is not None:
        carry_reports(work.job.base.folder, folder)
    write_report(folder, report, _one_by_one(work, problems))
    work.job.staging.remove()
    return _imported(work, content, report)


def _tell_of_nothing(work: Taking, problems: list[RowProblem]) -> NoReturn:
    """Keep the report of an import that brings nothing, and end it."""
    report = _report(work, problems, [])
    if work.job.refused_folder is not None:
        with whole_folder(work.job.refused_folder) as folder:
            write_report(folder, report, _one_by_one(work, problems))
    work.job.sink.emit(ImportRefused(report=report))
    if not problems:
        raise error("data.no_new_row", rows=report.rows_there)
    first = problems[0]
    raise error(
        "data.no_row_taken",
        rows=report.rows_found,
        item=first.item,
        reason=first.problem.message,
        reason_zh=in_language(first.problem, "zh").message,
        fix=first.problem.fix,
        fix_zh=in_language(first.problem, "zh").fix,
    )


def _report(work: Taking, problems: list[RowProblem], features: list[Feature]) -> ImportReport:
    return ImportReport(
        at=utc_now(),
        files_found=len(work.job.files),
        rows_found=work.incoming.rows_found,
        rows_taken=int(work.refusals.taken.sum()),
        rows_there=len(work.refusals.copies),
        problems=problems[:MAX_REPORTED],
        problem_count=len(problems),
        notes=[*work.job.files.notes, *work.incoming.notes, *_notes(work, features)],
        delimiter=work.incoming.delimiter,
    )


def _one_by_one(work: Taking, problems: list[RowProblem]) -> Iterator[str]:
    """Give each file and row that was not taken or was changed, as a line of JSON."""
    yield from (f"{item.model_dump_json()}\n" for item in problems)
    yield from work.changed.one_by_one()


def _imported(work: Taking, content: DatasetContent, report: ImportReport) -> Imported:
    total_bytes = bytes_in(work.job.staging.content_folder)
    version = work.incoming.version
    if version is None:
        return Imported(
            report=report, rows=content.rows, bytes=total_bytes, features=content.features
        )
    return Imported(
        report=report,
        rows=content.rows,
        bytes=total_bytes,
        features=version.features,
        feature_sets=version.feature_sets,
        subsets=version.subsets,
        corrections=version.corrections,
        left_out=version.left_out,
    )


def _table(work: Taking) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give the rows of the content and their sources: those that were there, then the new."""
    incoming = work.incoming
    taken = pl.Series(work.refusals.taken)
    values = {column.name: column.values for column in work.columns}
    for name, array in incoming.arrays.items():
        if name in values:  # of an exported version, which has the names already
            continue
        place = pl.int_range(array.rows, eager=True).cast(pl.String)
        file = posixpath.basename(array.file.name)
        values[name] = (file + "[" + place + "]").alias(name)
    rows = pl.DataFrame([series.alias(name) for name, series in values.items()]).filter(taken)
    sources = pl.DataFrame(
        {"file": incoming.files, "line": pl.Series(incoming.lines, dtype=pl.Int64)}
    ).filter(taken)
    if work.job.base is not None:
        rows = pl.concat([work.job.base.rows, rows], how="diagonal_relaxed")
        sources = pl.concat(
            [
                frame.with_columns(pl.col("file").cast(pl.String))
                for frame in (work.job.base.sources, sources)
            ]
        ).with_columns(pl.col("file").cast(pl.Categorical))
    return rows, sources


def _write_content(
    work: Taking, writer: ContentWriter, spectrogram: SpectrogramSettings | None
) -> DatasetContent:
    folder, version = work.job.staging.content_folder, work.incoming.version
    rows, sources = _table(work)
    if rows.height != len(work.refusals.taken) or not work.refusals.taken.all():
        for column in work.columns:
            column.words = None  # other rows were counted
    with ThreadPoolExecutor(2) as beside:  # all of this leaves Python to each other
        written = beside.submit(write_table, rows, folder / ROWS_FILE)
        hashed = beside.submit(row_hash, rows)
        sources_written = beside.submit(write_table, sources, folder / SOURCES_FILE)
        features = propose_features(work.columns, rows, writer, spectrogram)
        tensors, media = writer.finish()
        first_file = next((name for name in rows.columns if name in {*tensors, *media}), None)
        identities = _identities(work, rows, first_file)
        np.save(folder / IDENTITIES_FILE, identities, allow_pickle=False)
        written.result()
        sources_written.result()
        content = DatasetContent(
            rows=rows.height,
            features=version.proposed_features if version else features,
            tensors=tensors,
            media=media,
            rows_sha256=hashed.result(),
            spectrogram=spectrogram,
        )
    (folder / CONTENT_FILE).write_text(content.model_dump_json(), encoding="utf-8")
    return content


def _identities(work: Taking, rows: pl.DataFrame, first_file: str | None) -> Identities:
    """Give the identities that were there, and new ones of the rows behind them."""
    base = work.job.base
    there = base.identities() if base is not None else np.empty(0, np.uint64)
    came = rows.slice(len(there))
    if first_file is None and (copies := count_equal(came, there)):
        work.notes.append(problem("data.rows_equal_to_some_there", rows=copies, total=came.height))
    return np.concatenate([there, row_identities(came, first_file, there)])


def _all_problems(work: Taking) -> list[RowProblem]:
    """Everything that was not taken: rows in their order, then files."""
    refused = sorted(work.refusals.problems, key=lambda item: item[0])
    rows = [RowProblem(item=_row_name(work, row), problem=wrong) for row, wrong in refused]
    left_over = [
        RowProblem(item=file.name, problem=_left_over(work, file))
        for file in _unnamed_files(work)
        if not _is_submission_sample(work, file)
    ]
    return [*work.incoming.problems, *rows, *work.job.files.problems, *left_over]


def _row_name(work: Taking, row: int) -> str:
    if paths := work.paths_of(row):
        return next(iter(paths.values()))
    incoming = work.incoming
    file = posixpath.basename(str(incoming.files[row]))
    return f"{file}: {incoming.lines[row]}"


def _unnamed_files(work: Taking) -> list[FoundFile]:
    """Give every file that no row speaks of."""
    known = set(work.incoming.used)
    for column in work.file_columns:
        known |= column.named
    return [
        file
        for file in work.job.files.all
        if file.name not in known and posixpath.basename(file.name) not in SIDE_FILES
    ]


def _is_submission_sample(work: Taking, file: FoundFile) -> bool:
    """Say whether this is the sample of a competition beside the table that makes the rows."""
    incoming = work.incoming
    folder, name = posixpath.split(file.name)
    if name not in SUBMISSION_SAMPLES or not incoming.lines.any():
        return False
    return folder in {posixpath.dirname(table) for table in incoming.used}


def _left_over(work: Taking, file: FoundFile) -> Problem:
    incoming = work.incoming
    if not incoming.lines.any():
        return problem("data.file_not_used", file=file.name)
    if file.suffix in TABLE_SUFFIXES:
        table = next(iter(incoming.used), "")
        return problem("data.table_not_used", file=file.name, table=table)
    return problem("data.file_not_in_index", file=file.name)


def _notes(work: Taking, features: list[Feature]) -> list[Problem]:
    base = work.job.base
    before = {each.column: each.missing_rows for each in base.content.features} if base else {}
    gaps = [
        problem("data.column_has_gaps", column=feature.name, rows=count)
        for feature in features
        if feature.type != "text"
        and (count := feature.missing_rows - before.get(feature.column, 0)) > 0
    ]
    table = next(iter(work.incoming.used), "")
    samples = [
        problem("data.submission_sample", file=file.name, table=table)
        for file in _unnamed_files(work)
        if _is_submission_sample(work, file)
    ]
    return [*gaps, *samples, *work.notes, *_rounded(work), *work.changed.in_short()]


def _rounded(work: Taking) -> list[Problem]:
    """Tell of arrays whose numbers 32-bit floats do not hold exactly."""
    types = {
        column.name: [kind for row, kind in column.rounded.items() if work.refusals.taken[row]]
        for column in work.file_columns
    }
    for name, array in work.incoming.arrays.items():
        types[name] = [array.header.dtype.name] * array.header.is_rounded
    return [
        problem("data.arrays_rounded", column=name, count=count, dtype=kind)
        for name, kinds in types.items()
        for kind, count in Counter(kinds).items()
    ]
