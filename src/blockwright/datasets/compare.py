"""What changed from one version of a dataset to another.

Takes   the states of two versions, and what is told of them.
Gives   rows by their identity, values, features, feature sets and subsets that differ.
Never   keeps more than one column of each at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from blockwright.contracts.data import (
    ChangedCell,
    Feature,
    FeatureComparison,
    SubsetComparison,
    VersionComparison,
    VersionSummary,
)
from blockwright.contracts.subsets import Subset
from blockwright.datasets.draft_state import DraftState
from blockwright.datasets.row_table import Mask, RowTable, row_table
from blockwright.datasets.subsets import subset_masks

RowNumbers = npt.NDArray[np.int64]
# So many changed values are told one by one, over all features together.
MOST_CELLS = 20
# What is no difference of its own: counts that follow from the rows.
_FOLLOWS_FROM_ROWS = {"histogram", "evidence", "offers", "missing_rows"}


@dataclass(frozen=True)
class _Sides:
    """Two tables, and the row numbers of the rows that both have, in the same order."""

    before: RowTable
    after: RowTable
    rows_before: RowNumbers
    rows_after: RowNumbers
    same_files: bool

    @property
    def out_before(self) -> Mask:
        """Which rows that both have the earlier version leaves out by hand."""
        mask: Mask = self.before.left_out_by_hand()[self.rows_before]
        return mask

    @property
    def out_after(self) -> Mask:
        """Which rows that both have the later version leaves out by hand."""
        mask: Mask = self.after.left_out_by_hand()[self.rows_after]
        return mask


def compare(
    before: DraftState,
    before_summary: VersionSummary,
    after: DraftState,
    after_summary: VersionSummary,
) -> VersionComparison:
    """Tell what changed from one version to another.

    Rows are the same when their identities are. A feature that was renamed counts as
    changed, found by its column. Values are compared as they are written, corrections
    included, so that another type alone changes none.

    Raises:
        BlockwrightError: As `subset_masks` does.
    """
    sides = _matched(row_table(before), row_table(after), before, after)
    features = _features(sides, before, after)
    sets_before = {bundle.name: bundle for bundle in before.feature_sets}
    sets_after = {bundle.name: bundle for bundle in after.feature_sets}
    return VersionComparison(
        before=before_summary,
        after=after_summary,
        rows_added=sides.after.rows - len(sides.rows_after),
        rows_removed=sides.before.rows - len(sides.rows_before),
        rows_left_out=int(np.count_nonzero(sides.out_after & ~sides.out_before)),
        rows_taken_back=int(np.count_nonzero(sides.out_before & ~sides.out_after)),
        values_changed=sum(each.changed_values for each in features),
        features=features,
        feature_sets_added=[name for name in sets_after if name not in sets_before],
        feature_sets_removed=[name for name in sets_before if name not in sets_after],
        subsets=_subsets(sides, before, after),
        same_content=before_summary.content_hash is not None
        and before_summary.content_hash == after_summary.content_hash,
    )


def _matched(
    before: RowTable, after: RowTable, state_before: DraftState, state_after: DraftState
) -> _Sides:
    if state_before.content_folder == state_after.content_folder:
        every = np.arange(before.rows, dtype=np.int64)
        return _Sides(before, after, every, every, same_files=True)
    _, rows_before, rows_after = np.intersect1d(
        before.identities(), after.identities(), return_indices=True
    )
    return _Sides(
        before, after, rows_before.astype(np.int64), rows_after.astype(np.int64), same_files=False
    )


def _features(sides: _Sides, before: DraftState, after: DraftState) -> list[FeatureComparison]:
    earlier = {feature.column: feature for feature in before.features}
    later = {feature.column: feature for feature in after.features}
    compared = [
        FeatureComparison(name=feature.name, change="removed", before=feature)
        for column, feature in earlier.items()
        if column not in later
    ]
    room = MOST_CELLS
    for column, feature in later.items():
        other = earlier.get(column)
        if other is None:
            compared.append(FeatureComparison(name=feature.name, change="added", after=feature))
            continue
        changed_values, cells = _changed_cells(sides, other, feature, room)
        room -= len(cells)
        if changed_values or _settings(other) != _settings(feature):
            compared.append(
                FeatureComparison(
                    name=feature.name,
                    change="changed",
                    before=other,
                    after=feature,
                    changed_values=changed_values,
                    cells=cells,
                )
            )
    return compared


def _settings(feature: Feature) -> dict[str, object]:
    return feature.model_dump(exclude=_FOLLOWS_FROM_ROWS)


def _changed_cells(
    sides: _Sides, before: Feature, after: Feature, most: int
) -> tuple[int, list[ChangedCell]]:
    """Count the values that differ, and give the first of them."""
    touched = before.name in sides.before.corrected or after.name in sides.after.corrected
    if sides.same_files and not touched:
        return 0, []
    one = sides.before.cells(before.name)[sides.rows_before]
    other = sides.after.cells(after.name)[sides.rows_after]
    changed = one.ne_missing(other).to_numpy()
    column = after.column
    if column in sides.before.content.media and column in sides.after.content.media:
        files = sides.before.facts(before.name)["sha256"][sides.rows_before]
        other_files = sides.after.facts(after.name)["sha256"][sides.rows_after]
        changed = changed | files.ne_missing(other_files).to_numpy()
    places = np.flatnonzero(changed)
    cells = [
        ChangedCell(row=int(sides.rows_after[at]), before=one[int(at)], after=other[int(at)])
        for at in places[:most]
    ]
    return len(places), cells


def _subsets(sides: _Sides, before: DraftState, after: DraftState) -> list[SubsetComparison]:
    masks_before = subset_masks(sides.before, before.subsets)
    masks_after = subset_masks(sides.after, after.subsets)
    earlier = {subset.name: subset for subset in before.subsets}
    later = {subset.name: subset for subset in after.subsets}
    compared = [
        SubsetComparison(
            name=name,
            change="removed",
            rows_before=int(masks_before[subset.id].sum()),
            rows_left=int(masks_before[subset.id].sum()),
        )
        for name, subset in earlier.items()
        if name not in later
    ]
    for name, subset in later.items():
        mask = masks_after[subset.id]
        if name not in earlier:
            rows = int(mask.sum())
            compared.append(
                SubsetComparison(name=name, change="added", rows_after=rows, rows_entered=rows)
            )
            continue
        changed = _subset_change(sides, earlier[name], subset, masks_before, masks_after)
        if changed is not None:
            compared.append(changed)
    return compared


def _subset_change(
    sides: _Sides,
    before: Subset,
    after: Subset,
    masks_before: dict[str, Mask],
    masks_after: dict[str, Mask],
) -> SubsetComparison | None:
    mask_before, mask_after = masks_before[before.id], masks_after[after.id]
    both = mask_before[sides.rows_before] & mask_after[sides.rows_after]
    stayed = int(np.count_nonzero(both))
    rows_before, rows_after = int(mask_before.sum()), int(mask_after.sum())
    if stayed == rows_before == rows_after and _rule(before) == _rule(after):
        return None
    return SubsetComparison(
        name=after.name,
        change="changed",
        rows_before=rows_before,
        rows_after=rows_after,
        rows_entered=rows_after - stayed,
        rows_left=rows_before - stayed,
    )


def _rule(subset: Subset) -> dict[str, object]:
    # Ids of other subsets differ between versions without meaning anything.
    return subset.rule.model_dump(exclude={"of", "without"})
