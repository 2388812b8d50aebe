"""Rows keep their side, shares are exact, classes and groups are held as promised."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from blockwright.contracts.data import Correction, FeatureSet
from blockwright.contracts.encodings import MissingChoice
from blockwright.contracts.problems import BlockwrightError
from blockwright.contracts.subsets import (
    Condition,
    FoldsCreate,
    Subset,
    SubsetChange,
    SubsetCreate,
    SubsetRule,
)
from blockwright.datasets import shares, subset_drafts
from blockwright.datasets.draft_state import DraftState
from blockwright.datasets.row_table import row_table
from blockwright.datasets.subsets import subset_masks, subset_rows
from tests.support.content_folders import feature, write_content

RELAXED = settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
FOLDER = itertools.count()


def draft(tmp_path: Path, columns: dict[str, list[object]], **types: str) -> DraftState:
    return write_content(tmp_path / f"content{next(FOLDER)}", columns, types)  # type: ignore[arg-type]


def grown(tmp_path: Path, state: DraftState, columns: dict[str, list[object]]) -> DraftState:
    """Give the draft with more rows behind the old ones, subsets as they were."""
    more = draft(tmp_path, columns, **{f.name: f.type for f in state.features})
    return dataclasses.replace(
        more, feature_sets=state.feature_sets, subsets=state.subsets, corrections=state.corrections
    )


def with_rule(state: DraftState, name: str, **rule: object) -> DraftState:
    return subset_drafts.add_subset(
        state, SubsetCreate(name=name, rule=SubsetRule.model_validate(rule))
    )


def masks(state: DraftState) -> dict[str, np.ndarray]:
    chosen = subset_masks(row_table(state), state.subsets)
    return {subset.name: chosen[subset.id] for subset in state.subsets}


@given(rows=st.integers(2, 300), share=st.floats(0.5, 99.5), seed=st.integers(0, 2**31 - 1))
@RELAXED
def test_a_random_share_is_exact_repeatable_and_blind_to_order(
    tmp_path: Path, rows: int, share: float, seed: int
) -> None:
    names = [f"row {n}" for n in range(rows)]
    rule = {"kind": "random", "share_percent": share, "seed": seed}
    state = with_rule(draft(tmp_path, {"t": names}, t="text"), "A", **rule)
    chosen = {names[row] for row in np.flatnonzero(masks(state)["A"])}
    assert len(chosen) == state.subsets[0].rows == shares.rows_below(rows, share / 100)
    turned = with_rule(draft(tmp_path, {"t": names[::-1]}, t="text"), "A", **rule)
    assert {names[::-1][row] for row in np.flatnonzero(masks(turned)["A"])} == chosen


@given(
    classes=st.lists(st.sets(st.sampled_from("abcdef"), max_size=3), min_size=2, max_size=120),
    more=st.lists(st.sets(st.sampled_from("abcdefgh"), max_size=3), min_size=1, max_size=60),
    share=st.sampled_from([10.0, 50.0, 80.0]),
    stratify=st.sampled_from([None, "one", "several"]),
    grouped=st.booleans(),
    groups=st.integers(1, 20),
)
@RELAXED
def test_a_row_keeps_its_side_when_rows_are_added(
    *,
    tmp_path: Path,
    classes: list[set[str]],
    more: list[set[str]],
    share: float,
    stratify: str | None,
    grouped: bool,
    groups: int,
) -> None:
    def columns(sets: list[set[str]]) -> dict[str, list[object]]:
        return {
            "id": [f"r{n}" for n in range(len(sets))],
            "one": [min(one, default=None) for one in sets],
            "several": [",".join(sorted(one)) for one in sets],
            "source": [f"g{(n * 7) % groups}" for n in range(len(sets))],
        }

    kinds = {"id": "text", "one": "categorical", "several": "multi_label", "source": "categorical"}
    rule = {"stratify_by": stratify, "group_by": "source" if grouped else None}
    state = draft(tmp_path, columns(classes), **kinds)
    state = with_rule(state, "A", kind="random", share_percent=share, **rule)
    state = with_rule(state, "B", kind="random", from_percent=share, share_percent=5.0, **rule)
    before = masks(state)
    larger = subset_drafts.resized(grown(tmp_path, state, columns([*classes, *more])))
    # A slice that is cut after rows came shares no row with those cut before.
    larger = with_rule(
        larger, "C", kind="random", from_percent=share + 5, share_percent=3.0, **rule
    )
    after = masks(larger)
    for name in before:
        assert after[name][: len(classes)].tolist() == before[name].tolist()
    assert not (after["A"] & after["B"]).any()
    assert not ((after["A"] | after["B"]) & after["C"]).any()


@given(
    words=st.lists(st.sampled_from("aaaaaabbbc"), min_size=2, max_size=200),
    share=st.floats(5, 95),
)
@RELAXED
def test_one_label_is_stratified_to_within_one_row_per_class(
    tmp_path: Path, words: list[str], share: float
) -> None:
    state = draft(
        tmp_path,
        {"id": [f"r{n}" for n in range(len(words))], "c": words},
        id="text",
        c="categorical",
    )
    state = with_rule(state, "A", kind="random", share_percent=share, stratify_by="c")
    chosen = masks(state)["A"]
    assert chosen.sum() == shares.rows_below(len(words), share / 100)
    for name in set(words):
        is_class = np.array(words) == name
        # The total is exact too, so a class may lie a row away beyond its own rounding.
        assert abs((chosen & is_class).sum() - is_class.sum() * share / 100) <= 1.5


def competition_sets(rows: int = 4_970, classes: int = 80) -> list[str]:
    """Give cells of the competition's shape: mostly one class, sometimes up to seven."""
    random = np.random.default_rng(3)
    counts = random.choice([1, 2, 3, 4, 7], size=rows, p=[0.86, 0.115, 0.02, 0.003, 0.002])
    names = [f"Class_{n}" for n in range(classes)]
    return [
        ",".join(random.choice(names, size=min(count, classes), replace=False)) for count in counts
    ]


