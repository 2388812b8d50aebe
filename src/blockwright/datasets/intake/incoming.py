"""Rows on their way in: cells, where each row came from, and the files that go with them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from blockwright.contracts.data import Correction, Feature, FeatureSet, RowProblem
from blockwright.contracts.problems import Problem
from blockwright.contracts.subsets import Subset
from blockwright.datasets.intake.found_files import FoundFile
from blockwright.datasets.intake.kinds import FileKind
from blockwright.datasets.npy import NpyHeader

LineNumbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class RowArray:
    """An npy whose first axis counts the rows."""

    file: FoundFile
    header: NpyHeader

    @property
    def rows(self) -> int:
        """How many rows it holds."""
        return self.header.shape[0]


@dataclass(frozen=True)
class FromVersion:
    """What the export of a version carries beside its rows.

    `media_members` has, for each column of recordings or images, the file of each row.
    """

    features: list[Feature]
    feature_sets: list[FeatureSet]
    subsets: list[Subset]
    corrections: list[Correction]
    left_out: list[int]
    proposed_features: list[Feature]
    media_members: dict[str, list[str]]


@dataclass
class IncomingRows:
    """All rows that the files may make; not yet looked into.

    Attributes:
        cells: One column per table column, in order; text or numbers.
        files: Per row, the name of the file that it came from.
        lines: Per row, its line in that file (or its number in an npy or Parquet file);
            0 when the file itself is the row.
        folder: Where paths in cells begin.
        file_columns: Columns known to hold names of files without looking at cells.
        arrays: Columns whose rows lie in one npy.
        missing_words: For columns of numbers, the words that were read as missing.
        used: Names of files that were read for the rows themselves.
    """

    cells: pl.DataFrame
    files: pl.Series
    lines: LineNumbers
    folder: str = ""
    file_columns: dict[str, FileKind] = field(default_factory=dict)
    arrays: dict[str, RowArray] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    delimiter: str | None = None
    missing_words: dict[str, dict[str, int]] = field(default_factory=dict)
    rows_found: int = 0
    used: set[str] = field(default_factory=set)
    version: FromVersion | None = None

    @property
    def rows(self) -> int:
        """How many rows there are to look into."""
        return len(self.lines)
