"""What each column of the table that came is taken for, and which cells do not fit that.

Takes   the cells of all rows.
Gives   one `TableColumn` each: its type with the evidence, the values to keep, bad rows.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from blockwright.contracts.encodings import FeatureType
from blockwright.contracts.problems import Problem
from blockwright.datasets.intake.incoming import IncomingRows
from blockwright.datasets.intake.kinds import FileKind, kind_of
from blockwright.datasets.table import type_columns

BoolArray = npt.NDArray[np.bool_]


@dataclass
class TableColumn:
    """One column of the table; `values` is what the content keeps of it."""

    name: str
    type: FeatureType
    values: pl.Series
    bad: BoolArray
    evidence: Problem | None = None
    classes: list[str] | None = None
    odd_rows: list[int] = field(default_factory=list)

    @property
    def file_kind(self) -> FileKind | None:
        """Which kind of files its cells name, if they do."""
        if self.type in {"tensor", "audio", "image"}:
            return self.type  # type: ignore[return-value]
        return None


def table_columns(incoming: IncomingRows) -> list[TableColumn]:
    """Say what each column is."""
    cells = incoming.cells
    if cells.width == 0:
        return []
    plain = cells.select(pl.all().cast(pl.String).fill_null(""))
    typed = {column.name: column for column in type_columns(plain)}
    found: list[TableColumn] = []
    for series in cells.iter_columns():
        kind = incoming.file_columns.get(series.name) or _file_kind(series)
        if kind is not None:
            paths = series.cast(pl.String).fill_null("")
            bad = np.array([kind_of(path) is None for path in paths], dtype=bool)
            found.append(TableColumn(series.name, kind, paths, bad))
        else:
            old = typed[series.name]
            found.append(
                TableColumn(
                    series.name, old.type, old.values, old.bad_rows, None, old.classes, old.odd_rows
                )
            )
    return found


def _file_kind(series: pl.Series) -> FileKind | None:
    """Give the kind of most files that a column names; None if most cells name none."""
    if series.dtype != pl.String or not len(series):
        return None
    kinds = Counter(kind_of(path) for path in series.fill_null(""))
    files = len(series) - kinds.pop(None, 0)
    return kinds.most_common(1)[0][0] if files * 2 >= len(series) and files else None
