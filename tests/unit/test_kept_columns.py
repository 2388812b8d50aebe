"""What was read for one state of a draft serves the next, where the features are read alike."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from blockwright.contracts.data import Correction, FeatureChange, FeaturesChange
from blockwright.contracts.subsets import SubsetCreate, SubsetRule
from blockwright.datasets.draft_state import DraftState
from blockwright.datasets.feature_drafts import change_features
from blockwright.datasets.health import health_report
from blockwright.datasets.row_table import row_table, table_of
from blockwright.datasets.subset_drafts import add_subset
from blockwright.datasets.subsets import subset_masks
from tests.support.content_folders import write_content

ROWS = 60


@pytest.fixture
def state(tmp_path: Path) -> DraftState:
    columns: dict[str, list[object]] = {
        "size": [float(n) for n in range(ROWS)],
        "kind": [("cat", "dog", "owl")[n % 3] for n in range(ROWS)],
        "speaker": [f"s{n // 2}" for n in range(ROWS)],
        "clip": [None if n == 4 else f"c{n}" for n in range(ROWS)],
    }
    types = {"size": "numeric", "kind": "categorical", "speaker": "text", "clip": "text"}
    return write_content(tmp_path / "content", columns, types)


def changed(state: DraftState, feature: str, **fields: object) -> DraftState:
    change = FeatureChange.model_validate(fields)
    return change_features(state, FeaturesChange(names=[feature], change=change))


def test_columns_are_not_read_again_for_what_does_not_touch_them(state: DraftState) -> None:
    before = row_table(state)
    kept = {each.name: before.values(each.name) for each in state.features}
    renamed = changed(replace(state, left_out=(3,)), "size", name="length")

    after = row_table(renamed)

    assert after is not before
    assert after.values("length") is kept["size"]
    assert after.values("kind") is kept["kind"]


def test_a_feature_that_is_read_in_another_way_is_read_again(state: DraftState) -> None:
    assert row_table(state).values("size")[3] == 3.0
    assert row_table(changed(state, "size", type="text")).values("size")[3] == "3"
    mended = replace(state, corrections=[Correction(row=3, feature="size", value=30.0)])
    assert row_table(mended).values("size")[3] == 30.0
    assert row_table(state).values("size")[3] == 3.0


def test_names_that_change_places_take_their_columns_along(state: DraftState) -> None:
    assert row_table(state).labels("kind").classes == ["cat", "dog", "owl"]
    between = changed(changed(state, "kind", name="k"), "speaker", name="kind")
    swapped = changed(between, "k", name="speaker")
    table = row_table(swapped)
    assert table.labels("speaker").classes == ["cat", "dog", "owl"]
    assert table.values("kind")[2] == "s1"


def test_a_health_report_leaves_what_is_kept_as_it_is(state: DraftState) -> None:
    table = row_table(state)
    table.values("size")
    kept = table.kept.held()
    health_report(state)
    new = {kind for kind, _ in table.kept.held() - kept}
    assert not new & {"values", "labels", "file_hashes"}


def test_what_a_rule_needs_of_its_columns_is_kept_and_goes_over(state: DraftState) -> None:
    rule = SubsetRule(kind="random", share_percent=50, group_by="speaker", stratify_by="kind")
    cut = add_subset(state, SubsetCreate(name="half", rule=rule))
    table = row_table(cut)
    subset_masks(table, cut.subsets)
    assert {("groups", "speaker"), ("labels", "kind")} <= table.kept.held()
    assert ("values", "speaker") not in table.kept.held()

    after = row_table(replace(cut, left_out=(1,)))

    for kept in (("groups", "speaker"), ("labels", "kind")):
        assert after.kept.look(kept) is table.kept.look(kept)
    assert not any(kind == "subset" for kind, _ in after.kept.held())


@pytest.mark.parametrize("group_by", ["speaker", "clip"])
def test_groups_are_on_the_same_side_whether_or_not_most_rows_are_their_own(
    state: DraftState, group_by: str
) -> None:
    """Few and many different groups are numbered in two ways: a group has one number in both."""
    rule = SubsetRule(kind="random", share_percent=50, group_by=group_by)
    cut = add_subset(state, SubsetCreate(name="half", rule=rule))
    (side,) = subset_masks(table_of(cut), cut.subsets).values()
    # Half of the rows have another's group now: the groups are numbered in the other way.
    values = row_table(state).values(group_by)
    same = [
        Correction(row=row, feature=group_by, value=values[row - 1]) for row in range(1, ROWS, 2)
    ]
    apart = [Correction(row=row, feature=group_by, value=f"n{row}") for row in range(1, ROWS, 2)]
    other = replace(cut, corrections=apart if group_by == "speaker" else same)
    (again,) = subset_masks(table_of(other), other.subsets).values()
    assert again[::2].tolist() == side[::2].tolist()
