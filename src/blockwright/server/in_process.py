"""A studio without HTTP: the same services and the same workers, in this process.

Takes   settings: the data folder and what is set about it.
Gives   services; within `working`, queued jobs are worked on.
Neighbours: `serve` is the studio with HTTP; `run_command` and `demo` use this one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from blockwright.contracts.problems import error
from blockwright.contracts.studio import Upload
from blockwright.jobs.supervisor import Supervisor
from blockwright.server.app import database_url
from blockwright.server.serve import prepare_data_folder
from blockwright.server.services import Services, make_services
from blockwright.settings import Settings
from blockwright.store.database import Database
from blockwright.store.files import FolderStore
from blockwright.store.migrations import upgrade

STOP_GRACE_SECONDS = 10
_PIECE_BYTES = 1 << 20


@contextmanager
def open_studio(settings: Settings) -> Iterator[Services]:
    """Open a studio for the length of a block; what is queued stays queued.

    Raises:
        BlockwrightError: `server.data_folder_in_use`, `server.data_folder_not_writable`.
    """
    prepare_data_folder(settings.data)
    lock = FileLock(settings.data / "studio.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as reason:
        raise error("server.data_folder_in_use", folder=str(settings.data)) from reason
    with lock:
        database = Database(database_url(settings))
        upgrade(database)
        try:
            yield make_services(
                database,
                FolderStore(settings.data),
                local_paths_allowed=True,
                max_upload_bytes=settings.max_upload_bytes,
            )
        finally:
            database.close()


@contextmanager
def working(services: Services, settings: Settings) -> Iterator[None]:
    """Let workers do what is queued for the length of a block; they end with it."""
    supervisor = Supervisor(services.database, services.files, workers=settings.workers)
    supervisor.start()
    try:
        yield
    finally:
        supervisor.stop(STOP_GRACE_SECONDS)


def upload_file(services: Services, path: Path, file_name: str) -> Upload:
    """Bring a file of this machine in by the way of every upload.

    Raises:
        BlockwrightError: As `UploadStore` says.
    """
    owner_id = services.projects.local_owner()
    upload = services.uploads.create(file_name, path.stat().st_size, owner_id=owner_id)
    return asyncio.run(services.uploads.append(upload.id, 0, _pieces(path)))


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := await asyncio.to_thread(file.read, _PIECE_BYTES):
            yield piece
