"""The files that the rows of a table name: found, held against each other, read.

Takes   the paths in the cells of file columns.
Gives   for each row its arrays, recordings and images, or the one problem that keeps it out.
"""

from __future__ import annotations

import hashlib
import queue
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from blockwright.contracts.problems import BlockwrightError, Problem, error, problem
from blockwright.datasets.archive import READ_ERRORS
from blockwright.datasets.intake.changed_files import remarks_on
from blockwright.datasets.intake.columns import BoolArray, TableColumn
from blockwright.datasets.intake.content_writer import ReadMedia
from blockwright.datasets.intake.found_files import FoundFile, FoundFiles
from blockwright.datasets.intake.kinds import FileKind, kind_of
from blockwright.datasets.intake.under_way import StagingFolder
from blockwright.datasets.media.child import MediaChild, MediaRequest
from blockwright.datasets.media.limits import ParserLimits
from blockwright.datasets.media.wire import AudioFactsAsk, FileRange, ImageFactsAsk
from blockwright.datasets.npy import FloatArray, read_array, read_header

Shape = tuple[int, ...]
PIECE_BYTES = 1 << 20


@dataclass
class FileColumn:
    """A column of paths.

    `found` has the file of each row, None where it is not taken; `named` are the names of
    all files that some row speaks of, taken or not; `rounded` has the type of the numbers of
    each row that 32-bit floats do not hold exactly.
    """

    name: str
    kind: FileKind
    found: list[FoundFile | None]
    named: set[str]
    shape: Shape = ()
    rounded: dict[int, str] = field(default_factory=dict)

    def file_of(self, row: int) -> FoundFile:
        """Give the file of a row that is taken.

        Raises:
            LookupError: For any other row.
        """
        file = self.found[row]
        if file is None:
            raise LookupError(row)
        return file


@dataclass
class ReadRow:
    """Everything that one row holds beside its cells."""

    arrays: dict[str, FloatArray] = field(default_factory=dict)
    media: dict[str, ReadMedia] = field(default_factory=dict)

    def remove_staged(self) -> None:
        """Let go of what was brought out of a zip."""
        for each in self.media.values():
            if each.is_staged:
                each.path.unlink(missing_ok=True)


class Refusals:
    """Which rows are taken, and for each other row the problem that keeps it out.

    `copies` are rows that the data had already: nothing is wrong with them.
    """

    def __init__(self, rows: int) -> None:
        """Begin with every row taken."""
        self.taken: BoolArray = np.ones(rows, dtype=bool)
        self.problems: list[tuple[int, Problem]] = []
        self.copies: list[tuple[int, Problem]] = []

    def refuse(self, row: int, wrong: Problem) -> None:
        """Leave a row out; only its first problem is told."""
        if self.taken[row]:
            self.taken[row] = False
            self.problems.append((row, wrong))

    def skip(self, row: int, copy: Problem) -> None:
        """Leave a row out that the data has already."""
        if self.taken[row]:
            self.taken[row] = False
            self.copies.append((row, copy))


def find_files(
    column: TableColumn, kind: FileKind, files: FoundFiles, folder: str, refusals: Refusals
) -> FileColumn:
    """Find the file of each row; rows that name none, or one of an earlier row, are refused."""
    found: list[FoundFile | None] = [None] * len(column.values)
    named: set[str] = set()
    taken: set[str] = set()
    paths = column.values if column.paths is None else column.paths
    for row, path in enumerate(paths):
        try:
            if column.bad[row]:
                continue
            file = files.locate(folder, path)
            named.add(file.name)
            if file.refusal is not None:
                raise BlockwrightError(file.refusal)
            if (other := kind_of(path)) != kind:
                raise error("data.file_of_other_kind", file=path, kind=str(other), most=kind)
            if file.name in taken:
                raise error("data.file_named_twice", column=column.name, file=path)
        except BlockwrightError as reason:
            refusals.refuse(row, reason.problem)
            continue
        if refusals.taken[row]:
            found[row] = file
            taken.add(file.name)
    return FileColumn(column.name, kind, found, named)


