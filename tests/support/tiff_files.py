"""Tiff files of one channel as other programs write them, byte by byte."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import numpy.typing as npt

_FORMATS = {"u": 1, "i": 2, "f": 3}
_SHORT, _LONG = 3, 4
_HEAD_BYTES, _TAG_BYTES = 8, 12


def tiff_bytes(
    values: npt.NDArray[np.generic],
    *,
    order: str = "<",
    zero_is_white: bool = False,
    packed: bool = False,
    orientation: int = 1,
) -> bytes:
    """Give a tiff that holds these numbers as they are.

    Args:
        values: Of any dtype that tiff has, shape (height, width).
        order: Of bytes, "<" or ">".
        zero_is_white: What the file says of its zero.
        packed: Packed by deflate.
        orientation: As in EXIF, 1 to 8.
    """
    height, width = values.shape
    data = values.astype(values.dtype.newbyteorder("<" if order == "<" else ">")).tobytes()
    data = zlib.compress(data) if packed else data
    tags = [
        (256, _LONG, width),
        (257, _LONG, height),
        (258, _SHORT, values.dtype.itemsize * 8),
        (259, _SHORT, 8 if packed else 1),
        (262, _SHORT, 0 if zero_is_white else 1),
        (273, _LONG, 0),
        (274, _SHORT, orientation),
        (277, _SHORT, 1),
        (278, _LONG, height),
        (279, _LONG, len(data)),
        (339, _SHORT, _FORMATS[values.dtype.kind]),
    ]
    begin = _HEAD_BYTES + 2 + _TAG_BYTES * len(tags) + 4
    mark = b"II" if order == "<" else b"MM"
    body = struct.pack(f"{order}2sHIH", mark, 42, _HEAD_BYTES, len(tags))
    for tag, kind, given in tags:
        value = begin if tag == 273 else given
        body += struct.pack(f"{order}HHI", tag, kind, 1)
        body += struct.pack(f"{order}HH" if kind == _SHORT else f"{order}I", *_cell(kind, value))
    return body + struct.pack(f"{order}I", 0) + data


def _cell(kind: int, value: int) -> tuple[int, ...]:
    return (value, 0) if kind == _SHORT else (value,)
