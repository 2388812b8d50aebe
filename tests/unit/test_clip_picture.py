"""The one preprocessing function: equal to librosa, and never surprised by a file."""

from __future__ import annotations

import io
import pickle
import struct
import warnings
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import librosa
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from blockwright.audio.clip_picture import (
    ClipError,
    clip_picture,
    clip_spectrogram,
    clip_waveform,
    crop,
    empty_mel_bands,
    fit_frames,
    log_mel_db,
    read_clip,
    tiles,
    trim_silence,
)
from blockwright.contracts import audio
from blockwright.contracts.audio import SpectrogramSettings, WaveformSettings
from blockwright.contracts.problems import catalogue, worded
from blockwright.datasets import sample

CLIPS = sorted((Path(sample.__file__).parent / "audio").glob("*.ogg"))

PRESETS = [
    *audio.PRESETS.values(),
    SpectrogramSettings(fft_samples=2_048, hop_samples=512, mel_bands=128),
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


WHISPER = PRESETS[6]


@pytest.mark.parametrize("preset", range(len(PRESETS)))
@pytest.mark.parametrize("samples", [1, 2, 399, 1_024, 1_025, 2_559, 44_101, 100_003])
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
    for wanted in PRESETS[:6]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            signal, _ = librosa.load(clip, sr=wanted.sample_rate_hz)
        ours = log_mel_db(read_clip(clip, wanted.sample_rate_hz), wanted)
        np.testing.assert_allclose(ours, librosa_db(signal, wanted), atol=0.01, rtol=0)


def test_silence_is_zero_db_everywhere() -> None:
    picture = log_mel_db(np.zeros(50_000, "f4"), SpectrogramSettings())
    assert np.unique(picture).tolist() == [0.0]


def test_no_sample_is_no_spectrogram() -> None:
    with pytest.raises(ClipError) as caught:
        log_mel_db(np.zeros(0, "f4"), SpectrogramSettings())
    assert caught.value.code == "audio.empty"


@pytest.mark.parametrize("preset", sorted(audio.PRESETS))
def test_no_mel_band_of_a_preset_is_empty(preset: str) -> None:
    wanted = audio.PRESETS[preset]
    noise = np.random.default_rng(3).normal(size=wanted.sample_rate_hz).astype("f4")
    loudest = log_mel_db(noise, wanted).max(axis=1)
    assert loudest.min() > -60


@given(
    samples=st.integers(1, 60_000),
    frames=st.integers(1, 400),
    fit=st.sampled_from(["crop", "pad", "resize"]),
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
    assert clip_picture(path, WHISPER).shape == (80, 256)


@pytest.mark.parametrize(
    "subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW"]
)
def test_wav_encodings_that_are_read(tmp_path: Path, subtype: str) -> None:
    for name, container in (("a.wav", "WAV"), ("b.wav", "WAVEX")):
        path = tmp_path / name
        soundfile.write(path, np.full(500, 0.25), 8_000, subtype=subtype, format=container)
        np.testing.assert_allclose(read_clip(path, 8_000), 0.25, atol=0.01)


@pytest.mark.parametrize("channels", [1, 2, 3, 8])
@pytest.mark.parametrize("container", ["WAV", "WAVEX"])
def test_sixteen_bit_wav_gives_the_very_numbers_of_libsndfile(
    tmp_path: Path, channels: int, container: str
) -> None:
    sound = np.random.default_rng(channels).integers(-32_768, 32_768, (3_001, channels), "i2")
    sound[0] = -32_768
    path = tmp_path / "a.wav"
    soundfile.write(path, sound, 8_000, subtype="PCM_16", format=container)
    theirs = soundfile.read(path, dtype="float32", always_2d=True)[0]
    np.testing.assert_allclose(read_clip(path, 8_000), theirs.mean(axis=1), atol=1e-7, rtol=0)
    if channels == 1:
        np.testing.assert_array_equal(read_clip(path, 8_000), theirs[:, 0])


def test_a_wav_whose_length_was_never_written_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.full(500, 0.25), 8_000)
    whole = path.read_bytes()
    path.write_bytes(whole[:40] + b"\xff\xff\xff\xff" + whole[44:])
    np.testing.assert_array_equal(read_clip(path, 8_000), np.full(500, 0.25, "f4"))


