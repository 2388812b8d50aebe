"""Rows without a value: nothing happens without a choice, and fills come from Training only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from blockwright.contracts.data import FeatureChange, FeaturesChange
from blockwright.contracts.encodings import MultiLabelEncoding, TextEncoding
from blockwright.contracts.problems import BlockwrightError
from blockwright.datasets.draft_state import DraftState
from blockwright.datasets.encoders.choices import OWN_CATEGORY
from blockwright.datasets.feature_drafts import change_features
from blockwright.datasets.reader import VersionReader
from tests.support.content_folders import write_content
from tests.support.encoding_data import first_rows, found, save

# The first four rows are Training's; what the others hold must not be seen in any fill.
COLUMNS: dict[str, list[Any]] = {
    "n": [0, 1, 2, 3, 4, 5],
    "size": [1.0, None, 1.0, 4.0, 1000.0, None],
    "flag": [1, 0, 1, None, 0, 0],
    "animal": ["cat", None, "dog", "cat", "owl", "owl"],
    "labels": ["a,b", None, "b", "a", None, "c"],
    "text": ["one two", None, "two", "", "three", "four"],
}
GAPS = ["size", "flag", "animal", "labels", "text"]


@pytest.fixture
def state(tmp_path: Path) -> DraftState:
    types: dict[str, Any] = {
        "n": "numeric",
        "size": "numeric",
        "flag": "binary",
        "animal": "text",
        "labels": "text",
        "text": "text",
    }
    made = first_rows(write_content(tmp_path / "content", COLUMNS, types), 4)
    made = change(made, "animal", type="categorical")
    made = change(made, "labels", type="multi_label")
    made = change(made, "text", encoding=TextEncoding(length=2))
    for name in ("size", "flag", "text"):  # counted as an import would
        kind = found(made, name).type
        other = "text" if kind != "text" else "categorical"
        made = change(change(made, name, type=other), name, type=kind)
    return change(made, "text", encoding=TextEncoding(length=2))


def change(state: DraftState, name: str, **wanted: Any) -> DraftState:
    fields = FeatureChange.model_validate(wanted)
    return change_features(state, FeaturesChange(names=[name], change=fields))


def counts_of(state: DraftState, name: str) -> dict[str, int]:
    told = found(state, name).histogram
    return dict(zip(told.labels or (), told.counts, strict=True))


def filled(state: DraftState, folder: Path, name: str, kind: str, value: Any = None) -> np.ndarray:
    chosen = change(state, name, missing={"kind": kind, "value": value})
    saved = save(chosen, folder)
    assert saved.left_out_rows == 0
    return VersionReader(saved.data).read(name, np.arange(6))


def test_gaps_are_counted_and_used_by_nothing_without_a_choice(
    state: DraftState, tmp_path: Path
) -> None:
    assert [found(state, name).missing_rows for name in GAPS] == [2, 1, 1, 2, 2]
    saved = save(state, tmp_path)
    assert [source.name for source in saved.data.data_schema.sources] == ["n"]
    assert saved.left_out_rows == 0
    assert [subset.rows for subset in saved.data.data_schema.subsets] == [4, 6]


def test_numbers_are_filled_from_training_alone(state: DraftState, tmp_path: Path) -> None:
    for kind, value, expected in (
        ("mean", None, 2.0),
        ("median", None, 1.0),
        ("most_frequent", None, 1.0),
        ("constant", 7, 7.0),
    ):
        read = filled(state, tmp_path, "size", kind, value)
        assert read[:, 0].tolist() == [1.0, expected, 1.0, 4.0, 1000.0, expected]


def test_flags_and_classes_are_filled(state: DraftState, tmp_path: Path) -> None:
    assert filled(state, tmp_path, "flag", "most_frequent")[:, 0].tolist() == [1, 0, 1, 1, 0, 0]
    assert filled(state, tmp_path, "flag", "constant", 0)[3, 0] == 0.0
    cat, dog, owl = np.eye(3, dtype=np.float32)
    np.testing.assert_array_equal(
        filled(state, tmp_path, "animal", "most_frequent"), [cat, cat, dog, cat, owl, owl]
    )
    np.testing.assert_array_equal(filled(state, tmp_path, "animal", "constant", "owl")[1], owl)


def test_gaps_can_be_a_class_of_their_own(state: DraftState, tmp_path: Path) -> None:
    own = change(state, "animal", missing={"kind": "own_category"})
    assert found(own, "animal").classes == ["cat", "dog", "owl", OWN_CATEGORY]
    assert found(own, "animal").shape == [4]
    assert counts_of(own, "animal") == {"cat": 2, "dog": 1, "owl": 2, OWN_CATEGORY: 1}
    read = filled(state, tmp_path, "animal", "own_category")
    assert read[1].tolist() == [0, 0, 0, 1]
    undecided = change(own, "animal", missing_undecided=True)
    assert found(undecided, "animal").classes == ["cat", "dog", "owl"]
    assert found(undecided, "animal").missing is None
    assert counts_of(undecided, "animal") == {"cat": 2, "dog": 1, "owl": 2}
    several = change(state, "labels", missing={"kind": "own_category"})
    assert counts_of(several, "labels") == {"a": 2, "b": 2, "c": 1, OWN_CATEGORY: 2}
    labels = filled(state, tmp_path, "labels", "own_category")
    assert labels.tolist()[:3] == [[1, 1, 0, 0], [0, 0, 0, 1], [0, 1, 0, 0]]


def test_labels_and_text_are_filled_by_a_constant(state: DraftState, tmp_path: Path) -> None:
    read = filled(state, tmp_path, "labels", "constant", "a, c")
    assert read[1].tolist() == [1, 0, 1]
    none = filled(state, tmp_path, "labels", "constant", "")
    assert none[1].tolist() == [0, 0, 0]
    text = filled(state, tmp_path, "text", "constant", "two")
    np.testing.assert_array_equal(text[1], text[2])


def test_rows_are_left_out_of_every_subset_and_counted(state: DraftState, tmp_path: Path) -> None:
    chosen = change(state, "size", missing={"kind": "leave_out"})
    chosen = change(chosen, "labels", missing={"kind": "leave_out"})
    saved = save(chosen, tmp_path)
    assert saved.left_out_rows == 3
    reader = VersionReader(saved.data)
    assert reader.row_numbers("sub_train").tolist() == [0, 2, 3]
    assert reader.row_numbers("sub_all").tolist() == [0, 2, 3]
    names = [source.name for source in saved.data.data_schema.sources]
    assert names == ["n", "size", "labels"]


def test_a_choice_that_does_not_fit_is_refused(state: DraftState) -> None:
    for name, kind, value, code in (
        ("animal", "mean", None, "data_encoding.choice_does_not_fit"),
        ("flag", "own_category", None, "data_encoding.choice_does_not_fit"),
        ("size", "constant", None, "data_encoding.constant_missing"),
        ("size", "constant", "many", "data_encoding.value_does_not_fit"),
        ("flag", "constant", 2, "data_encoding.value_does_not_fit"),
        ("animal", "constant", "bee", "data_encoding.value_does_not_fit"),
        ("labels", "constant", "a,x", "data_encoding.value_does_not_fit"),
    ):
        with pytest.raises(BlockwrightError) as caught:
            change(state, name, missing={"kind": kind, "value": value})
        assert caught.value.problem.code == code


def test_another_type_asks_for_the_choice_again(state: DraftState) -> None:
    chosen = change(state, "size", missing={"kind": "mean"})
    assert found(change(chosen, "size", type="text"), "size").missing is None
    kept = change(chosen, "size", encoding={"kind": "numeric", "normalization": "min_max"})
    assert found(kept, "size").missing is not None


def test_without_a_value_in_training_there_is_nothing_to_fill_from(tmp_path: Path) -> None:
    columns = {"n": [0, 1, 2], "size": [None, None, 3.0]}
    state = write_content(tmp_path / "content", columns, {"n": "numeric", "size": "numeric"})
    state = change(first_rows(state, 2), "size", missing={"kind": "mean"})
    with pytest.raises(BlockwrightError) as caught:
        save(state, tmp_path)
    assert caught.value.problem.code == "data_encoding.nothing_to_fill_from"


def test_a_constant_of_labels_is_read_by_the_delimiter(state: DraftState) -> None:
    constant = {"kind": "constant", "value": "a,b"}
    semicolon = MultiLabelEncoding(delimiter=";")
    other = change(state, "labels", encoding=semicolon, missing=constant)
    assert found(other, "labels").classes == ["a", "a,b", "b", "c"]
    several = change(state, "labels", missing={"kind": "constant", "value": "a,c"})
    with pytest.raises(BlockwrightError) as caught:  # “a,c” is no label of its own
        change(several, "labels", encoding=semicolon)
    assert caught.value.problem.code == "data_encoding.value_does_not_fit"


def test_a_version_tells_what_filled_its_gaps_as_cells_of_the_table(
    state: DraftState, tmp_path: Path
) -> None:
    for name, kind, value in (
        ("size", "mean", None),
        ("flag", "most_frequent", None),
        ("labels", "constant", "a, b"),
        ("animal", "own_category", None),
        ("text", "constant", "none"),
    ):
        state = change(state, name, missing={"kind": kind, "value": value})
    told = save(state, tmp_path).data
    fills = {"size": 2.0, "flag": 1.0, "labels": "a,b", "animal": OWN_CATEGORY, "text": "none"}
    assert (told.fills, told.measured_on) == (fills, "Training")
