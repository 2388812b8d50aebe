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

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import polars as pl

from blockwright.contracts.data import RowProblem
from blockwright.contracts.problems import error, problem
from blockwright.datasets.csv_head import UTF8_MARK, CsvHead, TableLimits, exact_records

CHUNK_BYTES = 16 << 20
FIRST_BYTES = 1 << 20
LOOK_BYTES = 256 << 10  # stays in cache
NEWLINE, RETURN, QUOTE, MINUS, ZERO = 10, 13, 34, 45, 48

Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Lines = npt.NDArray[np.int64]
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


@dataclass
class _Piece:
    """Whole records as bytes, where its quotes are, and which line ends end a record."""

    content: bytes
    array: Bytes
    quotes: Lines
    ends: Lines

    @cached_property
    def inside(self) -> Mask:
        """Which bytes stand between quotes (of the quotes themselves, those that open)."""
        lengths = np.diff(self.quotes, prepend=0, append=len(self.array))
        return np.repeat(np.arange(len(lengths)) % 2 == 1, lengths)


def read_chunks(
    source: CsvSource, *, schema: Callable[[], Schema], chunk_bytes: int = CHUNK_BYTES
) -> Iterator[Chunk]:
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
    offset, line = head.offset, head.line
    while True:
        wanted_bytes = chunk_bytes if offset > head.offset else min(chunk_bytes, FIRST_BYTES)
        content, is_last = _read_to_line_end(source.file, offset, wanted_bytes)
        if not content:
            return
        piece = _whole_records(content, is_last=is_last)
        chunk, wanted = None, schema()
        if piece is not None and _is_plain(piece, head.delimiter):
            chunk = _read_plain(piece, source, line, wanted)
        if chunk is not None and piece is not None:
            offset += min(len(piece.content), len(content))
            line += _newlines(piece)
        else:
            goal = offset + (len(piece.content) if piece is not None else len(content))
            chunk, line = _read_exactly(source, (offset, goal), line, list(wanted))
            offset = chunk.end_offset
        chunk.end_offset = offset
        yield chunk


def _read_to_line_end(file: BinaryIO, offset: int, size: int) -> tuple[bytes, bool]:
    """Read about `size` bytes up to the end of a line; tell whether the file ends there."""
    file.seek(offset + size)
    rest = len(file.readline(size))
    file.seek(offset)
    content = file.read(size + rest)
    return content, len(content) < size + max(rest, 1)


def _whole_records(content: bytes, *, is_last: bool) -> _Piece | None:
    """Cut behind the last record that is whole; None when there is none."""
    if is_last and not content.endswith(b"\n"):
        content += b"\n"
    array = np.frombuffer(content, np.uint8)
    quotes = _places(array, QUOTE) if QUOTE in content else np.zeros(0, np.int64)
    if is_last and len(quotes) % 2:
        return None  # a quote that is never closed
    ends = _places(array, NEWLINE)
    if len(quotes):  # behind an odd number of quotes, a line end belongs to a cell
        ends = ends[np.searchsorted(quotes, ends) % 2 == 0]
    if not len(ends):
        return None
    cut = int(ends[-1]) + 1
    if cut < len(content):
        content, array, quotes = content[:cut], array[:cut], quotes[quotes < cut]
    return _Piece(content, array, quotes, ends)


def _places(array: Bytes, byte: int) -> Lines:
    """Find a byte, a little at a time: what is looked at stays in cache."""
    blocks = range(0, len(array), LOOK_BYTES)
    return np.concatenate(
        [np.flatnonzero(array[begin : begin + LOOK_BYTES] == byte) + begin for begin in blocks]
    )


def _count_delimiters(piece: _Piece, delimiter: str) -> int:
    """Count the delimiters outside of quotes."""
    byte, array = ord(delimiter), piece.array
    blocks = range(0, len(array), LOOK_BYTES)
    count = sum(
        int(np.count_nonzero(array[begin : begin + LOOK_BYTES] == byte)) for begin in blocks
    )
    opening, closing = piece.quotes[::2], piece.quotes[1::2]
    lengths = closing - opening
    if int(lengths.sum()) * 8 > len(array):
        return int(np.count_nonzero((array == byte) & ~piece.inside))
    # Few bytes stand between quotes: these alone are looked at.
    before = np.cumsum(lengths) - lengths
    between = np.repeat(opening - before, lengths) + np.arange(int(lengths.sum()))
    return count - int(np.count_nonzero(array[between] == byte))


