"""Borders of random and k-fold rules: made once, kept with the subset, and applied to rows.

Takes   the table of rows, a rule, and the other subsets of the version.
Gives   `Subset.borders`, and which rows lie between them.
Never   lets two rules of one seed share a row when their percentages do not overlap: a border
        at the same percentage is taken over from the other subset, and one between two others
        stays between them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from blockwright.contracts.problems import error
from blockwright.contracts.subsets import Subset, SubsetRule
from blockwright.datasets import shares, strata
from blockwright.datasets.label_sets import LabelSets, number_of_words, word_codes
from blockwright.datasets.row_table import Mask, RowTable

RANDOM_KINDS = frozenset({"random", "k_fold"})
MAX_STRATUM_WORDS = 2_000
_SAME_PERCENT = 1e-9
_STRATIFIABLE = {"binary", "categorical", "multi_label", "text", "numeric"}


def percents_of(rule: SubsetRule) -> tuple[float, float]:
    """Give where a random or k-fold rule's share begins and ends, in percent."""
    if rule.kind == "k_fold":
        return 100 * (rule.fold - 1) / rule.folds, 100 * rule.fold / rule.folds
    return rule.from_percent, min(100.0, rule.from_percent + rule.share_percent)


def made_borders(
    table: RowTable, rule: SubsetRule, others: Sequence[Subset]
) -> dict[str, list[str]]:
    """Cut the share of a rule exactly, by stratum, on the rows as they are now.

    Args:
        table: All rows; those left out count for nothing.
        rule: Of kind random or k_fold.
        others: The other subsets of the version, which have their borders already.

    Raises:
        BlockwrightError: `data.subset_rule_feature`, `data.subset_rule_type`,
            `data.subset_rule_many_classes`.
    """
    kept = _kept_points(rule, others)
    rows = _Ranked.of(table, rule, kept.keys)
    units = rows.units(~table.left_out())
    lower, upper = (kept.point(units, rows.keys, percent) for percent in percents_of(rule))
    return {
        key: [str(low), str(max(low, high))]
        for key, low, high in zip(rows.keys, lower, upper, strict=True)
    }


def rows_between(table: RowTable, rule: SubsetRule, borders: dict[str, list[str]]) -> Mask:
    """Tell which rows lie between a rule's borders, shape (rows,)."""
    rows = _Ranked.of(table, rule, list(borders))
    lower = [int(borders[key][0]) for key in rows.keys]
    upper = [int(borders[key][1]) for key in rows.keys]
    is_below = shares.is_below(rows.ranks, rows.strata, upper)
    inside: Mask = is_below & ~shares.is_below(rows.ranks, rows.strata, lower)
    return inside


@dataclass(frozen=True)
class _Points:
    """Borders that other subsets of the same seed keep, by percentage."""

    keys: list[str] | None
    by_percent: dict[float, dict[str, int]]

    def point(self, units: shares.Units, keys: Sequence[str], percent: float) -> list[int]:
        """Give one border per stratum at a percentage, 0 to 2^64."""
        for known, borders in self.by_percent.items():
            if abs(known - percent) < _SAME_PERCENT:
                return [borders[key] for key in keys]
        made = shares.borders_at(units, len(keys), percent)
        for known, borders in self.by_percent.items():
            nearer = max if known < percent else min
            made = [nearer(one, borders[key]) for one, key in zip(made, keys, strict=True)]
        return made


def _kept_points(rule: SubsetRule, others: Sequence[Subset]) -> _Points:
    keys: list[str] | None = None
    by_percent: dict[float, dict[str, int]] = {}
    for other in others:
        if not other.borders or _family(other.rule) != _family(rule):
            continue
        if keys is None:
            keys = list(other.borders)
        if set(keys) != set(other.borders):
            continue
        for place, percent in enumerate(percents_of(other.rule)):
            cut = {key: int(pair[place]) for key, pair in other.borders.items()}
            by_percent.setdefault(percent, cut)
    return _Points(keys, by_percent)


def _family(rule: SubsetRule) -> tuple[object, ...]:
    return rule.kind in RANDOM_KINDS, rule.seed, rule.stratify_by, rule.group_by


