"""The one preprocessing function: equal to librosa, and never surprised by a file."""

from __future__ import annotations

import pickle
import struct
import warnings
from pathlib import Path

import librosa
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from blockwright.audio.clip_picture import (
    ClipError,
    clip_picture,
    fit_frames,
    log_mel_db,
    read_clip,
)
from blockwright.contracts.audio import SpectrogramSettings
from blockwright.contracts.problems import catalogue
from blockwright.datasets import sample

CLIPS = sorted((Path(sample.__file__).parent / "audio").glob("*.ogg"))

PRESETS = [
    SpectrogramSettings(),
    SpectrogramSettings(reference="one", dynamic_range_db=100),
    SpectrogramSettings(
        sample_rate_hz=22_050, fft_samples=1_024, hop_samples=256, mel_bands=64, max_hz=11_025
    ),
    SpectrogramSettings(
        sample_rate_hz=16_000,
        fft_samples=400,
        hop_samples=160,
        mel_bands=80,
        min_hz=0,
        max_hz=8_000,
    ),
    SpectrogramSettings(
        fft_samples=1_023, hop_samples=347, mel_bands=128, min_hz=50, max_hz=14_000, frames=128
    ),
]


def librosa_db(signal: np.ndarray, wanted: SpectrogramSettings) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # empty bands, and windows longer than the clip
        power = librosa.feature.melspectrogram(
            y=signal,
            sr=wanted.sample_rate_hz,
            n_fft=wanted.fft_samples,
            hop_length=wanted.hop_samples,
            n_mels=wanted.mel_bands,
            fmin=wanted.min_hz,
            fmax=wanted.max_hz,
            center=True,
            pad_mode="constant",
            power=2,
            htk=False,
            norm="slaney",
        )
    reference = np.max if wanted.reference == "clip_maximum" else 1.0
    return librosa.power_to_db(power, ref=reference, top_db=wanted.dynamic_range_db)


@pytest.mark.parametrize("preset", range(len(PRESETS)))
@pytest.mark.parametrize("samples", [1, 2, 399, 1_024, 1_025, 44_101, 100_003])
def test_equals_librosa(preset: int, samples: int) -> None:
    wanted = PRESETS[preset]
    random = np.random.default_rng(samples)
    signal = (random.normal(size=samples) * 0.2).astype("f4")
    ours, theirs = log_mel_db(signal, wanted), librosa_db(signal, wanted)
    assert ours.shape == theirs.shape
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, theirs, atol=0.01, rtol=0)


@pytest.mark.parametrize("clip", CLIPS[::40], ids=lambda clip: clip.name)
def test_equals_librosa_on_recordings_resampling_included(clip: Path) -> None:
    for wanted in PRESETS[:3]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            signal, _ = librosa.load(clip, sr=wanted.sample_rate_hz)
        ours = log_mel_db(read_clip(clip, wanted.sample_rate_hz), wanted)
        np.testing.assert_allclose(ours, librosa_db(signal, wanted), atol=0.01, rtol=0)


def test_silence_is_zero_db_everywhere() -> None:
    picture = log_mel_db(np.zeros(50_000, "f4"), SpectrogramSettings())
    assert np.unique(picture).tolist() == [0.0]


@given(
    samples=st.integers(1, 60_000),
    frames=st.integers(1, 400),
    fit=st.sampled_from(["crop", "resize"]),
    hop=st.integers(100, 1_000),
)
@settings(deadline=None, max_examples=60)
def test_every_length_becomes_a_finite_picture_of_the_wanted_size(
    samples: int, frames: int, fit: str, hop: int
) -> None:
    wanted = SpectrogramSettings.model_validate(
        {"mel_bands": 16, "frames": frames, "fit": fit, "hop_samples": hop, "fft_samples": 512}
    )
    signal = np.random.default_rng(0).normal(size=samples).astype("f4")
    picture = fit_frames(log_mel_db(signal, wanted), wanted)
    assert picture.shape == (16, frames)
    assert picture.dtype == np.float32
    assert np.isfinite(picture).all()
    assert picture.min() >= -80.001
    assert picture.max() <= 0.001


def test_crop_takes_the_start_and_repeats_a_short_clip() -> None:
    short = np.arange(6, dtype="f4").reshape(2, 3)
    wanted = SpectrogramSettings(mel_bands=2, frames=7)
    assert fit_frames(short, wanted)[0].tolist() == [0, 1, 2, 0, 1, 2, 0]
    assert fit_frames(short, wanted.model_copy(update={"frames": 2}))[1].tolist() == [3, 4]


