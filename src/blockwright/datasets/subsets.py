"""Which rows belong to which subset.

Takes   the table of rows and the subsets of a version, random ones with their borders.
Gives   one truth per row and subset, or the row numbers.
Never   takes a row that is left out, by hand or because a value is missing.

Random and k-fold rules are cut in `random_sides`, by the method that `shares` describes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from blockwright.contracts.problems import error
from blockwright.contracts.subsets import Subset, SubsetRule
from blockwright.datasets.conditions import matching
from blockwright.datasets.random_sides import RANDOM_KINDS, made_borders, rows_between
from blockwright.datasets.row_table import Mask, RowTable

RowNumbers = npt.NDArray[np.int64]


def subset_rows(table: RowTable, subsets: Sequence[Subset]) -> dict[str, RowNumbers]:
    """Give the row numbers of each subset, ascending, by subset id. Raises as `subset_masks`."""
    masks = subset_masks(table, subsets)
    return {name: np.flatnonzero(mask).astype(np.int64) for name, mask in masks.items()}


def subset_masks(table: RowTable, subsets: Sequence[Subset]) -> dict[str, Mask]:
    """Tell for each subset, by id, which rows are in it, shape (rows,) each.

    Raises:
        BlockwrightError: `data.subset_rule_circular`, `data.subset_rule_feature`,
            `data.subset_rule_type`, `data.subset_rule_many_classes`, and as `matching` does.
    """
    chosen: dict[str, Mask] = {}
    for subset in in_leaning_order(subsets):
        mask = _own_mask(table, subset)
        others = subset.rule.leans_on()
        chosen[subset.id] = mask & ~_in_any(chosen, others) if others else mask
    return {subset.id: chosen[subset.id] for subset in subsets}


def in_leaning_order(subsets: Sequence[Subset]) -> list[Subset]:
    """Order subsets so that each comes after those that it leans on.

    Raises:
        BlockwrightError: `data.subset_rule_circular` when there is no such order.
    """
    ordered: list[Subset] = []
    waiting = list(subsets)
    there: set[str] = set()
    while waiting:
        ready = [s for s in waiting if there.issuperset(s.rule.leans_on())]
        if not ready:
            raise error("data.subset_rule_circular", name=waiting[0].name)
        ordered += ready
        there |= {subset.id for subset in ready}
        waiting = [subset for subset in waiting if subset.id not in there]
    return ordered


def with_borders(table: RowTable, subset: Subset, others: Sequence[Subset]) -> Subset:
    """Give a subset with borders cut now, if its rule needs them. Raises as `made_borders`."""
    if subset.rule.kind not in RANDOM_KINDS:
        return subset.model_copy(update={"borders": {}})
    borders = made_borders(table, subset.rule, others)
    return subset.model_copy(update={"borders": borders})


def _in_any(chosen: dict[str, Mask], subset_ids: set[str]) -> Mask:
    inside: Mask = np.logical_or.reduce([chosen[each] for each in subset_ids])
    return inside


def _own_mask(table: RowTable, subset: Subset) -> Mask:
    """Tell which rows the rule takes before those of other subsets are left out."""
    rule = subset.rule.model_dump_json(exclude={"of", "without"})
    key = f"{rule}{sorted(subset.borders.items())}"
    return table.keep("subset", key, lambda: _made_mask(table, subset) & ~table.left_out())


def _made_mask(table: RowTable, subset: Subset) -> Mask:
    rule = subset.rule
    if rule.kind in RANDOM_KINDS:
        borders = subset.borders or made_borders(table, rule, [])
        return rows_between(table, rule, borders)
    if rule.kind == "condition" and rule.condition is not None:
        return matching(table, rule.condition)
    if rule.kind == "fold":
        return _of_fold(table, rule)
    return np.ones(table.rows, dtype=bool)


def _of_fold(table: RowTable, rule: SubsetRule) -> Mask:
    name = rule.feature or ""
    if name not in table.features:
        raise error("data.subset_rule_feature", feature=name)
    labels, wanted = table.labels(name), set(rule.values)
    truths = np.array([bool(wanted.intersection(one)) for one in labels.sets], dtype=bool)
    return truths[labels.codes]
