"""The folds of a version: which subset judges, and which one is learnt from meanwhile."""

from __future__ import annotations

from collections.abc import Sequence

from blockwright.contracts.data import DataSchema
from blockwright.contracts.run_groups import Fold, FoldSet
from blockwright.contracts.subsets import Subset

FEWEST_FOLDS = 2


def fold_sets(schema: DataSchema) -> list[FoldSet]:
    """Find the sets of folds among the subsets of a version, told apart by their rules.

    A fold is a subset by `k_fold` or by one value of a column, with a second subset that is
    the rest of it. Names say nothing: a person may change them.
    """
    found: dict[str, list[Fold]] = {}
    for inside in schema.subsets:
        key = _key(inside)
        values = _values(schema, inside.rule.feature)
        rest = next((s for s in schema.subsets if _is_rest(s, inside, values)), None)
        if key is not None and rest is not None:
            fold = Fold(
                name=inside.name, training_subset_id=rest.id, validation_subset_id=inside.id
            )
            found.setdefault(key, []).append(fold)
    return [
        FoldSet(id=key, folds=folds)
        for key, folds in found.items()
        if _is_whole(key, folds, schema.subsets)
    ]


def _values(schema: DataSchema, feature: str | None) -> set[str]:
    """Give all values of a column that subsets name."""
    rules = [s.rule for s in schema.subsets if s.rule.kind == "fold" and s.rule.feature == feature]
    return {value for rule in rules for value in rule.values}


def _key(inside: Subset) -> str | None:
    rule = inside.rule
    if rule.kind == "k_fold":
        more = [rule.stratify_by or "", rule.group_by or ""]
        return "/".join([f"k_fold {rule.folds}", str(rule.seed), *more])
    if rule.kind == "fold" and len(rule.values) == 1:
        return f"column {rule.feature}"
    return None


def _is_rest(other: Subset, inside: Subset, values: set[str]) -> bool:
    if inside.rule.kind == "k_fold":
        return other.rule.kind == "rest" and other.rule.of == [inside.id]
    of_the_column = other.rule.kind == "fold" and other.rule.feature == inside.rule.feature
    return of_the_column and set(other.rule.values) == values - set(inside.rule.values)


def _is_whole(key: str, folds: Sequence[Fold], subsets: Sequence[Subset]) -> bool:
    if not key.startswith("k_fold"):
        return len(folds) >= FEWEST_FOLDS
    by_id = {subset.id: subset.rule for subset in subsets}
    rules = [by_id[fold.validation_subset_id] for fold in folds]
    return {rule.fold for rule in rules} == set(range(1, rules[0].folds + 1))
