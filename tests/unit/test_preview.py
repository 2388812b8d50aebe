"""Previews: what settings would make of a clip, at once; drawings for the table."""

from __future__ import annotations

import base64
import io
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from PIL import Image

from blockwright.contracts.data import Preview, PreviewRequest
from blockwright.contracts.encodings import (
    Encoding,
    ImageEncoding,
    NumericEncoding,
    SpectrogramEncoding,
    TensorEncoding,
    WaveformEncoding,
)
from blockwright.contracts.problems import BlockwrightError
from blockwright.contracts.subsets import RowQuery
from blockwright.datasets import preview as previews
from blockwright.datasets.draft_state import DraftState
from blockwright.datasets.row_service import RowService
from tests.support.content_folders import write_content
from tests.support.encoding_data import (
    RATE_HZ,
    add_tensor,
    encoded,
    png_bytes,
    wav_bytes,
    without_file,
)

SETTINGS: dict[str, Any] = {
    "sample_rate_hz": RATE_HZ,
    "fft_samples": 512,
    "hop_samples": 160,
    "mel_bands": 32,
    "max_hz": 8_000.0,
    "frames": 50,
}


@pytest.fixture(autouse=True)
def _no_child_left() -> Iterator[None]:
    yield
    previews.close_previews()


class OneVersion:
    """Gives the state of its only version, as `DatasetService` does."""

    def __init__(self, state: DraftState) -> None:
        self._state = state

    def state(self, version_id: str) -> DraftState:
        assert version_id == "ver_1"
        return self._state


def parsers() -> list[psutil.Process]:
    children = psutil.Process().children()
    return [each for each in children if "blockwright.datasets.media.parser" in each.cmdline()]


def test_who_looks_at_recordings_need_not_wait_for_what_draws_them(
    state: DraftState, tmp_path: Path
) -> None:
    def look(at: DraftState) -> None:
        rows = RowService(OneVersion(at))  # type: ignore[arg-type] - all it asks of it
        rows.page("ver_1", RowQuery(limit=1))

    numbers = write_content(tmp_path / "numbers", {"n": [1, 2]}, {"n": "numeric"})
    look(numbers)
    assert parsers() == []
    look(state)
    assert len(parsers()) == 1
    look(state)
    previews.preview(state, 0, PreviewRequest(feature="clip", encoding=SpectrogramEncoding()))
    assert len(parsers()) == 1


@pytest.fixture
def state(tmp_path: Path) -> DraftState:
    quiet = wav_bytes(1.0)
    silent_start = quiet[:44] + b"\0" * RATE_HZ + quiet[44 + RATE_HZ :]  # half of it
    clips = [wav_bytes(0.25), wav_bytes(2.0), silent_start]
    images = [png_bytes(30, 20, 50)] * 3
    made = write_content(
        tmp_path / "content",
        {
            "clip": ["a.wav", "b.wav", "c.wav"],
            "picture": ["a.png", "b.png", "c.png"],
            "path": ["0.npy", "1.npy", "2.npy"],
            "n": [1, 2, 3],
        },
        {"clip": "audio", "picture": "image", "path": "tensor", "n": "numeric"},
        media={
            "clip": ("audio", clips, {"seconds": [0.25, 2.0, 1.0]}),
            "picture": ("image", images, {"width": [30] * 3}),
        },
    )
    return add_tensor(made, "path", np.arange(3 * 4 * 6).reshape(3, 4, 6))


def asked(state: DraftState, row: int, encoding: Encoding, feature: str = "clip") -> Preview:
    return previews.preview(state, row, PreviewRequest(feature=feature, encoding=encoding))


def spectrogram(**more: Any) -> SpectrogramEncoding:
    return SpectrogramEncoding.model_validate({"spectrogram": {**SETTINGS, **more}})


def shown(made: Preview) -> np.ndarray:
    image = Image.open(io.BytesIO(base64.b64decode(made.picture_png_base64)))
    return np.asarray(image.convert("RGB") if image.mode == "P" else image)


def test_a_preview_shows_the_clip_and_says_where_it_is(state: DraftState) -> None:
    made = asked(state, 1, spectrogram(fit="crop"))
    assert (made.seconds, made.sample_rate_hz, made.shape) == (2.0, RATE_HZ, [32, 50])
    assert (made.first_second, made.shown_seconds) == (0.0, 0.5)
    assert -10 < made.maximum < 0  # 0 dB is the loudest point of the whole clip
    assert made.minimum >= -80.0
    assert len(made.waveform) == 1_000
    assert made.waveform[-1][0] == pytest.approx(-0.8, abs=0.01)
    pixels = shown(made)
    assert pixels.shape == (32, 50, 3)
    # 440 Hz is low: the brightest row lies in the lower half.
    assert int(pixels.sum(axis=(1, 2), dtype=np.int64).argmax()) > 16