def vote_shape(
    column: FileColumn, base_shape: Shape | None, refusals: Refusals, staging: StagingFolder
) -> None:
    """Find the shape that most files of a column have; refuse rows whose header is no good.

    Only the first bytes of each file are expanded for this. Of rows that are added the
    shape is that of the rows which are there.
    """
    votes: Counter[Shape] = Counter()
    for row in np.flatnonzero(refusals.taken):
        if row % 100 == 0:
            staging.check_stop()
        file = column.file_of(int(row))
        try:
            with file.open() as stream:
                header = read_header(stream, file.name, file.size_bytes)
            votes[header.shape] += 1
            if header.is_rounded:
                column.rounded[int(row)] = header.dtype.name
        except BlockwrightError as reason:
            refusals.refuse(int(row), reason.problem)
        except READ_ERRORS:
            refusals.refuse(int(row), problem("data.file_damaged", file=file.name))
    if base_shape is not None:
        column.shape = base_shape
    elif votes:
        column.shape = votes.most_common(1)[0][0]


class RowReader:
    """Reads the files of rows; threads may share it. Use as a context manager."""

    def __init__(
        self,
        columns: list[FileColumn],
        staging: StagingFolder,
        limits: ParserLimits,
        processes: int,
    ) -> None:
        """Start the children that look into recordings and images, if there are any."""
        self._columns = columns
        self._staging = staging
        self._children: queue.SimpleQueue[MediaChild] = queue.SimpleQueue()
        self._all_children: list[MediaChild] = []
        if any(column.kind != "tensor" for column in columns):
            self._all_children = [MediaChild(limits) for _ in range(processes)]
        for child in self._all_children:
            self._children.put(child)

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        reason: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the children."""
        for child in self._all_children:
            child.close()

    def bytes_of(self, row: int) -> int:
        """Give how many bytes the files of a row have."""
        return sum(
            file.size_bytes for each in self._columns if (file := each.found[row]) is not None
        )

    def read(self, row: int) -> ReadRow | Problem:
        """Read the files of a row; any problem with one of them keeps the row out."""
        read, file_name = ReadRow(), ""
        try:
            for column in self._columns:
                file = column.file_of(row)
                file_name = file.name
                if column.kind == "tensor":
                    read.arrays[column.name] = _read_array(file, column)
                else:
                    read.media[column.name] = self._read_media(file, column)
        except BlockwrightError as reason:
            read.remove_staged()
            return reason.problem
        except READ_ERRORS:
            read.remove_staged()
            return problem("data.file_damaged", file=file_name)
        return read

    def _read_media(self, file: FoundFile, column: FileColumn) -> ReadMedia:
        path = file.path or self._staging.new_path()
        try:
            count, sha256 = _hashed(file, None if file.path else path)
            ask = AudioFactsAsk() if column.kind == "audio" else ImageFactsAsk()
            child = self._children.get()
            try:
                given = child.ask(MediaRequest(ask, file.name, FileRange(path=str(path))))
            finally:
                self._children.put(child)
            if isinstance(given, Problem):
                raise BlockwrightError(given)
            if given.facts is None:
                raise error("media.parser_crashed", file=file.name, how="no facts")
        except BaseException:  # whatever it is: nothing staged must be left
            if file.path is None:
                path.unlink(missing_ok=True)
            raise
        return ReadMedia(
            path,
            count,
            sha256,
            given.facts,
            is_staged=file.path is None,
            name=file.name,
            remarks=tuple(remarks_on(given.facts, file.name)),
        )


def _hashed(file: FoundFile, copy_to: Path | None) -> tuple[int, str]:
    """Hash a file, and bring it out of its zip on the way; gives its bytes and SHA-256."""
    digest, count = hashlib.sha256(), 0
    copy = copy_to.open("wb") if copy_to is not None else None
    try:
        with file.open() as stream:
            while piece := stream.read(PIECE_BYTES):
                digest.update(piece)
                count += len(piece)
                if copy is not None:
                    copy.write(piece)
    finally:
        if copy is not None:
            copy.close()
    return count, digest.hexdigest()


def _read_array(file: FoundFile, column: FileColumn) -> FloatArray:
    with file.open() as stream:
        array = read_array(stream, file.name, file.size_bytes)
    if array.shape != column.shape:
        raise error(
            "data.other_shape",
            file=file.name,
            shape=shape_text(array.shape),
            column=column.name,
            column_shape=shape_text(column.shape),
        )
    return array


def shape_text(shape: Shape) -> str:
    """Give a shape in words: `8 × 6`."""
    return " × ".join(str(size) for size in shape) or "1"
