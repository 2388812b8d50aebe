"""Reading an uploaded zip without trusting it.

Takes   the path of a zip and limits.
Gives   its regular files by name, each read as a stream; nothing is ever unpacked
        to a path that the archive names.
Never   opens an archive with an entry that points outside, a link, an encrypted or
        doubled entry, overlapping entries, one that swells beyond the limits, or a table
        of contents that contradicts itself: such an archive is refused as a whole,
        because it was made to deceive or is broken. `zip_directory` has walked that
        table before zipfile reads it. A single entry that swells beyond any value is
        not opened; the others are.
"""

from __future__ import annotations

import contextlib
import io
import stat
import struct
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO, Self, cast

from blockwright.contracts.problems import BlockwrightError, Problem, error, problem
from blockwright.datasets.zip_directory import check_directory

LOCAL_HEADER_BYTES = 30
MAX_NAME_BYTES = 1_024
MAX_DEPTH = 16
# Deflate packs zeros 1032-fold, so a silent clip or an empty mask swells as much as a bomb:
# a ratio tells only together with a size that no such value has. An hour of 24-bit stereo
# is half of this; an entry above it that swells more than MAX_RATIO-fold is not opened.
RATIO_FREE_BYTES = 2 << 30
MAX_RATIO = 200
# A whole archive above this size that swells as much, in however small entries, is refused.
RATIO_FREE_TOTAL_BYTES = 16 << 30
_ENCRYPTED_FLAG = 0x1
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
# Cc: characters that cannot be seen; the others turn the direction of text, so that a
# name shown in a report reads as another.
_DECEIVING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# What zipfile raises over a damaged table of contents, or a damaged header of an entry.
_HEADER_FAULTS = (
    *(zipfile.BadZipFile, NotImplementedError, ValueError, EOFError),
    *(struct.error, OverflowError, RuntimeError, IndexError, KeyError),
)
# What a damaged or lying member raises while it is read.
READ_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)


@dataclass(frozen=True)
class ArchiveLimits:
    """How large an archive may be."""

    entries: int
    expanded_bytes: int


