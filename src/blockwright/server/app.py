"""One studio as an ASGI application.

Takes   settings and a place to announce the address.
Gives   the application; its lifespan opens the database, starts the jobs and ends both.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from blockwright.jobs.executor import LocalExecutor
from blockwright.jobs.supervisor import Supervisor
from blockwright.server.api import new_application
from blockwright.server.errors import IncidentMiddleware, add_error_handlers
from blockwright.server.guard import (
    LOOPBACK_NAMES,
    GuardMiddleware,
    SecurityHeadersMiddleware,
    allowed_names,
)
from blockwright.server.live import Bell
from blockwright.server.machine_limits import training_gpus, training_limits
from blockwright.server.pages import UI_FOLDER, make_pages
from blockwright.server.services import make_services
from blockwright.server.sessions import Sessions
from blockwright.settings import Settings
from blockwright.store.database import Database, sqlite_url
from blockwright.store.files import FolderStore
from blockwright.store.migrations import upgrade

# How long workers may take to keep a checkpoint when the studio ends.
_WORKER_GRACE_SECONDS = 20.0


def database_url(settings: Settings) -> str:
    """Give the URL of the studio's database: the one set, else a file in the data folder."""
    return settings.database_url or sqlite_url(settings.data.resolve() / "studio.sqlite")


def create_app(
    settings: Settings, *, announce: Callable[[str], None], ui_folder: Path = UI_FOLDER
) -> FastAPI:
    """Make the application of one studio.

    Args:
        settings: Where the studio keeps its data and where it listens.
        announce: Told each one-time key: when the studio is ready, and after each use.
        ui_folder: The built browser pages.
    """
    bell = Bell()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        files = FolderStore(settings.data)
        database = Database(database_url(settings))
        upgrade(database)
        services = make_services(
            database,
            files,
            local_paths_allowed=settings.host in LOOPBACK_NAMES,
            max_upload_bytes=settings.max_upload_bytes,
            workers=settings.workers,
            limits=training_limits(settings),
            checkpoint_seconds=settings.checkpoint_seconds,
        )
        services.uploads.remove_half_made()
        app.state.services = services
        app.state.sessions = Sessions(database, services.projects.local_owner(), announce=announce)
        bell.attach(asyncio.get_running_loop())
        database.after_commit(bell.ring)
        supervisor = Supervisor(
            database,
            files,
            workers=settings.workers,
            limits=training_limits(settings),
            gpus=training_gpus(settings),
            executor=LocalExecutor(warm_bytes=settings.warm_worker_bytes),
        )
        supervisor.start()
        announce(app.state.sessions.key)
        yield
        bell.close()
        await asyncio.to_thread(supervisor.stop, _WORKER_GRACE_SECONDS)
        database.close()

    app = new_application(lifespan=lifespan)
    app.state.bell = bell
    add_error_handlers(app)
    app.include_router(make_pages(ui_folder))
    # The last one added is the first one passed.
    app.add_middleware(GuardMiddleware, names=allowed_names(settings.host))
    app.add_middleware(IncidentMiddleware)
    app.add_middleware(SecurityHeadersMiddleware)
    return app
