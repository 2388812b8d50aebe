"""How the studio and its media child speak: frames of JSON and bytes over two pipes.

A frame is a mark, two lengths, a JSON head and a body of plain bytes. Nothing is ever
unpickled: what a child that was taken over could send is a head that does not validate.
"""

from __future__ import annotations

import struct
from typing import Annotated, BinaryIO, Literal

from pydantic import Field

from blockwright.contracts.audio import SpectrogramSettings, WaveformSettings
from blockwright.contracts.base import Model
from blockwright.contracts.images import ImageSettings
from blockwright.contracts.problems import Problem
from blockwright.datasets.media.facts import MediaFacts
from blockwright.datasets.media.limits import LimitsAvailable

MAX_HEAD_BYTES = 1 << 20
MAX_BODY_BYTES = 1 << 30
_MARK = b"BWm1"
_LENGTHS = struct.Struct("<4sIQ")
# Writing a large body in parts lets the other side begin to read.
_PART_BYTES = 1 << 20


class FileRange(Model):
    """Bytes that lie in a file: a whole one, or one entry of a larger file."""

    path: str = Field(description="Absolute")
    offset: int = Field(0, ge=0)
    length: int | None = Field(None, ge=0, description="To the end of the file without it")


class AudioFactsAsk(Model):
    """What does the recording hold? `AudioFacts`."""

    kind: Literal["audio_facts"] = "audio_facts"


class ImageFactsAsk(Model):
    """What does the image hold? `ImageFacts`."""

    kind: Literal["image_facts"] = "image_facts"


class SpectrogramAsk(Model):
    """The log-mel spectrogram, npy float32 (mel_bands, frames); fitted, or of the whole clip."""

    kind: Literal["audio_spectrogram"] = "audio_spectrogram"
    settings: SpectrogramSettings
    whole_clip: bool = False


class WaveformAsk(Model):
    """The samples of one channel, npy float32 (samples,)."""

    kind: Literal["audio_waveform"] = "audio_waveform"
    settings: WaveformSettings


class OverviewAsk(Model):
    """Lowest and highest sample of each of `columns` equal parts, npy float32 (columns, 2)."""

    kind: Literal["audio_overview"] = "audio_overview"
    columns: int = Field(ge=1, le=16_384)


class PreviewAsk(Model):
    """A clip by settings that are being tried: `ClipPreview`, and two npy after one another.

    The first is the outline of the clip, or of the waveform that is asked for, float32
    (columns, 2); the second the picture, float32 (mel_bands, at most `columns`), or
    nothing, (0, 0), for a waveform. Clips asked about lately are kept decoded.
    """

    kind: Literal["audio_preview"] = "audio_preview"
    spectrogram: SpectrogramSettings | None = None
    waveform: WaveformSettings | None = None
    columns: int = Field(1_600, ge=1, le=16_384)

    @property
    def settings(self) -> SpectrogramSettings | WaveformSettings:
        """The settings to try."""
        return self.waveform or self.spectrogram or SpectrogramSettings()


class ClipPreview(Model):
    """What a clip is under settings that are being tried.

    `seconds` is the length of the whole clip; the picture begins at `first_second` and
    shows `shown_seconds` of it. `shape`, `minimum` and `maximum` are those of the values
    before they were drawn smaller.
    """

    seconds: float
    sample_rate_hz: int
    first_second: float
    shown_seconds: float
    picture_seconds: float
    empty_bands: int
    shape: list[int]
    minimum: float
    maximum: float


class PixelsAsk(Model):
    """The pixels, npy uint8 (height, width, channels)."""

    kind: Literal["image_pixels"] = "image_pixels"
    settings: ImageSettings


class ThumbnailAsk(Model):
    """A small PNG."""

    kind: Literal["image_png"] = "image_png"
    max_side_pixels: int = Field(256, ge=1, le=4_096)


Ask = Annotated[
    AudioFactsAsk
    | ImageFactsAsk
    | SpectrogramAsk
    | WaveformAsk
    | OverviewAsk
    | PreviewAsk
    | PixelsAsk
    | ThumbnailAsk,
    Field(discriminator="kind"),
]


class RequestHead(Model):
    """One question about one file; its bytes are the body, or `file` says where they lie."""

    ask: Ask
    name: str
    file: FileRange | None = None


class ReplyHead(Model):
    """The answer; an array or a picture is the body."""

    problem: Problem | None = None
    facts: MediaFacts | None = None
    preview: ClipPreview | None = None


class Hello(Model):
    """The first thing a child says."""

    limits: LimitsAvailable


class FrameError(Exception):
    """The other side is gone, or does not keep to the form."""


def write_frame(stream: BinaryIO, head: Model, *body: bytes | memoryview) -> None:
    """Write a head, and a body in as many pieces as it comes in."""
    text = head.model_dump_json().encode()
    pieces = [memoryview(piece).cast("B") for piece in body if len(piece)]
    stream.write(_LENGTHS.pack(_MARK, len(text), sum(piece.nbytes for piece in pieces)))
    stream.write(text)
    for piece in pieces:
        for start in range(0, piece.nbytes, _PART_BYTES):
            stream.write(piece[start : start + _PART_BYTES])
    stream.flush()


def read_frame(stream: BinaryIO) -> tuple[bytes, bytes]:
    """Read one frame.

    Raises:
        FrameError: At the end of the stream, and where it holds anything else than a frame.
    """
    mark, head_bytes, body_bytes = _LENGTHS.unpack(_exactly(stream, _LENGTHS.size))
    if mark != _MARK or head_bytes > MAX_HEAD_BYTES or body_bytes > MAX_BODY_BYTES:
        raise FrameError
    return _exactly(stream, head_bytes), _exactly(stream, body_bytes)


def _exactly(stream: BinaryIO, wanted: int) -> bytes:
    data = stream.read(wanted)
    if len(data) != wanted:
        raise FrameError
    return data
