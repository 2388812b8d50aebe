"""A clip of sound as a picture of fixed size: the studio's one preprocessing function.

Takes   a wav, flac, ogg or mp3 file and a settings object, read by attribute.
Gives   a log-mel spectrogram in decibels, equal to librosa's within 0.01 dB.
Never   imports anything of the studio: this very file travels beside a
        competition's notebook, so that training and prediction hear the same.
"""

from __future__ import annotations

import os
import struct
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import numpy.typing as npt
import scipy.fft
import scipy.sparse
import soundfile
import soxr

if TYPE_CHECKING:
    from blockwright.contracts.audio import SpectrogramSettings

FloatArray = npt.NDArray[np.float32]

MAX_CLIP_SECONDS = 3_600
MAX_CHANNELS = 8
MAX_SAMPLE_RATE_HZ = 192_000
# Power below which librosa's power_to_db does not look either.
MIN_POWER = 1e-10
# Frames whose windows, spectra and powers stay in a core's second-level cache together.
BLOCK_BYTES = 512 * 1024
_WAVE_PCM, _WAVE_FLOAT, _WAVE_EXTENSIBLE = 1, 3, 0xFFFE
# Sizes that recorders write while they do not know the length yet (also RF64).
_WAVE_UNKNOWN_BYTES = 0x7FFF_F000


class ClipError(ValueError):
    """A clip that cannot become a picture; `code` and `params` name a catalogue entry."""

    def __init__(self, code: str, **params: str | int | float) -> None:
        """Keep the code (audio.…) and its parameters."""
        super().__init__(f"{code} {params}")
        self.code = code
        self.params = params

    def __reduce__(self) -> tuple[Any, ...]:
        """Survive the way between two processes."""
        return (_clip_error, (self.code, self.params))


def _clip_error(code: str, params: dict[str, str | int | float]) -> ClipError:
    return ClipError(code, **params)


def read_clip(path: str | Path, sample_rate_hz: int) -> FloatArray:
    """Read a clip as one channel at a sample rate.

    Channels are averaged; the resampling is soxr's high quality, as librosa's.

    Args:
        path: A wav (PCM or float), flac, ogg or mp3 file.
        sample_rate_hz: The rate of what is given back.

    Returns:
        Samples, float32, shape (samples,), full scale at ±1.

    Raises:
        ClipError: With `audio.not_audio`, `audio.wav_encoding`, `audio.cannot_decode`,
            `audio.cut_off`, `audio.empty`, `audio.too_long`, `audio.too_many_channels`,
            `audio.sample_rate_too_high` or `audio.not_finite`.
        OSError: If the file cannot be opened.
    """
    path = Path(path)
    samples, rate_hz = _decode(path)
    signal = samples[:, 0] if samples.shape[1] == 1 else samples.mean(axis=1)
    if signal.shape[0] and rate_hz != sample_rate_hz:
        signal = soxr.resample(signal, rate_hz, sample_rate_hz, quality="HQ")
    if signal.shape[0] == 0:
        raise ClipError("audio.empty", file=path.name)
    if not np.isfinite(signal).all():
        raise ClipError("audio.not_finite", file=path.name)
    return np.ascontiguousarray(signal, dtype=np.float32)


def _decode(path: Path) -> tuple[FloatArray, int]:
    """Give all samples, shape (samples, channels), and their rate in hertz."""
    with path.open("rb") as file:
        _check_container(file, path.name)
        file.seek(0)
        try:
            with soundfile.SoundFile(file) as sound:
                rate_hz = int(sound.samplerate)
                _check_extent(sound, path.name)
                promised = 0 if sound.format == "MP3" else int(sound.frames)  # MP3 only estimates
                samples: FloatArray = sound.read(dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as reason:
            raise ClipError("audio.cannot_decode", file=path.name, reason=str(reason)) from reason
    if samples.shape[0] < promised:
        raise _cut_off(path.name, samples.shape[0] / rate_hz, promised / rate_hz)
    return samples, rate_hz


def _check_extent(sound: soundfile.SoundFile, name: str) -> None:
    if sound.channels > MAX_CHANNELS:
        raise ClipError(
            "audio.too_many_channels", file=name, channels=sound.channels, most=MAX_CHANNELS
        )
    if sound.samplerate > MAX_SAMPLE_RATE_HZ:
        raise ClipError(
            "audio.sample_rate_too_high",
            file=name,
            sample_rate_hz=sound.samplerate,
            most_hz=MAX_SAMPLE_RATE_HZ,
        )
    seconds = sound.frames / sound.samplerate
    if seconds > MAX_CLIP_SECONDS:
        raise ClipError(
            "audio.too_long", file=name, seconds=round(seconds), most_seconds=MAX_CLIP_SECONDS
        )


def _check_container(file: BinaryIO, name: str) -> None:
    """Let only known containers reach libsndfile, and of WAV only PCM and float.

    libsndfile's ADPCM readers have a history of memory errors; nobody's data
    set needs them.
    """
    head = file.read(12)
    if not head:
        raise ClipError("audio.empty", file=name)
    if head[:4] in {b"RIFF", b"RIFX", b"RF64"} and head[8:12] == b"WAVE":
        _check_wave_encoding(file, name, big_endian=head[:4] == b"RIFX")
        return
    is_mp3 = head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0)
    if not (head[:4] in {b"OggS", b"fLaC"} or is_mp3):
        raise ClipError("audio.not_audio", file=name)


