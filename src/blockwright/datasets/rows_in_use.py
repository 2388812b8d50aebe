"""The rows of a table that are in use: those that a person left out are not there.

Takes   a `RowTable`.
Gives   the same columns without the rows that are left out, and the way back to all rows.
Never   copies a column while no row is left out; drops a row because a value is missing: what
        is said of gaps is said of these rows.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from blockwright.datasets.label_sets import LabelSets
from blockwright.datasets.row_table import Mask, RowTable

RowNumbers = npt.NDArray[np.int64]


class RowsInUse:
    """Columns of a table as `RowTable` gives them, shape (rows in use,)."""

    def __init__(self, table: RowTable) -> None:
        """Look at the rows of `table` that nobody left out."""
        self.table = table
        self.content = table.content
        self.content_folder = table.content_folder
        self.features = table.features
        self.feature_sets = table.feature_sets
        self._in_use = ~table.left_out_by_hand()
        self._is_whole = bool(self._in_use.all())
        self.rows = int(np.count_nonzero(self._in_use))

    @cached_property
    def numbers(self) -> RowNumbers:
        """The number in the table of each row in use."""
        return np.flatnonzero(self._in_use).astype(np.int64)

    def values(self, name: str) -> pl.Series:
        """Give the values of a feature."""
        values = self.table.values(name)
        return values if self._is_whole else values.filter(pl.Series(self._in_use))

    def missing(self, name: str) -> Mask:
        """Tell for each row whether a feature has no value."""
        return self.of(self.table.missing(name))

    def left_out(self) -> Mask:
        """Tell which of these rows the choice on a missing value leaves out."""
        return self.of(self.table.left_out())

    def labels(self, name: str) -> LabelSets:
        """Give the set of classes of each row."""
        labels = self.table.labels(name)
        return labels if self._is_whole else LabelSets(self.of(labels.codes), labels.sets)

    def facts(self, name: str) -> pl.DataFrame:
        """Give what is known of each recording or image."""
        facts = self.table.facts(name)
        return facts if self._is_whole or facts.is_empty() else facts.filter(self._in_use)

    def of(self, numbers: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Give the part of an array of all rows, shape (all rows, …), that is in use."""
        return numbers if self._is_whole else numbers[self._in_use]

    def to_all(self, mask: Mask) -> Mask:
        """Give truths of the rows in use as truths of all rows, false where left out."""
        if self._is_whole:
            return mask
        every = np.zeros(len(self._in_use), dtype=bool)
        every[self.numbers] = mask
        return every
