"""Which of several tables makes the rows: the one whose cells name the files that came.

Takes   the tables among the files that came, and how to read one.
Gives   one of them.
Never   chooses between two that name files, or between any where no files came: it
        refuses, and the problem carries the names to choose from.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable

import polars as pl

from blockwright.contracts.problems import BlockwrightError, error
from blockwright.datasets.intake.found_files import FoundFile, FoundFiles
from blockwright.datasets.intake.named_files import files_came, names_a_file

CellsOf = Callable[[FoundFile], pl.DataFrame]

MOST_CHOICES = 50
# Thousands of tables beside the clips are notes on each of them, and none makes the rows.
MOST_LOOKED_INTO = 50
_MOST_LISTED = 5


def table_of_rows(
    files: FoundFiles, tables: list[FoundFile], top: str, cells_of: CellsOf, code: str
) -> FoundFile:
    """Give the one that makes the rows; tables at the top go before those in folders.

    Raises:
        BlockwrightError: `code`, with the names to choose from.
    """
    at_top = [table for table in tables if "/" not in table.name.removeprefix(top)]
    if len(tables) == 1:
        return tables[0]
    deeper = [table for table in tables if table not in at_top]
    naming: list[FoundFile] = []
    if files_came(files):
        naming = _naming(files, at_top, cells_of) or _naming(files, deeper, cells_of)
    candidates = naming or at_top or tables
    if len(candidates) > 1:
        raise _not_clear(code, files.shown_name, candidates, tables)
    return candidates[0]


def _naming(files: FoundFiles, tables: list[FoundFile], cells_of: CellsOf) -> list[FoundFile]:
    if len(tables) > MOST_LOOKED_INTO:
        return []
    return [table for table in tables if _names_files(files, table, cells_of)]


def _names_files(files: FoundFiles, table: FoundFile, cells_of: CellsOf) -> bool:
    try:
        cells = cells_of(table)
    except BlockwrightError:
        return False  # told when a person chooses it
    folder = posixpath.dirname(table.name)
    return any(names_a_file(column, files, folder) for column in cells.iter_columns())


def _not_clear(
    code: str, shown_name: str, candidates: list[FoundFile], tables: list[FoundFile]
) -> BlockwrightError:
    names = [table.name for table in candidates]
    others = [table.name for table in tables if table not in candidates]
    choices = [*names, *others][:MOST_CHOICES]
    return error(code, file=shown_name, count=len(names), names=listed(names), choices=choices)


def listed(names: list[str]) -> str:
    """Give the first of many names, and how many more there are."""
    more = len(names) - _MOST_LISTED
    first = ", ".join(names[:_MOST_LISTED])
    return f"{first}, … (+{more})" if more > 0 else first