def _check_wave_encoding(file: BinaryIO, name: str, *, big_endian: bool) -> None:
    order = ">" if big_endian else "<"
    formats: list[bytes] = []
    sound_bytes = 0
    while len(head := file.read(8)) == 8:
        chunk, size = struct.unpack(f"{order}4sI", head)
        if chunk == b"data":
            sound_bytes = size
            break
        body = file.read(min(size, 40)) if chunk == b"fmt " else b""
        if len(body) >= 16:
            formats.append(body)
        file.seek(size - len(body) + size % 2, 1)
    if len(formats) != 1:
        raise ClipError("audio.cannot_decode", file=name, reason="no single fmt chunk before data")
    encoding = _wave_encoding(formats[0], order)
    if encoding not in {_WAVE_PCM, _WAVE_FLOAT}:
        raise ClipError("audio.wav_encoding", file=name, encoding=f"0x{encoding:04x}")
    there = os.fstat(file.fileno()).st_size - file.tell()
    if there < sound_bytes < _WAVE_UNKNOWN_BYTES:
        bytes_per_second = max(1, struct.unpack(f"{order}I", formats[0][8:12])[0])
        raise _cut_off(name, there / bytes_per_second, sound_bytes / bytes_per_second)


def _wave_encoding(body: bytes, order: str) -> int:
    encoding = int(struct.unpack(f"{order}H", body[:2])[0])
    if encoding == _WAVE_EXTENSIBLE and len(body) >= 26:
        encoding = int(struct.unpack(f"{order}H", body[24:26])[0])
    return encoding


def _cut_off(name: str, seconds: float, whole_seconds: float) -> ClipError:
    return ClipError(
        "audio.cut_off",
        file=name,
        seconds=round(seconds, 2),
        whole_seconds=round(whole_seconds, 2),
    )


def log_mel_db(signal: FloatArray, settings: SpectrogramSettings) -> FloatArray:
    """Give the log-mel spectrogram of a whole clip.

    Equal to librosa's `power_to_db(melspectrogram(center=True,
    pad_mode="constant", power=2, htk=False, norm="slaney"))`: Hann window,
    zeros beyond both ends, power, Slaney's mel bands, 10·log10.

    Args:
        signal: Samples at `settings.sample_rate_hz`, float32, shape (samples,), at least one.
        settings: Window, hop, bands, reference and dynamic range.

    Returns:
        Decibels, float32, shape (mel_bands, frames_of_clip), low frequencies first;
        frames_of_clip is 1 + samples // hop for an even window. A silent clip is 0 dB
        everywhere where the reference is the clip's maximum.

    Raises:
        ClipError: With `audio.empty` when there is no sample.
    """
    if signal.shape[0] == 0:
        raise ClipError("audio.empty", file="")
    power = _mel_power(signal.astype(np.float32, copy=False), settings)
    np.maximum(power, MIN_POWER, out=power)
    decibels = np.log10(power, out=power)
    decibels *= 10.0
    if settings.reference == "clip_maximum":
        decibels -= decibels.max()
    np.maximum(decibels, decibels.max() - np.float32(settings.dynamic_range_db), out=decibels)
    return decibels


