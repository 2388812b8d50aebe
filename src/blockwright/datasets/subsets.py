"""Stand-in until the rows branch is merged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from blockwright.contracts.subsets import Subset
from blockwright.datasets.row_table import RowTable

RowNumbers = npt.NDArray[np.int64]


def subset_rows(table: RowTable, subsets: Sequence[Subset]) -> dict[str, RowNumbers]:
    """Give the rows of each subset."""
    everything = np.arange(table.rows)
    ranks = np.argsort(np.argsort(table.identities()))
    chosen: dict[str, RowNumbers] = {}
    for subset in subsets:
        rule = subset.rule
        if rule.kind == "random":
            chosen[subset.id] = np.flatnonzero(ranks < round(table.rows * rule.share_percent / 100))
        elif rule.kind == "rest":
            others = np.concatenate([chosen[each] for each in rule.of])
            chosen[subset.id] = np.setdiff1d(everything, others)
        else:
            chosen[subset.id] = everything
    return chosen