def test_each_fit_says_how_much_of_the_clip_is_seen(state: DraftState) -> None:
    # A short clip is repeated or continued: its picture is longer than what it shows.
    for fit, row, shape, seconds, wide in (
        ("crop", 0, [32, 50], 0.25, 0.5),
        ("pad", 0, [32, 50], 0.25, 0.5),
        ("resize", 1, [32, 50], 2.0, 2.0),
        ("variable", 1, [32, 201], 2.0, 2.0),
        ("variable", 0, [32, 26], 0.25, 0.25),
    ):
        made = asked(state, row, spectrogram(fit=fit))
        assert (made.shape, made.shown_seconds) == (shape, seconds)
        assert made.picture_seconds == pytest.approx(wide)


def test_bands_too_narrow_to_hold_anything_are_counted(state: DraftState) -> None:
    assert asked(state, 0, spectrogram()).empty_bands == 0
    narrow = asked(state, 0, spectrogram(fft_samples=64, mel_bands=256))
    assert narrow.empty_bands > 100


def test_trimmed_silence_moves_the_beginning(state: DraftState) -> None:
    made = asked(state, 2, spectrogram(fit="variable", trim_silence_db=40.0))
    assert made.seconds == 1.0
    assert 0.4 < made.first_second < 0.5
    assert made.first_second + made.shown_seconds == pytest.approx(1.0)


def test_a_drawing_for_the_table_says_which_part_of_the_clip_it_shows(state: DraftState) -> None:
    trimming = spectrogram(fit="variable", trim_silence_db=40.0)
    made = asked(state, 2, trimming)
    drawing = previews.picture(encoded(state, "clip", trimming), 2, "clip", 100)
    assert (drawing.first_second, drawing.shown_seconds) == (made.first_second, made.shown_seconds)
    whole = previews.picture(encoded(state, "clip", WaveformEncoding()), 1, "clip", 100)
    assert (whole.first_second, whole.shown_seconds) == (0.0, 2.0)
    assert previews.picture(state, 1, "picture", 15).first_second is None


def test_a_long_picture_is_drawn_no_wider_than_there_is_room(state: DraftState) -> None:
    made = asked(state, 1, spectrogram(fit="variable", hop_samples=16))
    assert made.shape == [32, 2_001]
    assert shown(made).shape == (32, 1_000, 3)


def test_a_waveform_is_drawn_as_it_would_be(state: DraftState) -> None:
    encoding = WaveformEncoding.model_validate(
        {"waveform": {"sample_rate_hz": 8_000, "samples": 4_000, "clip_normalization": "min_max"}}
    )
    made = asked(state, 1, encoding)
    assert (made.shape, made.picture_png_base64) == ([4_000], "")
    assert np.array(made.waveform).min() >= 0.0
    assert made.shown_seconds == 0.5


def test_an_image_is_shown_as_it_would_be(state: DraftState) -> None:
    encoding = ImageEncoding.model_validate(
        {"image": {"colour": "grayscale", "width": 8, "height": 6, "fit": "resize"}}
    )
    made = asked(state, 0, encoding, "picture")
    assert made.shape == [6, 8, 1]
    assert shown(made).shape == (6, 8)


def test_a_child_that_died_is_replaced(state: DraftState) -> None:
    asked(state, 0, spectrogram())
    child = previews._warm._child
    assert child is not None
    os.kill(child.pid, signal.SIGKILL)
    assert asked(state, 0, spectrogram()).shape == [32, 50]


def test_what_cannot_be_previewed_is_said(state: DraftState, tmp_path: Path) -> None:
    def code(row: int, encoding: Encoding, feature: str) -> str:
        with pytest.raises(BlockwrightError) as caught:
            asked(state, row, encoding, feature)
        return caught.value.problem.code

    assert code(0, NumericEncoding(), "n") == "data_encoding.not_previewable"
    assert code(0, ImageEncoding(), "clip") == "data_encoding.encoding_does_not_fit"
    assert code(3, spectrogram(), "clip") == "data.row_not_found"
    assert code(0, spectrogram(), "gone") == "data.feature_not_found"
    gone = without_file(state, "clip", 2)
    with pytest.raises(BlockwrightError) as caught:
        asked(gone, 2, spectrogram())
    assert caught.value.problem.code == "data_encoding.row_without_file"
    blob = tmp_path / "content" / "media_0.bin"
    blob.write_bytes(b"\0" * blob.stat().st_size)
    assert code(0, spectrogram(), "clip") == "audio.not_audio"


def test_values_are_drawn_for_the_table(state: DraftState) -> None:
    def size(feature: str, largest: int) -> tuple[int, int]:
        drawing = previews.picture(state, 1, feature, largest)
        return Image.open(io.BytesIO(drawing.png)).size

    state = encoded(state, "clip", spectrogram(fit="variable"))
    assert size("clip", 100) == (100, 32)
    assert size("picture", 15) == (15, 10)
    assert size("path", 100) == (6, 4)
    assert size("path", 3) == (3, 2)
    assert previews.picture(state, 1, "path", 3) is previews.picture(state, 1, "path", 3)
    assert size("clip", 40) == (40, 32)
    for row, name, expected in ((0, "n", "data.not_a_picture"), (3, "path", "data.row_not_found")):
        with pytest.raises(BlockwrightError) as caught:
            previews.picture(state, row, name, 100)
        assert caught.value.problem.code == expected
    state = encoded(state, "path", TensorEncoding(normalization="min_max"))
    assert size("path", 100) == (6, 4)
