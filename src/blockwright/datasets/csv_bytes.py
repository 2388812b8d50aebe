"""A piece of a csv as bytes: where its rows end, and whether its form is plain.

Takes   an open csv and where a record begins.
Gives   the next whole records as bytes, and what the bytes tell about them.
Never   makes cells: `csv_chunks` has them made by Polars, or by the csv module if the form
        is odd (a quote within a cell that does not begin with one, a lone carriage return).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from blockwright.datasets.csv_head import UTF8_MARK

LOOK_BYTES = 256 << 10  # stays in cache
NEWLINE, RETURN, QUOTE, MINUS, ZERO = 10, 13, 34, 45, 48

Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Lines = npt.NDArray[np.int64]


@dataclass
class Piece:
    """Whole records from `offset` on, up to the byte before `end`.

    `quotes` has the places of all quotes, `ends` those of the line ends that end a record.
    If `is_plain`, the bytes alone say where each cell begins and ends, and at most
    `zero_starts` cells begin with a zero and another digit (None: not known, or some may
    begin with a sign or a space).
    """

    content: bytes
    offset: int
    end: int
    quotes: Lines
    ends: Lines
    is_plain: bool = False
    zero_starts: int | None = None

    @cached_property
    def array(self) -> Bytes:
        """The bytes as numbers."""
        return np.frombuffer(self.content, np.uint8)

    @cached_property
    def inside(self) -> Mask:
        """Which bytes stand between quotes (of the quotes themselves, those that open)."""
        lengths = np.diff(self.quotes, prepend=0, append=len(self.array))
        return np.repeat(np.arange(len(lengths)) % 2 == 1, lengths)

    @cached_property
    def starts(self) -> Lines:
        """Where each record begins."""
        return np.concatenate(([0], self.ends[:-1] + 1)) if len(self.ends) else self.ends

    def delimiters(self, delimiter: str) -> int:
        """Count the delimiters outside of quotes."""
        byte, array = ord(delimiter), self.array
        blocks = range(0, len(array), LOOK_BYTES)
        count = sum(
            int(np.count_nonzero(array[begin : begin + LOOK_BYTES] == byte)) for begin in blocks
        )
        opening, closing = self.quotes[::2], self.quotes[1::2]
        lengths = closing - opening
        if int(lengths.sum()) * 8 > len(array):
            return int(np.count_nonzero((array == byte) & ~self.inside))
        # Few bytes stand between quotes: these alone are looked at.
        before = np.cumsum(lengths) - lengths
        between = np.repeat(opening - before, lengths) + np.arange(int(lengths.sum()))
        return count - int(np.count_nonzero(array[between] == byte))

    @property
    def newlines(self) -> int:
        """How many lines there are."""
        if not len(self.quotes):
            return len(self.ends)
        return int(np.count_nonzero(self.array == NEWLINE))

    def lines(self, first: int) -> Lines:
        """Give the line of each record, if the first line is `first`."""
        if not len(self.quotes):
            return np.arange(first, first + len(self.ends), dtype=np.int64)
        newlines = np.flatnonzero(self.array == NEWLINE)
        return first + np.searchsorted(newlines, self.starts).astype(np.int64)

    def cells_of_rows(self, delimiter: str) -> npt.NDArray[np.int32]:
        """Count the cells of each record."""
        delimiters = self.array == ord(delimiter)
        if len(self.quotes):
            delimiters &= ~self.inside
        counts: npt.NDArray[np.int32] = np.add.reduceat(
            delimiters.view(np.uint8), self.starts, dtype=np.int32
        )
        return counts + 1


def read_piece(file: BinaryIO, offset: int, size: int, delimiter: str) -> Piece | None:
    """Read about `size` bytes of whole records and look at them; None at the end of the file.

    A piece that is not plain may end within a record.
    """
    content, is_last = _read_to_line_end(file, offset, size)
    if not content:
        return None
    piece = _whole_records(content, offset, is_last=is_last)
    if len(piece.ends) and _is_plain(piece, delimiter):
        piece.is_plain = True
        piece.zero_starts = _zero_starts(piece, delimiter)
    return piece


def _read_to_line_end(file: BinaryIO, offset: int, size: int) -> tuple[bytes, bool]:
    """Read about `size` bytes up to the end of a line; tell whether the file ends there."""
    file.seek(offset + size)
    rest = len(file.readline(size))
    file.seek(offset)
    content = file.read(size + rest)
    return content, len(content) < size + max(rest, 1)


def _whole_records(content: bytes, offset: int, *, is_last: bool) -> Piece:
    """Cut behind the last record that is whole; there are no `ends` if none is."""
    end = offset + len(content)
    nothing = Piece(content, offset, end, np.zeros(0, np.int64), np.zeros(0, np.int64))
    if is_last and not content.endswith(b"\n"):
        content += b"\n"
    array = np.frombuffer(content, np.uint8)
    quotes = _places(array, QUOTE) if QUOTE in content else np.zeros(0, np.int64)
    if is_last and len(quotes) % 2:
        return nothing  # a quote that is never closed
    ends = _places(array, NEWLINE)
    if len(quotes):  # behind an odd number of quotes, a line end belongs to a cell
        ends = ends[np.searchsorted(quotes, ends) % 2 == 0]
    if not len(ends):
        return nothing
    cut = int(ends[-1]) + 1
    if cut < len(content):
        content, quotes = content[:cut], quotes[quotes < cut]
    return Piece(content, offset, min(end, offset + cut), quotes, ends)


def _places(array: Bytes, byte: int) -> Lines:
    """Find a byte, a little at a time: what is looked at stays in cache."""
    found = []
    for begin in range(0, len(array), LOOK_BYTES):
        is_there = array[begin : begin + LOOK_BYTES] == byte
        # The byte is rare: most groups of 8 answers are passed over as one number.
        whole = len(is_there) // 8 * 8
        groups = np.flatnonzero(is_there[:whole].view(np.uint64) != 0)
        among = np.flatnonzero(is_there[:whole].reshape(-1, 8)[groups])
        found.append(groups[among >> 3] * 8 + (among & 7) + begin)
        found.append(np.flatnonzero(is_there[whole:]) + whole + begin)
    return np.concatenate(found)


def _is_plain(piece: Piece, delimiter: str) -> bool:
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


def _zero_starts(piece: Piece, delimiter: str) -> int | None:
    """Count the places where a cell may begin with a zero and another digit.

    None if a cell may begin with a minus and such a zero, with a plus, or with a space
    (which Polars leaves out before a number).
    """
    content, array, inner = piece.content, piece.array, piece.ends[:-1]
    before_a_cell = [ord(delimiter), NEWLINE, *([QUOTE] if len(piece.quotes) else [])]
    for sign in {b"+", b" ", b"\t"} - {delimiter.encode()}:
        if sign in content and any(bytes([each]) + sign in content for each in before_a_cell):
            return None
    if content[:1] in {b"+", b" ", b"\t"}:
        return None
    # What stands before the first byte is a line's end too.
    if content[:2] == b"-0" and content[2:3].isdigit():
        return None
    count = int(content[:1] == b"0" and content[1:2].isdigit())
    # Behind the last line end but one, a cell or a blank line and the last line end follow.
    for few in (inner, piece.quotes):
        after = few[array[few + 1] == ZERO]
        count += int(np.count_nonzero(array[after + 2] - ZERO < 10))
    for begin in range(0, len(array), LOOK_BYTES):
        some = array[begin : begin + LOOK_BYTES + 2]
        zeros = (some[1:-1] == ZERO) & (some[2:] - ZERO < 10)
        count += int(np.count_nonzero(zeros & (some[:-2] == ord(delimiter))))
        zeros &= some[:-2] == MINUS
        if zeros.any():  # rare, but for exponents such as e-05
            minus = np.flatnonzero(zeros) + begin
            if np.isin(array[minus[minus > 0] - 1], before_a_cell).any():
                return None
    return count
