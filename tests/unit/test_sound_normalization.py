"""One choice says how sound is normalised, and training gets exactly that, once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from blockwright.contracts.data import FeatureChange, FeaturesChange
from blockwright.contracts.encodings import Encoding, SpectrogramEncoding, WaveformEncoding
from blockwright.contracts.problems import BlockwrightError
from blockwright.datasets.draft_state import DraftState
from blockwright.datasets.feature_drafts import change_features
from blockwright.datasets.reader import VersionReader
from tests.support.content_folders import write_content
from tests.support.encoding_data import RATE_HZ, encoded, first_rows, save, wav_bytes

TRAINING_ROWS = 2
SOUND: dict[str, Any] = {"sample_rate_hz": RATE_HZ}
PICTURE = SOUND | {"fft_samples": 512, "hop_samples": 160, "mel_bands": 16, "max_hz": 8_000}


def spectrogram(over_clip: str, over_dataset: str) -> Encoding:
    settings = PICTURE | {"frames": 51, "clip_normalization": over_clip}
    return SpectrogramEncoding.model_validate(
        {"spectrogram": settings, "normalization": over_dataset}
    )


def waveform(over_clip: str, over_dataset: str) -> Encoding:
    settings = SOUND | {"samples": RATE_HZ // 2, "clip_normalization": over_clip}
    return WaveformEncoding.model_validate({"waveform": settings, "normalization": over_dataset})


@pytest.fixture
def state(tmp_path: Path) -> DraftState:
    clips = [wav_bytes(0.5, hertz) for hertz in (220.0, 880.0, 3_520.0)]
    made = write_content(
        tmp_path / "content",
        {"clip": ["a.wav", "b.wav", "c.wav"], "n": [0, 1, 2]},
        {"clip": "audio", "n": "numeric"},
        media={"clip": ("audio", clips, {"seconds": [0.5] * 3})},
    )
    return first_rows(made, TRAINING_ROWS)


def read(state: DraftState, folder: Path, encoding: Encoding) -> np.ndarray:
    data = save(encoded(state, "clip", encoding), folder).data
    return VersionReader(data).read("clip", np.arange(3)).astype(np.float64)


@pytest.mark.parametrize("made", [spectrogram, waveform])
def test_training_gets_the_one_normalisation_that_was_chosen(
    state: DraftState, tmp_path: Path, made: Any
) -> None:
    plain = read(state, tmp_path / "plain", made("none", "none"))
    training = plain[:TRAINING_ROWS]
    clips = plain.reshape(3, -1)
    low, high = clips.min(axis=1), clips.max(axis=1)
    expected = {
        ("none", "standardize"): (clips - training.mean()) / training.std(),
        ("none", "min_max"): (clips - training.min()) / (training.max() - training.min()),
        ("standardize", "none"): (clips - clips.mean(axis=1, keepdims=True))
        / clips.std(axis=1, keepdims=True),
        ("min_max", "none"): (clips - low[:, None]) / (high - low)[:, None],
    }
    for (over_clip, over_dataset), numbers in expected.items():
        folder = tmp_path / f"{over_clip} {over_dataset}"
        found = read(state, folder, made(over_clip, over_dataset)).reshape(3, -1)
        np.testing.assert_allclose(found, numbers, atol=1e-4)


@pytest.mark.parametrize("made", [spectrogram, waveform])
def test_sound_is_never_normalised_twice(state: DraftState, made: Any) -> None:
    twice = FeaturesChange(
        names=["clip"], change=FeatureChange(encoding=made("standardize", "min_max"))
    )
    with pytest.raises(BlockwrightError) as caught:
        change_features(state, twice)
    assert caught.value.problem.code == "data_encoding.normalized_twice"


@pytest.mark.parametrize("made", [spectrogram, waveform])
def test_a_choice_takes_the_place_of_the_one_before(state: DraftState, made: Any) -> None:
    for chosen in (("standardize", "none"), ("none", "min_max"), ("none", "none")):
        change = FeatureChange(encoding=made(*chosen))
        state = change_features(state, FeaturesChange(names=["clip"], change=change))
        assert state.features[0].encoding == made(*chosen)
