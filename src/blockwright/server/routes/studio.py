"""Routes of the studio itself: health, machine, uploads (tus 1.0), live events."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from blockwright.contracts.base import Model
from blockwright.contracts.studio import LiveEvent, Project, SystemInfo, Upload
from blockwright.server.services import OwnerId, ServicesOf

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
    raise NotImplementedError


@router.post("/sample-project", status_code=201)
def create_sample_project(services: ServicesOf, owner_id: OwnerId) -> Project:
    """Make a project with the sample recordings; their import runs as a job."""
    raise NotImplementedError


@router.post("/uploads", status_code=201)
def create_upload(request: Request, services: ServicesOf) -> Response:
    """Begin an upload (tus: Upload-Length, Upload-Metadata with `filename`)."""
    raise NotImplementedError


@router.head("/uploads/{upload_id}")
def upload_offset(upload_id: str, services: ServicesOf) -> Response:
    """Tell how much has come (tus: Upload-Offset)."""
    raise NotImplementedError


@router.get("/uploads/{upload_id}")
def get_upload(upload_id: str, services: ServicesOf) -> Upload:
    """Give an upload."""
    return services.uploads.get(upload_id)


@router.patch("/uploads/{upload_id}", status_code=204)
async def append_upload(upload_id: str, request: Request, services: ServicesOf) -> Response:
    """Send bytes (tus: Upload-Offset, application/offset+octet-stream)."""
    raise NotImplementedError


@router.delete("/uploads/{upload_id}", status_code=204)
def remove_upload(upload_id: str, services: ServicesOf) -> None:
    """Forget an upload."""
    services.uploads.remove(upload_id)


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={200: {"model": LiveEventEnvelope, "content": {"text/event-stream": {}}}},
)
async def live_events(request: Request, project_id: str | None = None) -> StreamingResponse:
    """Stream live events; `Last-Event-ID` replays what was missed."""
    raise NotImplementedError
