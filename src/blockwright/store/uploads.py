"""Resumable uploads on disk: what was acknowledged is there after a power loss.

An upload is a folder `uploads/<id>` with `info.json` and `data`; the length of
`data` is the offset. No SQL: an upload outlives any database transaction.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

from blockwright.contracts.studio import Upload
from blockwright.store.files import FileStore


class UploadStore:
    """Uploads under the key `uploads/` of a file store."""

    def __init__(self, files: FileStore) -> None:
        """Use `files`."""
        self._files = files

    def create(self, file_name: str, total_bytes: int) -> Upload:
        """Begin an upload. Raises `upload.too_large`, `upload.disk_full`."""
        raise NotImplementedError

    def get(self, upload_id: str) -> Upload:
        """Give an upload. Raises `upload.not_found`."""
        raise NotImplementedError

    async def append(self, upload_id: str, offset: int, chunks: AsyncIterator[bytes]) -> Upload:
        """Add bytes at `offset`, fsynced before this returns.

        Raises `upload.offset_mismatch`, `upload.too_long`, `upload.disk_full`.
        """
        raise NotImplementedError

    def path(self, upload_id: str) -> Path:
        """Give the path of a complete upload's bytes. Raises `upload.not_complete`."""
        raise NotImplementedError

    def remove(self, upload_id: str) -> None:
        """Forget an upload and its bytes."""
        raise NotImplementedError
