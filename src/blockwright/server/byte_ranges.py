"""Files of a person's data as replies: never run as a page, and a part at a time when asked.

A player asks for ranges to move within a recording. One range is answered; a list of
ranges is answered with the whole file, as RFC 9110 allows.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fastapi import Response
from fastapi.responses import StreamingResponse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blockwright.datasets.media_bytes import MediaBytes

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_CHUNK_BYTES = 256 * 1024
_HEADERS = {
    "Accept-Ranges": "bytes",
    "Cache-Control": "private, max-age=31536000",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Content-Disposition": "attachment",
}


def ranged(media: MediaBytes, wanted: str | None) -> Response:
    """Answer with a recording or image, or the one range of it that is asked for."""
    first, last = _span(wanted, media.bytes)
    if first > last:
        headers = _HEADERS | {"Content-Range": f"bytes */{media.bytes}"}
        return Response(status_code=416, headers=headers)
    headers = _HEADERS | {"Content-Length": str(last - first + 1)}
    whole = (first, last) == (0, media.bytes - 1)
    if not whole:
        headers["Content-Range"] = f"bytes {first}-{last}/{media.bytes}"
    return StreamingResponse(
        _parts(media, first, last),
        status_code=200 if whole else 206,
        media_type=media.media_type,
        headers=headers,
    )


def _span(wanted: str | None, size: int) -> tuple[int, int]:
    """Give first and last byte; first after last when the range lies outside."""
    found = _RANGE.fullmatch(wanted or "")
    if found is None or found.group(0) == "bytes=-":
        return 0, size - 1
    begin, end = found.groups()
    if not begin:
        return max(0, size - int(end)), size - 1
    return int(begin), min(int(end), size - 1) if end else size - 1


def _parts(media: MediaBytes, first: int, last: int) -> Iterator[bytes]:
    with media.path.open("rb") as file:
        file.seek(media.offset + first)
        left = last - first + 1
        while left and (part := file.read(min(left, _CHUNK_BYTES))):
            left -= len(part)
            yield part