def test_a_clip_is_read_from_an_open_file_and_from_a_zip(tmp_path: Path) -> None:
    for clip in (CLIPS[0], tmp_path / "a.wav"):
        if clip.suffix == ".wav":
            soundfile.write(clip, np.sin(np.arange(30_000) / 7), 44_100)
        from_path = clip_picture(clip, WHISPER)
        held = io.BytesIO(clip.read_bytes())
        held.read(7)
        np.testing.assert_array_equal(clip_picture(held, WHISPER), from_path)
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.write(clip, "deep/inside" + clip.suffix)
        with zipfile.ZipFile(tmp_path / "a.zip") as archive:
            entry = archive.open("deep/inside" + clip.suffix)
            np.testing.assert_array_equal(clip_picture(entry, WHISPER), from_path)


def test_a_problem_names_the_open_file() -> None:
    held = io.BytesIO(b"no sound")
    held.name = "folder/page.wav"
    with pytest.raises(ClipError) as caught:
        clip_picture(held, WHISPER)
    assert caught.value.params == {"file": "page.wav"}


def saved_before(wanted: SpectrogramSettings) -> Any:
    """Give settings as an older studio saved them: without the newer fields."""
    fields = wanted.model_dump()
    del fields["trim_silence_db"], fields["clip_normalization"]
    return SimpleNamespace(**fields)


def test_settings_of_an_older_studio_give_the_same_bits() -> None:
    for wanted in (SpectrogramSettings(), WHISPER):
        old = saved_before(wanted)
        np.testing.assert_array_equal(clip_picture(CLIPS[0], old), clip_picture(CLIPS[0], wanted))
        assert SpectrogramSettings.model_validate(vars(old)) == wanted


@pytest.mark.parametrize("trim_db", [10, 30, 60])
def test_silence_is_trimmed_as_librosa_does(trim_db: int) -> None:
    random = np.random.default_rng(trim_db)
    for clip in CLIPS[::30]:
        signal = read_clip(clip, 22_050)
        fade = np.concatenate([np.geomspace(1e-5, 1, 9_000), np.geomspace(1, 1e-5, 12_345)])
        for sound in (signal, (random.normal(size=fade.size) * fade).astype("f4")):
            theirs, _ = librosa.effects.trim(sound, top_db=trim_db)
            np.testing.assert_array_equal(trim_silence(sound, trim_db), theirs)


@given(
    before=st.integers(0, 4_000),
    loud=st.integers(0, 3_000),
    after=st.integers(0, 4_000),
    trim_db=st.floats(0.1, 120),
)
@settings(deadline=None, max_examples=150)
def test_a_clip_is_never_trimmed_to_nothing(
    before: int, loud: int, after: int, trim_db: float
) -> None:
    signal = np.concatenate([np.zeros(before), np.ones(loud), np.zeros(after)]).astype("f4")
    if signal.size:
        kept = trim_silence(signal, trim_db)
        assert 0 < kept.size <= signal.size
        assert np.abs(kept).max() == np.abs(signal).max()


def test_the_window_at_the_very_end_is_kept_where_only_it_is_loud() -> None:
    signal = np.zeros(4_096, "f4")
    signal[-1] = 1
    assert trim_silence(signal, 0.1)[-1] == 1
    assert trim_silence(np.zeros(700, "f4"), 60).size == 700


