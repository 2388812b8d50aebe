"""The table of contents of a zip, walked before any library believes it.

Takes   an open file.
Gives   where the table begins, once its length and its count of entries hold together.
Never   keeps more than a mebibyte of it: a library makes an object of each entry first
        and counts them afterwards, which is too late for a table made to fill the memory.

Layout: APPNOTE.TXT 6.3.10, sections 4.3.12 to 4.3.16 (PKWARE).
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from typing import BinaryIO

from blockwright.contracts.problems import error

# Names, extra fields and comments of two million honest entries take less.
MAX_DIRECTORY_BYTES = 512 << 20
_CHUNK_BYTES = 1 << 20
_END = struct.Struct("<4s4H2LH")
_END64_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY_BYTES = 46
_ENTRY_LENGTHS = struct.Struct("<3H")  # of name, extra field and comment
_ENTRY_LENGTHS_AT = 28
_MAX_COMMENT_BYTES = 0xFFFF


@dataclass(frozen=True)
class _Claim:
    """What the end of a zip says of its table."""

    entries: int
    directory_bytes: int
    start: int
    has_64_bits: bool


def check_directory(file: BinaryIO, shown_name: str, most_entries: int) -> int:
    """Walk the table of contents and hold it against what the end of the file says.

    Args:
        file: The zip, seekable.
        shown_name: How the zip is called in a problem.
        most_entries: As many entries may be in it.

    Returns:
        The byte at which the table begins, where the entries' bytes end.

    Raises:
        BlockwrightError: `data.not_a_zip`, `data.archive_too_many_entries`,
            `data.archive_inconsistent`.
    """
    claim = _claim(file)
    if claim is None or claim.start < 0:
        raise error("data.not_a_zip", file=shown_name)
    if claim.directory_bytes > MAX_DIRECTORY_BYTES:
        detail = f"{claim.directory_bytes // 2**20} MiB > {MAX_DIRECTORY_BYTES // 2**20} MiB"
        raise error("data.archive_inconsistent", file=shown_name, detail=detail)
    if claim.entries > most_entries and claim.has_64_bits:
        _too_many(shown_name, claim.entries, most_entries)
    entries = _count(file, claim, shown_name, most_entries)
    # Tools without 64 bits write the last 16 bits of a larger count.
    if entries != claim.entries and (claim.has_64_bits or entries & 0xFFFF != claim.entries):
        detail = f"{claim.entries} ≠ {entries}"
        raise error("data.archive_inconsistent", file=shown_name, detail=detail)
    return claim.start


def _claim(file: BinaryIO) -> _Claim | None:
    """Find the end record where zipfile finds it, so that both look at the same table."""
    size = file.seek(0, os.SEEK_END)
    tail_at = max(0, size - _END.size - _MAX_COMMENT_BYTES - 1)
    file.seek(tail_at)
    tail = file.read()
    at = len(tail) - _END.size
    if at < 0:
        return None
    if tail[at : at + 4] != b"PK\5\6" or tail[-2:] != b"\0\0":
        at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) < at + _END.size:
        return None
    _, disk, disk_of_table, _, entries, table_bytes, _, _ = _END.unpack_from(tail, at)
    end_at = tail_at + at
    wide = _claim64(file, end_at)
    if wide is not None:
        return wide
    if disk or disk_of_table:
        return None
    return _Claim(entries, table_bytes, end_at - table_bytes, has_64_bits=False)


def _claim64(file: BinaryIO, end_at: int) -> _Claim | None:
    record_at = end_at - _END64_LOCATOR.size - _END64.size
    if record_at < 0:
        return None
    file.seek(record_at)
    both = file.read(_END64.size + _END64_LOCATOR.size)
    if both[_END64.size :][:4] != b"PK\6\7" or both[:4] != b"PK\6\6":
        return None
    _, _, _, _, disk, disk_of_table, _, entries, table_bytes, _ = _END64.unpack_from(both)
    if disk or disk_of_table:
        return _Claim(entries, table_bytes, -1, has_64_bits=True)
    return _Claim(entries, table_bytes, record_at - table_bytes, has_64_bits=True)


def _count(file: BinaryIO, claim: _Claim, shown_name: str, most_entries: int) -> int:
    file.seek(claim.start)
    left = claim.directory_bytes
    entries, at, chunk = 0, 0, b""
    while left:
        if len(chunk) - at < _ENTRY_BYTES:
            chunk = chunk[at:] + file.read(_CHUNK_BYTES)
            at = 0
        if len(chunk) < _ENTRY_BYTES or chunk[at : at + 4] != b"PK\1\2":
            raise error("data.not_a_zip", file=shown_name)
        entry_bytes = _ENTRY_BYTES + sum(_ENTRY_LENGTHS.unpack_from(chunk, at + _ENTRY_LENGTHS_AT))
        entries += 1
        if entries > most_entries:
            at_least = max(entries, claim.entries)
            _too_many(shown_name, at_least, most_entries)
        left -= entry_bytes
        if left < 0:
            raise error("data.not_a_zip", file=shown_name)
        while len(chunk) - at < entry_bytes:  # its name or extra field goes on in the next chunk
            more = file.read(_CHUNK_BYTES)
            if not more:
                raise error("data.not_a_zip", file=shown_name)
            chunk = chunk[at:] + more
            at = 0
        at += entry_bytes
    return entries


def _too_many(shown_name: str, entries: int, most_entries: int) -> None:
    raise error(
        "data.archive_too_many_entries", file=shown_name, entries=entries, most=most_entries
    )
