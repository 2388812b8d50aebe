"""What a clip holds, measured over all of its samples in constant memory.

Takes   a wav, flac, ogg or mp3 file, checked as `clip_picture` checks it.
Gives   length, rate, level, and the share of clipped samples; a drawing's outline.
Never   resamples, and never trusts a length that the file only claims.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

import numpy as np
import soundfile

from blockwright.audio import clip_picture
from blockwright.audio.clip_picture import (
    ClipError,
    FloatArray,
    check_container,
    check_extent,
    cut_off,
)
from blockwright.audio.overview import waveform_overview

# A clip whose loudest sample stays below -80 dB of full scale holds no sound.
SILENT_PEAK = 1e-4
LOWEST_DB = -200.0
_BLOCK_FRAMES = 1 << 16
_NEARLY_FULL_SCALE = 0.9999
_PCM_BITS = {"PCM_S8": 8, "PCM_U8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32}
_FLOAT_BITS = {"FLOAT": 32, "DOUBLE": 64}
# Longer clips are outlined from groups of this many samples, so that memory stays small.
_GROUP_SAMPLES = 256
_UNGROUPED_FRAMES = 1 << 22


@dataclass(frozen=True)
class ClipFacts:
    """See `datasets.media.facts.AudioFacts`, which is this as a record."""

    seconds: float
    sample_rate_hz: int
    channels: int
    frames: int
    peak: float
    rms_db: float
    clipped_share: float
    silent: bool
    format: str
    subtype: str
    bit_depth: int | None


def clip_facts(file: BinaryIO, name: str) -> ClipFacts:
    """Decode a clip from its first to its last sample and measure it.

    Args:
        file: The clip's bytes, seekable.
        name: How the clip is called in an error.

    Returns:
        Its facts; levels are over all channels together.

    Raises:
        ClipError: As `clip_picture.read_clip`.
    """
    with _opened(file, name) as sound:
        facts = _described(sound)
        full_scale = _NEARLY_FULL_SCALE
        if facts.subtype in _PCM_BITS:  # the loudest sample of few bits lies a step below 1
            full_scale = min(full_scale, 1.0 - 2.0 ** (1 - _PCM_BITS[facts.subtype]))
        frames, peak, energy, clipped = 0, 0.0, 0.0, 0
        for block in _blocks(sound, name):
            frames += block.shape[0]
            size = np.abs(block)
            peak = max(peak, float(size.max()))
            clipped += int(np.count_nonzero(size >= full_scale))
            energy += float(np.einsum("ij,ij->", block, block, dtype=np.float64))
    samples = frames * facts.channels
    return replace(
        facts,
        seconds=frames / facts.sample_rate_hz,
        frames=frames,
        peak=peak,
        rms_db=max(LOWEST_DB, 10.0 * float(np.log10(max(energy / samples, 1e-30)))),
        clipped_share=clipped / samples,
        silent=peak < SILENT_PEAK,
    )


def clip_overview(file: BinaryIO, name: str, columns: int) -> FloatArray:
    """Give the outline of a clip: its lowest and highest sample in equal parts of time.

    Args:
        file: The clip's bytes, seekable.
        name: How the clip is called in an error.
        columns: Parts, 1 or more; fewer samples than parts repeat in neighbouring ones.

    Returns:
        float32, shape (columns, 2): lowest, highest of the mean of its channels.

    Raises:
        ClipError: As `clip_picture.read_clip`.
    """
    lows: list[FloatArray] = []
    highs: list[FloatArray] = []
    with _opened(file, name) as sound:
        group = 1 if sound.frames <= _UNGROUPED_FRAMES else _GROUP_SAMPLES
        for block in _blocks(sound, name):
            mono = block.mean(axis=1, dtype=np.float32)
            starts = np.arange(0, mono.shape[0], group)
            lows.append(mono if group == 1 else np.minimum.reduceat(mono, starts))
            highs.append(mono if group == 1 else np.maximum.reduceat(mono, starts))
    low, high = np.concatenate(lows), np.concatenate(highs)
    reached = waveform_overview(low, columns)
    reached[:, 1] = waveform_overview(high, columns)[:, 1]
    return reached


def _opened(file: BinaryIO, name: str) -> soundfile.SoundFile:
    file.seek(0)
    check_container(file, name)
    file.seek(0)
    try:
        sound = soundfile.SoundFile(file)
    except soundfile.LibsndfileError as reason:
        raise ClipError("audio.cannot_decode", file=name, reason=reason.error_string) from reason
    try:
        check_extent(name, sound.frames, sound.samplerate, sound.channels)
    except ClipError:
        sound.close()
        raise
    return sound


def _described(sound: soundfile.SoundFile) -> ClipFacts:
    kind = "wav" if sound.format in {"WAV", "WAVEX", "RF64"} else sound.format.lower()
    bits = _PCM_BITS.get(sound.subtype) or _FLOAT_BITS.get(sound.subtype)
    return ClipFacts(
        seconds=0.0,
        sample_rate_hz=int(sound.samplerate),
        channels=int(sound.channels),
        frames=0,
        peak=0.0,
        rms_db=LOWEST_DB,
        clipped_share=0.0,
        silent=True,
        format=kind,
        subtype=str(sound.subtype),
        bit_depth=bits,
    )


def _blocks(sound: soundfile.SoundFile, name: str) -> Iterator[FloatArray]:
    """Give the samples, shape (frames, channels), and judge the clip's length by what came."""
    most_frames = int(clip_picture.MAX_CLIP_SECONDS * sound.samplerate)
    promised = 0 if sound.format == "MP3" else int(sound.frames)  # MP3 only estimates
    frames = 0
    try:
        while len(block := sound.read(_BLOCK_FRAMES, dtype="float32", always_2d=True)):
            frames += len(block)
            if frames > most_frames:
                check_extent(name, frames, sound.samplerate, sound.channels)
            if not np.isfinite(block).all():
                raise ClipError("audio.not_finite", file=name)
            yield block
    except soundfile.LibsndfileError as reason:
        raise ClipError("audio.cannot_decode", file=name, reason=reason.error_string) from reason
    if frames == 0:
        raise ClipError("audio.empty", file=name)
    if frames < promised:
        rate_hz = sound.samplerate
        raise cut_off(name, frames / rate_hz, promised / rate_hz)
