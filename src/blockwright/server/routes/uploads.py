"""Resumable uploads over HTTP: tus 1.0.0 with creation and termination (https://tus.io)."""

from __future__ import annotations

import base64
import binascii
from pathlib import PurePosixPath

from fastapi import APIRouter, Request, Response
from starlette.datastructures import Headers

from blockwright.contracts.problems import error
from blockwright.contracts.studio import Upload
from blockwright.server.services import OwnerId, ServicesOf

router = APIRouter(tags=["uploads"])

TUS_VERSION = "1.0.0"
_TUS = {"Tus-Resumable": TUS_VERSION}
_LONGEST_FILE_NAME = 255


def _require_tus(headers: Headers) -> None:
    if headers.get("tus-resumable") != TUS_VERSION:
        raise error("upload.protocol")


def _whole_number(headers: Headers, name: str) -> int:
    """Give a header that must hold a whole number, 0 or more."""
    value = headers.get(name, "")
    if not (value.isascii() and value.isdigit() and len(value) < 19):
        raise error("upload.header", header=name, expected="a whole number of bytes")
    return int(value)


def read_file_name(metadata: str) -> str:
    """Give the file name in an Upload-Metadata header, without any folders before it.

    >>> read_file_name("filename " + base64.b64encode(b"a/b.zip").decode())
    'b.zip'
    """
    name = _metadata_value(metadata, "filename")
    base = PurePosixPath((name or "").replace("\\", "/")).name
    if base and base.isprintable():
        return base[-_LONGEST_FILE_NAME:]
    raise error(
        "upload.header", header="Upload-Metadata", expected="filename and its name in base64"
    )


def _metadata_value(metadata: str, wanted: str) -> str | None:
    for part in metadata.split(","):
        key, _, value = part.strip().partition(" ")
        if key == wanted:
            try:
                return base64.b64decode(value, validate=True).decode("utf-8")
            except (binascii.Error, UnicodeDecodeError):
                return None
    return None


@router.options("/uploads", include_in_schema=False)
def upload_abilities(services: ServicesOf) -> Response:
    """Tell what this server knows of tus."""
    headers = {"Tus-Version": TUS_VERSION, "Tus-Extension": "creation,termination", **_TUS}
    if services.uploads.max_bytes is not None:
        headers["Tus-Max-Size"] = str(services.uploads.max_bytes)
    return Response(status_code=204, headers=headers)


@router.post("/uploads", status_code=201)
def create_upload(request: Request, services: ServicesOf, owner_id: OwnerId) -> Response:
    """Begin an upload (tus: Upload-Length, Upload-Metadata with `filename`).

    With `contents` as `folder` it is a whole folder, sent as a zip without an ending.
    """
    _require_tus(request.headers)
    total_bytes = _whole_number(request.headers, "Upload-Length")
    metadata = request.headers.get("upload-metadata", "")
    upload = services.uploads.create(
        read_file_name(metadata),
        total_bytes,
        owner_id=owner_id,
        is_folder=_metadata_value(metadata, "contents") == "folder",
    )
    location = f"{request.url.path.rstrip('/')}/{upload.id}"
    return Response(status_code=201, headers={"Location": location, "Upload-Offset": "0", **_TUS})


@router.get("/uploads")
def list_unfinished_uploads(services: ServicesOf, owner_id: OwnerId) -> list[Upload]:
    """List uploads that stopped before their end, the newest first."""
    return services.uploads.list_unfinished(owner_id)


@router.head("/uploads/{upload_id}")
def upload_offset(upload_id: str, request: Request, services: ServicesOf) -> Response:
    """Tell how much has come (tus: Upload-Offset)."""
    _require_tus(request.headers)
    upload = services.uploads.get(upload_id)
    return Response(
        headers={
            "Upload-Offset": str(upload.received_bytes),
            "Upload-Length": str(upload.bytes),
            "Cache-Control": "no-store",
            **_TUS,
        }
    )


@router.get("/uploads/{upload_id}")
def get_upload(upload_id: str, services: ServicesOf) -> Upload:
    """Give an upload."""
    return services.uploads.get(upload_id)


@router.patch("/uploads/{upload_id}", status_code=204)
async def append_upload(upload_id: str, request: Request, services: ServicesOf) -> Response:
    """Send bytes (tus: Upload-Offset, application/offset+octet-stream)."""
    _require_tus(request.headers)
    if request.headers.get("content-type") != "application/offset+octet-stream":
        raise error("upload.content_type")
    offset = _whole_number(request.headers, "Upload-Offset")
    upload = await services.uploads.append(upload_id, offset, request.stream())
    return Response(status_code=204, headers={"Upload-Offset": str(upload.received_bytes), **_TUS})


@router.delete("/uploads/{upload_id}", status_code=204)
def remove_upload(upload_id: str, services: ServicesOf) -> Response:
    """Forget an upload."""
    services.uploads.remove(upload_id)
    return Response(status_code=204, headers=_TUS)