def largest_deviation(cells: list[str], chosen: np.ndarray, share: float) -> float:
    classes = sorted({name for cell in cells for name in cell.split(",")})
    holds = np.array([[name in cell.split(",") for name in classes] for cell in cells])
    return float(np.abs(holds[chosen].sum(axis=0) - holds.sum(axis=0) * share).max())


def test_several_labels_of_the_competitions_shape_are_stratified_to_about_one_row(
    tmp_path: Path,
) -> None:
    cells = competition_sets()
    state = draft(
        tmp_path,
        {"id": [f"{n}.wav" for n in range(len(cells))], "labels": cells},
        id="text",
        labels="multi_label",
    )
    state = with_rule(state, "A", kind="random", share_percent=80, stratify_by="labels")
    chosen = masks(state)["A"]
    assert chosen.sum() == round(len(cells) * 0.8)
    assert largest_deviation(cells, chosen, 0.8) <= 1.0
    plain = with_rule(state, "B", kind="random", share_percent=80)
    assert largest_deviation(cells, masks(plain)["B"], 0.8) > 3.0


def test_folds_of_several_labels_are_disjoint_cover_all_and_hold_each_class_alike(
    tmp_path: Path,
) -> None:
    cells = competition_sets()
    state = draft(
        tmp_path,
        {"id": [f"{n}.wav" for n in range(len(cells))], "labels": cells},
        id="text",
        labels="multi_label",
    )
    state = subset_drafts.add_folds(state, FoldsCreate(folds=5, stratify_by="labels"))
    chosen = masks(state)
    assert [subset.name for subset in state.subsets][:2] == ["Fold 1", "Without fold 1"]
    folds = [chosen[f"Fold {fold}"] for fold in range(1, 6)]
    assert (np.sum(folds, axis=0) == 1).all()
    for number, fold in enumerate(folds, start=1):
        assert (chosen[f"Without fold {number}"] == ~fold).all()
        assert largest_deviation(cells, fold, 0.2) <= 2.0


def test_a_set_of_0_and_1_features_is_stratified_as_one_cell_is(tmp_path: Path) -> None:
    cells = competition_sets(600, 6)
    names = [f"Class_{n}" for n in range(6)]
    columns: dict[str, list[object]] = {
        name: [int(name in cell.split(",")) for cell in cells] for name in names
    }
    state = draft(
        tmp_path,
        {"id": [f"{n}" for n in range(600)], "cell": cells, **columns},
        id="text",
        cell="multi_label",
        **dict.fromkeys(names, "binary"),
    )
    bundle = FeatureSet(
        id="set_1", name="Labels", features=names, shape=[6], kind="binary", counts=[]
    )
    state = dataclasses.replace(state, feature_sets=[bundle])
    state = with_rule(state, "cell", kind="random", share_percent=80, stratify_by="cell")
    state = with_rule(state, "set", kind="random", share_percent=80, stratify_by="Labels")
    chosen = masks(state)
    assert (chosen["cell"] == chosen["set"]).all()


