"""Resumable uploads on disk: what was acknowledged is there after a power loss.

An upload is a folder `uploads/<id>` with `info.json` and `data`; the length of
`data` is the offset. No SQL: an upload outlives any database transaction.
"""

from __future__ import annotations

import asyncio
import errno
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import Field

from blockwright.contracts.base import Model
from blockwright.contracts.crash_points import reach
from blockwright.contracts.ids import new_id
from blockwright.contracts.problems import BlockwrightError, error
from blockwright.contracts.studio import Upload
from blockwright.store.files import FileStore, fsync_file, fsync_folder

_ID = re.compile(r"upl_[0-9a-f]{16}")
# Bytes gathered before they are written, so that a thread is woken once per MiB.
_WRITE_BYTES = 2**20
# Kept free for the database and for checkpoints of runs that are going on.
_RESERVE_BYTES = 256 * 2**20


class _Info(Model):
    """The content of info.json."""

    file_name: str
    bytes: int = Field(ge=0)
    owner_id: str | None
    is_folder: bool = False


class UploadStore:
    """Uploads under the key `uploads/` of a file store."""

    def __init__(self, files: FileStore, *, max_bytes: int | None = None) -> None:
        """Use `files`; refuse uploads of more than `max_bytes`."""
        self._files = files
        self.max_bytes = max_bytes
        self._writers: dict[str, object] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    def create(
        self,
        file_name: str,
        total_bytes: int,
        *,
        owner_id: str | None = None,
        is_folder: bool = False,
    ) -> Upload:
        """Begin an upload. Raises `upload.too_large`, `upload.disk_full`."""
        if self.max_bytes is not None and total_bytes > self.max_bytes:
            raise error(
                "upload.too_large",
                file=file_name,
                gigabytes=_gigabytes(total_bytes),
                limit_gigabytes=_gigabytes(self.max_bytes),
            )
        upload_id = new_id("upl")
        data = self._files.local_path(f"uploads/{upload_id}/data")
        free_bytes = shutil.disk_usage(data.parent).free
        if total_bytes + _RESERVE_BYTES > free_bytes:
            data.parent.rmdir()
            raise _disk_full(file_name, total_bytes, free_bytes)
        data.touch(mode=0o600)
        reach("upload-made-without-name")
        info = _Info(file_name=file_name, bytes=total_bytes, owner_id=owner_id, is_folder=is_folder)
        self._files.write(f"uploads/{upload_id}/info.json", info.model_dump_json().encode())
        reach("upload-made")
        fsync_folder(data.parent.parent)
        return _to_upload(upload_id, info, 0)

    def add_file(self, source: Path, file_name: str, *, owner_id: str) -> Upload:
        """Bring in a file of this machine as a complete upload. Raises like `create`."""
        total_bytes = source.stat().st_size
        upload = self.create(file_name, total_bytes, owner_id=owner_id)
        info = self._info(upload.id)
        data = self._data(upload.id)
        with _disk_full_told(data, info):
            shutil.copyfile(source, data)
        _sync(data, info)
        return _to_upload(upload.id, info, total_bytes)

    def get(self, upload_id: str) -> Upload:
        """Give an upload, what it has received made durable. Raises `upload.not_found`."""
        info = self._info(upload_id)
        data = self._data(upload_id)
        _sync(data, info)  # to name an offset is to acknowledge it
        return _to_upload(upload_id, info, data.stat().st_size)

    def list_unfinished(self, owner_id: str) -> list[Upload]:
        """List a person's uploads that stopped before their end, the newest bytes first."""
        found: list[tuple[float, Upload]] = []
        for folder in self._files.local_path("uploads/any").parent.iterdir():
            try:
                info = self._info(folder.name)
                data = self._data(folder.name).stat()
            except (BlockwrightError, FileNotFoundError):
                continue  # half made by a crash, or removed this moment: no upload
            if info.owner_id == owner_id and data.st_size < info.bytes:
                found.append((data.st_mtime, _to_upload(folder.name, info, data.st_size)))
        found.sort(key=lambda each: each[0], reverse=True)
        return [upload for _, upload in found]

    def remove_half_made(self) -> None:
        """Remove what a crash left of uploads that nobody was told of. Call before serving."""
        for folder in self._files.local_path("uploads/any").parent.iterdir():
            if not (folder / "info.json").exists():
                shutil.rmtree(folder, ignore_errors=True)

    def owner_of(self, upload_id: str) -> str | None:
        """Give whose upload it is. Raises `upload.not_found`."""
        return self._info(upload_id).owner_id

    async def append(self, upload_id: str, offset: int, chunks: AsyncIterator[bytes]) -> Upload:
        """Add bytes at `offset`, fsynced before this returns.

        A newer call takes an upload over from an older one, whose connection may
        hang half-dead: the older one ends with `upload.taken_over`.

        Raises `upload.offset_mismatch`, `upload.too_long`, `upload.disk_full`.
        """
        info = await asyncio.to_thread(self._info, upload_id)
        lock = self._locks.setdefault(upload_id, asyncio.Lock())
        me = object()
        self._writers[upload_id] = me
        data = self._data(upload_id)
        async with lock:
            received = data.stat().st_size
            if received != offset:
                raise error("upload.offset_mismatch", offset=offset, received=received)
        try:
            await self._write_all(upload_id, info, chunks, me, lock)
        finally:
            if self._writers.get(upload_id) is me:
                del self._writers[upload_id]
                del self._locks[upload_id]
        # A connection that is cut does not come here: what it brought is acknowledged by `get`.
        await asyncio.to_thread(_sync, data, info)
        reach("upload-bytes-durable")
        return _to_upload(upload_id, info, data.stat().st_size)

    async def _write_all(
        self,
        upload_id: str,
        info: _Info,
        chunks: AsyncIterator[bytes],
        me: object,
        lock: asyncio.Lock,
    ) -> None:
        """Write what comes, a MiB at a time, while no newer connection took over."""
        path = self._data(upload_id)
        gathered = bytearray()

        async def write() -> None:
            async with lock:
                if self._writers.get(upload_id) is not me:
                    raise error("upload.taken_over")
                reach("upload-bytes-gathered")
                await asyncio.to_thread(_append_bytes, path, bytes(gathered), info)
                reach("upload-bytes-written")
            gathered.clear()

        try:
            async for chunk in chunks:
                gathered += chunk
                if len(gathered) >= _WRITE_BYTES:
                    await write()
        finally:
            if gathered and self._writers.get(upload_id) is me:
                await write()

    def path(self, upload_id: str) -> Path:
        """Give the path of a complete upload's bytes. Raises `upload.not_complete`."""
        upload = self.get(upload_id)
        if not upload.complete:
            raise error(
                "upload.not_complete",
                file=upload.file_name,
                received=upload.received_bytes,
                total=upload.bytes,
            )
        return self._data(upload_id)

    def remove(self, upload_id: str) -> None:
        """Forget an upload and its bytes. Raises `upload.not_found`."""
        self._info(upload_id)
        self._writers.pop(upload_id, None)
        self._locks.pop(upload_id, None)
        self._files.remove(f"uploads/{upload_id}")

    def _data(self, upload_id: str) -> Path:
        return self._files.local_path(f"uploads/{upload_id}/data")

    def _info(self, upload_id: str) -> _Info:
        key = f"uploads/{upload_id}/info.json"
        if not _ID.fullmatch(upload_id) or not self._files.exists(key):
            raise error("upload.not_found")
        return _Info.model_validate_json(self._files.read(key))


