"""A clip of sound as numbers: the studio's one preprocessing function.

Takes   a wav, flac, ogg or mp3 file (a path or an open binary file) and a settings
        object, read by attribute.
Gives   a log-mel spectrogram in decibels, equal to librosa's within 0.01 dB, or samples;
        whole, brought to one length, or cut into tiles.
Never   imports anything of the studio: this very file travels beside a
        competition's notebook, so that training and prediction hear the same.

Settings that were saved before a field existed lack it; it means the field's default.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.fft
import scipy.sparse
import soundfile
import soxr

if TYPE_CHECKING:
    from blockwright.contracts.audio import SpectrogramSettings, WaveformSettings

FloatArray = npt.NDArray[np.float32]
# A file object is read from its beginning; its `name`, where it has one, stands in problems.
Source = str | Path | BinaryIO

MAX_CLIP_SECONDS = 3_600
MAX_CHANNELS = 8
MAX_SAMPLE_RATE_HZ = 192_000
# Power below which librosa's power_to_db does not look either.
MIN_POWER = 1e-10
# Windows of one block, in bytes: with their spectra they stay in a core's second-level cache.
BLOCK_BYTES = 640 * 1024
# As many frames at a time are what the widest vector registers hold.
_LANES = 16
# Of librosa.effects.trim.
TRIM_FRAME_SAMPLES = 2_048
TRIM_HOP_SAMPLES = 512
_WAVE_PCM, _WAVE_FLOAT, _WAVE_ALAW, _WAVE_MULAW, _WAVE_EXTENSIBLE = 1, 3, 6, 7, 0xFFFE
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


class Pcm16(NamedTuple):
    """Where the samples of a plain 16-bit wav stand in the file."""

    channels: int
    rate_hz: int
    first_byte: int
    sound_bytes: int


def read_clip(source: Source, sample_rate_hz: int) -> FloatArray:
    """Read a clip as one channel at a sample rate.

    Channels are averaged; the resampling is soxr's high quality, as librosa's.

    Args:
        source: A wav (PCM, float, A-law or µ-law), flac, ogg or mp3 file: its path, or an open
            binary file that can seek.
        sample_rate_hz: The rate of what is given back.

    Returns:
        Samples, float32, shape (samples,), full scale at ±1.

    Raises:
        ClipError: With `audio.not_audio`, `audio.wav_encoding`, `audio.cannot_decode`,
            `audio.cut_off`, `audio.empty`, `audio.too_long`, `audio.too_many_channels`,
            `audio.sample_rate_too_high` or `audio.not_finite`.
        OSError: If the file cannot be opened or read.
    """
    with opened(source) as (file, name):
        samples, rate_hz = _decode(file, name)
    signal = _mixed_down(samples)
    if signal.shape[0] and rate_hz != sample_rate_hz:
        signal = soxr.resample(signal, rate_hz, sample_rate_hz, quality="HQ")
    if signal.shape[0] == 0:
        raise ClipError("audio.empty", file=name)
    if not np.isfinite(signal).all():
        raise ClipError("audio.not_finite", file=name)
    return np.ascontiguousarray(signal, dtype=np.float32)


@contextmanager
def opened(source: Source) -> Iterator[tuple[BinaryIO, str]]:
    """Give an open file at its beginning, and the name that stands in problems."""
    if isinstance(source, str | Path):
        with Path(source).open("rb") as file:
            yield file, Path(source).name
    else:
        source.seek(0)
        yield source, Path(str(getattr(source, "name", ""))).name


def _mixed_down(samples: FloatArray) -> FloatArray:
    """Average the channels, one after the other: numpy is slow over so short an axis."""
    if samples.shape[1] == 1:
        return samples[:, 0]
    signal = samples[:, 0].copy()
    for channel in range(1, samples.shape[1]):
        signal += samples[:, channel]
    signal /= samples.shape[1]
    return signal


def _decode(file: BinaryIO, name: str) -> tuple[FloatArray, int]:
    """Give all samples, shape (samples, channels), and their rate in hertz."""
    plain = check_container(file, name)
    if plain is not None:
        return _read_pcm16(file, name, plain), plain.rate_hz
    file.seek(0)
    try:
        with soundfile.SoundFile(file) as sound:
            rate_hz = int(sound.samplerate)
            check_extent(name, sound.frames, rate_hz, sound.channels)
            promised = 0 if sound.format == "MP3" else int(sound.frames)  # MP3 only estimates
            samples: FloatArray = sound.read(dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as reason:
        raise ClipError("audio.cannot_decode", file=name, reason=reason.error_string) from reason
    if samples.shape[0] < promised:
        raise cut_off(name, samples.shape[0] / rate_hz, promised / rate_hz)
    return samples, rate_hz


def _read_pcm16(file: BinaryIO, name: str, plain: Pcm16) -> FloatArray:
    """Read 16-bit samples without libsndfile, in a tenth of its time; the same numbers."""
    frames = plain.sound_bytes // (2 * plain.channels)
    check_extent(name, frames, plain.rate_hz, plain.channels)
    file.seek(plain.first_byte)
    whole = np.frombuffer(file.read(frames * 2 * plain.channels), dtype="<i2")
    samples: FloatArray = np.multiply(whole, np.float32(1 / 32_768), dtype=np.float32)
    return samples.reshape(frames, plain.channels)


def check_extent(name: str, frames: int, rate_hz: int, channels: int) -> None:
    """Refuse a clip of more channels, a higher rate or a greater length than are read.

    Raises:
        ClipError: `audio.too_many_channels`, `audio.sample_rate_too_high`, `audio.too_long`.
    """
    if channels > MAX_CHANNELS:
        raise ClipError("audio.too_many_channels", file=name, channels=channels, most=MAX_CHANNELS)
    if rate_hz > MAX_SAMPLE_RATE_HZ:
        most, code = MAX_SAMPLE_RATE_HZ, "audio.sample_rate_too_high"
        raise ClipError(code, file=name, sample_rate_hz=rate_hz, most_hz=most)
    if frames / rate_hz > MAX_CLIP_SECONDS:
        seconds, most = round(frames / rate_hz), MAX_CLIP_SECONDS
        raise ClipError("audio.too_long", file=name, seconds=seconds, most_seconds=most)


def check_container(file: BinaryIO, name: str) -> Pcm16 | None:
    """Let only known containers reach libsndfile, and of WAV only PCM, float and G.711.

    libsndfile's ADPCM readers have a history of memory errors; nobody's data
    set needs them. A plain 16-bit WAV is described, as it needs no decoder.

    Raises:
        ClipError: `audio.empty`, `audio.not_audio`, `audio.cannot_decode`,
            `audio.wav_encoding`, `audio.cut_off`.
    """
    head = file.read(12)
    if not head:
        raise ClipError("audio.empty", file=name)
    if head[:4] in {b"RIFF", b"RIFX", b"RF64"} and head[8:12] == b"WAVE":
        return _check_wave(file, name, big_endian=head[:4] == b"RIFX")
    is_mp3 = head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0)
    if not (head[:4] in {b"OggS", b"fLaC"} or is_mp3):
        raise ClipError("audio.not_audio", file=name)
    return None


def _check_wave(file: BinaryIO, name: str, *, big_endian: bool) -> Pcm16 | None:
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
    encoding, channels, rate_hz, bytes_per_second, frame_bytes, bits = struct.unpack(
        f"{order}HHIIHH", formats[0][:16]
    )
    if encoding == _WAVE_EXTENSIBLE and len(formats[0]) >= 26:
        encoding = int(struct.unpack(f"{order}H", formats[0][24:26])[0])
    if encoding not in {_WAVE_PCM, _WAVE_FLOAT, _WAVE_ALAW, _WAVE_MULAW}:
        raise ClipError("audio.wav_encoding", file=name, encoding=f"0x{encoding:04x}")
    first_byte = file.tell()
    there = file.seek(0, 2) - first_byte
    if there < sound_bytes < _WAVE_UNKNOWN_BYTES:
        rate = max(1, bytes_per_second)
        raise cut_off(name, there / rate, sound_bytes / rate)
    is_plain = (encoding, bits, frame_bytes) == (_WAVE_PCM, 16, 2 * channels) and not big_endian
    if is_plain and channels and rate_hz and 0 < sound_bytes <= there:
        return Pcm16(channels, rate_hz, first_byte, sound_bytes)
    return None


def cut_off(name: str, seconds: float, whole_seconds: float) -> ClipError:
    """Say that a clip holds fewer seconds than it promises."""
    there, whole = round(seconds, 2), round(whole_seconds, 2)
    return ClipError("audio.cut_off", file=name, seconds=there, whole_seconds=whole)


def trim_silence(signal: FloatArray, trim_db: float) -> FloatArray:
    """Cut what is quiet at the beginning and at the end.

    As librosa.effects.trim (McFee et al., librosa: Audio and Music Signal Analysis in
    Python, 2015): root mean square of windows of 2048 samples every 512, centred, zeros
    beyond both ends, against the loudest window. Difference: where librosa leaves
    nothing, because only the last window, centred on the very end, is loud, this keeps
    that window. A silent clip stays whole.

    Args:
        signal: Samples, shape (samples,), at least one.
        trim_db: How far below the loudest window is quiet, above 0.

    Returns:
        A part of `signal`, shape (samples_kept,), at least one.
    """
    hops = 1 + signal.shape[0] // TRIM_HOP_SAMPLES
    squares = np.zeros(hops * TRIM_HOP_SAMPLES, dtype=np.float32)
    np.square(signal, out=squares[: signal.shape[0]])
    reach = TRIM_FRAME_SAMPLES // (2 * TRIM_HOP_SAMPLES)
    per_hop = np.zeros(hops + 2 * reach - 1)
    per_hop[reach : reach + hops] = squares.reshape(hops, -1).sum(axis=1, dtype=np.float64)
    power = np.convolve(per_hop, np.ones(2 * reach), mode="valid") / TRIM_FRAME_SAMPLES
    decibels = 10 * np.log10(np.maximum(power, MIN_POWER))
    loud = np.flatnonzero(decibels > decibels.max() - trim_db)
    first = int(loud[0]) * TRIM_HOP_SAMPLES
    if first >= signal.shape[0]:
        return signal[-TRIM_FRAME_SAMPLES // 2 :]
    return signal[first : (int(loud[-1]) + 1) * TRIM_HOP_SAMPLES]


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
    """Give the power in each mel band, shape (mel_bands, frames_of_clip).

    Frames are transformed along the first axis of a transposed block: the transform
    reads and writes in strides anyway, and its output is then what the sparse bank takes
    without a copy. Real and imaginary parts are squared as neighbours of one float array,
    and added only when the bank has made few bands of many bins.
    """
    fft_samples, hop_samples = settings.fft_samples, settings.hop_samples
    bank = _mel_bank(
        settings.sample_rate_hz, fft_samples, settings.mel_bands, settings.min_hz, settings.max_hz
    )
    window = _hann(fft_samples)
    edge = fft_samples // 2
    # One sample under an odd window needs one zero more.
    padded = np.zeros(max(signal.shape[0] + 2 * edge, fft_samples), dtype=np.float32)
    padded[edge : edge + signal.shape[0]] = signal
    windows = np.lib.stride_tricks.sliding_window_view(padded, fft_samples)[::hop_samples]
    frames = windows.shape[0]
    mel = np.empty((settings.mel_bands, frames), dtype=np.float32)
    block_frames = max(1, BLOCK_BYTES // (fft_samples * 4 * _LANES)) * _LANES
    room = np.empty((min(block_frames, frames), fft_samples), dtype=np.float32)
    for start in range(0, frames, block_frames):
        taken = windows[start : start + block_frames]
        block = np.multiply(taken, window, out=room[: taken.shape[0]])
        parts = scipy.fft.rfft(block.T, axis=0).view(np.float32)
        np.multiply(parts, parts, out=parts)
        bands = bank @ parts
        np.add(bands[:, 0::2], bands[:, 1::2], out=mel[:, start : start + block_frames])
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


def empty_mel_bands(settings: SpectrogramSettings) -> int:
    """Count the bands so narrow that no bin of the spectrum lies in them: always at the floor."""
    bank = _mel_bank(
        settings.sample_rate_hz,
        settings.fft_samples,
        settings.mel_bands,
        settings.min_hz,
        settings.max_hz,
    )
    return int(np.count_nonzero(np.diff(bank.indptr) == 0))


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


def clip_spectrogram(source: Source, settings: SpectrogramSettings) -> FloatArray:
    """Turn a clip into the spectrogram of its whole length.

    Args:
        source: The clip, as `read_clip` takes it.
        settings: All but `frames` and `fit`.

    Returns:
        float32, shape (mel_bands, frames_of_clip), low frequencies first: decibels, or
        what `clip_normalization` makes of them.

    Raises:
        ClipError: As `read_clip`.
        OSError: If the file cannot be opened or read.
    """
    decibels = log_mel_db(_trimmed(source, settings), settings)
    shift, factor = _normalization(decibels, settings)
    return _normalized(decibels, shift, factor)


def clip_picture(source: Source, settings: SpectrogramSettings) -> FloatArray:
    """Turn a clip into a picture, of fixed size unless `fit` keeps the whole clip.

    Args:
        source: The clip, as `read_clip` takes it.
        settings: All of it; `fit` says what happens to a clip of another length.

    Returns:
        As `clip_spectrogram`, shape (mel_bands, frames); (mel_bands, frames_of_clip)
        where `fit` is "variable".

    Raises:
        ClipError: As `read_clip`.
        OSError: If the file cannot be opened or read.
    """
    return signal_picture(_trimmed(source, settings), settings)


def signal_picture(signal: FloatArray, settings: SpectrogramSettings) -> FloatArray:
    """Turn samples, shape (samples,), into a picture, as `clip_picture` does with trimmed ones."""
    decibels = log_mel_db(signal, settings)
    shift, factor = _normalization(decibels, settings)
    quietest = (float(decibels.max()) - settings.dynamic_range_db - shift) * factor
    return fit_frames(_normalized(decibels, shift, factor), settings, quietest)


def clip_waveform(source: Source, settings: WaveformSettings) -> FloatArray:
    """Turn a clip into samples, of fixed number unless `fit` keeps the whole clip.

    Args:
        source: The clip, as `read_clip` takes it.
        settings: All of it; `fit` says what happens to a clip of another length.

    Returns:
        float32, shape (samples,), full scale at ±1 or what `clip_normalization` makes of it.

    Raises:
        ClipError: As `read_clip`.
        OSError: If the file cannot be opened or read.
    """
    return signal_waveform(_trimmed(source, settings), settings)


def signal_waveform(signal: FloatArray, settings: WaveformSettings) -> FloatArray:
    """Bring samples, shape (samples,), to one length, as `clip_waveform` does with trimmed ones."""
    shift, factor = _normalization(signal, settings)
    silence = (0.0 - shift) * factor
    signal = _normalized(signal, shift, factor)
    if settings.fit == "variable":
        return signal
    return _from_start(signal, settings.samples, silence if settings.fit == "pad" else None)


def _trimmed(source: Source, settings: SpectrogramSettings | WaveformSettings) -> FloatArray:
    signal = read_clip(source, settings.sample_rate_hz)
    trim_db = getattr(settings, "trim_silence_db", None)
    return signal if trim_db is None else trim_silence(signal, trim_db)


def _normalization(
    values: FloatArray, settings: SpectrogramSettings | WaveformSettings
) -> tuple[float, float]:
    """Give what to subtract from a clip and what to multiply it with then."""
    how = getattr(settings, "clip_normalization", "none")
    if how == "none":
        return 0.0, 1.0
    lowest, highest = float(values.min()), float(values.max())
    if lowest == highest:
        return lowest, 0.0
    if how == "min_max":
        return lowest, 1.0 / (highest - lowest)
    deviation = float(values.std(dtype=np.float64))
    return float(values.mean(dtype=np.float64)), 1.0 / deviation


def _normalized(values: FloatArray, shift: float, factor: float) -> FloatArray:
    if (shift, factor) == (0.0, 1.0):
        return values
    return (values - np.float32(shift)) * np.float32(factor)


def fit_frames(
    spectrogram: FloatArray, settings: SpectrogramSettings, quietest: float | None = None
) -> FloatArray:
    """Bring a spectrogram to `settings.frames` columns by the rule `settings.fit`.

    crop: the first frames; a shorter one is repeated until it is full.
    pad: the first frames; a shorter one goes on with the quietest value.
    resize: squeezed or stretched along time with a triangle filter that is as wide
    as the step, so that no frame is passed over.
    variable: all frames stay.

    Args:
        spectrogram: Shape (mel_bands, frames_of_clip), at least one frame.
        settings: `frames`, `fit`, `dynamic_range_db`.
        quietest: What fills a shorter one; its maximum less the dynamic range when None.

    Returns:
        float32, shape (mel_bands, frames); as it came where `fit` is "variable".
    """
    there = spectrogram.shape[1]
    if settings.fit == "variable" or there == settings.frames:
        return spectrogram
    if settings.fit == "resize":
        filtered = _time_filter(there, settings.frames) @ spectrogram.T
        return np.ascontiguousarray(filtered.T)
    if settings.fit != "pad":
        return _from_start(spectrogram, settings.frames, None)
    if quietest is None:
        quietest = float(spectrogram.max()) - settings.dynamic_range_db
    return _from_start(spectrogram, settings.frames, quietest)


def _from_start(values: FloatArray, length: int, filler: float | None) -> FloatArray:
    """Give the first `length` of the last axis; a shorter one is filled, or else repeated."""
    there = values.shape[-1]
    if there >= length or filler is None:
        return crop(values, length)
    filled = np.full((*values.shape[:-1], length), filler, dtype=np.float32)
    filled[..., :there] = values
    return filled


def crop(values: FloatArray, frames: int, start: int = 0) -> FloatArray:
    """Cut a piece out of a spectrogram or a waveform, as a training batch takes it.

    Args:
        values: Shape (mel_bands, frames_of_clip) or (samples,), at least one frame.
        frames: Length of the piece along the last axis.
        start: First frame of the piece. A clip that is shorter than the piece is
            repeated, beginning at `start`.

    Returns:
        float32, contiguous, shape (mel_bands, frames) or (frames,).

    Raises:
        ValueError: When the piece would reach beyond a clip that is long enough for it.
    """
    there = values.shape[-1]
    last = there - frames if there >= frames else there - 1
    if not 0 <= start <= last:
        raise ValueError(f"a piece of {frames} frames cannot begin at {start} of {there}")
    if there >= frames:
        return np.ascontiguousarray(values[..., start : start + frames])
    repeated: FloatArray = np.take(values, (start + np.arange(frames)) % there, axis=-1)
    return repeated


def tiles(values: FloatArray, frames: int, overlap_frames: int | None = None) -> FloatArray:
    """Cut a spectrogram or a waveform into overlapping windows, as prediction takes it.

    The last one ends where the clip ends, and so may overlap more; a clip shorter than
    one tile is repeated.

    Args:
        values: Shape (mel_bands, frames_of_clip) or (samples,), at least one frame.
        frames: Length of a tile along the last axis.
        overlap_frames: What neighbours share, 0 to `frames` - 1; half a tile when None.

    Returns:
        float32, contiguous, shape (tiles, mel_bands, frames) or (tiles, frames).

    Raises:
        ValueError: When the overlap is no less than a tile.
    """
    overlap = frames // 2 if overlap_frames is None else overlap_frames
    if not 0 <= overlap < frames:
        raise ValueError(f"tiles of {frames} frames cannot overlap by {overlap}")
    there = values.shape[-1]
    if there <= frames:
        return crop(values, frames)[None]
    starts = list(range(0, there - frames + 1, frames - overlap))
    if starts[-1] + frames < there:
        starts.append(there - frames)
    return np.stack([values[..., start : start + frames] for start in starts])


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
