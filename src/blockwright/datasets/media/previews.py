"""A clip by settings that somebody is trying. Runs in the media child only.

Takes   a clip and settings, again and again with other settings.
Gives   the outline, the picture no wider than a screen, and where in the clip it lies.
Never   decodes the same clip for each move of a control: the last few are kept.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import BinaryIO

import numpy as np

from blockwright.audio.clip_picture import (
    FloatArray,
    empty_mel_bands,
    read_clip,
    signal_picture,
    signal_waveform,
    trim_silence,
)
from blockwright.audio.overview import waveform_overview
from blockwright.contracts.audio import SpectrogramSettings, WaveformSettings
from blockwright.datasets.media.wire import ClipPreview, PreviewAsk

Place = tuple[str, int, int | None]
KEPT_CLIPS = 4
KEPT_BYTES = 256 << 20

# Contents never change, so where a clip lies and its rate say which samples these are.
_decoded: OrderedDict[tuple[Place, int], FloatArray] = OrderedDict()


def preview_clip(
    stream: BinaryIO, place: Place | None, ask: PreviewAsk
) -> tuple[ClipPreview, FloatArray, FloatArray]:
    """Make a clip by the settings of `ask`.

    Args:
        stream: The clip's bytes, seekable.
        place: Where they lie, if they do: such clips are kept decoded.
        ask: Settings, and how many columns there are room for.

    Returns:
        What it is; its outline, shape (columns, 2); its picture, shape (mel_bands, columns),
        low frequencies first, the loudest of frames that share a column.

    Raises:
        ClipError: As `clip_picture.read_clip`.
    """
    settings = ask.settings
    signal = _signal(stream, place, settings.sample_rate_hz)
    trim_db = settings.trim_silence_db
    kept = signal if trim_db is None else trim_silence(signal, trim_db)
    # What is kept is a part of the signal's memory, which says where it begins.
    first = (kept.ctypes.data - signal.ctypes.data) // signal.itemsize
    if isinstance(settings, SpectrogramSettings):
        values = signal_picture(kept, settings)
        outline, picture = waveform_overview(signal, ask.columns), _narrowed(values, ask.columns)
        length = settings.frames * settings.hop_samples
        empty_bands = empty_mel_bands(settings)
    else:
        values = signal_waveform(kept, settings)
        outline = waveform_overview(values, ask.columns)
        picture = np.zeros((0, 0), dtype=np.float32)
        length, empty_bands = settings.samples, 0
    rate_hz = settings.sample_rate_hz
    told = ClipPreview(
        seconds=len(signal) / rate_hz,
        sample_rate_hz=rate_hz,
        first_second=first / rate_hz,
        shown_seconds=_shown(settings, len(kept), length) / rate_hz,
        picture_seconds=(length if settings.fit in {"crop", "pad"} else len(kept)) / rate_hz,
        empty_bands=empty_bands,
        shape=list(values.shape),
        minimum=float(values.min()),
        maximum=float(values.max()),
    )
    return told, outline, picture


def _shown(settings: SpectrogramSettings | WaveformSettings, there: int, length: int) -> int:
    """Give how many samples the values were made of."""
    return there if settings.fit in {"variable", "resize"} else min(there, length)


def _signal(stream: BinaryIO, place: Place | None, sample_rate_hz: int) -> FloatArray:
    if place is None:
        return read_clip(stream, sample_rate_hz)
    key = (place, sample_rate_hz)
    if key not in _decoded:
        _decoded[key] = read_clip(stream, sample_rate_hz)
    _decoded.move_to_end(key)
    while len(_decoded) > 1 and (
        len(_decoded) > KEPT_CLIPS or sum(each.nbytes for each in _decoded.values()) > KEPT_BYTES
    ):
        _decoded.popitem(last=False)
    return _decoded[key]


def _narrowed(values: FloatArray, columns: int) -> FloatArray:
    """Draw frames together where there are more than columns; the loudest is what is seen."""
    frames = values.shape[1]
    if frames <= columns:
        return values
    edges = np.linspace(0, frames, columns + 1).astype(np.int64)[:-1]
    narrow: FloatArray = np.maximum.reduceat(values, edges, axis=1)
    return narrow
