"""Npy files whose first axis counts the rows, read piece by piece.

Takes   an npy of any number of rows, in a zip or on disk.
Gives   its rows as float32, a few MB at a time, and which of them are finite.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from blockwright.contracts.problems import error
from blockwright.datasets.archive import READ_ERRORS
from blockwright.datasets.intake.incoming import RowArray
from blockwright.datasets.intake.rows_from_table import on_disk
from blockwright.datasets.intake.under_way import StagingFolder
from blockwright.datasets.npy import FloatArray

BLOCK_BYTES = 8 << 20


def row_blocks_of(array: RowArray, staging: StagingFolder) -> Iterator[FloatArray]:
    """Give the rows in pieces, shape (some rows, *shape of one row).

    Raises:
        BlockwrightError: `data.npy_corrupt` when the file ends too early or is damaged.
    """
    header = array.header
    row_bytes = max(1, math.prod(header.shape[1:]) * header.dtype.itemsize)
    count = max(1, BLOCK_BYTES // row_bytes)
    blocks = _fortran_blocks(array, count, staging)
    if not header.fortran_order:
        blocks = _blocks(array, count)
    try:
        for block in blocks:
            staging.check_stop()
            with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite
                yield np.ascontiguousarray(block, dtype=np.float32)
    except READ_ERRORS as reason:
        raise error("data.npy_corrupt", file=array.file.name) from reason


def _blocks(array: RowArray, count: int) -> Iterator[npt.NDArray[np.generic]]:
    header = array.header
    row_bytes = math.prod(header.shape[1:]) * header.dtype.itemsize
    with array.file.open() as stream:
        stream.read(header.bytes_before)
        for start in range(0, array.rows, count):
            rows = min(count, array.rows - start)
            content = stream.read(rows * row_bytes)
            if len(content) != rows * row_bytes:
                raise error("data.npy_corrupt", file=array.file.name)
            yield np.frombuffer(content, header.dtype).reshape(rows, *header.shape[1:])


def _fortran_blocks(
    array: RowArray, count: int, staging: StagingFolder
) -> Iterator[npt.NDArray[np.generic]]:
    """Rows of an array in Fortran order lie scattered over the file: it is mapped.

    It is mapped anew for each piece, as pages of a mapped file count as memory.
    """
    header = array.header
    with on_disk(array.file, staging) as path:
        for start in range(0, array.rows, count):
            mapped = np.memmap(
                path, header.dtype, "r", header.bytes_before, header.shape, order="F"
            )
            yield np.array(mapped[start : start + count], order="C")


def finite_rows(array: RowArray, staging: StagingFolder) -> npt.NDArray[np.bool_]:
    """Say of each row whether all of its numbers are finite as float32."""
    parts = [
        np.isfinite(block.reshape(len(block), -1)).all(axis=1)
        for block in row_blocks_of(array, staging)
    ]
    return np.concatenate(parts)
