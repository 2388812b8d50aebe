"""The rows of a csv in pieces, each read at full speed if its form is plain.

Takes   an open csv whose beginning was read.
Gives   frames of text, the line of each row, and every row with too few or too many cells.
Never   shifts, fills or cuts a row: before Polars reads a piece, its cells are counted.

A piece whose form is not plain is read by the csv module instead, record by record; so is
one that Polars refuses.
Neighbours: `csv_head` reads the first row, `csv_bytes` looks at quotes, line ends and cells
as bytes, `column_storage` keeps what comes from here.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np
import polars as pl

from blockwright.contracts.data import RowProblem
from blockwright.contracts.problems import error, problem
from blockwright.datasets.csv_bytes import RETURN, Lines, Piece, read_piece
from blockwright.datasets.csv_head import CsvHead, TableLimits, exact_records

CHUNK_BYTES = 16 << 20
FIRST_BYTES = 1 << 20

Schema = dict[str, type[pl.DataType]]


@dataclass(frozen=True)
class CsvSource:
    """An open csv whose beginning was read, and what it is called in messages."""

    file: BinaryIO
    name: str
    head: CsvHead
    limits: TableLimits

    @property
    def width(self) -> int:
        """How many cells a row has."""
        return len(self.head.names)

    def wrong_width(self, line: int, cells: int) -> RowProblem:
        """Say that a row has too few or too many cells."""
        wrong = problem(
            "data.line_cells", file=self.name, line=line, cells=cells, columns=self.width
        )
        return RowProblem(item=f"{self.name}: {line}", problem=wrong)


@dataclass
class Chunk:
    """Some rows: cells as text or as asked for, null where empty.

    `lines` is the line where each begins, `end_offset` the byte behind them. At most
    `zero_starts` cells begin with a zero and another digit; None if that is not known, or
    if some may begin with a sign, so that every number needs a closer look.
    """

    cells: pl.DataFrame
    lines: Lines
    rows_found: int
    problems: list[RowProblem] = field(default_factory=list)
    zero_starts: int | None = None
    end_offset: int = 0
    as_text: Callable[[list[str]], pl.DataFrame] | None = None


def read_chunks(
    source: CsvSource, *, schema: Callable[[], Schema], chunk_bytes: int = CHUNK_BYTES
) -> Generator[Chunk, None, None]:
    """Read the rows after the head, in order.

    Args:
        source: The csv.
        schema: Asked before each piece for the columns to read, and as what. A piece that
            holds something else comes as text.
        chunk_bytes: How many bytes are looked at together; the first piece is smaller.

    Raises:
        BlockwrightError: As `csv_head.exact_records`.
    """
    head = source.head
    line = head.line
    # While Polars makes cells of one piece, the next is looked at.
    with ThreadPoolExecutor(1) as pool:
        first = min(chunk_bytes, FIRST_BYTES)
        piece = read_piece(source.file, head.offset, first, head.delimiter)
        while piece is not None:
            ask = (source.file, piece.end, chunk_bytes, head.delimiter)
            following = pool.submit(read_piece, *ask) if piece.is_plain else None
            chunk, wanted = None, schema()
            if piece.is_plain:
                chunk = _read_plain(piece, source, line, wanted)
            if chunk is not None:
                line += piece.newlines
            else:
                if following is not None:  # they read the same file: one after the other
                    following.result()
                    following = None
                chunk, line = _read_exactly(source, piece, line, list(wanted))
            yield chunk
            if following is not None:
                piece = following.result()
            else:
                piece = read_piece(source.file, chunk.end_offset, chunk_bytes, head.delimiter)


def _read_plain(piece: Piece, source: CsvSource, line: int, wanted: Schema) -> Chunk | None:
    """Read a plain piece with Polars; None when the exact reader has to look at it."""
    head = source.head
    lengths = piece.ends + 1 - piece.starts
    if int(lengths.max()) > source.limits.max_field_bytes:
        return None
    chunk = Chunk(
        pl.DataFrame(),
        piece.lines(line),
        len(piece.ends),
        zero_starts=piece.zero_starts,
        end_offset=piece.end,
    )
    content = piece.content
    blank = (lengths == 1) | ((lengths == 2) & (piece.array[piece.starts] == RETURN))
    doubled = bool((np.diff(piece.quotes) == 1).any())
    frame = None
    if not blank.any():
        frame = _by_polars(content, head, wanted, doubled_quotes=doubled)
    if frame is None or not _all_are_whole(frame, piece, head):
        cells = piece.cells_of_rows(head.delimiter)
        good = (cells == source.width) & ~blank
        chunk.problems = [
            source.wrong_width(int(chunk.lines[row]), int(cells[row]))
            for row in np.flatnonzero(~good & ~blank)
        ]
        content = piece.array[np.repeat(good, lengths)].tobytes()
        frame = _by_polars(content, head, wanted, doubled_quotes=doubled)
        chunk.lines = chunk.lines[good]
        chunk.rows_found -= int(blank.sum())
    if frame is None or frame.height != len(chunk.lines):
        return None
    chunk.cells = frame
    chunk.as_text = _text_reader(content, head)
    return chunk


def _all_are_whole(frame: pl.DataFrame, piece: Piece, head: CsvHead) -> bool:
    """Tell whether no row was too short: Polars refuses one that is too long, but fills these."""
    last = head.names[-1]
    if frame.width == len(head.names) and not frame[last].null_count():
        return frame.height == len(piece.ends)
    return piece.delimiters(head.delimiter) == len(piece.ends) * (len(head.names) - 1)


def _text_reader(content: bytes, head: CsvHead) -> Callable[[list[str]], pl.DataFrame]:
    def as_text(columns: list[str]) -> pl.DataFrame:
        frame = _polars_frame(content, head, dict.fromkeys(columns, pl.String))
        return _empty_as_null(frame)

    return as_text


def _by_polars(
    content: bytes, head: CsvHead, wanted: Schema, *, doubled_quotes: bool
) -> pl.DataFrame | None:
    """Read plain rows as `wanted`, else as text; None if Polars refuses them."""
    if not content:
        return pl.DataFrame(schema=dict.fromkeys(wanted, pl.String))
    as_text: Schema = dict.fromkeys(wanted, pl.String)
    for each in (wanted, as_text) if wanted != as_text else (wanted,):
        try:
            frame = _polars_frame(content, head, each)
        except pl.exceptions.PolarsError:
            continue
        # A quoted empty cell is as empty as one without quotes.
        return _empty_as_null(frame) if doubled_quotes else frame
    return None


def _polars_frame(content: bytes, head: CsvHead, wanted: Schema) -> pl.DataFrame:
    schema: Schema = {name: wanted.get(name, pl.String) for name in head.names}
    columns = None
    if len(wanted) < len(head.names):
        columns = [number for number, name in enumerate(head.names) if name in wanted]
    frame = pl.read_csv(
        content, has_header=False, schema=schema, separator=head.delimiter, columns=columns
    )
    return frame.select(list(wanted))


def _empty_as_null(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.when(pl.col(pl.String) != "").then(pl.col(pl.String)))


def _read_exactly(
    source: CsvSource, piece: Piece, line: int, columns: list[str]
) -> tuple[Chunk, int]:
    """Read the records of a piece one by one, the last of them to its end.

    Returns:
        The rows, and the line where the next record begins.
    """
    names, rows, lines = source.head.names, [], []
    chunk = Chunk(pl.DataFrame(), np.zeros(0, np.int64), 0)
    for record in exact_records(
        source.file,
        source.name,
        source.head.delimiter,
        source.limits,
        offset=piece.offset,
        line=line,
    ):
        if record.cells:
            chunk.rows_found += 1
            if len(record.cells) == len(names):
                rows.append(record.cells)
                lines.append(record.line)
            else:
                chunk.problems.append(source.wrong_width(record.line, len(record.cells)))
        chunk.end_offset, line = record.next_offset, record.next_line
        if chunk.end_offset >= piece.end:
            break
    by_column = list(zip(*rows, strict=True)) or [()] * len(names)
    cells = dict(zip(names, by_column, strict=True))
    chunk.cells = _empty_as_null(
        pl.DataFrame([pl.Series(each, cells[each], pl.String) for each in columns])
    )
    chunk.lines = np.array(lines, np.int64)
    return chunk, line


def require_rows(rows_found: int, name: str, limits: TableLimits) -> None:
    """Refuse a table with more rows than allowed.

    Raises:
        BlockwrightError: `data.index_too_long`.
    """
    if rows_found > limits.max_rows:
        raise error("data.index_too_long", file=name, most=limits.max_rows)
