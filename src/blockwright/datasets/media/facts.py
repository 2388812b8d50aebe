"""What is known of a recording or an image, and which kind of file some bytes are.

Kinds are told by the first bytes; a suffix only says what somebody meant it to be.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from blockwright.contracts.base import Model

AUDIO_SUFFIXES = frozenset({".wav", ".flac", ".ogg", ".mp3"})
IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif"})
# How many of a file's first bytes `sniff` wants to see.
SNIFF_BYTES = 512

# Kinds that are read, and some that are often taken for them, to say what a file really is.
_SIGNATURES: tuple[tuple[str, int, bytes], ...] = (
    ("png", 0, b"\x89PNG\r\n\x1a\n"),
    ("jpeg", 0, b"\xff\xd8\xff"),
    ("gif", 0, b"GIF87a"),
    ("gif", 0, b"GIF89a"),
    ("webp", 8, b"WEBP"),
    ("wav", 8, b"WAVE"),
    ("tiff", 0, b"II*\0"),
    ("tiff", 0, b"MM\0*"),
    ("tiff", 0, b"II+\0"),
    ("tiff", 0, b"MM\0+"),
    ("bmp", 0, b"BM"),
    ("flac", 0, b"fLaC"),
    ("ogg", 0, b"OggS"),
    ("mp3", 0, b"ID3"),
    ("psd", 0, b"8BPS"),
    ("pdf", 0, b"%PDF"),
    ("zip", 0, b"PK\x03\x04"),
    ("gzip", 0, b"\x1f\x8b"),
    ("npy", 0, b"\x93NUMPY"),
    ("heic", 4, b"ftypheic"),
    ("avif", 4, b"ftypavif"),
    ("mp4", 4, b"ftyp"),
    ("fits", 0, b"SIMPLE  ="),
    ("ico", 0, b"\0\0\1\0"),
    ("postscript", 0, b"%!PS"),
    ("aiff", 8, b"AIFF"),
    ("midi", 0, b"MThd"),
)
IMAGE_KINDS = frozenset({"png", "jpeg", "gif", "webp", "tiff", "bmp"})


class AudioFacts(Model):
    """What a recording holds, measured over all of its samples.

    `peak` is 1.0 at full scale (a float file may pass it). `rms_db` is the level of all
    samples against full scale, at least -200. `clipped_share` is the share of samples at
    full scale or above, 0 to 1. A recording whose peak stays under -80 dB is `silent`.
    """

    media: Literal["audio"] = "audio"
    seconds: float
    sample_rate_hz: int
    channels: int
    frames: int
    peak: float
    rms_db: float
    clipped_share: float
    silent: bool
    format: str = Field(description="wav, flac, ogg or mp3")
    subtype: str = Field(description="libsndfile's name of the encoding, e.g. PCM_16")
    bit_depth: int | None = Field(None, description="Bits per sample, where there are such")
    seems_cut_off: bool = Field(
        False, description="An Ogg or MP3 that does not reach its own end, yet can be read"
    )


class ImageFacts(Model):
    """What an image holds, as a person sees it: turned upright, the first frame counted once."""

    media: Literal["image"] = "image"
    width: int = Field(description="Pixels across, after its orientation was applied")
    height: int = Field(description="Pixels down, after its orientation was applied")
    mode: str = Field(description="Pillow's name of its colour mode, e.g. RGB, L, P, I;16")
    format: str = Field(description="png, jpeg, webp, bmp, tiff or gif")
    bits: int = Field(8, description="Bits per channel in the file; pictures are made with 8")
    black: float | None = Field(
        None, description="The number that became black, where the picture's own range says which"
    )
    white: float | None = Field(None, description="The number that became white, likewise")
    frames: int = Field(1, description="Pictures in the file; only the first is used")
    transparent: bool = Field(False, description="Some pixel of the first is not opaque")


MediaFacts = Annotated[AudioFacts | ImageFacts, Field(discriminator="media")]


def sniff(head: bytes) -> str | None:
    """Give the kind of file that begins with these bytes, or None if it is none known.

    Args:
        head: The first SNIFF_BYTES of the file, or all of it when it is shorter.

    Returns:
        A name such as "png", "wav", "svg"; a known name does not mean that it is read.
    """
    for kind, place, signature in _SIGNATURES:
        if head[place : place + len(signature)] == signature:
            return kind
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return "mp3"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<!doctype html", b"<html")):
        return "html"
    if text.startswith((b"<svg", b"<?xml")) and b"<svg" in text:
        return "svg"
    return "xml" if text.startswith(b"<?xml") else None
