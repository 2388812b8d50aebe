"""The studio file: closed, documented, its example good and the demo's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from blockwright.contracts.problems import BlockwrightError
from blockwright.contracts.run_groups import FoldSet
from blockwright.contracts.studio_file import StudioFile
from blockwright.server.demo import demo_file
from blockwright.server.studio_file import read_studio_file
from blockwright.server.studio_file_checks import check_before_data
from blockwright.server.studio_file_runs import choose_folds

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "sound-tagging.yaml"
SCHEMA = ROOT / "docs" / "studio-file.schema.json"


def test_the_example_is_what_the_demo_does() -> None:
    assert read_studio_file(EXAMPLE) == demo_file()


def test_the_schema_in_the_docs_is_fresh() -> None:
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == StudioFile.model_json_schema(), (
        "Run `make spec` and commit what it writes."
    )


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("epochs: 100", "epoches: 100", "experiment.settings.epoches"),
        (
            "epochs: 100",
            "epochs: 0",
            "`epochs` under `experiment.settings` cannot be 0: "
            "it must be a whole number, at least 1 and at most 100,000.",
        ),
        (
            "learning_rate: 0.001",
            "learning_rate: 5000",
            "`learning_rate` under `experiment.settings` cannot be 5000: "
            "it must be above 0 and at most 100.",
        ),
        ("epochs: 100", "clip: norms", "it must be one of none, norm, value."),
        ("epochs: 100", "shuffle: 7", "it must be true or false."),
        ("source: sample ", "source: samples", "dataset.from"),
        ("snippet: cnn_small", "nothing: x", "experiment"),
        ("snippet: cnn_small", "snippet: cnn_small\n  preset: sound", "experiment"),
        ("format: 1", "format: 2", "format"),
        ("format: 1", "format: 1\nruns: {kind: folds, fold_id: x}", "runs.folds.fold_id"),
        ("format: 1", "format: 1\nruns: {kind: search, method: gird}", "runs.search.method"),
        ("      all_except: [fname]", "", "dataset.feature_sets.0"),
    ],
)
def test_a_mistake_is_named_by_its_place(
    tmp_path: Path, before: str, after: str, told: str
) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(BlockwrightError) as caught:
        read_studio_file(path)
    assert caught.value.problem.code == "studio_file.invalid"
    assert told in caught.value.problem.message
    assert "mine.yaml" in caught.value.problem.message


def test_mistakes_are_told_in_the_language_of_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = EXAMPLE.read_text(encoding="utf-8").replace("epochs: 100", "epoches: 0")
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    for language, words in (("en_US.UTF-8", "is not known here"), ("zh_CN.UTF-8", "这里不认识")):
        monkeypatch.setenv("LC_ALL", language)
        with pytest.raises(BlockwrightError) as caught:
            read_studio_file(path)
        assert words in caught.value.problem.message


@pytest.mark.parametrize(
    ("after", "code", "told"),
    [
        ("preset: sound\n  settings: {epochs: 3}", "studio_file.warmup_too_long", "of 5 epochs"),
        (
            "preset: sound\n  settings: {warmup: 200}",
            "studio_file.warmup_too_long",
            "whole run of 200 epochs",
        ),
        (
            "snippet: cnn_small\n  settings: {epochs: 1, warmup: 1.5}",
            "studio_file.warmup_too_long",
            "whole run of 1 epoch:",
        ),
        ("preset: sounds", "graph.preset_unknown", "sounds"),
        ("snippet: cnn_smal", "studio_file.snippet_unknown", "cnn_smal"),
    ],
)
def test_what_no_data_can_mend_is_refused_before_data_is_brought_in(
    tmp_path: Path, after: str, code: str, told: str
) -> None:
    with pytest.raises(BlockwrightError) as caught:
        check_before_data(_with_experiment(tmp_path, after), tmp_path)
    assert caught.value.problem.code == code
    assert told in caught.value.problem.message
    if code == "studio_file.warmup_too_long":
        assert "`experiment.settings`" in caught.value.problem.fix


@pytest.mark.parametrize(
    ("varied", "told"),
    [
        (
            "{kind: values, name: learning_rate, values: [0.01, 5000]}",
            "`learning_rate` under `runs.varied` cannot be 5000: "
            "it must be above 0 and at most 100.",
        ),
        (
            "{kind: range, name: batch_size, low: 8, high: 100000}",
            "cannot be 100,000: it must be a whole number, at least 1 and at most 65,536.",
        ),
        (
            "{kind: values, name: optimizer, values: [adam, adan]}",
            "cannot be adan: it must be one of adam, adamw,",
        ),
        ("{kind: values, name: snippet, values: [as_drawn, cnn_smal]}", "no snippet cnn_smal"),
    ],
)
def test_a_search_value_that_no_data_can_mend_is_refused_with_what_is_allowed(
    tmp_path: Path, varied: str, told: str
) -> None:
    path = tmp_path / "mine.yaml"
    runs = f"runs: {{kind: search, method: random, varied: [{varied}]}}\n"
    path.write_text(EXAMPLE.read_text(encoding="utf-8") + runs, encoding="utf-8")
    with pytest.raises(BlockwrightError) as caught:
        check_before_data(read_studio_file(path), tmp_path)
    assert told in caught.value.problem.message


def test_a_range_that_is_rounded_where_the_setting_counts_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    varied = "{kind: range, name: batch_size, low: 7.5, high: 32.5}"
    runs = f"runs: {{kind: search, method: random, varied: [{varied}]}}\n"
    path.write_text(EXAMPLE.read_text(encoding="utf-8") + runs, encoding="utf-8")
    check_before_data(read_studio_file(path), EXAMPLE.parent)


@pytest.mark.parametrize(
    "after",
    [
        "preset: sound\n  settings: {epochs: 6}",
        "preset: sound\n  settings: {warmup: 100}",  # the epochs depend on the data
        "preset: sound\n  settings: {epochs: 3, warmup: 0}",
        "preset: sound\n  settings: {epochs: 3, schedule: one_cycle}",
        "preset: sound\n  settings: {epochs: 3, warmup_unit: steps}",
    ],
)
def test_what_depends_on_the_data_waits_for_it(tmp_path: Path, after: str) -> None:
    check_before_data(_with_experiment(tmp_path, after), tmp_path)


def _with_experiment(folder: Path, experiment: str) -> StudioFile:
    text = EXAMPLE.read_text(encoding="utf-8")
    begin, end = text.index("experiment:"), text.index("outputs:")
    ends = "input: fname\n  target: labels"
    path = folder / "mine.yaml"
    whole = f"{text[:begin]}experiment:\n  {experiment}\n  {ends}\n{text[end:]}"
    path.write_text(whole, encoding="utf-8")
    return read_studio_file(path)


@pytest.mark.parametrize("text", ["", "just words", "- a\n- b\n"])
def test_what_holds_no_fields_is_no_studio_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BlockwrightError) as caught:
        read_studio_file(path)
    assert caught.value.problem.code == "studio_file.no_fields"


def test_what_is_no_yaml_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("a: [", encoding="utf-8")
    with pytest.raises(BlockwrightError) as caught:
        read_studio_file(path)
    assert caught.value.problem.code == "studio_file.invalid"
    with pytest.raises(BlockwrightError) as caught:
        read_studio_file(tmp_path / "none.yaml")
    assert caught.value.problem.code == "studio_file.missing"


def test_a_key_given_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(EXAMPLE.read_text(encoding="utf-8") + "\nproject: again\n", encoding="utf-8")
    with pytest.raises(BlockwrightError) as caught:
        read_studio_file(path)
    assert "“project” is given twice" in caught.value.problem.message


def test_folds_are_those_of_the_file_or_the_only_ones() -> None:
    one, two = FoldSet(id="column site", folds=[]), FoldSet(id="k_fold 5/42//", folds=[])
    assert choose_folds([one], newest=False) == one.id
    assert choose_folds([one, two], newest=True) == two.id
    with pytest.raises(BlockwrightError) as caught:
        choose_folds([one, two], newest=False)
    assert "“column site”, “k_fold 5/42//”" in caught.value.problem.message
    with pytest.raises(BlockwrightError) as caught:
        choose_folds([], newest=False)
    assert caught.value.problem.code == "search.folds_not_found"
