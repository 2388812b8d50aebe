"""`version.json` of an exported version: what lies in the zip, and what a person made of it.

`index.csv`          the table for people and other programs, corrections applied and
                     without rows that were left out; a recording or image is named by
                     its path in the zip
`rows.parquet`       the table as the content has it
`sources.parquet`    per row, the file and the line that it came from
`tensors/<n>.npy`    one per tensor column, float32, rows first, in the order of the table
`media/<n>/…`        the files of the n-th column of recordings or images, one per row
"""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field

from blockwright.contracts.base import Model
from blockwright.contracts.data import Correction, Feature, FeatureSet
from blockwright.contracts.subsets import Subset

VERSION_FILE = "version.json"
INDEX_FILE = "index.csv"
ROWS_FILE = "rows.parquet"
SOURCES_FILE = "sources.parquet"
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._-]+")
_MOST_NAME_CHARACTERS = 80


class ExportedMedia(Model):
    """One column of recordings or images."""

    kind: Literal["audio", "image"]
    folder: str


class VersionFile(Model):
    """The content of version.json."""

    format: Literal[1] = 1
    made_by: str
    dataset_name: str
    content_hash: str
    rows: int = Field(ge=1)
    index_sha256: str
    features: list[Feature]
    feature_sets: list[FeatureSet]
    subsets: list[Subset]
    corrections: list[Correction]
    left_out: list[int] = Field(default_factory=list, description="Row numbers, ascending")
    proposed_features: list[Feature] = Field(description="As the first import proposed them")
    tensors: dict[str, str] = Field(description="Path in the zip by column")
    media: dict[str, ExportedMedia] = Field(description="By column")


def media_member(folder: str, row: int, written: str) -> str:
    """Give the path in the zip of one row's recording or image: its number, and its name."""
    base_name = written.replace("\\", "/").rsplit("/", 1)[-1]
    plain = _NOT_PLAIN.sub("_", base_name)[-_MOST_NAME_CHARACTERS:]
    return f"{folder}/{row:07d}_{plain}"
