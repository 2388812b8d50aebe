"""Rows of a csv or a Parquet file.

Takes   one table among the files that came.
Gives   its cells, with the line that each row came from.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from blockwright.contracts.data import ImportOptions
from blockwright.contracts.problems import error
from blockwright.datasets.archive import READ_ERRORS
from blockwright.datasets.csv_head import TableLimits
from blockwright.datasets.intake.found_files import FoundFile
from blockwright.datasets.intake.incoming import IncomingRows
from blockwright.datasets.intake.under_way import StagingFolder
from blockwright.datasets.parquet_table import read_parquet_table
from blockwright.datasets.progress import ProgressTeller
from blockwright.datasets.table_files import CsvOptions, TableRead, read_csv
from blockwright.settings import Settings

TAB_SEPARATED = ".tsv"
PIECE_BYTES = 1 << 20


def rows_from_table(
    file: FoundFile, options: ImportOptions, settings: Settings, staging: StagingFolder
) -> IncomingRows:
    """Read a table.

    Raises:
        BlockwrightError: `data.index_damaged`, and as the readers of tables do.
        StoppedError: When someone asked for the end.
    """
    table = read_table(file, options, settings, staging)
    return IncomingRows(
        cells=table.frame,
        files=pl.repeat(file.name, table.frame.height, dtype=pl.String, eager=True).cast(
            pl.Categorical
        ),
        lines=table.source_lines,
        folder=posixpath.dirname(file.name),
        problems=list(table.problems),
        notes=list(table.notes),
        delimiter=table.delimiter if file.suffix != ".parquet" else None,
        missing_words=table.missing_words,
        rows_found=table.rows_found,
        used={file.name},
    )


def read_table(
    file: FoundFile, options: ImportOptions, settings: Settings, staging: StagingFolder
) -> TableRead:
    """Read a table as it is."""
    limits = TableLimits(max_rows=settings.max_rows, max_columns=settings.max_columns)
    name = posixpath.basename(file.name)
    with on_disk(file, staging) as path:
        if file.suffix == ".parquet":
            return read_parquet_table(path, limits, name=name)
        delimiter = options.delimiter
        if delimiter == "auto" and file.suffix == TAB_SEPARATED:
            delimiter = "\t"
        return read_csv(
            path,
            CsvOptions(delimiter),
            limits,
            name=name,
            on_bytes=_progress(file, staging),
        )


def _progress(file: FoundFile, staging: StagingFolder) -> Callable[[int], None]:
    """Tell how far the reading of a csv is, and stop it when that is asked for."""
    teller = ProgressTeller(staging.sink, max(1, file.size_bytes), "bytes")
    done_bytes = 0

    def on_bytes(end_offset: int) -> None:
        nonlocal done_bytes
        staging.check_stop()
        teller.advance(end_offset - done_bytes)
        done_bytes = end_offset

    return on_bytes


@contextmanager
def on_disk(file: FoundFile, staging: StagingFolder) -> Iterator[Path]:
    """Give a path of the file, brought out of its zip for as long as it is needed."""
    if file.path is not None:
        yield file.path
        return
    path = staging.new_path()
    try:
        with file.open() as stream, path.open("wb") as copy:
            while piece := stream.read(PIECE_BYTES):
                copy.write(piece)
        yield path
    except READ_ERRORS as reason:
        raise error("data.index_damaged", file=posixpath.basename(file.name)) from reason
    finally:
        path.unlink(missing_ok=True)