def _append_bytes(path: Path, data: bytes, info: _Info) -> None:
    """Add bytes at the end; those over the announced size are refused as a whole."""
    received = path.stat().st_size
    if received + len(data) > info.bytes:
        raise error("upload.too_long", file=info.file_name, total=info.bytes)
    with _disk_full_told(path, info), path.open("ab") as file:
        file.write(data)


def _sync(path: Path, info: _Info) -> None:
    """Make the bytes durable; some file systems notice only here that the disk is full."""
    with _disk_full_told(path, info):
        fsync_file(path)


@contextmanager
def _disk_full_told(path: Path, info: _Info) -> Iterator[None]:
    try:
        yield
    except OSError as reason:
        if reason.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        missing_bytes = info.bytes - path.stat().st_size
        free_bytes = shutil.disk_usage(path.parent).free
        raise _disk_full(info.file_name, missing_bytes, free_bytes) from reason


def _disk_full(file_name: str, needed_bytes: int, free_bytes: int) -> BlockwrightError:
    return error(
        "upload.disk_full",
        file=file_name,
        needed_gigabytes=_gigabytes(needed_bytes),
        free_gigabytes=_gigabytes(free_bytes),
    )


def _gigabytes(count: int) -> float:
    return round(count / 1e9, 2)


def _to_upload(upload_id: str, info: _Info, received_bytes: int) -> Upload:
    return Upload(
        id=upload_id,
        file_name=info.file_name,
        bytes=info.bytes,
        received_bytes=received_bytes,
        complete=received_bytes == info.bytes,
        is_folder=info.is_folder,
    )
