"""What a bundle says of a model's inputs, and which models a notebook can feed with clips."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from blockwright.audio.clip_picture import clip_picture, clip_spectrogram, tiles
from blockwright.contracts.audio import SpectrogramSettings
from blockwright.contracts.data import DataSchema, DataSource, VariableLength
from blockwright.contracts.encodings import (
    CategoricalEncoding,
    Encoding,
    SpectrogramEncoding,
    TensorEncoding,
    TextEncoding,
    WaveformEncoding,
)
from blockwright.contracts.graph import ExperimentSettings, GraphDocument
from blockwright.contracts.problems import BlockwrightError
from blockwright.contracts.work import DataPlan, FeatureStatistics, TrainPlan
from blockwright.datasets.sample import TEST_AUDIO
from blockwright.delivery.preprocessing import (
    clip_inputs,
    input_sources,
    preprocessing,
    require_spectrogram,
)
from tests.support.graphs import between, block, graph

SETTINGS = SpectrogramSettings(
    sample_rate_hz=22_050, fft_samples=512, hop_samples=512, mel_bands=16, max_hz=11_025, frames=32
)
WHOLE = SETTINGS.model_copy(update={"fit": "variable", "trim_silence_db": 40.0})
LABELS = DataSource(
    name="labels", kind="multi_label", shape=[2], classes=["a", "b"], features=["labels"]
)
ONE = between(
    block("flatten", "flatten"),
    block("dense", "dense", nodes=2, activation="sigmoid"),
    source="clip",
)
TWO = graph(
    [
        block("one", "input", source="place"),
        block("two", "input", source="clip"),
        block("unused", "input", source="labels"),
        block("flat_one", "flatten"),
        block("flat_two", "flatten"),
        block("both", "concatenate"),
        block("dense", "dense", nodes=2, activation="sigmoid"),
        block("target", "target", source="labels", loss="binary_crossentropy"),
    ],
    *("one>flat_one", "two>flat_two", "flat_one>both", "flat_two>both", "both>dense"),
    "dense>target",
)


def plan(
    encoding: Encoding,
    document: GraphDocument = ONE,
    *,
    variable: VariableLength | None = None,
    settings: SpectrogramSettings | None = None,
) -> TrainPlan:
    """Give a plan with a clip, the place it was heard at, and labels."""
    clip = DataSource(
        name="clip", kind="tensor", shape=[16, 32], features=["clip"], variable=variable
    )
    place = DataSource(
        name="place", kind="categorical", shape=[2], classes=["sea", "town"], features=["place"]
    )
    data = DataPlan(
        data_schema=DataSchema(
            version_id="ver_1",
            version_number=1,
            dataset_name="Clips",
            rows=4,
            sources=[clip, place, LABELS],
            subsets=[],
        ),
        version_folder="unused",
        columns_path="unused",
        arrays={},
        encodings={"clip": encoding, "place": CategoricalEncoding()},
        statistics={
            "clip": FeatureStatistics(normalization="standardize", shift=-40.0, scale=20.0)
        },
        content_hash="0" * 64,
        spectrogram=settings,
    )
    return TrainPlan(
        run_id="run_1",
        run_folder="unused",
        graph=document,
        settings=ExperimentSettings(),
        data=data,
        best_by="lwlrap",
        higher_is_better=True,
        metric_names=["loss"],
    )


def told(train: TrainPlan) -> dict:
    files = ["sample_inputs.npy", "sample_inputs_2.npy"][: len(input_sources(train))]
    made = preprocessing(train, bundle_id="bun_1", task="multi_label", sample_files=files)
    return json.loads(json.dumps(made, allow_nan=False))


@pytest.mark.parametrize(
    "encoding",
    [SpectrogramEncoding(spectrogram=SETTINGS), TensorEncoding(spectrogram=SETTINGS)],
    ids=["recordings", "pictures that carried their settings"],
)
def test_recordings_and_pictures_made_of_them_go_to_a_notebook_alike(encoding: Encoding) -> None:
    require_spectrogram(plan(encoding))
    made = told(plan(encoding))
    assert SpectrogramSettings.model_validate(made["spectrogram"]) == SETTINGS
    (given,) = made["inputs"]
    assert (given["name"], given["shape"], given["variable"]) == ("clip", [16, 32], None)
    assert given["features"][0]["encoding"]["kind"] == encoding.kind
    assert given["features"][0]["shift"] == -40.0


def test_a_plan_of_an_earlier_studio_says_its_settings_once() -> None:
    require_spectrogram(plan(TensorEncoding(), settings=SETTINGS))
    other = SETTINGS.model_copy(update={"frames": 64})
    with pytest.raises(BlockwrightError):
        require_spectrogram(plan(TensorEncoding(), settings=other))


@pytest.mark.parametrize(
    ("train", "inputs"),
    [
        (plan(TensorEncoding()), 1),
        (plan(WaveformEncoding()), 1),
        (plan(SpectrogramEncoding(), TWO), 2),
    ],
    ids=["pictures of unknown settings", "samples", "two inputs"],
)
def test_a_model_that_clips_alone_cannot_feed_has_no_notebook(
    train: TrainPlan, inputs: int
) -> None:
    with pytest.raises(BlockwrightError) as caught:
        require_spectrogram(train)
    assert caught.value.problem.code == "delivery.needs_spectrogram"
    assert caught.value.problem.params == {"inputs": inputs}


def test_every_input_is_told_in_the_models_order_and_nothing_else() -> None:
    made = told(plan(SpectrogramEncoding(spectrogram=SETTINGS), TWO))
    assert [given["name"] for given in made["inputs"]] == ["place", "clip"]
    assert made["inputs"][0]["features"][0]["classes"] == ["sea", "town"]
    assert made["inputs"][1]["sample_file"] == "sample_inputs_2.npy"


def test_text_goes_with_its_vocabulary() -> None:
    train = plan(TextEncoding())
    train.data.vocabularies["clip"] = ["bark", "hiss"]
    assert told(train)["inputs"][0]["features"][0]["vocabulary"] == ["bark", "hiss"]


def test_a_clip_becomes_one_picture_or_all_its_tiles() -> None:
    clip = TEST_AUDIO / "mix3_007.ogg"
    fixed = clip_inputs(clip, told(plan(SpectrogramEncoding(spectrogram=SETTINGS))))
    np.testing.assert_array_equal(fixed, (clip_picture(clip, SETTINGS)[None] + 40) / 20)

    varies = VariableLength(axis=1, tile=32, overlap=8)
    made = told(plan(SpectrogramEncoding(spectrogram=WHOLE), variable=varies))
    whole = clip_spectrogram(Path(clip), WHOLE)
    found = clip_inputs(clip, made)
    assert len(found) > 2
    np.testing.assert_array_equal(found, (tiles(whole, 32, 8) + 40) / 20)
