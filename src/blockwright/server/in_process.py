"""A studio without HTTP: the same services and the same workers, in this process.

Takes   settings: the data folder and what is set about it.
Gives   services; within `working`, queued jobs are worked on.
Neighbours: `serve` is the studio with HTTP; `run_command` and `demo` use this one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from blockwright.contracts.problems import error
from blockwright.jobs.supervisor import Supervisor
from blockwright.server.app import database_url
from blockwright.server.machine_limits import training_gpus, training_limits
from blockwright.server.serve import prepare_data_folder
from blockwright.server.services import Services, make_services
from blockwright.settings import Settings
from blockwright.store.database import Database, require_database
from blockwright.store.files import FolderStore
from blockwright.store.migrations import upgrade

STOP_GRACE_SECONDS = 10


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
        require_database(database_url(settings))
        database = Database(database_url(settings))
        upgrade(database)
        try:
            yield make_services(
                database,
                FolderStore(settings.data),
                local_paths_allowed=True,
                max_upload_bytes=settings.max_upload_bytes,
                workers=settings.workers,
                limits=training_limits(settings),
                checkpoint_seconds=settings.checkpoint_seconds,
            )
        finally:
            database.close()


@contextmanager
def working(services: Services, settings: Settings) -> Iterator[None]:
    """Let workers do what is queued for the length of a block; they end with it."""
    supervisor = Supervisor(
        services.database,
        services.files,
        workers=settings.workers,
        limits=training_limits(settings),
        gpus=training_gpus(settings),
    )
    supervisor.start()
    try:
        yield
    finally:
        supervisor.stop(STOP_GRACE_SECONDS)
