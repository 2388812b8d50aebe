"""Routes of the studio itself: health, machine, live events."""

from __future__ import annotations

import shutil
from typing import Annotated

import psutil
from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse

from blockwright.contracts.base import Model
from blockwright.contracts.studio import LiveEvent, Project, SystemInfo
from blockwright.server.errors import language_of
from blockwright.server.live import LiveStream
from blockwright.server.machine_limits import machine_cores
from blockwright.server.sample_project import create_sample_project
from blockwright.server.services import OwnerId, ServicesOf
from blockwright.version import __version__

router = APIRouter(tags=["studio"])


class LiveEventEnvelope(Model):
    """One Server-Sent Event's data."""

    id: int
    event: LiveEvent


@router.get("/health")
def health() -> dict[str, str]:
    """Say that the server answers; needs no session."""
    return {"status": "ok"}


@router.get("/system")
def system(services: ServicesOf) -> SystemInfo:
    """Give the machine and the studio."""
    data_folder = services.files.local_path("uploads").parent
    memory = psutil.virtual_memory()
    return SystemInfo(
        version=__version__,
        data_folder=str(data_folder),
        cores=machine_cores(),
        memory_bytes=memory.total,
        memory_free_bytes=memory.available,
        disk_free_bytes=shutil.disk_usage(data_folder).free,
        database="postgresql" if services.database.kind == "postgresql" else "sqlite",
        local_paths_allowed=services.local_paths_allowed,
    )


@router.post("/sample-project", status_code=201)
def create_sample(request: Request, services: ServicesOf, owner_id: OwnerId) -> Project:
    """Make a project with the sample recordings; their import runs as a job."""
    language = language_of(request.headers.get("accept-language", ""))
    return create_sample_project(services, owner_id, language)


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={200: {"model": LiveEventEnvelope, "content": {"text/event-stream": {}}}},
)
async def live_events(  # noqa: PLR0917
    request: Request,
    services: ServicesOf,
    owner_id: OwnerId,
    project_id: str | None = None,
    last_event_id: Annotated[int | None, Query(ge=0)] = None,
    last_event_id_header: Annotated[int | None, Header(alias="Last-Event-ID", ge=0)] = None,
) -> StreamingResponse:
    """Stream live events; `Last-Event-ID` or `last_event_id` replays what was missed."""
    stream = LiveStream(
        services.database, request.app.state.bell, owner_id=owner_id, project_id=project_id
    )
    place = last_event_id if last_event_id_header is None else last_event_id_header
    return StreamingResponse(
        stream.messages(place),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