def test_trimming_comes_before_the_spectrogram(tmp_path: Path) -> None:
    tone = np.sin(np.arange(16_000) / 5) * 0.4
    soundfile.write(tmp_path / "a.wav", np.concatenate([np.zeros(16_000), tone]), 16_000)
    plain = SpectrogramSettings(sample_rate_hz=16_000, max_hz=8_000, mel_bands=8, fit="variable")
    trimmed = plain.model_copy(update={"trim_silence_db": 60.0})
    whole = clip_spectrogram(tmp_path / "a.wav", plain)
    kept = clip_spectrogram(tmp_path / "a.wav", trimmed)
    assert whole.shape[1] == 1 + 32_000 // 694
    assert kept.shape[1] in {1 + 16_000 // 694, 2 + 16_000 // 694, 3 + 16_000 // 694}


def test_pad_goes_on_with_the_quietest_value() -> None:
    short = np.array([[-3, -10], [0, -7]], "f4")
    wanted = SpectrogramSettings(mel_bands=2, frames=4, fit="pad", dynamic_range_db=50)
    assert fit_frames(short, wanted)[0].tolist() == [-3, -10, -50, -50]
    assert fit_frames(short, wanted.model_copy(update={"frames": 1})).tolist() == [[-3], [0]]


def test_a_padded_clip_is_filled_with_what_the_quietest_became(tmp_path: Path) -> None:
    sound = np.random.default_rng(0).normal(size=8_000) * 0.1
    soundfile.write(tmp_path / "a.wav", sound, 16_000)
    base = SpectrogramSettings(sample_rate_hz=16_000, max_hz=8_000, mel_bands=8, fit="pad")
    whole = clip_spectrogram(tmp_path / "a.wav", base)
    filled = clip_picture(tmp_path / "a.wav", base)
    np.testing.assert_array_equal(filled[:, : whole.shape[1]], whole)
    assert np.unique(filled[:, whole.shape[1] :]).tolist() == [-80]
    standard = base.model_copy(update={"clip_normalization": "standardize"})
    filled = clip_picture(tmp_path / "a.wav", standard)
    expected = (-80 - whole.mean()) / whole.std()
    np.testing.assert_allclose(filled[:, whole.shape[1] :], expected, rtol=1e-4)


def test_normalisation_is_over_the_whole_clip_before_it_is_cropped() -> None:
    base = SpectrogramSettings(mel_bands=32, frames=20)
    decibels = clip_spectrogram(CLIPS[0], base)
    assert decibels.shape[1] > 20
    for how, spread in (
        ("standardize", (decibels - decibels.mean()) / decibels.std()),
        ("min_max", (decibels - decibels.min()) / (decibels.max() - decibels.min())),
    ):
        wanted = base.model_copy(update={"clip_normalization": how})
        np.testing.assert_allclose(clip_spectrogram(CLIPS[0], wanted), spread, atol=1e-4)
        np.testing.assert_allclose(clip_picture(CLIPS[0], wanted), spread[:, :20], atol=1e-4)


@pytest.mark.parametrize("how", ["standardize", "min_max"])
@pytest.mark.parametrize("fit", ["crop", "pad", "resize", "variable"])
def test_a_clip_of_one_value_becomes_zero(tmp_path: Path, how: str, fit: str) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(3_000), 16_000)
    wanted = WHISPER.model_copy(update={"clip_normalization": how, "fit": fit})
    assert np.unique(clip_picture(tmp_path / "a.wav", wanted)).tolist() == [0]
    waves = WaveformSettings.model_validate({"clip_normalization": how, "fit": "pad"})
    assert np.unique(clip_waveform(tmp_path / "a.wav", waves)).tolist() == [0]


