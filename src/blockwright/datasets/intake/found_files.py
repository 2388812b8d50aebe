"""All files that came, under one name each, wherever they lie.

Takes   zips, folders of this machine, and loose files.
Gives   each regular file by a name with `/` between folders, to be read as a stream.
Never   unpacks to a path that an archive names, and follows no link to a folder.
"""

from __future__ import annotations

import os
import posixpath
import unicodedata
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO, Self

from blockwright.contracts.data import RowProblem
from blockwright.contracts.problems import Problem, error, problem
from blockwright.contracts.work import SourceFile
from blockwright.datasets.archive import Archive, ArchiveLimits

TABLE_SUFFIXES = frozenset({".csv", ".tsv", ".parquet"})
_SYSTEM_NAMES = frozenset({".ds_store", "thumbs.db", "desktop.ini"})


@dataclass(frozen=True, slots=True)
class FoundFile:
    """One regular file; `path` is given when it lies on disk as it is.

    `open` gives a stream; reading one in a zip may raise one of `archive.READ_ERRORS`.
    `refusal` says why it will not be opened, if it will not.
    """

    name: str
    size_bytes: int
    is_loose: bool
    open: Callable[[], IO[bytes]]
    path: Path | None = None
    refusal: Problem | None = None

    @property
    def suffix(self) -> str:
        """The ending of its name, in small letters, with the dot."""
        return suffix_of(self.name)


