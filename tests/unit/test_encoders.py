"""Features of a draft: types, encodings, classes, names; what does not fit is refused in words."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blockwright.contracts.data import Correction, FeatureChange, FeaturesChange, FeatureSetCreate
from blockwright.contracts.encodings import (
    ENCODINGS_OF_TYPE,
    BinaryEncoding,
    CategoricalEncoding,
    ClassOrder,
    FeatureType,
    MissingChoice,
    MultiLabelEncoding,
    NumericEncoding,
    SpectrogramEncoding,
    TensorEncoding,
    TextEncoding,
)
from blockwright.contracts.problems import BlockwrightError, problem
from blockwright.contracts.subsets import Condition, Subset, SubsetRule
from blockwright.datasets import feature_drafts as drafts
from blockwright.datasets.draft_state import DraftState
from blockwright.datasets.encoders.choices import (
    FITTING_CHOICES,
    default_encoding,
    encoded_shape,
    variable_length,
)
from blockwright.datasets.encoders.classes import LabelLists, class_numbers, one_hot
from blockwright.datasets.encoders.numeric import Moments
from blockwright.datasets.encoders.text import token_numbers, vocabulary
from blockwright.datasets.folder import CONTENT_FILE, read_content
from tests.support.content_folders import write_content
from tests.support.encoding_data import found, wav_bytes

COLUMNS: dict[str, list[Any]] = {
    "size": [1.0, 2.0, 3.0, 4.0],
    "comma": ["1,5", "2", "3,25", "x"],
    "flag": [0, 1, 1, 0],
    "animal": ["dog", "cat", "cat", "owl"],
    "labels": ["a,b", "b", None, "c;d"],
    "text": ["one", "two", "three", "four"],
    "clip": ["a.wav", "b.wav", "c.wav", "d.wav"],
}
TYPES: dict[str, FeatureType] = {
    "size": "numeric",
    "comma": "text",
    "flag": "binary",
    "animal": "categorical",
    "labels": "text",
    "text": "text",
    "clip": "audio",
}


@pytest.fixture
def state(tmp_path: Path) -> DraftState:
    media = {"clip": ("audio", [wav_bytes(0.1)] * 4, {"seconds": [0.1] * 4})}
    made = write_content(tmp_path / "content", COLUMNS, TYPES, media=media)
    return change(made, ["animal"], encoding=CategoricalEncoding(order=ClassOrder(by="frequency")))


def change(state: DraftState, names: list[str], **wanted: Any) -> DraftState:
    fields = FeatureChange.model_validate(wanted)
    return drafts.change_features(state, FeaturesChange(names=names, change=fields))


def refused(state: DraftState, names: list[str], **wanted: Any) -> dict[str, Any]:
    with pytest.raises(BlockwrightError) as caught:
        change(state, names, **wanted)
    return {"code": caught.value.problem.code, **caught.value.problem.params}


def test_every_type_has_a_default_that_fits_it() -> None:
    for kind in get_args(FeatureType):
        encoding = default_encoding(kind)
        assert encoding.kind in ENCODINGS_OF_TYPE[kind]
        assert "leave_out" in FITTING_CHOICES[kind]
    tagging, speech = default_encoding("audio"), default_encoding("audio", sample_rate_hz=16_000)
    assert isinstance(tagging, SpectrogramEncoding)
    assert isinstance(speech, SpectrogramEncoding)
    assert (tagging.spectrogram.mel_bands, tagging.spectrogram.fit) == (128, "variable")
    # In a piece of silence there is nothing of the one short sound that the clip is named for.
    assert tagging.spectrogram.trim_silence_db == 60
    assert speech.spectrogram.sample_rate_hz == 16_000
    assert encoded_shape(tagging) == [128, 256]
    variable = variable_length(tagging)
    assert variable is not None
    assert (variable.axis, variable.tile, variable.overlap) == (1, 256, 128)
    assert {tagging.normalization, speech.normalization} == {"standardize"}


def test_numbers_become_classes_and_classes_numbers_again(state: DraftState) -> None:
    classes = change(state, ["size"], type="categorical")
    assert found(classes, "size").classes == ["1", "2", "3", "4"]
    assert found(classes, "size").shape == [4]
    back = change(classes, ["size"], type="numeric")
    assert found(back, "size").histogram.mean == 2.5
    assert found(change(state, ["flag"], type="numeric"), "flag").histogram.maximum == 1.0
    assert found(change(state, ["flag"], type="numeric"), "flag").encoding == NumericEncoding()
    assert found(state, "animal").classes == ["cat", "dog", "owl"]
    assert found(state, "animal").histogram.counts == [2, 1, 1]


def test_cells_that_do_not_fit_are_named_unless_gaps_are_chosen(state: DraftState) -> None:
    wanted = {"type": "numeric", "encoding": NumericEncoding(decimal_comma=True)}
    assert refused(state, ["comma"], **wanted) == {
        "code": "data_encoding.cells_of_file_do_not_fit",
        "name": "comma",
        "type": "numeric",
        "words": "“x” (1)",
        "row": 4,
        "file": "index.csv",
        "line": 5,
        "rows": 1,
    }
    chosen = change(state, ["comma"], **wanted, missing=MissingChoice(kind="mean"))
    feature = found(chosen, "comma")
    assert (feature.missing_rows, feature.histogram.maximum) == (1, 3.25)
    assert feature.histogram.mean == 2.25
    assert refused(state, ["comma"], type="numeric")["rows"] == 3
    corrected = drafts.correct(state, Correction(row=3, feature="comma", value="7,5"))
    fits = change(corrected, ["comma"], **wanted)
    assert found(fits, "comma").histogram.maximum == 7.5
    wrong = drafts.correct(state, Correction(row=3, feature="comma", value="seven"))
    assert refused(wrong, ["comma"], **wanted)["words"] == "“seven” (1)"


def test_a_type_that_not_one_cell_fits_is_refused_even_in_words(state: DraftState) -> None:
    told = refused(state, ["animal"], type="numeric")
    assert told["code"] == "data_encoding.no_cell_fits"
    assert told["words"] == "“cat” (2), “dog” (1), “owl” (1)"


def test_0_and_1_may_be_written_with_zeros_behind_the_point(tmp_path: Path) -> None:
    cells = {"dose": ["0.00", "1.00", "low", "0.10", "1", ""]}
    state = write_content(tmp_path / "content", cells, {"dose": "text"})
    told = refused(state, ["dose"], type="binary")
    assert told["code"] == "data_encoding.cells_of_file_do_not_fit"
    assert told["words"] == "“0.10” (1), “low” (1)"


def test_words_that_mean_missing_become_gaps_with_the_odd_cells(tmp_path: Path) -> None:
    cells = {"dose": ["1", "n/a", "2.5", "unknown", "", "n/a", "3"]}
    state = write_content(tmp_path / "content", cells, {"dose": "text"})
    told = refused(state, ["dose"], type="numeric")
    assert (told["rows"], told["row"]) == (3, 2)
    assert told["words"] == "“n/a” (2), “unknown” (1)"
    taken = change(state, ["dose"], type="numeric", missing=MissingChoice(kind="median"))
    assert found(taken, "dose").missing_rows == 4
    assert found(taken, "dose").histogram.median == 2.5


def test_the_reasons_for_a_type_come_back_with_it(state: DraftState) -> None:
    told = found(state, "size").model_copy(
        update={"evidence": problem("data.evidence_numeric", column="size", rows=4)}
    )
    content = read_content(state.content_folder)
    content.features = [told if each.name == "size" else each for each in content.features]
    (state.content_folder / CONTENT_FILE).write_text(content.model_dump_json())
    classes = change(state, ["size"], type="categorical")
    assert found(classes, "size").evidence is None
    assert found(change(classes, ["size"], type="numeric"), "size").evidence == told.evidence


def test_a_cell_of_several_words_becomes_several_labels(state: DraftState) -> None:
    labels = change(state, ["labels"], type="multi_label")
    feature = found(labels, "labels")
    assert (feature.classes, feature.missing_rows) == (["a", "b", "c;d"], 1)
    other = change(labels, ["labels"], encoding=MultiLabelEncoding(delimiter=";"))
    assert found(other, "labels").classes == ["a,b", "b", "c", "d"]


def test_recordings_stay_recordings_or_become_words(state: DraftState) -> None:
    assert refused(state, ["clip"], type="numeric")["possible"] == "audio, text, categorical"
    assert refused(state, ["size"], type="audio")["code"] == "data_encoding.type_not_possible"
    words = change(state, ["clip"], type="categorical")
    assert found(words, "clip").classes == ["a.wav", "b.wav", "c.wav", "d.wav"]
    assert found(change(words, ["clip"], type="audio"), "clip").shape == [128, 256]


def test_an_encoding_has_to_fit_the_type(state: DraftState) -> None:
    problem = refused(state, ["size"], encoding=BinaryEncoding())
    assert problem["code"] == "data_encoding.encoding_does_not_fit"
    assert found(change(state, ["text"], encoding=TextEncoding(length=9)), "text").shape == [9]
    changed = change(state, ["size"], encoding=NumericEncoding(normalization="standardize"))
    assert found(changed, "size").histogram == found(state, "size").histogram


def test_a_spectrogram_keeps_how_it_was_made(state: DraftState) -> None:
    settings = default_encoding("audio")
    assert isinstance(settings, SpectrogramEncoding)
    made = TensorEncoding(spectrogram=settings.spectrogram)
    feature = found(state, "clip").model_copy(update={"type": "tensor", "encoding": made})
    anew = drafts._with_own_settings(TensorEncoding(normalization="min_max"), feature)
    assert anew == made.model_copy(update={"normalization": "min_max"})


def test_classes_follow_a_list_that_holds_every_label(state: DraftState) -> None:
    ordered = drafts.set_class_order(state, "animal", ["owl", "ant", "dog", "cat"])
    feature = found(ordered, "animal")
    assert (feature.classes, feature.shape) == (["owl", "ant", "dog", "cat"], [4])

    def problem(name: str, classes: list[str]) -> dict[str, Any]:
        with pytest.raises(BlockwrightError) as caught:
            drafts.set_class_order(state, name, classes)
        return {"code": caught.value.problem.code, **caught.value.problem.params}

    outside = problem("animal", ["dog"])
    assert outside["code"] == "data_encoding.label_not_in_template"
    assert (outside["label"], outside["count"], outside["labels"]) == ("cat", 2, 2)
    assert problem("size", ["a"])["code"] == "data_encoding.has_no_classes"
    twice = problem("animal", ["dog", "cat", "dog"])
    assert (twice["code"], twice["label"]) == ("data_encoding.class_named_twice", "dog")
    many = problem("animal", [str(n) for n in range(2_001)])
    assert many["code"] == "data_encoding.too_many_classes"
    by_list = CategoricalEncoding(order=ClassOrder(by="template"))
    assert refused(state, ["animal"], encoding=by_list)["code"] == "data_encoding.template_missing"


def test_more_classes_than_a_model_can_tell_apart_are_refused(tmp_path: Path) -> None:
    words = {"word": [f"w{n}" for n in range(2_001)]}
    state = write_content(tmp_path / "content", words, {"word": "text"})
    problem = refused(state, ["word"], type="categorical")
    assert problem["code"] == "data_encoding.too_many_classes"
    assert problem["classes"] == 2_001


def test_a_new_name_is_followed_everywhere(state: DraftState) -> None:
    state = drafts.make_feature_set(state, FeatureSetCreate(name="set", features=["flag"]))
    state = drafts.correct(state, Correction(row=0, feature="flag", value=1))
    condition = Condition(
        kind="and", parts=[Condition(feature="flag", value=1), Condition(feature="size", value=2)]
    )
    rules = [
        SubsetRule(kind="random", stratify_by="flag", group_by="flag"),
        SubsetRule(kind="fold", feature="flag", values=["1"]),
        SubsetRule(kind="condition", condition=condition),
        SubsetRule(kind="random", stratify_by="set"),
    ]
    subsets = [Subset(id=f"s{n}", name=f"S{n}", rule=r, rows=0) for n, r in enumerate(rules)]
    state = change(replace(state, subsets=subsets), ["flag"], name="loud")
    state = drafts.rename_feature_set(state, state.feature_sets[0].id, "bundle")
    assert found(state, "loud").column == "flag"
    assert state.feature_sets[0].features == ["loud"]
    assert state.corrections[0].feature == "loud"
    random, fold, chosen, by_set = (subset.rule for subset in state.subsets)
    assert (random.stratify_by, random.group_by, fold.feature) == ("loud", "loud", "loud")
    assert chosen.condition is not None
    assert [part.feature for part in chosen.condition.parts] == ["loud", "size"]
    assert by_set.stratify_by == "bundle"
    taken = refused(state, ["size"], name="Loud ")
    assert taken["code"] == "data.name_taken"
    assert refused(state, ["size"], name="Bundle")["code"] == "data.name_taken"
    assert refused(state, ["size", "text"], name="x")["code"] == "data_encoding.rename_one"
    assert refused(state, ["gone"], name="x")["code"] == "data.feature_not_found"
    assert found(change(state, ["loud"], name="LOUD"), "LOUD").column == "flag"
    with pytest.raises(BlockwrightError) as caught:
        drafts.remove_feature_set(state, state.feature_sets[0].id)
    assert caught.value.problem.code == "data_encoding.set_is_leaned_on"


def test_feature_sets_bundle_in_the_order_of_columns_and_count(state: DraftState) -> None:
    both = drafts.make_feature_set(
        change(state, ["size"], type="categorical"),
        FeatureSetCreate(name="one", features=["flag"]),
    )
    assert (both.feature_sets[0].counts, both.feature_sets[0].several_true_rows) == ([2], 0)
    mixed = drafts.make_feature_set(state, FeatureSetCreate(name="x", features=["flag", "size"]))
    bundle = mixed.feature_sets[0]
    assert (bundle.features, bundle.kind, bundle.shape) == (["size", "flag"], "numeric", [2])
    in_set = refused(mixed, ["size"], type="text")
    assert (in_set["code"], in_set["set"]) == ("data_encoding.type_in_set", "x")
    assert drafts.remove_feature_set(mixed, bundle.id).feature_sets == []
    for names, code in (
        (["clip"], "data.feature_set_mixed"),
        (["flag", "flag"], "data.feature_named_twice"),
        (["gone"], "data.feature_not_found"),
    ):
        with pytest.raises(BlockwrightError) as caught:
            drafts.make_feature_set(state, FeatureSetCreate(name="y", features=names))
        assert caught.value.problem.code == code
    for act in (
        lambda: drafts.remove_feature_set(state, "gone"),
        lambda: drafts.rename_feature_set(state, "gone", "x"),
    ):
        with pytest.raises(BlockwrightError) as caught:
            act()
        assert caught.value.problem.code == "data.feature_set_not_found"


def test_a_correction_is_checked_counted_and_taken_back(state: DraftState) -> None:
    state = drafts.make_feature_set(state, FeatureSetCreate(name="set", features=["flag"]))
    fixed = drafts.correct(state, Correction(row=0, feature="flag", value=1))
    assert found(fixed, "flag").histogram.counts == [1, 3]
    assert fixed.feature_sets[0].counts == [3]
    again = drafts.correct(fixed, Correction(row=0, feature="flag", value=None))
    assert len(again.corrections) == 1
    assert found(again, "flag").missing_rows == 1
    back = drafts.correct(again, Correction(row=0, feature="flag", restore=True))
    assert back.corrections == []
    assert found(back, "flag").histogram.counts == [2, 2]
    assert found(back, "flag").missing_rows == 0
    owl = drafts.correct(state, Correction(row=3, feature="animal", value="cat"))
    assert found(owl, "animal").classes == ["cat", "dog", "owl"]
    for row, name, value, code in (
        (0, "flag", 2, "data_encoding.value_does_not_fit"),
        (0, "size", "many", "data_encoding.value_does_not_fit"),
        (0, "size", "inf", "data_encoding.value_does_not_fit"),
        (0, "animal", "bee", "data_encoding.value_does_not_fit"),
        (0, "clip", "x.wav", "data_encoding.not_correctable"),
        (4, "size", 1, "data.row_not_found"),
        (0, "gone", 1, "data.feature_not_found"),
    ):
        with pytest.raises(BlockwrightError) as caught:
            drafts.correct(state, Correction(row=row, feature=name, value=value))
        assert caught.value.problem.code == code


def test_a_thousand_features_change_together(tmp_path: Path) -> None:
    columns = {f"f{n}": [n, 1, 0, 1] for n in range(1_000)}
    state = write_content(tmp_path / "content", columns, dict.fromkeys(columns, "numeric"))
    began = time.perf_counter()
    state = change(state, list(columns), type="categorical")
    state = change(state, list(columns), type="numeric")
    state = change(state, list(columns), encoding=NumericEncoding(normalization="min_max"))
    print(f"three changes of 1 000 features: {time.perf_counter() - began:.2f} s")
    assert found(state, "f7").histogram.maximum == 7.0
    assert all(feature.encoding.kind == "numeric" for feature in state.features)


@given(
    parts=st.lists(st.lists(st.floats(-1e6, 1e6), max_size=20), max_size=6),
    offset=st.sampled_from([0.0, 1e6]),
)
@settings(deadline=None, max_examples=80)
def test_moments_do_not_depend_on_how_numbers_come(parts: list[list[float]], offset: float) -> None:
    moments = Moments()
    for part in parts:
        moments.add(np.array([*part, np.nan]) + offset)
    whole = np.array([number for part in parts for number in part]) + offset
    measured = moments.statistics("standardize")
    ranged = moments.statistics("min_max")
    if not whole.size:
        assert (measured.shift, measured.scale) == (0.0, 1.0)
        return
    np.testing.assert_allclose(measured.shift, whole.mean(), rtol=1e-9, atol=1e-6)
    spread = whole.std()
    if spread > 1e-3:
        np.testing.assert_allclose(measured.scale, spread, rtol=1e-6)
    assert ranged.shift == whole.min()


@given(rows=st.lists(st.lists(st.sampled_from("abcd"), unique=True), min_size=1, max_size=12))
@settings(deadline=None, max_examples=60)
def test_lists_of_labels_become_ones_and_zeros(rows: list[list[str]]) -> None:
    values = pl.Series("x", [row or None for row in rows], dtype=pl.List(pl.String))
    lists = LabelLists.of(values, list("abcd"))
    order = np.arange(len(rows))[::-1].copy()
    made = lists.multi_hot(order)
    for place, row in enumerate(order.tolist()):
        assert made[place].tolist() == [float(word in rows[row]) for word in "abcd"]


def test_words_become_numbers_of_their_classes() -> None:
    numbers = class_numbers(pl.Series(["b", None, "a"]), ["a", "b"])
    assert numbers.tolist() == [1, -1, 0]
    assert one_hot(numbers, 2).tolist() == [[0, 1], [0, 0], [1, 0]]


@given(texts=st.lists(st.text(st.characters(codec="utf-8"), max_size=20), max_size=8))
@settings(deadline=None, max_examples=60)
def test_tokens_are_cut_or_filled_to_one_length(texts: list[str]) -> None:
    encoding = TextEncoding(tokens="characters", length=6, lowercase=False)
    values = pl.Series("text", texts, dtype=pl.String)
    words = vocabulary(values, encoding)
    made = token_numbers(values, words, encoding)
    assert made.shape == (len(texts), 6)
    for numbers, text in zip(made.tolist(), texts, strict=True):
        assert [words[n - 2] for n in numbers if n >= 2] == list(text[:6])
    small = encoding.model_copy(update={"vocabulary_size": 3})
    assert len(vocabulary(values, small)) <= 1