@dataclass(frozen=True)
class _Ranked:
    """Rank and stratum of each row under a rule, shape (rows,) each."""

    ranks: shares.Ranks
    strata: npt.NDArray[np.int64]
    keys: list[str]
    labels: LabelSets | None
    grouped: bool

    @classmethod
    def of(cls, table: RowTable, rule: SubsetRule, keys: Sequence[str] | None) -> _Ranked:
        """Rank all rows; strata by the keys kept, or chosen from the rows as they are."""
        seed, group_by = rule.seed, rule.group_by
        ranks = shares.mixed(
            table.identities() if group_by is None else _group_numbers(table, group_by), seed
        )
        if rule.stratify_by is None:
            none = np.zeros(table.rows, dtype=np.int64)
            return cls(ranks, none, [strata.EVERYTHING_ELSE], None, group_by is not None)
        labels = _stratifying(table, rule.stratify_by)
        set_codes = labels.codes
        if group_by is not None:
            _, first_rows, units = np.unique(ranks, return_index=True, return_inverse=True)
            set_codes = labels.codes[first_rows[units]]
        if keys is None:
            used = set_codes[~table.left_out()]
            keys = strata.chosen_keys(labels, used)
        by_set = strata.strata_of_sets(labels, keys)
        return cls(ranks, by_set[set_codes], list(keys), labels, group_by is not None)

    def units(self, used: Mask) -> shares.Units:
        """Give what borders are cut between: the used rows, or the groups they form."""
        ranks, places, sizes = self.ranks[used], self.strata[used], None
        unit_of_row = None
        if self.grouped:
            ranks, first, unit_of_row = np.unique(ranks, return_index=True, return_inverse=True)
            places, sizes = places[first], np.bincount(unit_of_row, minlength=len(ranks))
        classes = None
        if self.labels is not None and (self.grouped or self.several_classes):
            classes = _class_counts(self.labels, self.labels.codes[used], unit_of_row, len(ranks))
        return shares.Units(ranks, places, sizes, classes)

    @property
    def several_classes(self) -> bool:
        """Whether some row holds more than one class."""
        return self.labels is not None and any(len(one) > 1 for one in self.labels.sets)


def _class_counts(
    labels: LabelSets,
    codes: npt.NDArray[np.int64],
    unit_of_row: npt.NDArray[np.int64] | None,
    units: int,
) -> object:
    """Count classes by unit: a sparse matrix (units, classes)."""
    from scipy import sparse  # noqa: PLC0415 - only stratified rules need it

    columns = {name: place for place, name in enumerate(labels.classes)}
    lengths = np.array([0, *(len(one) for one in labels.sets)])
    places = np.array([columns[each] for one in labels.sets for each in one], dtype=np.int64)
    of_sets = sparse.csr_matrix(
        (np.ones(len(places)), places, np.cumsum(lengths)), shape=(len(labels.sets), len(columns))
    )
    rows = np.arange(len(codes)) if unit_of_row is None else unit_of_row
    of_units = sparse.csr_matrix(
        (np.ones(len(codes)), (rows, codes)), shape=(units, len(labels.sets))
    )
    return of_units @ of_sets


def _group_numbers(table: RowTable, name: str) -> npt.NDArray[np.uint64]:
    """Give a number per row that rows of one group share; a row without group is one itself."""
    if name not in table.features:
        raise error("data.subset_rule_feature", feature=name)
    labels = table.keep("groups", name, lambda: _group_labels(table, name))
    return labels


def _group_labels(table: RowTable, name: str) -> npt.NDArray[np.uint64]:
    words = table.words_once(name)
    if 2 * number_of_words(words) > len(words):  # to number them first would take longer
        numbers = np.fromiter((_group_number(word or "") for word in words), np.uint64, len(words))
        return np.where(words.is_null().to_numpy(), table.identities(), numbers)
    codes, different = word_codes(words)
    # One number more, for the rows without a group.
    numbers = np.zeros(len(different) + 1, dtype=np.uint64)
    for place, word in enumerate(different):
        numbers[place] = _group_number(word)
    return np.where(codes == len(different), table.identities(), numbers[codes])


def _group_number(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest())


def _stratifying(table: RowTable, name: str) -> LabelSets:
    bundle = table.feature_sets.get(name)
    if bundle is None and name not in table.features:
        raise error("data.subset_rule_feature", feature=name)
    kind = table.features[name].type if bundle is None else bundle.kind
    if kind not in _STRATIFIABLE or (bundle is not None and kind == "numeric"):
        raise error("data.subset_rule_type", feature=name, type=kind)
    labels = table.labels(name)
    if kind in {"numeric", "text"} and len(labels.sets) > MAX_STRATUM_WORDS:
        raise error(
            "data.subset_rule_many_classes",
            feature=name,
            distinct=len(labels.sets),
            limit=MAX_STRATUM_WORDS,
        )
    return labels