def _mel_power(signal: FloatArray, settings: SpectrogramSettings) -> FloatArray:
    fft_samples, hop_samples = settings.fft_samples, settings.hop_samples
    bank = _mel_bank(
        settings.sample_rate_hz, fft_samples, settings.mel_bands, settings.min_hz, settings.max_hz
    )
    window = _hann(fft_samples)
    padded = np.pad(signal, fft_samples // 2)
    if padded.shape[0] < fft_samples:  # one sample under an odd window
        padded = np.pad(padded, (0, fft_samples - padded.shape[0]))
    windows = np.lib.stride_tricks.sliding_window_view(padded, fft_samples)[::hop_samples]
    frames = windows.shape[0]
    mel = np.empty((settings.mel_bands, frames), dtype=np.float32)
    block_frames = max(1, BLOCK_BYTES // (fft_samples * 4))
    for start in range(0, frames, block_frames):
        block = windows[start : start + block_frames] * window
        spectra = scipy.fft.rfft(block, axis=1, overwrite_x=True)
        power = spectra.real**2
        power += spectra.imag**2
        mel[:, start : start + block_frames] = bank @ power.T
    return mel


@lru_cache(maxsize=8)
def _hann(fft_samples: int) -> FloatArray:
    """Give the periodic Hann window; written out, as scipy.signal takes a second to import."""
    turns = np.arange(fft_samples) / fft_samples
    return (0.5 - 0.5 * np.cos(2 * np.pi * turns)).astype(np.float32)


@lru_cache(maxsize=8)
def _mel_bank(
    sample_rate_hz: int, fft_samples: int, mel_bands: int, min_hz: float, max_hz: float
) -> scipy.sparse.csr_array:
    """Give Slaney's triangles of equal area, shape (mel_bands, fft_samples // 2 + 1).

    Source: M. Slaney, Auditory Toolbox 2, 1998, as librosa.filters.mel builds it. Almost
    all weights are zero, hence sparse.
    """
    bins_hz = np.fft.rfftfreq(fft_samples, 1.0 / sample_rate_hz)
    edges_hz = _mel_to_hz(
        np.linspace(_hz_to_mel(np.float64(min_hz)), _hz_to_mel(np.float64(max_hz)), mel_bands + 2)
    )
    widths_hz = np.diff(edges_hz)
    ramps = edges_hz[:, None] - bins_hz[None, :]
    rising = -ramps[:-2] / widths_hz[:-1, None]
    falling = ramps[2:] / widths_hz[1:, None]
    weights = np.maximum(0.0, np.minimum(rising, falling))
    weights *= (2.0 / (edges_hz[2:] - edges_hz[:-2]))[:, None]
    return scipy.sparse.csr_array(weights.astype(np.float32))


# Slaney's scale: linear below 1 kHz (200/3 Hz to the mel), logarithmic above.
_LINEAR_HZ_PER_MEL = 200.0 / 3.0
_BREAK_HZ = 1_000.0
_BREAK_MEL = _BREAK_HZ / _LINEAR_HZ_PER_MEL
_LOG_STEP = np.log(6.4) / 27.0


def _hz_to_mel(hz: np.float64) -> np.float64:
    if hz < _BREAK_HZ:
        return np.float64(hz / _LINEAR_HZ_PER_MEL)
    return np.float64(_BREAK_MEL + np.log(hz / _BREAK_HZ) / _LOG_STEP)


def _mel_to_hz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    upper = _BREAK_HZ * np.exp(_LOG_STEP * (mel - _BREAK_MEL))
    return np.where(mel < _BREAK_MEL, mel * _LINEAR_HZ_PER_MEL, upper)


def clip_picture(path: str | Path, settings: SpectrogramSettings) -> FloatArray:
    """Turn a clip into a picture of fixed size.

    Args:
        path: The clip.
        settings: All of it; `fit` says what happens to a clip of another length.

    Returns:
        Decibels, float32, shape (mel_bands, frames), low frequencies first.

    Raises:
        ClipError: As `read_clip`.
        OSError: If the file cannot be opened.
    """
    return fit_frames(log_mel_db(read_clip(path, settings.sample_rate_hz), settings), settings)


def fit_frames(spectrogram: FloatArray, settings: SpectrogramSettings) -> FloatArray:
    """Bring a spectrogram to `settings.frames` columns by the rule `settings.fit`.

    crop: the first frames; a shorter one is repeated until it is full.
    resize: squeezed or stretched along time with a triangle filter that is as wide
    as the step, so that no frame is passed over.

    Args:
        spectrogram: Decibels, shape (mel_bands, frames_of_clip), at least one frame.
        settings: `frames` and `fit`.

    Returns:
        Decibels, float32, shape (mel_bands, frames).
    """
    there = spectrogram.shape[1]
    wanted = settings.frames
    if there == wanted:
        return spectrogram
    if settings.fit == "resize":
        return np.ascontiguousarray((_time_filter(there, wanted) @ spectrogram.T).T)
    if there < wanted:
        spectrogram = np.tile(spectrogram, (1, -(-wanted // there)))
    return np.ascontiguousarray(spectrogram[:, :wanted])


def _time_filter(there: int, wanted: int) -> scipy.sparse.csr_array:
    """Give the weights of old frames in each new one, shape (wanted, there), rows summing to 1."""
    step = there / wanted
    reach = max(1.0, step)
    centres = (np.arange(wanted) + 0.5) * step - 0.5
    near = np.floor(centres - reach).astype(np.int64)[:, None] + np.arange(int(2 * reach) + 3)
    weights = np.maximum(0.0, 1.0 - np.abs(near - centres[:, None]) / reach)
    weights[(near < 0) | (near >= there)] = 0.0
    weights /= weights.sum(axis=1, keepdims=True)
    rows = np.repeat(np.arange(wanted), near.shape[1])
    columns = near.clip(0, there - 1).ravel()
    shape = (wanted, there)
    return scipy.sparse.csr_array((weights.astype(np.float32).ravel(), (rows, columns)), shape)
