"""Rows of files alone: each recording, image or array is a row, its folders are features.

Takes   files without a table.
Gives   a column `file` of paths, and `folder` (or `folder_1`, `folder_2`, … from the outside
        in) where the files lie in different folders.
"""

from __future__ import annotations

import posixpath

import numpy as np
import polars as pl

from blockwright.contracts.data import RowProblem
from blockwright.contracts.problems import problem
from blockwright.datasets.intake.arrivals import Arrival
from blockwright.datasets.intake.found_files import most_common_kind
from blockwright.datasets.intake.incoming import IncomingRows
from blockwright.datasets.intake.kinds import kind_of

FILE_COLUMN = "file"
FOLDER_COLUMN = "folder"


def rows_from_files(arrival: Arrival) -> IncomingRows:
    """Make one row of each file.

    Files of another kind than most are no rows; each of them is named.
    """
    kinds = {file.name: kind_of(file.name) or "tensor" for file in arrival.row_files}
    kind = most_common_kind(list(kinds.values()))
    names = [name for name, each in kinds.items() if each == kind]
    problems = [
        RowProblem(
            item=name, problem=problem("data.file_of_other_kind", file=name, kind=each, most=kind)
        )
        for name, each in kinds.items()
        if each != kind
    ]
    paths = [name.removeprefix(arrival.top) for name in names]
    return IncomingRows(
        cells=pl.DataFrame([*_folder_columns(paths), pl.Series(FILE_COLUMN, paths, pl.String)]),
        files=pl.Series("file", names, pl.String).cast(pl.Categorical),
        lines=np.zeros(len(names), np.int64),
        folder=arrival.top.rstrip("/"),
        file_columns={FILE_COLUMN: kind},  # type: ignore[dict-item]
        problems=problems,
        rows_found=len(kinds),
        used={file.name for file in arrival.row_files},
    )


def _folder_columns(paths: list[str]) -> list[pl.Series]:
    """Give one column per level of folders; a file further out has none of the inner ones."""
    folders = [posixpath.dirname(path).split("/") if "/" in path else [] for path in paths]
    depth = max(len(parts) for parts in folders)
    names = (
        [FOLDER_COLUMN]
        if depth == 1
        else [f"{FOLDER_COLUMN}_{level + 1}" for level in range(depth)]
    )
    return [
        pl.Series(
            name, [parts[level] if level < len(parts) else None for parts in folders], pl.String
        )
        for level, name in enumerate(names)
    ]