def _cells_of_rows(piece: _Piece, starts: Lines, delimiter: str) -> npt.NDArray[np.int32]:
    delimiters = piece.array == ord(delimiter)
    if len(piece.quotes):
        delimiters &= ~piece.inside
    counts: npt.NDArray[np.int32] = np.add.reduceat(
        delimiters.view(np.uint8), starts, dtype=np.int32
    )
    return counts + 1


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
    if not len(piece.quotes):
        return True
    opening, closing = piece.quotes[::2], piece.quotes[1::2]
    before = array[opening - 1][opening > 0]
    after = array[closing + 1]
    return bool(
        np.isin(before, (ord(delimiter), NEWLINE, QUOTE)).all()
        and np.isin(after, (ord(delimiter), NEWLINE, RETURN, QUOTE)).all()
    )


def _read_plain(piece: _Piece, source: CsvSource, line: int, wanted: Schema) -> Chunk | None:
    """Read a plain piece with Polars; None when the exact reader has to look at it."""
    head = source.head
    starts = np.concatenate(([0], piece.ends[:-1] + 1))
    lengths = piece.ends + 1 - starts
    if int(lengths.max()) > source.limits.max_field_bytes:
        return None
    chunk = Chunk(
        pl.DataFrame(),
        _lines_of(piece, starts, line),
        len(starts),
        zero_starts=_zero_starts(piece.content, piece.array, head.delimiter),
    )
    content = piece.content
    blank = (lengths == 1) | ((lengths == 2) & (piece.array[starts] == RETURN))
    # Polars refuses a row that is too long: if the sum is right, none is too short either.
    right = _count_delimiters(piece, head.delimiter) == len(starts) * (source.width - 1)
    doubled = bool((np.diff(piece.quotes) == 1).any())
    frame = None
    if right and not blank.any():
        frame = _by_polars(content, head, wanted, doubled_quotes=doubled)
    if frame is None:
        cells = _cells_of_rows(piece, starts, head.delimiter)
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


def _text_reader(content: bytes, head: CsvHead) -> Callable[[list[str]], pl.DataFrame]:
    def as_text(columns: list[str]) -> pl.DataFrame:
        frame = _polars_frame(content, head, dict.fromkeys(columns, pl.String))
        return _empty_as_null(frame)

    return as_text


def _newlines(piece: _Piece) -> int:
    if not len(piece.quotes):
        return len(piece.ends)
    return int(np.count_nonzero(piece.array == NEWLINE))


def _lines_of(piece: _Piece, starts: Lines, line: int) -> Lines:
    if not len(piece.quotes):
        return np.arange(line, line + len(starts), dtype=np.int64)
    newlines = np.flatnonzero(piece.array == NEWLINE)
    return line + np.searchsorted(newlines, starts).astype(np.int64)


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


def _zero_starts(content: bytes, array: Bytes, delimiter: str) -> int | None:
    """Count the places where a cell may begin with a zero and another digit.

    None if a cell may begin with a minus and such a zero, with a plus, or with a space
    (which Polars leaves out before a number).
    """
    before_a_cell = [ord(delimiter), NEWLINE, *([QUOTE] if QUOTE in content else [])]
    for sign in {b"+", b" ", b"\t"} - {delimiter.encode()}:
        if sign in content and any(bytes([each]) + sign in content for each in before_a_cell):
            return None
    if content[:1] in {b"+", b" ", b"\t"}:
        return None
    # What stands before the first byte is not looked at in the loop: it is a line's end.
    if content[:2] == b"-0" and content[2:3].isdigit():
        return None
    count = int(content[:1] == b"0" and content[1:2].isdigit())
    for begin in range(0, len(array), LOOK_BYTES):
        some = array[begin : begin + LOOK_BYTES + 2]
        zeros = (some[1:-1] == ZERO) & (some[2:] - ZERO < 10)
        before = some[:-2]
        for each in before_a_cell:
            count += int(np.count_nonzero(zeros & (before == each)))
        minus = np.flatnonzero(zeros & (before == MINUS)) + begin
        minus = minus[minus > 0]
        if len(minus) and np.isin(array[minus - 1], before_a_cell).any():
            return None
    return count


def _read_exactly(
    source: CsvSource, place: tuple[int, int], line: int, columns: list[str]
) -> tuple[Chunk, int]:
    """Read records one by one from the first byte of `place` until its second is reached.

    Returns:
        The rows, and the line where the next record begins.
    """
    offset, goal = place
    names, rows, lines = source.head.names, [], []
    chunk = Chunk(pl.DataFrame(), np.zeros(0, np.int64), 0)
    for record in exact_records(
        source.file, source.name, source.head.delimiter, source.limits, offset=offset, line=line
    ):
        if record.cells:
            chunk.rows_found += 1
            if len(record.cells) == len(names):
                rows.append(record.cells)
                lines.append(record.line)
            else:
                chunk.problems.append(source.wrong_width(record.line, len(record.cells)))
        chunk.end_offset, line = record.next_offset, record.next_line
        if chunk.end_offset >= goal:
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