@pytest.mark.parametrize("stratify", [None, "label"])
def test_a_group_is_never_on_two_sides(tmp_path: Path, stratify: str | None) -> None:
    random = np.random.default_rng(5)
    speakers = random.integers(0, 90, size=1_200)
    columns: dict[str, list[object]] = {
        "id": [f"r{n}" for n in range(1_200)],
        "speaker": [f"s{speaker}" for speaker in speakers],
        "label": [["calm", "loud", "rare"][speaker % 10 // 4] for speaker in speakers],
    }
    state = draft(tmp_path, columns, id="text", speaker="categorical", label="categorical")
    rule = {"group_by": "speaker", "stratify_by": stratify}
    state = with_rule(state, "A", kind="random", share_percent=70, **rule)
    state = subset_drafts.add_folds(
        state, FoldsCreate(folds=4, group_by="speaker", stratify_by=stratify)
    )
    chosen = masks(state)
    groups = np.array(columns["speaker"])
    for mask in chosen.values():
        assert not set(groups[mask]) & set(groups[~mask])
    assert (sum(chosen[f"Fold {fold}"].astype(int) for fold in range(1, 5)) == 1).all()
    assert abs(chosen["A"].mean() - 0.7) < 0.03
    if stratify:
        for name in ("calm", "loud", "rare"):
            of_class = np.array(columns["label"]) == name
            assert abs(chosen["A"][of_class].mean() - 0.7) < 0.08


def test_training_is_a_random_80_percent_and_validation_the_rest(tmp_path: Path) -> None:
    state = subset_drafts.default_subsets(
        draft(tmp_path, {"t": [f"{n}" for n in range(50)]}, t="text")
    )
    assert [(s.name, s.rows) for s in state.subsets] == [("Training", 40), ("Validation", 10)]
    assert state.subsets[0].rule.seed == 42
    told = subset_drafts.usage(state)
    assert (told.rows, told.unused_rows, told.left_out_rows, told.overlaps) == (50, 0, 0, [])


def test_usage_tells_what_is_shared_and_what_is_left(tmp_path: Path) -> None:
    state = draft(tmp_path, {"t": [f"{n}" for n in range(100)]}, t="text")
    state = with_rule(state, "A", kind="random", share_percent=40)
    state = with_rule(state, "B", kind="random", from_percent=30, share_percent=20)
    told = subset_drafts.usage(state)
    assert told.unused_rows == 50
    assert [(each.subset_ids, each.rows) for each in told.overlaps] == [
        ([state.subsets[0].id, state.subsets[1].id], 10)
    ]


def test_a_row_left_out_for_a_gap_is_in_no_subset(tmp_path: Path) -> None:
    cells = [None if n % 4 == 0 else float(n) for n in range(100)]
    state = draft(tmp_path, {"x": cells}, x="numeric")
    features = [feature("x", "numeric", missing=MissingChoice(kind="leave_out"))]
    state = subset_drafts.default_subsets(dataclasses.replace(state, features=features))
    state = with_rule(state, "All", kind="all")
    assert [subset.rows for subset in state.subsets] == [60, 15, 75]
    told = subset_drafts.usage(state)
    assert (told.left_out_rows, told.unused_rows) == (25, 0)
    assert not any(mask[::4].any() for mask in masks(state).values())


def test_a_column_of_folds_gives_two_subsets_per_value(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {"fold": [1, 2, 10, 2, None, 10]}
    state = draft(tmp_path, columns, fold="numeric")
    state = subset_drafts.add_folds(state, FoldsCreate(feature="fold"))
    assert [subset.name for subset in state.subsets] == [
        "Fold 1",
        "Without fold 1",
        "Fold 2",
        "Without fold 2",
        "Fold 10",
        "Without fold 10",
    ]
    assert [subset.rows for subset in state.subsets] == [1, 4, 2, 3, 2, 3]


def test_a_condition_chooses_rows_and_follows_corrections(tmp_path: Path) -> None:
    state = draft(tmp_path, {"c": ["a", "b", "a"]}, c="categorical")
    rule = SubsetRule(kind="condition", condition=Condition(feature="c", value="a"))
    state = subset_drafts.add_subset(state, SubsetCreate(name="A", rule=rule))
    assert state.subsets[0].rows == 2
    fixed = dataclasses.replace(state, corrections=[Correction(row=1, feature="c", value="a")])
    assert subset_drafts.resized(fixed).subsets[0].rows == 3


def test_the_rest_of_several_follows_them(tmp_path: Path) -> None:
    state = draft(tmp_path, {"t": [f"{n}" for n in range(100)]}, t="text")
    state = with_rule(state, "A", kind="random", share_percent=60)
    state = with_rule(state, "B", kind="random", from_percent=60, share_percent=20)
    first, second = (subset.id for subset in state.subsets)
    state = with_rule(state, "C", kind="rest", of=[first, second])
    assert state.subsets[2].rows == 20
    change = SubsetChange(name="A", rule=SubsetRule(kind="random", share_percent=50))
    state = subset_drafts.change_subset(state, first, change)
    assert [subset.rows for subset in state.subsets] == [50, 20, 30]
    gone = subset_drafts.remove_subset(state, state.subsets[2].id)
    assert [subset.name for subset in gone.subsets] == ["A", "B"]
    rest_of_one = subset_drafts.remove_subset(state, second)
    assert [subset.rows for subset in rest_of_one.subsets] == [50, 50]
    with pytest.raises(BlockwrightError, match="Subset A cannot be removed: C is made of"):
        subset_drafts.remove_subset(rest_of_one, first)


def test_a_new_subset_takes_its_rows_out_of_others_and_gives_them_back(tmp_path: Path) -> None:
    names = [f"{n}" for n in range(100)]
    before = subset_drafts.default_subsets(draft(tmp_path, {"t": names}, t="text"))
    validation = before.subsets[1]
    rule = SubsetRule(kind="random", from_percent=80, share_percent=10)
    wanted = SubsetCreate(name="Test", rule=rule, out_of=[validation.id])
    state = subset_drafts.add_subset(before, wanted)
    assert [(s.name, s.rows) for s in state.subsets] == [
        ("Training", 80),
        ("Validation", 10),
        ("Test", 10),
    ]
    assert state.subsets[1].rule.of == [before.subsets[0].id, state.subsets[2].id]
    told = subset_drafts.usage(state)
    assert (told.overlaps, told.unused_rows) == ([], 0)
    assert subset_drafts.remove_subset(state, state.subsets[2].id).subsets == before.subsets
    assert masks(state)["Training"].tolist() == masks(before)["Training"].tolist()


def test_rows_are_taken_out_of_a_subset_of_any_kind_and_its_borders_stay(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {"year": [2019 + n % 2 for n in range(100)]}
    before = subset_drafts.default_subsets(draft(tmp_path, columns, year="numeric"))
    rule = SubsetRule(kind="condition", condition=Condition(feature="year", value=2020))
    others = [subset.id for subset in before.subsets]
    state = subset_drafts.add_subset(before, SubsetCreate(name="New", rule=rule, out_of=others))
    training, validation, new = state.subsets
    assert training.rule.without == [new.id]
    assert training.borders == before.subsets[0].borders
    assert [training.rows + validation.rows, new.rows] == [50, 50]
    assert subset_drafts.usage(state).overlaps == []

    kept = training.rule.model_copy(update={"without": []})
    change = SubsetChange(name="Training", rule=kept)
    alone = subset_drafts.change_subset(state, training.id, change)
    assert alone.subsets[0] == before.subsets[0]


@pytest.mark.parametrize(
    "borders",
    [
        {"= a": ["0", "9"]},
        {"*": ["0"]},
        {"*": ["0", "-1"]},
        {"*": ["0", str(2**64 + 1)]},
        {"*": ["0", "9"], "~ x": ["0", "9"]},
    ],
)
def test_borders_that_no_cut_gives_are_refused(borders: dict[str, list[str]]) -> None:
    given = {"id": "sub_1", "name": "A", "rule": {"kind": "random"}, "rows": 0, "borders": borders}
    with pytest.raises(ValidationError, match="no cut of a share"):
        Subset.model_validate(given)


def test_another_name_for_a_subset_moves_no_row(tmp_path: Path) -> None:
    state = draft(tmp_path, {"t": [f"{n}" for n in range(100)]}, t="text")
    state = with_rule(state, "A", kind="random", share_percent=60)
    subset = state.subsets[0]
    renamed = subset_drafts.change_subset(
        state, subset.id, SubsetChange(name="Other", rule=subset.rule)
    )
    assert renamed.subsets[0].borders == subset.borders


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"kind": "random", "stratify_by": "nothing"}, "data.subset_rule_feature"),
        ({"kind": "random", "group_by": "nothing"}, "data.subset_rule_feature"),
        ({"kind": "fold", "feature": "nothing", "values": ["1"]}, "data.subset_rule_feature"),
        ({"kind": "random", "stratify_by": "pic"}, "data.subset_rule_type"),
        ({"kind": "random", "stratify_by": "t"}, "data.subset_rule_many_classes"),
        ({"kind": "rest", "of": ["sub_nothing"]}, "data.subset_rule_circular"),
        ({"kind": "all", "without": ["sub_nothing"]}, "data.subset_rule_circular"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_in_words(
    tmp_path: Path, rule: dict[str, object], code: str
) -> None:
    names = [f"word {n}" for n in range(2_100)]
    state = draft(tmp_path, {"t": names, "pic": names}, t="text", pic="image")
    with pytest.raises(BlockwrightError) as refused:
        with_rule(state, "A", **rule)
    assert refused.value.problem.code == code


def test_rules_that_lean_on_one_another_are_refused(tmp_path: Path) -> None:
    state = draft(tmp_path, {"t": ["a", "b"]}, t="text")
    state = with_rule(state, "A", kind="all")
    state = with_rule(state, "B", kind="rest", of=[state.subsets[0].id])
    first, second = state.subsets
    change = SubsetChange(name="A", rule=SubsetRule(kind="rest", of=[second.id]))
    with pytest.raises(BlockwrightError) as refused:
        subset_drafts.change_subset(state, first.id, change)
    assert refused.value.problem.code == "data.subset_rule_circular"


def test_a_name_that_is_taken_a_subset_that_is_gone_and_a_poor_fold_column_are_refused(
    tmp_path: Path,
) -> None:
    state = draft(tmp_path, {"t": [f"word {n}" for n in range(30)]}, t="text")
    state = with_rule(state, "A", kind="all")
    with pytest.raises(BlockwrightError, match="The name a is taken"):
        with_rule(state, "a", kind="all")
    with pytest.raises(BlockwrightError, match="no such subset"):
        subset_drafts.remove_subset(state, "sub_nothing")
    with pytest.raises(BlockwrightError, match="t holds 30 different values"):
        subset_drafts.add_folds(state, FoldsCreate(feature="t"))
    with pytest.raises(BlockwrightError, match="asks about nothing"):
        subset_drafts.add_folds(state, FoldsCreate(feature="nothing"))


def test_borders_survive_the_database(tmp_path: Path) -> None:
    state = draft(tmp_path, {"t": [f"{n}" for n in range(100)]}, t="text")
    state = with_rule(state, "A", kind="random", share_percent=100)
    kept = [Subset.model_validate_json(subset.model_dump_json()) for subset in state.subsets]
    assert kept[0].borders == {"*": ["0", str(2**64)]}
    chosen = subset_rows(row_table(state), kept)
    assert chosen[kept[0].id].tolist() == list(range(100))


def test_ranks_are_even_and_differ_by_seed() -> None:
    numbers = np.arange(100_000, dtype=np.uint64)
    first, second = shares.mixed(numbers, 1), shares.mixed(numbers, 2)
    assert len(np.unique(first)) == 100_000
    below = (first < np.uint64(2**63)) & (second < np.uint64(2**63))
    assert abs(below.mean() - 0.25) < 0.01
    tenths = np.bincount((first >> np.uint64(60)).astype(int), minlength=16)
    assert tenths.min() > 5_900
    assert tenths.max() < 6_600


def test_values_of_words_numbers_and_lists_are_typed_and_corrected(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {
        "x": [1.5, None, 3.0],
        "b": [0, 1, 1],
        "m": ["a,b", None, "b"],
        "c": ["x", "", "y"],
    }
    state = draft(tmp_path, columns, x="numeric", b="binary", m="multi_label", c="categorical")
    corrections = [
        Correction(row=1, feature="x", value=2.0),
        Correction(row=0, feature="m", value="c, a"),
        Correction(row=2, feature="c", value="z"),
        Correction(row=2, feature="c", restore=True),
        Correction(row=0, feature="b", value=1),
    ]
    table = row_table(dataclasses.replace(state, corrections=corrections))
    assert table.values("x").to_list() == [1.5, 2.0, 3.0]
    assert table.values("b").to_list() == [True, True, True]
    assert table.values("m").to_list() == [["c", "a"], None, ["b"]]
    assert table.values("c").to_list() == ["x", None, "y"]
    assert table.words("x").to_list() == ["1.5", "2", "3"]
    assert table.classes("m") == ["a", "b", "c"]
    assert isinstance(table.sources(), pl.DataFrame)
