"""Where the bytes of one recording or image lie, to be sent as they came.

Takes   a content folder, a column and a row.
Gives   the place of the bytes, the file's name as the person wrote it, and its media type.
Never   reads the bytes themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from blockwright.contracts.problems import error
from blockwright.datasets.folder import ROWS_FILE, read_content

# Types that a browser plays or draws; tiff is one that most browsers only save.
MEDIA_TYPES = {
    "wav": "audio/wav",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "mp3": "audio/mpeg",
    "png": "image/png",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "bmp": "image/bmp",
    "tiff": "image/tiff",
    "tif": "image/tiff",
}
OTHER_TYPE = "application/octet-stream"


@dataclass(frozen=True)
class MediaBytes:
    """`bytes` bytes from `offset` of the file at `path` are one recording or image."""

    file_name: str
    kind: Literal["audio", "image"]
    media_type: str
    path: Path
    offset: int
    bytes: int


def media_of(content_folder: Path, column: str, row: int) -> MediaBytes:
    """Tell where the bytes of one recording or image lie.

    Raises:
        BlockwrightError: `data.row_not_found`, `data.not_media` when the column holds no
            recordings or images, `data.media_missing` when the row's cell is empty.
    """
    import polars as pl  # noqa: PLC0415 - the server starts without it

    content = read_content(content_folder)
    if not 0 <= row < content.rows:
        raise error("data.row_not_found", row=row, rows=content.rows)
    stored = content.media.get(column)
    if stored is None:
        raise error("data.not_media", name=column)
    facts = pl.scan_parquet(content_folder / stored.facts_file).slice(row, 1).collect()
    cells = pl.scan_parquet(content_folder / ROWS_FILE).select(column).slice(row, 1).collect()
    name, fact = cells.item(), facts.row(0, named=True)
    if not name or fact["offset"] is None or not fact["bytes"]:
        raise error("data.media_missing", name=column, row=row)
    suffix = PurePosixPath(name.replace("\\", "/")).suffix.removeprefix(".").lower()
    form = str(fact.get("format") or suffix)
    return MediaBytes(
        file_name=name,
        kind=stored.kind,
        media_type=MEDIA_TYPES.get(form, OTHER_TYPE),
        path=content_folder / stored.blob_file,
        offset=int(fact["offset"]),
        bytes=int(fact["bytes"]),
    )
