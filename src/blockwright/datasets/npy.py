"""Reading and writing `.npy` as streams, without ever unpickling.

Takes   a stream and the size it should have.
Gives   one array in memory, or appends arrays as rows of one growing file.
"""

from __future__ import annotations

import hashlib
import io
import math
import os
import struct
import threading
import tokenize
import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from blockwright.contracts.problems import error

FloatArray = npt.NDArray[np.float32]

MAX_ARRAY_BYTES = 1 << 28
# numpy's own bound on what it parses; longer headers are made to keep a parser busy.
MAX_HEADER_BYTES = 10_000
MAX_AXES = 32
_NUMBER_KINDS = "fiub"
_BUFFER_BYTES = 1 << 20
# numpy parses a header with Python's own parser, and two threads at once upset the tree
# builder of CPython 3.11 and 3.12 (its issue 106905); warning filters are not theirs alone
# either.
_parsing = threading.Lock()
# What numpy, and Python's reader of literals beneath it, raise over a header that lies.
_HEADER_FAULTS = (
    *(ValueError, KeyError, EOFError, SyntaxError, TypeError),
    *(struct.error, MemoryError, RecursionError, OverflowError, IndexError, AttributeError),
    tokenize.TokenError,
)


@dataclass(frozen=True)
class NpyHeader:
    """What an npy says of itself; `bytes_before` is where its numbers begin."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran_order: bool
    bytes_before: int

    @property
    def data_bytes(self) -> int:
        """Bytes of all numbers."""
        return math.prod(self.shape) * self.dtype.itemsize

    @property
    def is_rounded(self) -> bool:
        """Whether its numbers may have more digits than float32, as which they are kept."""
        return not np.can_cast(self.dtype, np.float32)


def read_header(
    stream: IO[bytes], file: str, file_bytes: int, most_bytes: int | None = MAX_ARRAY_BYTES
) -> NpyHeader:
    """Read the header of an npy and hold it against the size of its file.

    `most_bytes` None allows any size: for an npy whose rows are read piece by piece.

    Raises:
        BlockwrightError: `data.npy_corrupt`, `data.npy_not_numbers`, `data.npy_empty`,
            `data.npy_too_large`.
    """
    shape, fortran_order, dtype, bytes_before = _parse_header(stream, file)
    if dtype.hasobject or dtype.kind not in _NUMBER_KINDS:
        raise error("data.npy_not_numbers", file=file, dtype=dtype.kind)
    header = NpyHeader(shape, dtype, fortran_order, bytes_before)
    if len(shape) > MAX_AXES or any(size < 0 for size in shape):
        raise error("data.npy_corrupt", file=file)
    if header.bytes_before + header.data_bytes != file_bytes:
        raise error("data.npy_corrupt", file=file)
    if 0 in shape:
        raise error("data.npy_empty", file=file)
    largest = max(header.data_bytes, math.prod(shape) * 4)  # as in the file, and as float32
    if most_bytes is not None and largest > most_bytes:
        raise error(
            "data.npy_too_large",
            file=file,
            size_mb=round(largest / 1e6),
            most_mb=round(most_bytes / 1e6),
        )
    return header


def _parse_header(stream: IO[bytes], file: str) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    """Give shape, order, type, and where the numbers begin.

    The header's length is looked at before the header is read: a version 2 header may
    claim four gigabytes, which numpy would read before it refuses them.
    """
    try:
        version = np.lib.format.read_magic(stream)
        length_format = {(1, 0): "<H", (2, 0): "<I"}[version]
        length = stream.read(struct.calcsize(length_format))
        (text_bytes,) = struct.unpack(length_format, length)
        if text_bytes > MAX_HEADER_BYTES:
            raise error("data.npy_corrupt", file=file)
        text = stream.read(text_bytes)
        with _parsing:
            shape, fortran_order, dtype = _parsed(version[0], length + text)
    except _HEADER_FAULTS as reason:
        raise error("data.npy_corrupt", file=file) from reason
    return shape, fortran_order, dtype, 8 + len(length) + text_bytes


@lru_cache(maxsize=256)
def _parsed(version: int, header: bytes) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Parse the text of a header; files of one column mostly have the same."""
    read = np.lib.format.read_array_header_1_0
    if version == 2:
        read = np.lib.format.read_array_header_2_0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "created on Python 2": of no interest here
        shape, fortran_order, dtype = read(io.BytesIO(header))
    return shape, fortran_order, dtype


def read_array(stream: IO[bytes], file: str, file_bytes: int) -> FloatArray:
    """Read one npy as float32.

    Raises:
        BlockwrightError: As `read_header`, and `data.npy_not_finite`.
    """
    header = read_header(stream, file, file_bytes)
    content = stream.read(header.data_bytes)
    if len(content) != header.data_bytes or stream.read(1):
        raise error("data.npy_corrupt", file=file)
    order = "F" if header.fortran_order else "C"
    array = np.frombuffer(content, header.dtype).reshape(header.shape, order=order)  # type: ignore[call-overload]
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite: told below
        numbers: FloatArray = np.ascontiguousarray(array, dtype=np.float32)
    if not np.isfinite(numbers).all():
        raise error("data.npy_not_finite", file=file)
    return numbers


class TensorFile:
    """One growing `.npy`: rows of one shape, float32, in constant memory.

    The header keeps room for any number of rows (numpy pads it so), and is written
    again with the true number at the end.
    """

    def __init__(self, path: Path, row_shape: tuple[int, ...]) -> None:
        """Begin the file."""
        self.path = path
        self.row_shape = row_shape
        self.rows = 0
        self._hash = hashlib.sha256()
        self._file = path.open("wb", buffering=_BUFFER_BYTES)
        self._write_header()
        self._header_bytes = self._file.tell()

    def append(self, row: FloatArray) -> None:
        """Add one row of the file's shape."""
        self.append_rows(row[np.newaxis])

    def append_rows(self, rows: FloatArray) -> None:
        """Add rows, shape (rows, *row_shape)."""
        if rows.size:
            data = np.ascontiguousarray(rows, dtype="<f4").data.cast("B")
            self._hash.update(data)
            self._file.write(data)
        self.rows += len(rows)

    def finish(self) -> str:
        """Write the number of rows, make the file durable, give the SHA-256 of its numbers."""
        self._file.flush()
        self._file.seek(0)
        self._write_header()
        if self._file.tell() != self._header_bytes:
            msg = "the npy header changed its length"
            raise RuntimeError(msg)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return self._hash.hexdigest()

    def close(self) -> None:
        """Let the file go, finished or not."""
        self._file.close()

    def _write_header(self) -> None:
        shape = (self.rows, *self.row_shape)
        np.lib.format.write_array_header_1_0(
            self._file, {"descr": "<f4", "fortran_order": False, "shape": shape}
        )
