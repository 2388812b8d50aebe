"""Reading an uploaded zip without trusting it.

Takes   the path of a zip and limits.
Gives   its regular files by name, each read as a stream; nothing is ever unpacked
        to a path that the archive names.
Never   opens an archive with an entry that points outside, a link, an encrypted or
        doubled entry, overlapping entries, or one that swells beyond the limits:
        such an archive is refused as a whole, because it was made to deceive or is broken.
"""

from __future__ import annotations

import stat
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO, Self

from blockwright.contracts.problems import error

LOCAL_HEADER_BYTES = 30
MAX_NAME_BYTES = 1_024
MAX_DEPTH = 16
# An entry above this size that swells more than MAX_RATIO-fold is taken for a bomb.
RATIO_FREE_BYTES = 1 << 20
MAX_RATIO = 200
_ENCRYPTED_FLAG = 0x1
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
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
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError, ValueError) as reason:
            raise error("data.not_a_zip", file=shown_name) from reason
        try:
            self._members = self._check(limits)
        except BaseException:  # whatever it is: the file must not stay open
            self._zip.close()
            raise

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
        self._zip.close()

    @property
    def names(self) -> list[str]:
        """Names of the regular files, in the archive's order, `/` between folders."""
        return list(self._members)

    def find(self, name: str) -> str | None:
        """Give the archive's own spelling of a path, or None.

        Backslashes, a leading `./` and Unicode composition do not matter.
        """
        wanted = _plain(name).removeprefix("./")
        return wanted if wanted in self._members else None

    def bytes_of(self, name: str) -> int:
        """Give the expanded size of a file; reading never gives more."""
        return self._members[name].file_size

    def open(self, name: str) -> IO[bytes]:
        """Open a file as a stream; reading may raise one of READ_ERRORS."""
        return self._zip.open(self._members[name])

    def _check(self, limits: ArchiveLimits) -> dict[str, zipfile.ZipInfo]:
        entries = self._zip.infolist()
        if len(entries) > limits.entries:
            raise error(
                "data.archive_too_many_entries",
                file=self._name,
                entries=len(entries),
                most=limits.entries,
            )
        members: dict[str, zipfile.ZipInfo] = {}
        seen: set[str] = set()
        for entry in entries:
            name = self._checked_name(entry)
            self._check_kind(entry, name)
            if (key := name.rstrip("/").casefold()) in seen:
                raise error("data.archive_duplicate_entry", file=self._name, entry=name)
            seen.add(key)
            if not entry.is_dir() and not name.startswith("__MACOSX/"):
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
            or "\0" in name
            or name.startswith("/")
            or ".." in parts
            or (len(name) > 1 and name[1] == ":")
            or len(parts) > MAX_DEPTH
            or len(name.encode(errors="surrogatepass")) > MAX_NAME_BYTES
        )
        if unsafe:
            shown = entry.orig_filename.replace("\0", "\\0")[:200]
            raise error("data.archive_unsafe_name", file=self._name, entry=shown)
        return name

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
        for entry in entries:
            swollen = entry.file_size > MAX_RATIO * max(1, entry.compress_size)
            if entry.file_size > RATIO_FREE_BYTES and swollen:
                raise error(
                    "data.archive_bomb",
                    file=self._name,
                    entry=_plain(entry.filename),
                    ratio=entry.file_size // max(1, entry.compress_size),
                )

    def _check_overlaps(self, entries: list[zipfile.ZipInfo]) -> None:
        """Refuse entries that share bytes: the trick of the largest bombs."""
        end = 0
        for entry in sorted(entries, key=lambda item: item.header_offset):
            if entry.header_offset < end:
                name = _plain(entry.filename)
                raise error("data.archive_overlap", file=self._name, entry=name)
            end = entry.header_offset + LOCAL_HEADER_BYTES + entry.compress_size


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name.replace("\\", "/"))