class Archive:
    """The regular files of a checked zip; use as a context manager."""

    def __init__(self, path: Path, shown_name: str, limits: ArchiveLimits) -> None:
        """Open and check.

        Raises:
            BlockwrightError: `data.not_a_zip`, `data.archive_…` as the catalogue says.
        """
        self._name = shown_name
        self.system_files = 0  # what macOS puts beside the files of a person; never given
        with contextlib.ExitStack() as opening:
            file = opening.enter_context(path.open("rb"))
            self._directory_at = check_directory(file, shown_name, limits.entries)
            try:
                self._zip = opening.enter_context(zipfile.ZipFile(file))
            except _HEADER_FAULTS as reason:
                raise error("data.not_a_zip", file=shown_name) from reason
            self._members = self._check(limits)
            self._open = opening.pop_all()

    def __enter__(self) -> Self:
        """Give the archive."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self._open.close()

    @property
    def names(self) -> list[str]:
        """Names of the regular files, in the archive's order, `/` between folders."""
        return list(self._members)

    def find(self, name: str) -> str | None:
        """Give the archive's own spelling of a path, or None.

        Backslashes, a leading `./` and Unicode composition do not matter.
        """
        wanted = str(PurePosixPath(_plain(name)))
        return wanted if wanted in self._members else None

    def bytes_of(self, name: str) -> int:
        """Give the expanded size of a file; reading never gives more."""
        return self._members[name].file_size

    def refusal(self, name: str) -> Problem | None:
        """Say why a file will not be opened, if it will not."""
        entry = self._members[name]
        ratio = _ratio(entry.file_size, entry.compress_size)
        if entry.file_size <= RATIO_FREE_BYTES or ratio <= MAX_RATIO:
            return None
        return problem(
            "data.entry_swells",
            file=name,
            ratio=ratio,
            gb=round(entry.file_size / 1e9, 1),
            most_gb=round(RATIO_FREE_BYTES / 1e9, 1),
        )

    def open(self, name: str) -> IO[bytes]:
        """Open a file as a stream; opening and reading may raise one of READ_ERRORS.

        Raises:
            BlockwrightError: `data.entry_swells`.
        """
        if (refusal := self.refusal(name)) is not None:
            raise BlockwrightError(refusal)
        entry = self._members[name]
        try:
            return cast(IO[bytes], _Member(self._zip.open(entry), entry.file_size))
        except _HEADER_FAULTS as reason:
            raise zipfile.BadZipFile(str(reason)) from reason

    def _check(self, limits: ArchiveLimits) -> dict[str, zipfile.ZipInfo]:
        entries = self._zip.infolist()
        members: dict[str, zipfile.ZipInfo] = {}
        seen: set[str] = set()
        for entry in entries:
            name = self._checked_name(entry)
            self._check_kind(entry, name)
            # Capitals do count, as in a folder: no name of an archive ever becomes a path.
            if name in seen:
                raise error("data.archive_duplicate_entry", file=self._name, entry=name)
            seen.add(name)
            if name.startswith("__MACOSX/"):
                self.system_files += not entry.is_dir()
            elif not entry.is_dir():
                members[name] = entry
        self._check_sizes(entries, limits)
        self._check_overlaps(entries)
        if not members:
            raise error("data.archive_empty", file=self._name)
        return members

    def _checked_name(self, entry: zipfile.ZipInfo) -> str:
        name = _plain(entry.orig_filename)
        parts = PurePosixPath(name).parts
        unsafe = (
            not parts
            or any(unicodedata.category(each) == "Cc" or each in _DECEIVING for each in name)
            or name.startswith("/")
            or ".." in parts
            or (len(name) > 1 and name[1] == ":")
            or len(parts) > MAX_DEPTH
            or len(name.encode(errors="surrogatepass")) > MAX_NAME_BYTES
        )
        if unsafe:
            shown = ascii(entry.orig_filename)[1:-1][:200]
            raise error("data.archive_unsafe_name", file=self._name, entry=shown)
        return str(PurePosixPath(name))

    def _check_kind(self, entry: zipfile.ZipInfo, name: str) -> None:
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
            raise error("data.archive_link", file=self._name, entry=name)
        if entry.flag_bits & _ENCRYPTED_FLAG:
            raise error("data.archive_encrypted", file=self._name, entry=name)
        if entry.compress_type not in _METHODS:
            raise error("data.archive_method", file=self._name, entry=name)

    def _check_sizes(self, entries: list[zipfile.ZipInfo], limits: ArchiveLimits) -> None:
        expanded_bytes = sum(entry.file_size for entry in entries)
        if expanded_bytes > limits.expanded_bytes:
            raise error(
                "data.archive_too_large",
                file=self._name,
                expanded_gb=round(expanded_bytes / 1e9, 1),
                most_gb=round(limits.expanded_bytes / 1e9, 1),
            )
        ratio = _ratio(expanded_bytes, self._directory_at)
        if expanded_bytes > RATIO_FREE_TOTAL_BYTES and ratio > MAX_RATIO:
            raise error(
                "data.archive_bomb",
                file=self._name,
                ratio=ratio,
                expanded_gb=round(expanded_bytes / 1e9, 1),
            )

    def _check_overlaps(self, entries: list[zipfile.ZipInfo]) -> None:
        """Refuse entries that share bytes: the trick of the largest bombs."""
        end, name = 0, ""
        for entry in sorted(entries, key=lambda item: item.header_offset):
            begin, name = entry.header_offset, _plain(entry.orig_filename)[:200]
            if begin < end or begin > self._directory_at:
                raise error("data.archive_overlap", file=self._name, entry=name)
            end = begin + LOCAL_HEADER_BYTES + entry.compress_size
        if end > self._directory_at:
            raise error("data.archive_overlap", file=self._name, entry=name)


class _Member(io.BufferedIOBase):
    """A member as a stream that ends in an error when it is shorter than it says.

    zipfile holds a member against its checksum, but takes one whose size is a lie and
    whose checksum is right.
    """

    def __init__(self, inner: IO[bytes], promised_bytes: int) -> None:
        super().__init__()
        self._inner = inner
        self._left = promised_bytes

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = -1 if size is None else size
        return self._counted(self._inner.read(wanted), wanted)

    def read1(self, size: int = -1, /) -> bytes:
        data: bytes = self._inner.read1(size)  # type: ignore[attr-defined]
        return self._counted(data, size if not data else len(data))

    def peek(self, size: int = 1, /) -> bytes:
        data: bytes = self._inner.peek(size)  # type: ignore[attr-defined]
        return data

    def close(self) -> None:
        self._inner.close()
        super().close()

    def _counted(self, data: bytes, wanted: int) -> bytes:
        self._left -= len(data)
        if self._left and (wanted < 0 or len(data) < wanted):
            msg = "shorter than its size in the table of contents"
            raise zipfile.BadZipFile(msg)
        return data


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name.replace("\\", "/"))


def _ratio(expanded_bytes: int, packed_bytes: int) -> int:
    """How many times larger, rounded down."""
    return expanded_bytes // max(1, packed_bytes)
