"""What changed between two versions: rows, values, features, sets and subsets."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from blockwright.contracts.data import Correction, FeatureSet, VersionComparison, VersionSummary
from blockwright.contracts.encodings import NumericEncoding
from blockwright.contracts.subsets import SubsetChange, SubsetRule
from blockwright.datasets import subset_drafts
from blockwright.datasets.compare import MOST_CELLS, compare
from blockwright.datasets.draft_state import DraftState
from tests.support.content_folders import feature, write_content

TYPES = {"id": "text", "x": "numeric", "c": "categorical"}


def content(folder: Path, rows: int, **changes: object) -> DraftState:
    columns: dict[str, list[object]] = {
        "id": [f"r{n}" for n in range(rows)],
        "x": [float(n) for n in range(rows)],
        "c": ["a", "b"] * (rows // 2),
    }
    state = write_content(folder, columns, TYPES)  # type: ignore[arg-type]
    return dataclasses.replace(subset_drafts.default_subsets(state), **changes)


def summary(state: DraftState, number: int, content_hash: str | None = None) -> VersionSummary:
    return VersionSummary(
        id=f"ver_{number}",
        dataset_id="ds_1",
        number=number,
        state="frozen" if content_hash else "draft",
        rows=state.rows,
        content_hash=content_hash,
    )


def compared(before: DraftState, after: DraftState) -> VersionComparison:
    return compare(before, summary(before, 1, "one"), after, summary(after, 2, "two"))


def test_a_copy_differs_in_nothing(tmp_path: Path) -> None:
    state = content(tmp_path / "a", 20)
    told = compare(state, summary(state, 1, "same"), state, summary(state, 2, "same"))
    assert told.same_content
    assert (told.rows_added, told.rows_removed, told.values_changed) == (0, 0, 0)
    assert (told.features, told.subsets) == ([], [])
    draft = compare(state, summary(state, 1), state, summary(state, 2))
    assert not draft.same_content


def test_rows_that_came_and_went_are_counted_and_sides_stay(tmp_path: Path) -> None:
    before = content(tmp_path / "a", 20)
    after = content(tmp_path / "b", 30, subsets=before.subsets)
    told = compared(before, after)
    assert (told.rows_added, told.rows_removed, told.values_changed) == (10, 0, 0)
    entered = {each.name: (each.rows_entered, each.rows_left) for each in told.subsets}
    assert sum(count for count, _ in entered.values()) == 10
    assert all(left == 0 for _, left in entered.values())
    turned = compared(after, before)
    assert (turned.rows_added, turned.rows_removed) == (0, 10)


def test_corrections_are_counted_as_changed_values(tmp_path: Path) -> None:
    before = content(tmp_path / "a", 20)
    corrections = [
        Correction(row=1, feature="c", value="z"),
        Correction(row=2, feature="c", value="a"),
        Correction(row=3, feature="x", value=99.0),
    ]
    after = dataclasses.replace(before, corrections=corrections)
    told = compared(before, after)
    # Row 2 was an "a" before it was corrected to one.
    assert told.values_changed == 2
    assert {each.name: each.changed_values for each in told.features} == {"c": 1, "x": 1}
    cells = {
        each.name: [(cell.row, cell.before, cell.after) for cell in each.cells]
        for each in told.features
    }
    assert cells == {"c": [(1, "b", "z")], "x": [(3, "3", "99")]}


def test_only_the_first_changed_values_are_told_one_by_one(tmp_path: Path) -> None:
    before = content(tmp_path / "a", 40)
    emptied = [Correction(row=row, feature="x", value=None) for row in range(15)]
    named = [Correction(row=row, feature="c", value="z") for row in range(15)]
    told = compared(before, dataclasses.replace(before, corrections=[*emptied, *named]))
    x, c = told.features
    assert (x.changed_values, len(x.cells)) == (15, 15)
    assert (c.changed_values, len(c.cells), told.values_changed) == (15, MOST_CELLS - 15, 30)
    assert x.cells[0].after is None
    back = compared(dataclasses.replace(before, corrections=emptied), before)
    assert (back.features[0].cells[0].before, back.features[0].cells[0].after) == (None, "0")


def test_features_and_sets_that_differ_are_named(tmp_path: Path) -> None:
    before = content(tmp_path / "a", 20)
    encoding = NumericEncoding(normalization="standardize")
    bundle = FeatureSet(id="1", name="New", features=["x"], shape=[1], kind="numeric", counts=[])
    after = dataclasses.replace(
        before,
        features=[
            feature("id", "text"),
            feature("x", "numeric", encoding=encoding),
            feature("class", "categorical", column="c"),
        ],
        feature_sets=[bundle],
    )
    told = compared(before, after)
    assert [(each.name, each.change) for each in told.features] == [
        ("x", "changed"),
        ("class", "changed"),
    ]
    assert (told.feature_sets_added, told.feature_sets_removed) == (["New"], [])
    less = dataclasses.replace(before, features=before.features[:2])
    assert [(each.name, each.change) for each in compared(before, less).features] == [
        ("c", "removed")
    ]
    assert [(each.name, each.change) for each in compared(less, before).features] == [
        ("c", "added")
    ]


def test_rows_that_entered_or_left_a_subset_are_counted(tmp_path: Path) -> None:
    before = content(tmp_path / "a", 20)
    training = before.subsets[0]
    rule = SubsetRule(kind="random", share_percent=50)
    after = subset_drafts.change_subset(
        before, training.id, SubsetChange(name="Training", rule=rule)
    )
    told = {each.name: each for each in compared(before, after).subsets}
    assert (told["Training"].rows_before, told["Training"].rows_after) == (16, 10)
    assert (told["Training"].rows_entered, told["Training"].rows_left) == (0, 6)
    assert (told["Validation"].rows_entered, told["Validation"].rows_left) == (6, 0)
    alone = dataclasses.replace(before, subsets=before.subsets[:1])
    gone = compared(before, alone).subsets
    assert [(each.name, each.change, each.rows_left) for each in gone] == [
        ("Validation", "removed", 4)
    ]
    came = compared(alone, before).subsets
    assert [(each.name, each.change, each.rows_entered) for each in came] == [
        ("Validation", "added", 4)
    ]