def test_a_clip_of_variable_length_stays_whole() -> None:
    wanted = WHISPER.model_copy(update={"fit": "variable", "frames": 7})
    whole = clip_spectrogram(CLIPS[0], wanted)
    assert whole.shape == (80, 1 + len(read_clip(CLIPS[0], 16_000)) // 160)
    np.testing.assert_array_equal(clip_picture(CLIPS[0], wanted), whole)


@given(
    there=st.integers(1, 300),
    frames=st.integers(1, 120),
    overlap=st.integers(0, 119) | st.none(),
    bands=st.integers(1, 3),
)
@settings(deadline=None, max_examples=200)
def test_tiles_cover_every_frame_in_order(
    there: int, frames: int, overlap: int | None, bands: int
) -> None:
    values = np.arange(bands * there, dtype="f4").reshape(bands, there)
    if overlap is not None and overlap >= frames:
        with pytest.raises(ValueError, match="cannot overlap"):
            tiles(values, frames, overlap)
        return
    cut = tiles(values, frames, overlap)
    assert cut.shape[1:] == (bands, frames)
    assert cut.flags.c_contiguous
    assert cut.dtype == np.float32
    assert set(np.unique(cut)) == set(np.unique(values))
    if there >= frames:
        firsts = cut[:, 0, 0].astype(int)
        step = frames - (frames // 2 if overlap is None else overlap)
        assert firsts[0] == 0
        assert firsts[-1] == there - frames
        assert (np.diff(firsts)[:-1] == step).all()
        assert len(cut) == 1 + -(-(there - frames) // step)
    else:
        assert len(cut) == 1
        assert (cut[0, 0] == np.arange(frames) % there).all()


def test_a_waveform_is_cut_into_tiles_and_crops_too() -> None:
    signal = np.arange(10, dtype="f4")
    assert tiles(signal, 4).tolist() == [[0, 1, 2, 3], [2, 3, 4, 5], [4, 5, 6, 7], [6, 7, 8, 9]]
    assert tiles(signal, 6, 0).tolist() == [[0, 1, 2, 3, 4, 5], [4, 5, 6, 7, 8, 9]]
    assert crop(signal, 3, 7).tolist() == [7, 8, 9]
    assert crop(signal[:3], 7, 2).tolist() == [2, 0, 1, 2, 0, 1, 2]
    for start in (-1, 8):
        with pytest.raises(ValueError, match="cannot begin at"):
            crop(signal, 3, start)
    with pytest.raises(ValueError, match="cannot begin at"):
        crop(signal[:3], 7, 3)


def test_samples_themselves_fit_trimmed_and_normalised(tmp_path: Path) -> None:
    sound = np.random.default_rng(1).normal(size=6_000) * 0.1
    path = tmp_path / "a.wav"
    soundfile.write(path, np.concatenate([np.zeros(6_000), sound]), 16_000, subtype="FLOAT")
    whole = read_clip(path, 16_000)
    assert clip_waveform(path, WaveformSettings(fit="variable")).tolist() == whole.tolist()
    repeated = clip_waveform(path, WaveformSettings())
    assert repeated.tolist() == np.concatenate([whole, whole[:4_000]]).tolist()
    padded = clip_waveform(path, WaveformSettings(fit="pad"))
    assert padded.tolist() == np.concatenate([whole, np.zeros(4_000)]).tolist()
    assert clip_waveform(path, WaveformSettings(samples=50)).tolist() == whole[:50].tolist()
    trimmed = clip_waveform(path, WaveformSettings(fit="variable", trim_silence_db=60))
    assert 6_000 <= trimmed.size < 8_500
    scaled = clip_waveform(path, WaveformSettings(fit="variable", clip_normalization="standardize"))
    assert abs(float(scaled.mean())) < 1e-4
    assert abs(float(scaled.std()) - 1) < 1e-4


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
            clip_picture(path, WHISPER)
        assert caught.value.code == code, name
        assert caught.value.params["file"] == name
        words = catalogue()[code]
        assert name in worded(words["en"]["message"], caught.value.params)
        assert name in worded(words["zh"]["message"], caught.value.params, "zh")
        again = pickle.loads(pickle.dumps(caught.value))
        assert (again.code, again.params) == (code, caught.value.params)


@pytest.mark.parametrize(("fft_samples", "mel_bands"), [(256, 256), (512, 128), (2_560, 64)])
def test_empty_bands_are_those_that_librosa_finds_empty(fft_samples: int, mel_bands: int) -> None:
    wanted = SpectrogramSettings(fft_samples=fft_samples, mel_bands=mel_bands)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # librosa's own word on them
        bank = librosa.filters.mel(
            sr=wanted.sample_rate_hz,
            n_fft=fft_samples,
            n_mels=mel_bands,
            fmin=wanted.min_hz,
            fmax=wanted.max_hz,
        )
    assert empty_mel_bands(wanted) == int((bank.max(axis=1) == 0).sum())
