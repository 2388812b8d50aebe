"""An earlier content that rows are added to.

Takes   a content folder.
Gives   its rows, so that the new content begins with them, in the same order.
Never   takes a file a second time: by its path or its bytes it is known, and named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from blockwright.contracts.problems import Problem, error, problem
from blockwright.datasets.folder import (
    IDENTITIES_FILE,
    ROWS_FILE,
    SOURCES_FILE,
    DatasetContent,
    bytes_in,
    read_content,
)
from blockwright.datasets.intake.columns import TableColumn
from blockwright.datasets.intake.incoming import IncomingRows
from blockwright.datasets.intake.row_files import ReadRow, Refusals, Shape, shape_text


@dataclass
class BaseContent:
    """The rows that are there already."""

    folder: Path
    content: DatasetContent

    @classmethod
    def open(cls, folder: Path) -> BaseContent:
        """Open a content folder."""
        return cls(folder, read_content(folder))

    @cached_property
    def rows(self) -> pl.DataFrame:
        """The table."""
        return pl.read_parquet(self.folder / ROWS_FILE)

    @cached_property
    def sources(self) -> pl.DataFrame:
        """Where each row came from."""
        return pl.read_parquet(self.folder / SOURCES_FILE)

    @property
    def bytes(self) -> int:
        """Bytes of everything in the folder."""
        return bytes_in(self.folder)

    def shape_of(self, column: str) -> Shape | None:
        """Give the shape of one row of a tensor column."""
        tensor = self.content.tensors.get(column)
        return tuple(tensor.row_shape) if tensor else None

    def identities(self) -> np.ndarray:
        """Give the identity of each row, uint64."""
        array: np.ndarray = np.load(self.folder / IDENTITIES_FILE, allow_pickle=False)
        return array

    def require_same_files(self, columns: list[TableColumn], incoming: IncomingRows) -> None:
        """Require that the columns of files are those of the content.

        Raises:
            BlockwrightError: `data.added_file_column`, `data.added_other_type`,
                `data.added_other_shape`.
        """
        kinds: dict[str, str] = dict.fromkeys(self.content.tensors, "tensor")
        kinds |= {name: media.kind for name, media in self.content.media.items()}
        new: dict[str, str] = {
            column.name: column.file_kind for column in columns if column.file_kind is not None
        }
        new |= dict.fromkeys(incoming.arrays, "tensor")
        there = {column.name for column in columns} | set(incoming.arrays)
        for name in sorted({*kinds, *new}):
            before, now = kinds.get(name), new.get(name)
            if before == now:
                continue
            if before is not None and name in there:
                raise error(
                    "data.added_other_type", column=name, before=before, now=now or "values"
                )
            if before is None and name in self.rows.columns:
                raise error("data.added_other_type", column=name, before="values", now=str(now))
            raise error("data.added_file_column", column=name)
        for name, array in incoming.arrays.items():
            if array.header.shape[1:] != self.shape_of(name):
                raise error(
                    "data.added_other_shape",
                    column=name,
                    shape=shape_text(array.header.shape[1:]),
                    before=shape_text(self.shape_of(name) or ()),
                )

    def skip_paths_already_there(self, column: TableColumn, refusals: Refusals) -> None:
        """Leave out rows that name a file which the content took by the same path."""
        if column.name not in self.rows.columns:
            return
        known = {path: row for row, path in enumerate(self.rows[column.name]) if path is not None}
        for row in np.flatnonzero(refusals.taken):
            path = column.values[int(row)]
            if path in known:
                refusals.skip(
                    int(row),
                    problem(
                        "data.file_already_there",
                        column=column.name,
                        file=path,
                        row=known[path] + 1,
                    ),
                )

    @cached_property
    def _hashes(self) -> dict[str, dict[str, int]]:
        """The first row of each content, by column."""
        facts = {
            name: pl.read_parquet(self.folder / media.facts_file, columns=["sha256"])["sha256"]
            for name, media in self.content.media.items()
        }
        return {
            name: {sha256: row for row, sha256 in reversed(list(enumerate(hashes)))}
            for name, hashes in facts.items()
        }

    def already_there(self, read: ReadRow, paths: Mapping[str, str]) -> Problem | None:
        """Say so when a recording or image with the same bytes is in the content.

        Args:
            read: A row on its way in.
            paths: The path of each of its files as the person wrote it, by column.
        """
        for name, media in read.media.items():
            row = self._hashes[name].get(media.sha256)
            if row is not None:
                return problem(
                    "data.file_already_there_as",
                    column=name,
                    file=paths[name],
                    row=row + 1,
                    there=str(self.rows[name][row]),
                )
        return None