class FoundFiles:
    """The files of an import; use as a context manager.

    One zip or folder alone keeps its own names. Of several sources each zip and folder
    stands under its name without the ending.
    """

    def __init__(self, sources: Sequence[SourceFile], limits: ArchiveLimits) -> None:
        """Find the files.

        Raises:
            BlockwrightError: `data.cannot_open`, `data.not_a_zip`, `data.archive_…`.
        """
        self.shown_name = sources[0].name if len(sources) == 1 else f"{len(sources):,} files"
        self.problems: list[RowProblem] = []
        self.notes: list[Problem] = []
        self._files: dict[str, FoundFile] = {}
        self._limits = limits
        self._bytes = 0
        self._system_files = 0
        self._opened = ExitStack()
        try:
            for source in sources:
                self._add_source(source, alone=len(sources) == 1)
        except BaseException:  # whatever it is: no file must stay open
            self._opened.close()
            raise
        if self._system_files:
            self.notes.append(problem("data.system_files_skipped", count=self._system_files))
        self._by_base_name: dict[str, list[str]] = defaultdict(list)
        for name in self._files:
            self._by_base_name[posixpath.basename(name)].append(name)

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        reason: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close what is open."""
        self._opened.close()

    def __len__(self) -> int:
        """Count the files."""
        return len(self._files)

    @property
    def all(self) -> list[FoundFile]:
        """Every file, in the order of the archive or sorted by name."""
        return list(self._files.values())

    def get(self, name: str) -> FoundFile | None:
        """Give the file of exactly this name, or None."""
        return self._files.get(name)

    def locate(self, folder: str, path: str) -> FoundFile:
        """Find the file that a cell means.

        A path is relative to the folder of its table. Where nothing lies there, it may be
        the end of exactly one file's name: tables often name clips without their folder.

        Raises:
            BlockwrightError: `data.file_missing`, `data.file_ambiguous`.
        """
        wanted = plain_name(path).removeprefix("./")
        exact = posixpath.normpath(posixpath.join(folder, wanted)) if wanted else ""
        if exact in self._files:
            return self._files[exact]
        ending = f"/{wanted}"
        same = self._by_base_name.get(posixpath.basename(wanted), [])
        found = [name for name in same if f"/{name}".endswith(ending)]
        if len(found) > 1:
            raise error(
                "data.file_ambiguous", file=path, count=len(found), first=found[0], second=found[1]
            )
        if not found:
            raise error("data.file_missing", file=path)
        return self._files[found[0]]

    def _add_source(self, source: SourceFile, *, alone: bool) -> None:
        path = Path(source.path)
        under = "" if alone else f"{PurePosixPath(plain_name(source.name)).stem}/"
        try:
            if path.is_dir():
                self._add_folder(path, source.name, "" if alone else f"{path.name}/")
            elif source.is_folder:
                self._add_archive(path, source.name, "" if alone else f"{source.name}/")
            elif source.name.lower().endswith(".zip"):
                self._add_archive(path, source.name, under)
            else:
                name = PurePosixPath(plain_name(source.name)).name
                self._add(_on_disk(name, path, is_loose=True))
        except (FileNotFoundError, PermissionError) as reason:
            raise error(
                "data.cannot_open", file=source.name, reason=reason.strerror or str(reason)
            ) from reason

    def _add_archive(self, path: Path, shown_name: str, under: str) -> None:
        archive = self._opened.enter_context(Archive(path, shown_name, self._limits))
        self._system_files += archive.system_files
        for member in archive.names:
            self._add(
                FoundFile(
                    f"{under}{member}",
                    archive.bytes_of(member),
                    is_loose=False,
                    open=partial(archive.open, member),
                    refusal=archive.refusal(member),
                )
            )

    def _add_folder(self, folder: Path, shown_name: str, under: str) -> None:
        """Take a folder; zips at its top are opened when a table beside them can name entries."""
        zips: list[Path] = []
        has_table = False
        for path in self._walk(folder):
            name = plain_name(path.relative_to(folder).as_posix())
            at_top = "/" not in name
            if at_top and path.suffix.lower() == ".zip":
                zips.append(path)
                continue
            has_table = has_table or (at_top and suffix_of(name) in TABLE_SUFFIXES)
            self._add(_on_disk(f"{under}{name}", path, is_loose=False))
            self._check_size(shown_name)
        for path in zips:
            if has_table and not (folder / path.stem).exists() and zipfile.is_zipfile(path):
                self._add_archive(path, path.name, f"{under}{path.stem}/")
            else:
                self._refuse(path.name, problem("data.archive_inside", file=path.name))

    def _walk(self, folder: Path) -> list[Path]:
        found: list[Path] = []
        for here, folders, names in os.walk(folder):
            folders.sort()
            for name in folders:
                if (Path(here) / name).is_symlink():
                    self._refuse(name, problem("data.link_not_followed", file=name))
            for name in sorted(names):
                path = Path(here) / name
                if not _is_utf8(str(path)) or not path.is_file():
                    shown = str(path).encode(errors="replace").decode()
                    self._refuse(shown, problem("data.no_regular_file", file=shown))
                else:
                    found.append(path)
        return found

    def _add(self, file: FoundFile) -> None:
        base_name = posixpath.basename(file.name).lower()
        if base_name in _SYSTEM_NAMES or base_name.startswith("._"):
            self._system_files += 1
        elif file.name in self._files:
            self._refuse(file.name, problem("data.file_given_twice", file=file.name))
        else:
            self._files[file.name] = file
            self._bytes += file.size_bytes

    def _refuse(self, item: str, wrong: Problem) -> None:
        self.problems.append(RowProblem(item=item, problem=wrong))

    def _check_size(self, shown_name: str) -> None:
        if len(self._files) > self._limits.entries:
            raise error(
                "data.archive_too_many_entries",
                file=shown_name,
                entries=len(self._files),
                most=self._limits.entries,
            )
        if self._bytes > self._limits.expanded_bytes:
            raise error(
                "data.archive_too_large",
                file=shown_name,
                expanded_gb=round(self._bytes / 1e9, 1),
                most_gb=round(self._limits.expanded_bytes / 1e9, 1),
            )


def suffix_of(name: str) -> str:
    """Give the ending of a name, in small letters, with the dot."""
    return posixpath.splitext(name)[1].lower()


def plain_name(name: str) -> str:
    """Give a name in one spelling: `/` between folders, Unicode composed."""
    return unicodedata.normalize("NFC", name.replace("\\", "/"))


def _on_disk(name: str, path: Path, *, is_loose: bool) -> FoundFile:
    opening = partial(_open_bytes, path)
    return FoundFile(name, path.stat().st_size, is_loose=is_loose, open=opening, path=path)


def _open_bytes(path: Path) -> IO[bytes]:
    return path.open("rb")


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def top_folder(names: Sequence[str]) -> str:
    """Give the folders that all names share, with a `/` at the end, or nothing."""
    if not names:
        return ""
    shared = posixpath.dirname(names[0])
    for name in names:
        while shared and not name.startswith(f"{shared}/"):
            shared = posixpath.dirname(shared)
    return f"{shared}/" if shared else ""


def most_common_kind(kinds: Sequence[str]) -> str:
    """Give what most are; of equals, what came first."""
    return Counter(kinds).most_common(1)[0][0]
