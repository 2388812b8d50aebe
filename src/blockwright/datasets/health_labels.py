"""Check of labels: rows that hold the same files, but not the same labels.

Takes   the findings so far, with the table in them.
Gives   more findings, one per feature or feature set that differs.
Never   takes a gap for a label, nor a column of speakers or sources, which is none.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from blockwright.contracts.problems import problem
from blockwright.datasets.health_findings import Findings
from blockwright.datasets.health_values import file_hashes, is_group_name
from blockwright.datasets.row_table import Mask
from blockwright.datasets.rows_in_use import RowsInUse


def label_checks(found: Findings) -> None:
    """Look for copies of a file whose labels differ, when there are files."""
    hashes = file_hashes(found.table)
    if len(hashes) == 0:
        return
    found.check("label_conflicts")
    _, groups, counts = np.unique(hashes, return_inverse=True, return_counts=True)
    copies = np.flatnonzero(counts[groups] > 1)
    if len(copies) == 0:
        return
    for name in _label_names(found.table):
        labels = found.table.labels(name)
        # A set of 0/1 columns may well hold no 1; elsewhere no class is a gap.
        rows = copies
        if name not in found.table.feature_sets:
            given = np.array([bool(one) for one in labels.sets], dtype=bool)
            rows = copies[given[labels.codes[copies]]]
        pairs, mask = _differing(groups, labels.codes, rows)
        words = problem("data.health_label_conflicts", feature=name, pairs=pairs)
        found.twins_found(
            f"label_conflicts:{name}", "warn", name, mask, words, groups=groups, are_copies=False
        )


def _label_names(table: RowsInUse) -> Iterator[str]:
    bundled: set[str] = set()
    for bundle in table.feature_sets.values():
        if bundle.kind == "binary":
            bundled.update(bundle.features)
            yield bundle.name
    for name, feature in table.features.items():
        has_classes = feature.type in {"categorical", "multi_label", "binary"}
        if has_classes and name not in bundled and not is_group_name(name):
            yield name


def _differing(
    groups: npt.NDArray[np.int64], codes: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]
) -> tuple[int, Mask]:
    """Count pairs of a group whose codes differ, and tell the rows of such groups.

    Of n rows with n(n-1)/2 pairs, those within each code are no such pairs.
    """
    within = np.unique(np.stack([groups[rows], codes[rows]]), axis=1, return_counts=True)
    (group_of_kind, _), sizes = within
    kinds = np.bincount(group_of_kind, minlength=len(groups))
    pairs = np.zeros(len(groups), dtype=np.int64)
    np.add.at(pairs, group_of_kind, -(sizes * (sizes - 1) // 2))
    totals = np.bincount(groups[rows], minlength=len(groups))
    pairs += totals * (totals - 1) // 2
    mask = np.zeros(len(groups), dtype=bool)
    mask[rows] = kinds[groups[rows]] > 1
    return int(pairs.sum()), mask
