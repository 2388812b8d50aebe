"""Rows that a person leaves out count for nothing, come back whole, and are told of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from blockwright.contracts.data import (
    Correction,
    FeatureChange,
    FeaturesChange,
    FeatureSetCreate,
    LeftOutChange,
    VersionSummary,
)
from blockwright.contracts.problems import BlockwrightError
from blockwright.contracts.subsets import Condition, RowQuery
from blockwright.datasets import browse
from blockwright.datasets.compare import compare
from blockwright.datasets.draft_state import DraftState
from blockwright.datasets.feature_drafts import (
    change_features,
    counted_anew,
    make_feature_set,
)
from blockwright.datasets.health import health_report
from blockwright.datasets.left_out import change_left_out, told
from blockwright.datasets.reader import VersionReader
from blockwright.datasets.subset_drafts import default_subsets, resized, usage
from tests.support.content_folders import write_content
from tests.support.dataset_zips import import_files
from tests.support.encoding_data import save
from tests.support.media_files import wav_bytes

ROWS = 40


def leaving_out(state: DraftState, *rows: int) -> DraftState:
    return resized(change_left_out(state, LeftOutChange(rows=list(rows))))


@pytest.fixture
def state(tmp_path: Path) -> DraftState:
    """Numbers, words of which row 7 alone has `odd`, and flags; row 7 is far off."""
    columns: dict[str, list[object]] = {
        "size": [1_000.0 if n == 7 else float(n % 5) for n in range(ROWS)],
        "animal": ["odd" if n == 7 else "cat" if n % 2 else "dog" for n in range(ROWS)],
        "loud": [int(n % 4 == 3) for n in range(ROWS)],
        "soft": [int(n == 7) for n in range(ROWS)],
        "code": ["?" if n == 7 else str(n) for n in range(ROWS)],
    }
    made = write_content(
        tmp_path / "content",
        columns,
        {
            "size": "numeric",
            "animal": "categorical",
            "loud": "binary",
            "soft": "binary",
            "code": "text",
        },
    )
    made = counted_anew(default_subsets(made), list(columns))
    return make_feature_set(made, FeatureSetCreate(name="sounds", features=["loud", "soft"]))


def test_a_row_that_is_left_out_is_in_no_count_and_no_subset(state: DraftState) -> None:
    before = usage(state)
    out = leaving_out(state, 7)
    found = {feature.name: feature for feature in out.features}
    assert found["size"].histogram.maximum == 4.0
    assert found["animal"].classes == ["cat", "dog"]
    assert out.feature_sets[0].counts == [9, 0]
    assert out.feature_sets[0].several_true_rows == 0
    assert sum(subset.rows for subset in out.subsets) == ROWS - 1
    after = usage(out)
    assert (after.left_out_rows, after.left_out_by_hand) == (1, 1)
    assert (after.rows, after.unused_rows) == (before.rows, 0)

    shown = browse.page(out, RowQuery(left_out=True)).rows
    assert [(row.index, row.left_out, row.subset_ids) for row in shown] == [(7, "by_hand", [])]
    assert browse.page(out, RowQuery(left_out=False)).total == ROWS - 1
    assert browse.page(out, RowQuery()).total == ROWS

    back = resized(change_left_out(out, LeftOutChange(rows=[7], take_back=True)))
    assert back == state


def test_no_other_row_changes_its_side(state: DraftState) -> None:
    out = leaving_out(state, 0, 7, 13)
    sides = {row.index: row.subset_ids for row in browse.page(state, RowQuery()).rows}
    for row in browse.page(out, RowQuery(left_out=False)).rows:
        assert row.subset_ids == sides[row.index]


def test_a_cell_of_a_row_that_is_left_out_hinders_no_type(state: DraftState) -> None:
    wanted = FeaturesChange(names=["code"], change=FeatureChange(type="numeric"))
    with pytest.raises(BlockwrightError) as caught:
        change_features(state, wanted)
    assert caught.value.problem.code == "data_encoding.cells_of_file_do_not_fit"
    changed = change_features(leaving_out(state, 7), wanted)
    code = next(feature for feature in changed.features if feature.name == "code")
    assert (code.type, code.missing_rows) == ("numeric", 0)


def test_numbers_taken_as_text_lack_what_they_lacked_as_numbers(tmp_path: Path) -> None:
    sizes = [None if n in {3, 5, 7} else float(n) for n in range(ROWS)]
    made = write_content(tmp_path / "content", {"size": sizes}, {"size": "numeric"})
    made = counted_anew(default_subsets(made), ["size"])
    wanted = FeaturesChange(names=["size"], change=FeatureChange(type="text"))
    assert change_features(made, wanted).features[0].missing_rows == 3
    assert change_features(leaving_out(made, 7, 8), wanted).features[0].missing_rows == 2
    mended = replace(made, corrections=[Correction(row=3, feature="size", value=1.0)])
    assert change_features(mended, wanted).features[0].missing_rows == 2


def test_all_rows_that_a_query_shows_are_left_out_and_taken_back(state: DraftState) -> None:
    dogs = Condition(feature="animal", operator="equals", value="dog")
    wanted = LeftOutChange(query=RowQuery(condition=dogs, limit=1))
    out = change_left_out(leaving_out(state, 0), wanted)
    assert out.left_out == tuple(range(0, ROWS, 2))
    step = told(leaving_out(state, 0), wanted)
    assert (step.kind, step.count, step.row) == ("rows_left_out", ROWS // 2 - 1, 2)
    back = LeftOutChange(query=RowQuery(left_out=True), take_back=True)
    assert change_left_out(out, back).left_out == ()


def test_a_row_that_is_not_there_is_refused(state: DraftState) -> None:
    with pytest.raises(BlockwrightError) as caught:
        leaving_out(state, ROWS)
    assert caught.value.problem.code == "data.row_not_found"


def twins(folder: Path) -> DraftState:
    """Rows 1 and 5, and rows 2, 4 and 6 are equal."""
    words = ["a", "b", "c", "d", "c", "b", "c", "e"]
    columns: dict[str, list[object]] = {"word": words}
    return default_subsets(write_content(folder, columns, {"word": "text"}))


def test_twins_stand_beside_one_another_and_their_copies_are_left_out(tmp_path: Path) -> None:
    state = twins(tmp_path / "content")
    found = {finding.id: finding for finding in health_report(state).findings}
    assert (found["duplicates"].rows, found["duplicates"].copies) == (5, 3)
    shown = browse.page(state, RowQuery(finding="duplicates")).rows
    assert [row.index for row in shown] == [1, 5, 2, 4, 6]

    copies = LeftOutChange(query=RowQuery(finding="duplicates"), copies_only=True)
    out = resized(change_left_out(state, copies))
    assert out.left_out == (4, 5, 6)
    assert not [each for each in health_report(out).findings if each.id == "duplicates"]
    with pytest.raises(BlockwrightError) as caught:
        change_left_out(state, LeftOutChange(query=RowQuery(), copies_only=True))
    assert caught.value.problem.code == "data.finding_without_copies"


def test_a_finding_leads_to_its_rows_behind_a_row_that_is_left_out(tmp_path: Path) -> None:
    out = leaving_out(twins(tmp_path / "content"), 0, 1)
    found = {finding.id: finding for finding in health_report(out).findings}
    assert (found["duplicates"].rows, found["duplicates"].copies) == (3, 2)
    shown = browse.page(out, RowQuery(finding="duplicates")).rows
    assert [row.index for row in shown] == [2, 4, 6]


def test_a_saved_version_holds_nothing_of_a_row_that_is_left_out(
    state: DraftState, tmp_path: Path
) -> None:
    out = leaving_out(state, 7)
    before, saved = save(state, tmp_path / "1"), save(out, tmp_path / "2")
    assert saved.left_out_rows == 1
    sources = {source.name: source for source in saved.data.data_schema.sources}
    assert sources["animal"].classes == ["cat", "dog"]
    reader = VersionReader(saved.data)
    with np.load(Path(saved.data.version_folder) / "subsets.npz") as chosen:
        rows = np.concatenate([chosen[subset.id] for subset in out.subsets])
    assert 7 not in rows
    assert reader.read("animal", np.sort(rows)).sum() == ROWS - 1
    assert reader.read("size", np.sort(rows)).max() == 4.0
    assert saved.content_hash != before.content_hash
    # What stood in it is no part of the version.
    fixed = replace(out, corrections=[Correction(row=7, feature="size", value=3.0)])
    assert save(fixed, tmp_path / "3").content_hash == saved.content_hash


def test_a_row_in_no_subset_is_no_row_that_is_left_out(state: DraftState, tmp_path: Path) -> None:
    training = state.subsets[0]
    member = browse.page(state, RowQuery(subset_id=training.id)).rows[0].index
    alone = replace(state, subsets=[training])
    other = next(n for n in range(ROWS) if not browse.page(alone, RowQuery()).rows[n].subset_ids)
    hashes = {
        save(each, tmp_path / str(place)).content_hash
        for place, each in enumerate((alone, leaving_out(alone, other), leaving_out(alone, member)))
    }
    assert len(hashes) == 3


def test_a_comparison_counts_what_was_left_out_and_taken_back(state: DraftState) -> None:
    summary = VersionSummary(id="ver_1", dataset_id="ds_1", number=1, state="frozen", rows=ROWS)
    one, other = leaving_out(state, 1, 2), leaving_out(state, 2, 3, 4)
    found = compare(one, summary, other, summary)
    assert (found.rows_left_out, found.rows_taken_back, found.rows_removed) == (2, 1, 0)


def test_lengths_of_recordings_are_counted_without_rows_left_out(tmp_path: Path) -> None:
    source = tmp_path / "clips"
    source.mkdir()
    for row in range(4):
        (source / f"{row}.wav").write_bytes(wav_bytes(row))
    imported = import_files(*sorted(source.iterdir()), folder=tmp_path / "content")
    state = default_subsets(DraftState(tmp_path / "content", imported.rows, imported.features))
    name = next(feature.name for feature in state.features if feature.type == "audio")
    out = leaving_out(state, 0)
    counts = next(feature for feature in out.features if feature.name == name).histogram.counts
    assert sum(counts) == 3
