"""The rows of a csv in pieces, each read at full speed if its form is plain.

Takes   an open csv whose beginning was read.
Gives   frames of text, the line of each row, and every row with too few or too many cells.
Never   shifts, fills or cuts a row: before Polars reads a piece, its cells are counted.

Quotes, line ends and cells are looked at as bytes first. A piece with an odd form (a
quote within a cell that does not begin with one, a lone carriage return) is read by the
csv module instead, record by record; so is a piece that Polars refuses.
Neighbours: `csv_head` reads the first row, `column_storage` keeps what comes from here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import polars as pl

from blockwright.contracts.data import RowProblem
from blockwright.contracts.problems import error, problem
from blockwright.datasets.csv_head import UTF8_MARK, CsvHead, TableLimits, exact_records

CHUNK_BYTES = 16 << 20
LOOK_BYTES = 256 << 10  # stays in cache
NEWLINE, RETURN, QUOTE, ZERO = 10, 13, 34, 48

Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Lines = npt.NDArray[np.int64]


@dataclass
class Chunk:
    """Some rows: cells as text (null where empty), and the line where each begins.

    `odd_numbers` is False when no cell begins with a plus or with a zero and another
    digit, so that no number needs a closer look; `end_offset` is the byte behind the rows.
    """

    cells: pl.DataFrame
    lines: Lines
    rows_found: int
    problems: list[RowProblem] = field(default_factory=list)
    odd_numbers: bool = True
    end_offset: int = 0


@dataclass
class _Piece:
    """Whole records as bytes, and which of its line ends end a record."""

    content: bytes
    array: Bytes
    inside: Mask | None
    ends: Lines


def read_chunks(
    file: BinaryIO,
    name: str,
    head: CsvHead,
    limits: TableLimits,
    *,
    columns: list[str] | None = None,
    chunk_bytes: int = CHUNK_BYTES,
) -> Iterator[Chunk]:
    """Read the rows after the head, in order.

    Args:
        file: The csv.
        name: What it is called in a message.
        head: Its beginning.
        limits: The longest row and cell.
        columns: Which columns to read; all if not given.
        chunk_bytes: How many bytes are looked at together.

    Raises:
        BlockwrightError: As `csv_head.exact_records`.
    """
    offset, line = head.offset, head.line
    while True:
        file.seek(offset)
        content = file.read(chunk_bytes)
        if not content:
            return
        piece = _whole_records(content, is_last=len(content) < chunk_bytes)
        chunk = None
        if piece is not None and _is_plain(piece, head.delimiter):
            chunk = _read_plain(piece, name, head, limits, line, columns)
        if chunk is not None and piece is not None:
            offset += min(len(piece.content), len(content))
            line += int(np.count_nonzero(piece.array == NEWLINE))
        else:
            goal = offset + (len(piece.content) if piece is not None else len(content))
            chunk, offset, line = _read_exactly(
                file, name, head, limits, (offset, line, goal), columns
            )
        chunk.end_offset = offset
        yield chunk


def _whole_records(content: bytes, *, is_last: bool) -> _Piece | None:
    """Cut behind the last record that is whole; None when there is none."""
    if is_last and not content.endswith(b"\n"):
        content += b"\n"
    array = np.frombuffer(content, np.uint8)
    newlines = array == NEWLINE
    inside = None
    if QUOTE in content:
        # 256 quotes are an even number, so counting in a byte keeps odd and even apart.
        inside = (np.cumsum(array == QUOTE, dtype=np.uint8) & 1).view(np.bool_)
        if is_last and inside[-1]:
            return None  # a quote that is never closed
        newlines = newlines & ~inside
    ends = np.flatnonzero(newlines)
    if not len(ends):
        return None
    cut = int(ends[-1]) + 1
    inside = inside[:cut] if inside is not None else None
    return _Piece(content[:cut] if cut < len(content) else content, array[:cut], inside, ends)


def _is_plain(piece: _Piece, delimiter: str) -> bool:
    """Tell whether bytes alone say where each cell of a piece begins and ends."""
    content, array = piece.content, piece.array
    if 0 in content or content.startswith(UTF8_MARK):
        return False
    if RETURN in content and content.count(b"\r") != content.count(b"\r\n"):
        return False
    if not content.isascii():
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            return False
    if piece.inside is None:
        return True
    quotes = np.flatnonzero(array == QUOTE)
    opening, closing = quotes[::2], quotes[1::2]
    before = array[opening - 1][opening > 0]
    after = array[closing + 1]
    return bool(
        np.isin(before, (ord(delimiter), NEWLINE, QUOTE)).all()
        and np.isin(after, (ord(delimiter), NEWLINE, RETURN, QUOTE)).all()
    )


def _read_plain(
    piece: _Piece,
    name: str,
    head: CsvHead,
    limits: TableLimits,
    line: int,
    columns: list[str] | None,
) -> Chunk | None:
    """Read a plain piece with Polars; None when the exact reader has to look at it."""
    starts = np.concatenate(([0], piece.ends[:-1] + 1))
    lengths = piece.ends + 1 - starts
    if int(lengths.max()) > limits.max_field_bytes:
        return None
    delimiters = piece.array == ord(head.delimiter)
    if piece.inside is not None:
        delimiters &= ~piece.inside
    chunk = Chunk(
        pl.DataFrame(),
        _lines_of(piece, starts, line),
        len(starts),
        odd_numbers=_has_odd_numbers(piece.content, piece.array, head.delimiter),
    )
    blank = (lengths == 1) | ((lengths == 2) & (piece.array[starts] == RETURN))
    # Polars refuses a row that is too long: if the sum is right, none is too short either.
    if not blank.any() and np.count_nonzero(delimiters) == len(starts) * (len(head.names) - 1):
        frame = _by_polars(piece.content, head, columns)
        if frame is not None and frame.height == len(starts):
            chunk.cells = frame
            return chunk
    cells = np.add.reduceat(delimiters.view(np.uint8), starts, dtype=np.int32) + 1
    good = (cells == len(head.names)) & ~blank
    chunk.problems = [
        _wrong_width(name, int(chunk.lines[row]), int(cells[row]), len(head.names))
        for row in np.flatnonzero(~good & ~blank)
    ]
    frame = _by_polars(piece.array[np.repeat(good, lengths)].tobytes(), head, columns)
    if frame is None or frame.height != int(good.sum()):
        return None
    chunk.cells, chunk.lines = frame, chunk.lines[good]
    chunk.rows_found -= int(blank.sum())
    return chunk


def _lines_of(piece: _Piece, starts: Lines, line: int) -> Lines:
    if piece.inside is None:
        return np.arange(line, line + len(starts), dtype=np.int64)
    newlines = np.flatnonzero(piece.array == NEWLINE)
    return line + np.searchsorted(newlines, starts).astype(np.int64)


def _by_polars(content: bytes, head: CsvHead, columns: list[str] | None) -> pl.DataFrame | None:
    schema = dict.fromkeys(head.names, pl.String)
    wanted = head.names if columns is None else columns
    if not content:
        return pl.DataFrame(schema=dict.fromkeys(wanted, pl.String))
    try:
        frame = pl.read_csv(
            content, has_header=False, schema=schema, separator=head.delimiter, columns=columns
        )
    except pl.exceptions.PolarsError:
        return None
    if b'""' in content:  # a quoted empty cell is as empty as one without quotes
        frame = _empty_as_null(frame)
    return frame.select(wanted)


def _empty_as_null(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.when(pl.all() != "").then(pl.all()))


def _has_odd_numbers(content: bytes, array: Bytes, delimiter: str) -> bool:
    """Tell whether a cell may begin with a plus, or with a zero and another digit."""
    if b"+" in content and any(
        before + b"+" in content for before in (delimiter.encode(), b"\n", b'"', b" ")
    ):
        return True
    if content[:1] == b"0":
        return True
    starts_a_cell = np.zeros(256, np.bool_)
    starts_a_cell[[ord(delimiter), NEWLINE, QUOTE, *b" \t+-"]] = True
    for begin in range(0, len(array), LOOK_BYTES):
        some = array[begin : begin + LOOK_BYTES + 2]
        places = np.flatnonzero((some[1:-1] == ZERO) & (some[2:] - ZERO < 10))
        if starts_a_cell[some[places]].any():
            return True
    return False


def _read_exactly(
    file: BinaryIO,
    name: str,
    head: CsvHead,
    limits: TableLimits,
    place: tuple[int, int, int],
    columns: list[str] | None,
) -> tuple[Chunk, int, int]:
    """Read records one by one until `goal`; give the rows and where the next record begins."""
    offset, line, goal = place
    rows: list[list[str]] = []
    chunk = Chunk(pl.DataFrame(), np.zeros(0, np.int64), 0)
    lines: list[int] = []
    for record in exact_records(file, name, head.delimiter, limits, offset=offset, line=line):
        if record.cells:
            chunk.rows_found += 1
            if len(record.cells) == len(head.names):
                rows.append(record.cells)
                lines.append(record.line)
            else:
                wrong = _wrong_width(name, record.line, len(record.cells), len(head.names))
                chunk.problems.append(wrong)
        offset, line = record.next_offset, record.next_line
        if offset >= goal:
            break
    by_column = list(zip(*rows, strict=True)) or [()] * len(head.names)
    frame = pl.DataFrame(
        {
            each: pl.Series(each, cells, pl.String)
            for each, cells in zip(head.names, by_column, strict=True)
        }
    )
    chunk.cells = _empty_as_null(frame.select(columns) if columns is not None else frame)
    chunk.lines = np.array(lines, np.int64)
    return chunk, offset, line


def _wrong_width(name: str, line: int, cells: int, columns: int) -> RowProblem:
    wrong = problem("data.line_cells", file=name, line=line, cells=cells, columns=columns)
    return RowProblem(item=f"{name}: {line}", problem=wrong)


def require_rows(rows_found: int, name: str, limits: TableLimits) -> None:
    """Refuse a table with more rows than allowed.

    Raises:
        BlockwrightError: `data.index_too_long`.
    """
    if rows_found > limits.max_rows:
        raise error("data.index_too_long", file=name, most=limits.max_rows)
