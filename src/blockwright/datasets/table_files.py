"""A csv as a table: every cell as it was written, every row that is none by its line.

Takes   the path of a csv (UTF-8; comma, semicolon, tab or bar).
Gives   columns of numbers or text, and the rows that were not taken, with their reason.
Never   shifts, fills, cuts or drops a row in silence, and guesses no encoding.

Memory is that of the stored columns and of one piece of the file, whatever its length.
Neighbours: `csv_head` and `csv_chunks` read, `column_storage` decides what is a number,
`column_types` proposes what a column is, `parquet_table` reads Parquet to the same table.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from blockwright.contracts.data import RowProblem
from blockwright.contracts.problems import Problem, error, problem
from blockwright.datasets.column_storage import ColumnStore
from blockwright.datasets.csv_chunks import CHUNK_BYTES, Chunk, CsvSource, read_chunks, require_rows
from blockwright.datasets.csv_head import Delimiter, TableLimits, read_head

DELIMITER_NAMES = {";": "semicolon", "\t": "tab", "|": "bar"}
DELIMITER_NAMES_ZH = {";": "分号", "\t": "制表符", "|": "竖线"}


@dataclass(frozen=True)
class CsvOptions:
    """What a person may say about a csv."""

    delimiter: Delimiter = "auto"


@dataclass
class TableRead:
    """A table, and what is to say about it.

    `source_lines` has the line (first is 1) of each row of a csv, or the number of each
    row of a Parquet file. `missing_words` tells, for columns of numbers, which words
    were read as “no value” and how often.
    """

    frame: pl.DataFrame
    problems: list[RowProblem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    delimiter: str = ","
    rows_found: int = 0
    source_lines: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    missing_words: dict[str, dict[str, int]] = field(default_factory=dict)


def read_csv(
    path: Path,
    options: CsvOptions | None = None,
    limits: TableLimits | None = None,
    *,
    name: str | None = None,
    chunk_bytes: int = CHUNK_BYTES,
    on_bytes: Callable[[int], None] | None = None,
) -> TableRead:
    """Read a csv.

    Args:
        path: The file.
        options: Its delimiter, if it shall not be found by looking.
        limits: The most rows and columns, the longest row and cell.
        name: What the file is called in messages; its own name if not given.
        chunk_bytes: How many bytes are looked at together.
        on_bytes: Told after each piece how many bytes were read; what it raises ends
            the reading.

    Raises:
        BlockwrightError: `data.cannot_open`, `data.table_…` or `data.index_…` when the
            file as a whole cannot be read.
    """
    options, limits = options or CsvOptions(), limits or TableLimits()
    name = name or path.name
    try:
        with path.open("rb") as file:
            head = read_head(file, name, options.delimiter, limits)
            table = _read(CsvSource(file, name, head, limits), chunk_bytes, on_bytes)
    except OSError as reason:
        raise error(
            "data.cannot_open", file=name, reason=reason.strerror or str(reason)
        ) from reason
    if options.delimiter == "auto" and table.delimiter in DELIMITER_NAMES:
        table.notes.append(_delimiter_note(table, name))
    return table


def _read(source: CsvSource, chunk_bytes: int, on_bytes: Callable[[int], None] | None) -> TableRead:
    head = source.head
    store = ColumnStore(head.names)
    table = TableRead(pl.DataFrame(), delimiter=head.delimiter)
    lines: list[npt.NDArray[np.int64]] = []
    # Closed at once when something is raised: it reads ahead from the file.
    with (
        closing(read_chunks(source, schema=store.schema, chunk_bytes=chunk_bytes)) as chunks,
        ThreadPoolExecutor(1) as behind,
    ):
        adding: Future[None] | None = None
        for chunk in chunks:
            table.rows_found += chunk.rows_found
            require_rows(table.rows_found, source.name, source.limits)
            table.problems.extend(chunk.problems)
            if adding is not None:
                adding.result()
            adding = behind.submit(_add, store, chunk)
            if not lines:  # the first rows tell as what the next are read
                adding.result()
            lines.append(chunk.lines)
            if on_bytes is not None:
                on_bytes(chunk.end_offset)
        if adding is not None:
            adding.result()
    if table.rows_found == 0:
        raise error("data.index_no_rows", file=source.name)
    if turned := store.turned():
        for chunk in read_chunks(source, schema=lambda: turned, chunk_bytes=chunk_bytes):
            store.again(chunk.cells)
    table.source_lines = np.concatenate(lines)
    table.missing_words = {each: dict(words) for each, words in store.missing_words.items()}
    table.frame = store.frame()
    return table


def _add(store: ColumnStore, chunk: Chunk) -> None:
    store.add(chunk.cells, zero_starts=chunk.zero_starts, as_text=chunk.as_text)


def _delimiter_note(table: TableRead, name: str) -> Problem:
    return problem(
        "data.delimiter_found",
        file=name,
        delimiter=DELIMITER_NAMES[table.delimiter],
        delimiter_zh=DELIMITER_NAMES_ZH[table.delimiter],
        columns=table.frame.width,
    )
