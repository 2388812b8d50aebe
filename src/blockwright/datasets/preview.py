"""Looking at one value: a clip by settings that are being tried, and drawings for the table.

Takes   the state of a version, a row, and settings or the name of a feature.
Gives   previews with the numbers that axes need, and PNG.
Never   opens a recording or image in this process: one media child is kept warm for it.
"""

from __future__ import annotations

import atexit
import base64
import io
import threading
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import polars as pl

from blockwright.contracts.audio import PRESETS
from blockwright.contracts.data import Feature, Preview, PreviewRequest
from blockwright.contracts.encodings import (
    Encoding,
    ImageEncoding,
    SpectrogramEncoding,
    WaveformEncoding,
)
from blockwright.contracts.problems import BlockwrightError, Problem, error
from blockwright.datasets.draft_state import DraftState
from blockwright.datasets.encoders.choices import require_fitting_encoding
from blockwright.datasets.feature_drafts import find_feature
from blockwright.datasets.folder import ROWS_FILE, read_content
from blockwright.datasets.media.child import MediaAnswer, MediaChild, MediaRequest
from blockwright.datasets.media.limits import ParserLimits
from blockwright.datasets.media.wire import (
    Ask,
    ClipPreview,
    FileRange,
    PixelsAsk,
    PreviewAsk,
    ThumbnailAsk,
)
from blockwright.datasets.picture import FloatArray, draw, pixels_png, spectrogram_png
from blockwright.settings import load_settings

OUTLINE_COLUMNS = 1_000
# Clips that a model takes as samples are drawn by these.
DRAWN_WHOLE = PRESETS["tutorial_256"].model_copy(update={"fit": "variable"})
_CACHED_PICTURES = 512
_CACHED_FACTS = 8
_MAYBE_DEAD = {"media.parser_crashed", "media.parser_memory"}


class _WarmChild:
    """The one media child of this process, started when it is first needed, or before."""

    def __init__(self) -> None:
        self._child: MediaChild | None = None
        self._lock = threading.Lock()

    def started(self) -> MediaChild:
        with self._lock:
            if self._child is None:
                self._child = MediaChild(ParserLimits.of(load_settings({})))
            return self._child

    def ask(self, request: MediaRequest) -> MediaAnswer | Problem:
        child = self.started()
        answer = child.ask(request)
        if isinstance(answer, Problem) and answer.code in _MAYBE_DEAD:
            # It may have been dead since the last question: a fresh one tells whose fault it is.
            answer = child.ask(request)
        return answer

    def close(self) -> None:
        with self._lock:
            if self._child is not None:
                self._child.close()
            self._child = None


_warm = _WarmChild()
atexit.register(_warm.close)


def warm_up() -> None:
    """Start the child that makes previews, without waiting until it is ready."""
    _warm.started()


def close_previews() -> None:
    """End the child that makes previews; the next preview starts another one."""
    _warm.close()


def preview(state: DraftState, row: int, wanted: PreviewRequest) -> Preview:
    """Make one recording or image by settings that are not kept.

    Args:
        state: The version.
        row: Number of the row.
        wanted: A feature of recordings or images, and an encoding that fits it.

    Returns:
        The clip's outline, its picture (magma, low frequencies at the bottom; an image as
        it is; none for a waveform, whose outline is drawn instead), and what the axes need:
        `minimum` and `maximum` are the values of the darkest and the brightest colour.

    Raises:
        BlockwrightError: `data.feature_not_found`, `data.row_not_found`,
            `data_encoding.not_previewable`, `data_encoding.encoding_does_not_fit`,
            `data_encoding.row_without_file`, or what is wrong with the file.
    """
    began = time.perf_counter()
    feature = find_feature(state.features, wanted.feature)
    if feature.type not in {"audio", "image"}:
        raise error("data_encoding.not_previewable", name=feature.name)
    require_fitting_encoding(feature.name, feature.type, wanted.encoding)
    answer = _asked(state, row, feature, _preview_ask(wanted.encoding))
    if isinstance(wanted.encoding, ImageEncoding):
        made = _image_preview(answer)
    else:
        made = _clip_preview(answer, wanted.encoding)
    milliseconds = (time.perf_counter() - began) * 1e3
    return made.model_copy(update={"milliseconds": milliseconds})


@dataclass(frozen=True)
class Drawing:
    """A PNG; of a clip also which part of it is drawn."""

    png: bytes
    first_second: float | None = None
    shown_seconds: float | None = None


def picture(state: DraftState, row: int, feature_name: str, largest_pixels: int) -> Drawing:
    """Draw one value for the table; drawings are kept for a while.

    Tensors of two axes or with colours; images, smaller; recordings as the spectrogram that
    the feature's encoding makes of them.

    Args:
        state: The version.
        row: Number of the row.
        feature_name: The feature.
        largest_pixels: Neither side is longer.

    Returns:
        PNG, and for a clip where the drawn part begins and how many seconds it is long.

    Raises:
        BlockwrightError: `data.feature_not_found`, `data.row_not_found`,
            `data.not_a_picture`, `data_encoding.row_without_file`, or what is wrong with
            the file.
    """
    feature = find_feature(state.features, feature_name)
    if feature.type not in {"tensor", "audio", "image"}:
        raise error("data.not_a_picture", name=feature.name, shape=feature.type)
    _require_row(state, row)
    drawn = feature.model_copy(update={"evidence": None, "classes": None, "missing": None})
    return _drawn(state.content_folder, row, drawn.model_dump_json(), largest_pixels)


