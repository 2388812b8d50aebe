"""What may be done to the subsets of a draft.

Takes   the state of a draft and what is wanted.
Gives   the new state, subsets with their numbers of rows and their borders.
Never   moves a row of a subset that was not changed.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

from blockwright.contracts.problems import error
from blockwright.contracts.subsets import (
    DataUsage,
    FoldsCreate,
    Overlap,
    Subset,
    SubsetChange,
    SubsetCreate,
    SubsetRule,
)
from blockwright.datasets.draft_state import DraftState

if TYPE_CHECKING:
    from blockwright.datasets.row_table import RowTable

TRAINING_PERCENT = 80.0
DEFAULT_SEED = 42
MAX_FOLD_VALUES = 20


def default_subsets(state: DraftState) -> DraftState:
    """Give Training, a random 80 % by seed 42, and Validation, the rest."""
    training = _new("Training", _training_rule())
    validation = _new("Validation", SubsetRule(kind="rest", of=[training.id]))
    return _counted(replace(state, subsets=[training, validation]))


def add_subset(state: DraftState, wanted: SubsetCreate) -> DraftState:
    """Add a subset, and take its rows out of those in `out_of`.

    Raises:
        BlockwrightError: `data.name_taken`, `data.subset_not_found`,
            `data.subset_rule_circular`, `data.subset_rule_feature`,
            `data.subset_rule_type`, `data.subset_rule_many_classes`, and the
            `data.condition_…` ones.
    """
    _require_free(wanted.name, state.subsets)
    added = _new(wanted.name, wanted.rule)
    giving = {find_subset(state.subsets, subset_id).id for subset_id in wanted.out_of}
    others = [
        _with_rule(each, each.rule.giving_up(added.id)) if each.id in giving else each
        for each in state.subsets
    ]
    return _counted(replace(state, subsets=[*others, added]))


def change_subset(state: DraftState, subset_id: str, wanted: SubsetChange) -> DraftState:
    """Change a subset; a rule that stays keeps its rows.

    Raises:
        BlockwrightError: `data.subset_not_found`, and as `add_subset`.
    """
    subset = find_subset(state.subsets, subset_id)
    _require_free(wanted.name, [other for other in state.subsets if other.id != subset_id])
    update: dict[str, object] = {"name": wanted.name, "rule": wanted.rule}
    if _cut(wanted.rule) != _cut(subset.rule):
        update["borders"] = {}
    changed = subset.model_copy(update=update)
    return _counted(
        replace(state, subsets=[changed if s.id == subset_id else s for s in state.subsets])
    )


def remove_subset(state: DraftState, subset_id: str) -> DraftState:
    """Remove a subset; those that its rows were taken out of have them again.

    Raises:
        BlockwrightError: `data.subset_not_found`, and `data.subset_is_leaned_on` when
            another is the rest of this one alone.
    """
    gone = find_subset(state.subsets, subset_id)
    others = [
        _with_rule(each, each.rule.taking_back(subset_id))
        for each in state.subsets
        if each.id != subset_id
    ]
    for other in others:
        if subset_id in other.rule.leans_on():
            raise error("data.subset_is_leaned_on", name=gone.name, other=other.name)
    return _counted(replace(state, subsets=others))


def add_folds(state: DraftState, wanted: FoldsCreate) -> DraftState:
    """Add k subsets “Fold 1” … and for each “Without fold 1” …, or one pair per column value.

    Raises:
        BlockwrightError: `data.fold_column_values` when the column holds fewer than 2 or
            more than 20 values, and as `add_subset`.
    """
    added: list[Subset] = []
    for word, rule, rest in _fold_rules(state, wanted):
        inside = _new(f"Fold {word}", rule)
        outside_rule = rest or SubsetRule(kind="rest", of=[inside.id])
        added += [inside, _new(f"Without fold {word}", outside_rule)]
    for subset in added:
        _require_free(subset.name, state.subsets)
    return _counted(replace(state, subsets=[*state.subsets, *added]))


def resized(state: DraftState) -> DraftState:
    """Count the rows of all subsets anew: after corrections, added rows or choices on gaps.

    Random rules keep their borders, so no row changes its side.
    """
    return _counted(state)


def usage(state: DraftState) -> DataUsage:
    """Tell how the subsets cover the rows: each pair that shares rows, and what is left."""
    import numpy as np  # noqa: PLC0415 - the server starts without it

    from blockwright.datasets.subsets import subset_masks  # noqa: PLC0415

    table = _table(state)
    masks = subset_masks(table, state.subsets)
    left_out = table.left_out()
    used = left_out.copy()
    for mask in masks.values():
        used |= mask
    overlaps = []
    for one, other in combinations(masks, 2):
        shared = int(np.count_nonzero(masks[one] & masks[other]))
        if shared:
            overlaps.append(Overlap(subset_ids=[one, other], rows=shared))
    return DataUsage(
        rows=table.rows,
        unused_rows=table.rows - int(np.count_nonzero(used)),
        left_out_rows=int(np.count_nonzero(left_out)),
        left_out_by_hand=len(state.left_out),
        overlaps=overlaps,
    )


def find_subset(subsets: Sequence[Subset], subset_id: str) -> Subset:
    """Give a subset by id. Raises `data.subset_not_found`."""
    for subset in subsets:
        if subset.id == subset_id:
            return subset
    raise error("data.subset_not_found")


def _counted(state: DraftState) -> DraftState:
    from blockwright.datasets.random_sides import RANDOM_KINDS  # noqa: PLC0415
    from blockwright.datasets.subsets import subset_masks, with_borders  # noqa: PLC0415

    table = _table(state)
    subsets: list[Subset] = list(state.subsets)
    for place, subset in enumerate(subsets):
        if subset.rule.kind in RANDOM_KINDS and not subset.borders:
            others = [other for other in subsets if other.id != subset.id]
            subsets[place] = with_borders(table, subset, others)
    masks = subset_masks(table, subsets)
    counted = [s.model_copy(update={"rows": int(masks[s.id].sum())}) for s in subsets]
    return replace(state, subsets=counted)


def _table(state: DraftState) -> RowTable:
    from blockwright.datasets.row_table import row_table  # noqa: PLC0415 - brings polars

    return row_table(state)


def _fold_rules(
    state: DraftState, wanted: FoldsCreate
) -> list[tuple[str, SubsetRule, SubsetRule | None]]:
    """Give word, rule of the fold, and rule of the rest where it is not simply the rest."""
    if wanted.feature is None:
        return [
            (
                str(fold),
                SubsetRule(
                    kind="k_fold",
                    folds=wanted.folds,
                    fold=fold,
                    seed=wanted.seed,
                    stratify_by=wanted.stratify_by,
                    group_by=wanted.group_by,
                ),
                None,
            )
            for fold in range(1, wanted.folds + 1)
        ]
    name = wanted.feature
    if name not in {feature.name for feature in state.features}:
        raise error("data.subset_rule_feature", feature=name)
    words = _in_natural_order(_table(state).labels(name).classes)
    if not 2 <= len(words) <= MAX_FOLD_VALUES:
        raise error(
            "data.fold_column_values", feature=name, values=len(words), limit=MAX_FOLD_VALUES
        )
    return [
        (
            word,
            SubsetRule(kind="fold", feature=name, values=[word]),
            SubsetRule(kind="fold", feature=name, values=[w for w in words if w != word]),
        )
        for word in words
    ]


def _in_natural_order(words: list[str]) -> list[str]:
    def place(word: str) -> tuple[bool, int, str]:
        return (False, int(word), "") if word.isdecimal() else (True, 0, word)

    return sorted(words, key=place)


def _training_rule() -> SubsetRule:
    return SubsetRule(kind="random", share_percent=TRAINING_PERCENT, seed=DEFAULT_SEED)


def _cut(rule: SubsetRule) -> SubsetRule:
    """Give what the borders of a rule depend on: not the rows that other subsets keep."""
    return rule.model_copy(update={"without": []})


def _with_rule(subset: Subset, rule: SubsetRule) -> Subset:
    return subset.model_copy(update={"rule": rule})


def _new(name: str, rule: SubsetRule) -> Subset:
    return Subset(id=f"sub_{secrets.token_hex(8)}", name=name, rule=rule, rows=0)


def _require_free(name: str, subsets: Sequence[Subset]) -> None:
    if name.strip().casefold() in {other.name.strip().casefold() for other in subsets}:
        raise error("data.name_taken", name=name)
