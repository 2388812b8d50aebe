"""Whether the cells of a table name files that came."""

from __future__ import annotations

import polars as pl

from blockwright.contracts.problems import BlockwrightError
from blockwright.datasets.intake.found_files import FoundFiles
from blockwright.datasets.intake.kinds import kind_of
from blockwright.datasets.typed_columns import SUFFIXES, has_suffix

_FILE_SUFFIXES = tuple(suffix for suffixes in SUFFIXES.values() for suffix in suffixes)


def files_came(files: FoundFiles) -> bool:
    """Say whether anything came that a cell can name: a recording, an image, an array."""
    return any(kind_of(file.name) is not None for file in files.all)


def names_a_file(cells: pl.Series, files: FoundFiles, folder: str) -> bool:
    """Look until one is found: that one file came is all that is asked."""
    if cells.dtype != pl.String:
        return False
    paths = cells.filter(has_suffix(cells, _FILE_SUFFIXES).fill_null(value=False))
    return any(_is_there(path, files, folder) for path in paths)


def _is_there(path: str, files: FoundFiles, folder: str) -> bool:
    try:
        files.locate(folder, path)
    except BlockwrightError as reason:
        return reason.problem.code == "data.file_ambiguous"
    return True
