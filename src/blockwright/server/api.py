"""All routes under `/api/v1`, each error documented in the one shape."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, FastAPI

from blockwright.contracts.problems import ErrorBody
from blockwright.server.ownership import require_ownership
from blockwright.server.routes import (
    datasets,
    delivery,
    drafts,
    experiments,
    projects,
    queue,
    rows,
    run_groups,
    runs,
    studio,
    uploads,
)
from blockwright.version import __version__

API_PREFIX = "/api/v1"


def new_application(**options: Any) -> FastAPI:
    """Give a FastAPI application with every route of the API."""
    app = FastAPI(
        title="Blockwright",
        version=__version__,
        separate_input_output_schemas=False,
        openapi_url=f"{API_PREFIX}/openapi.json",
        docs_url=None,  # FastAPI's pages load scripts from elsewhere
        redoc_url=None,
        **options,
    )
    api = APIRouter(
        prefix=API_PREFIX,
        responses={"4XX": {"model": ErrorBody}, "5XX": {"model": ErrorBody}},
        dependencies=[Depends(require_ownership)],
    )
    for module in (
        studio,
        uploads,
        projects,
        datasets,
        drafts,
        rows,
        experiments,
        runs,
        queue,
        run_groups,
        delivery,
    ):
        api.include_router(module.router)
    app.include_router(api)
    return app


def make_spec() -> dict[str, object]:
    """Give the OpenAPI document; the same on every machine."""
    return new_application().openapi()
