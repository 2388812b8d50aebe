"""Routes that look at rows: pages, pictures, recordings, previews, health."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from blockwright.contracts.data import HealthReport, Preview, PreviewRequest, RowPage
from blockwright.contracts.subsets import Condition, DataUsage, RowQuery
from blockwright.server.byte_ranges import ranged
from blockwright.server.services import ServicesOf

router = APIRouter(tags=["datasets"])

FIRST_SECOND = "Blockwright-First-Second"
SHOWN_SECONDS = "Blockwright-Shown-Seconds"
_FOREVER = "private, max-age=31536000"


@router.post("/versions/{version_id}/rows")
def query_rows(version_id: str, wanted: RowQuery, services: ServicesOf) -> RowPage:
    """Give a page of the rows that a query chooses, in its order."""
    return services.rows.page(version_id, wanted)


@router.post("/versions/{version_id}/count-rows")
def count_rows(version_id: str, wanted: Condition, services: ServicesOf) -> DataUsage:
    """Count the rows for which a condition is true."""
    return services.rows.count(version_id, wanted)


@router.get("/versions/{version_id}/health")
def get_health(version_id: str, services: ServicesOf) -> HealthReport:
    """Say what is worth a look in the data of a version."""
    return services.rows.health(version_id)


@router.get("/versions/{version_id}/rows/{row}/picture.png", response_class=Response)
def get_picture(
    version_id: str,
    row: int,
    feature: str,
    services: ServicesOf,
    largest_pixels: Annotated[int, Query(ge=16, le=2_048)] = 480,
) -> Response:
    """Draw one tensor, image or recording of one row.

    Of a recording, two headers say which part of it is drawn, in seconds.
    """
    drawing = services.rows.picture(version_id, row, feature, largest_pixels)
    headers = {"Cache-Control": _FOREVER}
    if drawing.first_second is not None:
        headers |= {FIRST_SECOND: f"{drawing.first_second:.6f}"}
        headers |= {SHOWN_SECONDS: f"{drawing.shown_seconds:.6f}"}
    return Response(drawing.png, media_type="image/png", headers=headers)


@router.get("/versions/{version_id}/rows/{row}/media", response_class=Response)
def get_media(
    version_id: str, row: int, feature: str, request: Request, services: ServicesOf
) -> Response:
    """Give the recording or image of one row as it was brought in; ranges are possible."""
    return ranged(services.rows.media(version_id, row, feature), request.headers.get("range"))


@router.post("/versions/{version_id}/rows/{row}/preview")
def preview_row(version_id: str, row: int, wanted: PreviewRequest, services: ServicesOf) -> Preview:
    """Encode one recording by settings that are not kept yet."""
    return services.rows.preview(version_id, row, wanted)
