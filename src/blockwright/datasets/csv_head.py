"""The beginning of a csv: its encoding, its delimiter, the names of its columns.

Takes   an open file.
Gives   where the rows begin, what separates the cells, and the names.
Never   guesses an encoding: what is not UTF-8 is refused in words.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Literal

from blockwright.contracts.problems import error

Delimiter = Literal["auto", ",", ";", "\t", "|"]
DELIMITERS = (",", ";", "\t", "|")
MAX_FIELD_BYTES = 1 << 20
MAX_ROW_BYTES = 16 << 20
SAMPLE_BYTES = 256 << 10
SAMPLE_RECORDS = 200

UTF8_MARK = b"\xef\xbb\xbf"
# Longest first: the mark of UTF-32 begins with that of UTF-16.
OTHER_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)


@dataclass(frozen=True)
class TableLimits:
    """How large a table may be; what is larger is refused in words."""

    max_rows: int = 10_000_000
    max_columns: int = 16_384
    max_field_bytes: int = MAX_FIELD_BYTES
    max_row_bytes: int = MAX_ROW_BYTES


@dataclass(frozen=True)
class CsvHead:
    """What the beginning of a csv tells; `offset` and `line` are where its rows begin."""

    names: list[str]
    delimiter: str
    offset: int
    line: int


def read_head(file: BinaryIO, name: str, delimiter: Delimiter, limits: TableLimits) -> CsvHead:
    """Read encoding, delimiter and column names.

    Args:
        file: At any position; it is left at any position.
        name: What the file is called in a message.
        delimiter: What separates the cells, or `auto` to find it by looking.
        limits: The most columns, and the longest row and cell.

    Raises:
        BlockwrightError: `data.table_other_encoding`, `data.table_not_utf8`,
            `data.index_empty`, `data.index_too_wide`, `data.index_column_without_name`,
            `data.index_duplicate_column`, or as `exact_records`.
    """
    file.seek(0)
    sample = file.read(SAMPLE_BYTES)
    for mark, encoding in OTHER_MARKS:
        if sample.startswith(mark):
            raise error("data.table_other_encoding", file=name, encoding=encoding)
    # UTF-16 without a mark: every other byte of latin text is 0.
    first = sample[:2_000]
    if max(first[::2].count(0), first[1::2].count(0)) * 4 > len(first) > 3:
        raise error("data.table_other_encoding", file=name, encoding="UTF-16")
    start = len(UTF8_MARK) if sample.startswith(UTF8_MARK) else 0
    found = find_delimiter(sample[start:]) if delimiter == "auto" else delimiter
    for record in exact_records(file, name, found, limits, offset=start, line=1):
        if record.cells:
            check_names(record.cells, name, limits.max_columns)
            return CsvHead(record.cells, found, record.next_offset, record.next_line)
    raise error("data.index_empty", file=name)


def check_names(names: list[str], file: str, max_columns: int) -> None:
    """Refuse names that are empty, doubled or too many.

    Raises:
        BlockwrightError: `data.index_too_wide`, `data.index_column_without_name`,
            `data.index_duplicate_column`.
    """
    if len(names) > max_columns:
        raise error("data.index_too_wide", file=file, columns=len(names), most=max_columns)
    seen: set[str] = set()
    for position, name in enumerate(names, start=1):
        if not name.strip():
            raise error("data.index_column_without_name", file=file, position=position)
        if name in seen:
            raise error("data.index_duplicate_column", file=file, column=name[:100])
        seen.add(name)


def find_delimiter(sample: bytes) -> str:
    """Give the delimiter that makes the first rows most alike, a comma if none does.

    Only a delimiter that stands in the first row is considered; between those, the one
    that gives most rows as many cells as the first row has, then the one with more cells.
    """
    text = sample.decode("utf-8", errors="replace")
    best, best_score = ",", (0.0, 1)
    for delimiter in DELIMITERS:
        widths = _widths(text, delimiter)
        if not widths or widths[0] < 2:
            continue
        alike = sum(width == widths[0] for width in widths) / len(widths)
        if (alike, widths[0]) > best_score:
            best, best_score = delimiter, (alike, widths[0])
    return best


def _widths(text: str, delimiter: str) -> list[int]:
    """Count the cells of the first records; the last may be cut off and is not counted."""
    widths: list[int] = []
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if cells:
                widths.append(len(cells))
            if len(widths) > SAMPLE_RECORDS:
                break
    except csv.Error:
        pass  # an endless quote: the records before it tell enough
    return widths[:-1] if len(widths) > 2 else widths


@dataclass(frozen=True)
class Record:
    """One record, read exactly: its cells, its first line, and where the next begins."""

    cells: list[str]
    line: int
    next_offset: int
    next_line: int


def exact_records(
    file: BinaryIO, name: str, delimiter: str, limits: TableLimits, *, offset: int, line: int
) -> Iterator[Record]:
    r"""Read records one by one with the csv module, strictly.

    Lines end with ``\n``, ``\r\n`` or ``\r``; a blank line gives a record without cells.

    Args:
        file: The csv.
        name: What it is called in a message.
        delimiter: What separates the cells.
        limits: The longest row and cell.
        offset: Byte where the first record begins.
        line: The number of its line.

    Raises:
        BlockwrightError: `data.table_not_utf8`, `data.table_zero_byte`,
            `data.table_row_too_long`, `data.table_cell_too_long`, `data.index_unreadable`.
    """
    # The module counts characters and its limit is one for the process: bytes are counted here.
    csv.field_size_limit(max(MAX_FIELD_BYTES, limits.max_field_bytes))
    state = _Place(offset, line)
    begun = _Place(offset, line)
    reader = csv.reader(
        _text_lines(file, name, limits, state, begun), delimiter=delimiter, strict=True
    )
    try:
        for cells in reader:
            longest = max(map(len, cells), default=0) * 4 > limits.max_field_bytes
            if longest and any(
                len(cell.encode("utf-8")) > limits.max_field_bytes for cell in cells
            ):
                raise error(
                    "data.table_cell_too_long",
                    file=name,
                    line=begun.line,
                    most_kb=limits.max_field_bytes >> 10,
                )
            yield Record(cells, begun.line, state.offset, state.line)
            begun.offset, begun.line = state.offset, state.line
    except csv.Error as reason:
        raise error(
            "data.index_unreadable", file=name, line=begun.line, reason=str(reason)
        ) from reason


@dataclass
class _Place:
    offset: int
    line: int


def _text_lines(
    file: BinaryIO, name: str, limits: TableLimits, state: _Place, begun: _Place
) -> Iterator[str]:
    """Give the lines as text, and keep in `state` how far they reach."""
    for line in _byte_lines(file, state.offset, name, limits, state):
        if b"\0" in line:
            raise error("data.table_zero_byte", file=name, line=state.line)
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as reason:
            byte = state.offset + reason.start
            raise error(
                "data.table_not_utf8",
                file=name,
                line=state.line,
                byte=byte,
                value=f"0x{line[reason.start]:02X}",
            ) from reason
        state.offset += len(line)
        state.line += 1
        if state.offset - begun.offset > limits.max_row_bytes:
            raise _row_too_long(name, begun.line, limits)
        yield text


def _byte_lines(
    file: BinaryIO, offset: int, name: str, limits: TableLimits, state: _Place
) -> Iterator[bytes]:
    r"""Give the lines with their ends; a ``\r`` at the end of a block waits for its ``\n``."""
    carry = b""
    while True:
        file.seek(offset)
        block = file.read(SAMPLE_BYTES)
        offset += len(block)
        if not block:
            break
        lines = (carry + block).splitlines(keepends=True)
        carry = lines.pop()
        yield from lines
        if len(carry) > limits.max_row_bytes:
            raise _row_too_long(name, state.line, limits)
    yield from carry.splitlines(keepends=True)


def _row_too_long(name: str, line: int, limits: TableLimits) -> Exception:
    return error(
        "data.table_row_too_long", file=name, line=line, most_mb=limits.max_row_bytes >> 20
    )
