"""Which kind of file a name promises; what the bytes are is found out by whoever reads them."""

from __future__ import annotations

from typing import Literal

from blockwright.datasets.intake.found_files import suffix_of
from blockwright.datasets.media.facts import AUDIO_SUFFIXES, IMAGE_SUFFIXES

FileKind = Literal["tensor", "audio", "image"]


def kind_of(name: str) -> FileKind | None:
    """Give the kind of file that one row of a column can hold, or None."""
    suffix = suffix_of(name)
    if suffix == ".npy":
        return "tensor"
    if suffix in AUDIO_SUFFIXES:
        return "audio"
    return "image" if suffix in IMAGE_SUFFIXES else None