def _require_row(state: DraftState, row: int) -> None:
    if not 0 <= row < state.rows:
        raise error("data.row_not_found", row=row, rows=state.rows)


def _preview_ask(encoding: Encoding) -> Ask:
    if isinstance(encoding, SpectrogramEncoding):
        return PreviewAsk(spectrogram=encoding.spectrogram, columns=OUTLINE_COLUMNS)
    if isinstance(encoding, WaveformEncoding):
        return PreviewAsk(waveform=encoding.waveform, columns=OUTLINE_COLUMNS)
    if isinstance(encoding, ImageEncoding):
        return PixelsAsk(settings=encoding.image)
    msg = f"{encoding.kind} is no encoding of recordings or images"
    raise TypeError(msg)


def _asked(state: DraftState, row: int, feature: Feature, ask: Ask) -> MediaAnswer:
    _require_row(state, row)
    return _asked_of(state.content_folder, row, feature, ask)


def _asked_of(folder: Path, row: int, feature: Feature, ask: Ask) -> MediaAnswer:
    name, blob, offset, size = _place(folder, feature.column, row)
    if size is None:
        raise error("data_encoding.row_without_file", row=row + 1, name=feature.name)
    place = FileRange(path=blob, offset=offset or 0, length=size)
    answer = _warm.ask(MediaRequest(ask, name, place))
    if isinstance(answer, Problem):
        raise BlockwrightError(answer)
    return answer


def _place(folder: Path, column: str, row: int) -> tuple[str, str, int | None, int | None]:
    """Give the name of a row's file, the file that it lies in, and where."""
    blob, names, places = _places(folder, column)
    return names[row] or "", blob, places["offset"][row], places["bytes"][row]


@lru_cache(maxsize=_CACHED_FACTS)
def _places(folder: Path, column: str) -> tuple[str, pl.Series, pl.DataFrame]:
    stored = read_content(folder).media[column]
    names = pl.read_parquet(folder / ROWS_FILE, columns=[column])[column]
    places = pl.read_parquet(folder / stored.facts_file, columns=["offset", "bytes"])
    return str((folder / stored.blob_file).absolute()), names, places


def _arrays(content: bytes) -> list[np.ndarray]:
    """Read npy after npy."""
    stream = io.BytesIO(content)
    arrays: list[np.ndarray] = []
    while stream.tell() < len(content):
        arrays.append(np.load(stream, allow_pickle=False))
    return arrays


def _told(answer: MediaAnswer) -> ClipPreview:
    if answer.preview is None:
        msg = "the media child answered another question"
        raise ValueError(msg)
    return answer.preview


def _clip_preview(answer: MediaAnswer, encoding: Encoding) -> Preview:
    told = _told(answer)
    outline, values = _arrays(answer.content)
    png = b""
    if isinstance(encoding, SpectrogramEncoding):
        png = spectrogram_png(values, told.minimum, told.maximum)
    return Preview(
        seconds=told.seconds,
        sample_rate_hz=told.sample_rate_hz,
        waveform=np.round(outline.astype(np.float64), 4).tolist(),
        picture_png_base64=base64.b64encode(png).decode(),
        shape=told.shape,
        minimum=told.minimum,
        maximum=told.maximum,
        first_second=told.first_second,
        shown_seconds=told.shown_seconds,
        picture_seconds=told.picture_seconds,
        empty_bands=told.empty_bands,
        milliseconds=0.0,
    )


def _image_preview(answer: MediaAnswer) -> Preview:
    (pixels,) = _arrays(answer.content)
    return Preview(
        seconds=0.0,
        sample_rate_hz=0,
        waveform=[],
        picture_png_base64=base64.b64encode(pixels_png(pixels)).decode(),
        shape=list(pixels.shape),
        minimum=float(pixels.min()),
        maximum=float(pixels.max()),
        shown_seconds=0.0,
        picture_seconds=0.0,
        milliseconds=0.0,
    )


@lru_cache(maxsize=_CACHED_PICTURES)
def _drawn(folder: Path, row: int, feature_json: str, largest_pixels: int) -> Drawing:
    feature = Feature.model_validate_json(feature_json)
    if feature.type == "tensor":
        return Drawing(_tensor_png(folder, row, feature, largest_pixels))
    if feature.type == "image":
        small = ThumbnailAsk(max_side_pixels=largest_pixels)
        return Drawing(_asked_of(folder, row, feature, small).content)
    encoding = feature.encoding
    settings = encoding.spectrogram if isinstance(encoding, SpectrogramEncoding) else DRAWN_WHOLE
    ask = PreviewAsk(spectrogram=settings, columns=largest_pixels)
    answer = _asked_of(folder, row, feature, ask)
    values, told = _arrays(answer.content)[1], _told(answer)
    png = spectrogram_png(values, told.minimum, told.maximum, largest_pixels=largest_pixels)
    return Drawing(png, told.first_second, told.shown_seconds)


def _tensor_png(folder: Path, row: int, feature: Feature, largest_pixels: int) -> bytes:
    stored = read_content(folder).tensors[feature.column]
    values: FloatArray = np.load(folder / stored.file, mmap_mode="r", allow_pickle=False)
    return draw(np.asarray(values[row]), feature, largest_pixels=largest_pixels)
