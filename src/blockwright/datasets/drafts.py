"""What may be done to a draft: rules on names, feature sets and subsets. No SQL here."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from blockwright.contracts.data import (
    Feature,
    FeatureChange,
    FeatureSet,
    FeatureSetCreate,
    Subset,
    SubsetChange,
    SubsetCreate,
    SubsetRule,
)
from blockwright.contracts.problems import error
from blockwright.datasets.subset_sizes import subset_sizes

TRAINING_PERCENT = 80.0
DEFAULT_SEED = 42


def default_subsets(rows: int) -> list[Subset]:
    """Give Training, a random 80 %, and Validation, the rest."""
    training = Subset(
        id=_new_id("sub"),
        name="Training",
        rule=SubsetRule(kind="random", share_percent=TRAINING_PERCENT, seed=DEFAULT_SEED),
        rows=0,
    )
    validation = Subset(
        id=_new_id("sub"), name="Validation", rule=SubsetRule(kind="rest", of=training.id), rows=0
    )
    return with_sizes([training, validation], rows)


def with_sizes(subsets: Sequence[Subset], rows: int) -> list[Subset]:
    """Give the subsets with their numbers of rows.

    Raises:
        BlockwrightError: `data.subset_rule_circular`.
    """
    sizes = subset_sizes(subsets, rows)
    return [subset.model_copy(update={"rows": sizes[subset.id]}) for subset in subsets]


def add_subset(subsets: Sequence[Subset], wanted: SubsetCreate, rows: int) -> list[Subset]:
    """Add a subset. Raises `data.name_taken`, `data.subset_rule_circular`."""
    _require_free(wanted.name, [subset.name for subset in subsets])
    added = Subset(id=_new_id("sub"), name=wanted.name, rule=wanted.rule, rows=0)
    return with_sizes([*subsets, added], rows)


def change_subset(
    subsets: Sequence[Subset], subset_id: str, wanted: SubsetChange, rows: int
) -> list[Subset]:
    """Change a subset. Raises `data.subset_not_found` and as `add_subset`."""
    find_subset(subsets, subset_id)
    _require_free(wanted.name, [subset.name for subset in subsets if subset.id != subset_id])
    update = {"name": wanted.name, "rule": wanted.rule}
    changed = [s.model_copy(update=update) if s.id == subset_id else s for s in subsets]
    return with_sizes(changed, rows)


def remove_subset(subsets: Sequence[Subset], subset_id: str) -> list[Subset]:
    """Remove a subset. Raises `data.subset_not_found`, `data.subset_is_leaned_on`."""
    gone = find_subset(subsets, subset_id)
    for other in subsets:
        if other.rule.kind == "rest" and other.rule.of == subset_id:
            raise error("data.subset_is_leaned_on", name=gone.name, other=other.name)
    return [subset for subset in subsets if subset.id != subset_id]


def find_subset(subsets: Sequence[Subset], subset_id: str) -> Subset:
    """Give a subset by id. Raises `data.subset_not_found`."""
    for subset in subsets:
        if subset.id == subset_id:
            return subset
    raise error("data.subset_not_found")


def find_feature(features: Sequence[Feature], name: str) -> Feature:
    """Give a feature by name. Raises `data.feature_not_found`."""
    for feature in features:
        if feature.name == name:
            return feature
    raise error("data.feature_not_found", name=name)


def change_feature(features: Sequence[Feature], name: str, wanted: FeatureChange) -> list[Feature]:
    """Change a normalisation. Raises `data.feature_not_found`, `data.feature_not_normalizable`."""
    feature = find_feature(features, name)
    if wanted.normalization != "none" and feature.type not in {"tensor", "numeric"}:
        raise error("data.feature_not_normalizable", name=name)
    update = {"normalization": wanted.normalization}
    return [f.model_copy(update=update) if f.name == name else f for f in features]


def make_feature_set(
    features: Sequence[Feature], sets: Sequence[FeatureSet], wanted: FeatureSetCreate
) -> FeatureSet:
    """Bundle features in the order of the columns; counts are added by `browse`.

    Raises:
        BlockwrightError: `data.name_taken`, `data.feature_not_found`,
            `data.feature_named_twice`, `data.feature_set_mixed`.
    """
    _require_free(wanted.name, [f.name for f in features] + [s.name for s in sets])
    chosen = set(wanted.features)
    if len(chosen) != len(wanted.features):
        twice = next(name for name in wanted.features if wanted.features.count(name) > 1)
        raise error("data.feature_named_twice", name=twice)
    for name in wanted.features:
        feature = find_feature(features, name)
        if feature.type not in {"binary", "numeric"}:
            raise error("data.feature_set_mixed", name=name, type=feature.type)
    bundled = [feature for feature in features if feature.name in chosen]
    return FeatureSet(
        id=_new_id("set"),
        name=wanted.name,
        features=[feature.name for feature in bundled],
        shape=[len(bundled)],
        kind="binary" if all(f.type == "binary" for f in bundled) else "numeric",
        counts=[],
    )


def _require_free(name: str, taken: Sequence[str]) -> None:
    if name.strip().casefold() in {other.strip().casefold() for other in taken}:
        raise error("data.name_taken", name=name)


def _new_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(8)}"
