"""What the files that came are together: a table with files, folders of files, arrays side by side.

Takes   the names of all files that came, and the table that a person chose, if one did.
Gives   one `Arrival`, which says which files make the rows.
Never   chooses between two readings: it refuses and lists the candidates.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Literal

from blockwright.contracts.problems import BlockwrightError, Problem, error, problem
from blockwright.datasets.archive import READ_ERRORS
from blockwright.datasets.intake.found_files import (
    TABLE_SUFFIXES,
    FoundFile,
    FoundFiles,
    top_folder,
)
from blockwright.datasets.intake.kinds import kind_of
from blockwright.datasets.intake.row_tables import CellsOf, listed, table_of_rows
from blockwright.datasets.npy import read_header
from blockwright.datasets.version_file import INDEX_FILE, ROWS_FILE, VERSION_FILE

# Read where they help, and not told of as left over.
SIDE_FILES = frozenset({"metadata.json", "preprocessing.json"})
# Beside the table of a competition: it asks for predictions, and has no rows to learn from.
SUBMISSION_SAMPLES = frozenset({"sample_submission.csv", "sampleSubmission.csv"})


@dataclass(frozen=True)
class Arrival:
    """How the files make rows.

    table: each row of `tables[0]` is a row, and may name files; when it names none of
    `arrays`, they stand side by side with it.
    side_by_side: row r of every one of `tables` and `arrays` makes row r.
    one_file_per_row: each of `row_files` is a row; its folders are features.
    version: an export of this studio; `tables[0]` is its rows.parquet.
    """

    form: Literal["table", "side_by_side", "one_file_per_row", "version"]
    top: str
    tables: list[FoundFile] = field(default_factory=list)
    arrays: list[FoundFile] = field(default_factory=list)
    row_files: list[FoundFile] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)


def recognise(files: FoundFiles, cells_of: CellsOf, chosen_table: str | None = None) -> Arrival:
    """Say what the files are together.

    Args:
        files: What came.
        cells_of: Reads a table; asked only where there are several.
        chosen_table: The name of the table that makes the rows, if a person said so.

    Raises:
        BlockwrightError: `data.no_index`, `data.several_indexes`, `data.several_tables`,
            `data.table_not_there`.
    """
    content = [file for file in files.all if posixpath.basename(file.name) not in SIDE_FILES]
    top = top_folder([file.name for file in content])
    version_rows = files.get(f"{top}{ROWS_FILE}")
    if version_rows is not None and files.get(f"{top}{VERSION_FILE}") is not None:
        return Arrival("version", top, tables=[version_rows])
    tables = [file for file in content if file.suffix in TABLE_SUFFIXES]
    arrays = [file for file in content if file.suffix == ".npy"]
    only_columns = len(tables) + len(arrays) == len(content) and all(
        posixpath.dirname(file.name) == top.rstrip("/") for file in content
    )
    if chosen_table is not None:
        table = _chosen(files, tables, chosen_table)
        return Arrival("table", top, tables=[table], arrays=arrays if only_columns else [])
    if (index := _index(files, tables, top, cells_of)) is not None:
        return Arrival("table", top, tables=[index])
    if only_columns and len(tables) > 1 and all(file.is_loose for file in content):
        return Arrival("side_by_side", top, tables=tables, arrays=arrays)
    if tables:
        table = table_of_rows(files, tables, top, cells_of, "data.several_tables")
        return Arrival("table", top, tables=[table], arrays=arrays if only_columns else [])
    if only_columns and arrays and (len(arrays) == 1 or not _one_row_each(arrays)):
        read_as = [problem("data.arrays_read_as_columns", count=len(arrays))]
        return Arrival("side_by_side", top, arrays=arrays, notes=read_as[: len(arrays) - 1])
    row_files = [file for file in content if kind_of(file.name) is not None]
    if not row_files:
        raise error("data.no_index", file=files.shown_name, files=len(files))
    read_as = [problem("data.arrays_read_as_rows", count=len(arrays))]
    notes = read_as if only_columns and arrays else []
    return Arrival("one_file_per_row", top, row_files=row_files, notes=notes)


def _index(
    files: FoundFiles, tables: list[FoundFile], top: str, cells_of: CellsOf
) -> FoundFile | None:
    found = [file for file in tables if posixpath.basename(file.name) == INDEX_FILE]
    if not found:
        return None
    if (outermost := files.get(INDEX_FILE)) is not None:
        return outermost
    return table_of_rows(files, found, top, cells_of, "data.several_indexes")


def _chosen(files: FoundFiles, tables: list[FoundFile], name: str) -> FoundFile:
    for table in tables:
        if table.name == name:
            return table
    names = [table.name for table in tables]
    raise error(
        "data.table_not_there", file=files.shown_name, table=name, names=listed(names) or "–"
    )


def _one_row_each(arrays: list[FoundFile]) -> bool:
    """Say whether each npy is a row: the same whole shape many times over.

    Arrays that stand side by side have the same number of rows, but hardly the same shape
    in everything; only numbers per row do, and those have one axis. With one axis they are
    rows when there are more files than numbers in each. What was decided is told in a note.
    """
    shapes: dict[tuple[int, ...], int] = defaultdict(int)
    for file in arrays:
        try:
            with file.open() as stream:
                shapes[read_header(stream, file.name, file.size_bytes).shape] += 1
        except (*READ_ERRORS, BlockwrightError):
            continue  # told when it is read
    shape, count = max(shapes.items(), key=lambda item: item[1], default=((), 0))
    many_rows = len(shape) > 1 or (len(shape) == 1 and count > shape[0])
    return count * 2 > len(arrays) > 1 and many_rows