def test_resize_keeps_a_constant_and_the_mean() -> None:
    wanted = SpectrogramSettings(mel_bands=1, frames=50, fit="resize")
    constant = np.full((1, 333), -12.5, "f4")
    np.testing.assert_allclose(fit_frames(constant, wanted), -12.5, rtol=1e-6)
    ramp = np.arange(500, dtype="f4").reshape(1, 500)
    resized = fit_frames(ramp, wanted)
    assert (np.diff(resized) > 0).all()
    assert abs(float(resized.mean()) - float(ramp.mean())) < 1


@pytest.mark.parametrize("kind", ["wav", "flac", "ogg", "mp3"])
def test_every_format_is_decoded_mixed_down_and_resampled(tmp_path: Path, kind: str) -> None:
    time = np.arange(48_000) / 48_000
    tone = np.sin(2 * np.pi * 1_000 * time) * 0.5
    path = tmp_path / f"tone.{kind}"
    soundfile.write(path, np.stack([tone, tone * 0.5], axis=1), 48_000)
    signal = read_clip(path, 16_000)
    assert signal.dtype == np.float32
    assert abs(len(signal) - 16_000) < 1_500  # mp3 adds its encoder's delay
    spectrum = np.abs(np.fft.rfft(signal[2_000:14_000]))
    assert abs(int(spectrum.argmax()) * 16_000 / 12_000 - 1_000) < 3
    assert abs(float(np.abs(signal[2_000:14_000]).max()) - 0.375) < 0.02
    assert clip_picture(path, PRESETS[3]).shape == (80, 256)


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
def test_wav_encodings_that_are_read(tmp_path: Path, subtype: str) -> None:
    for name, container in (("a.wav", "WAV"), ("b.wav", "WAVEX")):
        path = tmp_path / name
        soundfile.write(path, np.full(500, 0.25), 8_000, subtype=subtype, format=container)
        np.testing.assert_allclose(read_clip(path, 8_000), 0.25, atol=0.01)


def bad_clips(folder: Path) -> dict[str, tuple[Path, str]]:
    """Write one clip of each fault; give the path and the code that is expected."""
    tone = np.sin(np.arange(20_000) / 9).astype("f4") * 0.3
    soundfile.write(folder / "good.flac", tone, 8_000)
    whole = (folder / "good.flac").read_bytes()
    soundfile.write(folder / "good.wav", tone, 8_000)
    wav = (folder / "good.wav").read_bytes()
    soundfile.write(folder / "adpcm.wav", tone, 8_000, subtype="IMA_ADPCM")
    soundfile.write(folder / "none.wav", np.zeros(0), 8_000)
    nan = tone.copy()
    nan[7] = np.nan
    soundfile.write(folder / "nan.wav", nan, 8_000, subtype="FLOAT")
    soundfile.write(folder / "nine.wav", np.zeros((100, 9)), 8_000)
    soundfile.write(folder / "long.flac", np.zeros(3_700 * 1_000), 1_000)
    contents = {
        "zero_bytes.wav": b"",
        "text.wav": b"this is a text and no sound at all",
        "random.ogg": b"OggS" + bytes(range(256)) * 4,
        "header.wav": wav[:20],
        "cut.wav": wav[: len(wav) // 2],
        "cut.flac": whole[: len(whole) // 2],
        "two_formats.wav": wav[:36] + wav[12:36] + wav[36:],
        "fast.wav": wav[:24] + struct.pack("<I", 400_000) + wav[28:],
        "aiff.wav": b"FORM\0\0\0\0AIFF",
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    codes = {
        "zero_bytes.wav": "audio.empty",
        "none.wav": "audio.empty",
        "text.wav": "audio.not_audio",
        "aiff.wav": "audio.not_audio",
        "random.ogg": "audio.cannot_decode",
        "header.wav": "audio.cannot_decode",
        "two_formats.wav": "audio.cannot_decode",
        "cut.flac": "audio.cannot_decode",
        "cut.wav": "audio.cut_off",
        "adpcm.wav": "audio.wav_encoding",
        "nan.wav": "audio.not_finite",
        "nine.wav": "audio.too_many_channels",
        "fast.wav": "audio.sample_rate_too_high",
        "long.flac": "audio.too_long",
    }
    return {name: (folder / name, code) for name, code in codes.items()}


def test_a_clip_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    for name, (path, code) in bad_clips(tmp_path).items():
        with pytest.raises(ClipError) as caught:
            clip_picture(path, PRESETS[3])
        assert caught.value.code == code, name
        assert caught.value.params["file"] == name
        words = catalogue()[code]
        for language in ("en", "zh"):
            assert name in words[language]["message"].format(**caught.value.params)
        again = pickle.loads(pickle.dumps(caught.value))
        assert (again.code, again.params) == (code, caught.value.params)
