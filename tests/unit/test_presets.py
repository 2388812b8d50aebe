"""Presets: offered where they suit the data, fitted so that they can run at once."""

from __future__ import annotations

import pytest

from blockwright.contracts.data import DataSchema, DataSource
from blockwright.contracts.graph import ExperimentSettings
from blockwright.contracts.presets import PresetChoice
from blockwright.contracts.problems import BlockwrightError
from blockwright.contracts.training_settings import TrainingSettings
from blockwright.graph.analysis import analyse
from blockwright.graph.presets import PRESETS, begin_with, offered_presets
from tests.support.graphs import HEIGHT, KIND, LABELS, SETTINGS, TRAINING, YES, schema, tensor

SOUND = tensor("fname", 128, 256).model_copy(update={"is_spectrogram": True})


def data(*sources: DataSource, rows: int = TRAINING.rows) -> DataSchema:
    """Give a version with these sources alone and so many training rows."""
    whole = schema()
    subsets = [s.model_copy(update={"rows": rows}) for s in whole.subsets]
    return whole.model_copy(update={"sources": list(sources), "subsets": subsets})


def refusal(choice: PresetChoice, version: DataSchema | None) -> str:
    """Give the code of the refusal to begin."""
    with pytest.raises(BlockwrightError) as caught:
        begin_with(choice, version, SETTINGS)
    return caught.value.problem.code


@pytest.mark.parametrize("rows", [10, TRAINING.rows])
@pytest.mark.parametrize("target", [LABELS, KIND, YES], ids=["labels", "one kind", "yes or no"])
def test_a_preset_can_run_at_once(target: DataSource, rows: int) -> None:
    version = data(SOUND, target, rows=rows)
    graph, settings = begin_with(PresetChoice(name="sound"), version, SETTINGS)
    analysis = analyse(graph, version, settings)
    assert analysis.can_run
    assert analysis.problems == []


def test_it_says_what_it_can_learn_from_and_predict() -> None:
    other = SOUND.model_copy(update={"name": "second"})
    (card,) = offered_presets(data(SOUND, other, tensor("photo", 32, 32), LABELS, KIND, HEIGHT))
    assert card.inputs == ["fname", "second"]
    assert card.targets == ["labels", "kind"]


def test_columns_that_were_bundled_are_no_question() -> None:
    pair = LABELS.model_copy(
        update={"shape": [2], "classes": ["yes", "no"], "features": ["yes", "no"]}
    )
    version = data(SOUND, pair, YES, YES.model_copy(update={"name": "no", "features": ["no"]}))
    (card,) = offered_presets(version)
    assert card.targets == ["labels"]


@pytest.mark.parametrize(
    "version",
    [None, data(tensor("photo", 96, 96), LABELS), data(SOUND, HEIGHT)],
    ids=["no version", "no sound", "nothing with classes"],
)
def test_it_is_not_offered_for_data_that_it_does_not_suit(version: DataSchema | None) -> None:
    assert offered_presets(version) == []
    assert refusal(PresetChoice(name="sound"), version) == "graph.preset_does_not_suit"


def test_where_several_features_could_be_predicted_the_person_says_which() -> None:
    version = data(SOUND, LABELS, KIND)
    assert refusal(PresetChoice(name="sound"), version) == "graph.preset_end_open"
    with pytest.raises(BlockwrightError) as caught:
        begin_with(PresetChoice(name="sound"), version, SETTINGS)
    assert "“target” under “experiment”" in caught.value.problem.fix
    unsuitable = PresetChoice(name="sound", target="fname")
    assert refusal(unsuitable, version) == "graph.preset_end_unsuitable"
    graph, _ = begin_with(PresetChoice(name="sound", target="kind"), version, SETTINGS)
    (target,) = [block for block in graph.blocks if block.kind == "target"]
    assert target.params["source"] == "kind"
    assert target.params["loss"] == "categorical_crossentropy"


def test_an_unknown_preset_is_refused() -> None:
    assert refusal(PresetChoice(name="best"), data(SOUND, LABELS)) == "graph.preset_unknown"


def test_little_data_is_gone_through_more_often() -> None:
    few, many = (
        begin_with(PresetChoice(name="sound"), data(SOUND, KIND, rows=rows), SETTINGS)[1].epochs
        for rows in (200, 5_000)
    )
    assert few > many >= 1


def test_the_version_and_its_subsets_stay() -> None:
    _, settings = begin_with(PresetChoice(name="sound"), data(SOUND, KIND), SETTINGS)
    kept = {"version_id", "training_subset_id", "validation_subset_id"}
    assert settings.model_dump(include=kept) == SETTINGS.model_dump(include=kept)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
@pytest.mark.parametrize("rows", [1, 160, 5_000, 1_000_000])
def test_its_settings_are_settings(preset: object, rows: int) -> None:
    settings = preset.settings(rows)  # type: ignore[attr-defined]
    ExperimentSettings.model_validate(settings)
    defaults = TrainingSettings().model_dump()
    assert all(defaults[name] != value for name, value in settings.items() if name != "epochs")
