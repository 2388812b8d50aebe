"""All routes under `/api/v1`, each error documented in the one shape."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from blockwright.contracts.problems import ErrorBody
from blockwright.server.routes import datasets, delivery, experiments, projects, runs, studio
from blockwright.version import __version__

API_PREFIX = "/api/v1"


def include_routes(app: FastAPI) -> None:
    """Add every route of the API to `app`."""
    api = APIRouter(
        prefix=API_PREFIX, responses={"4XX": {"model": ErrorBody}, "5XX": {"model": ErrorBody}}
    )
    for module in (studio, projects, datasets, experiments, runs, delivery):
        api.include_router(module.router)
    app.include_router(api)


def make_spec() -> dict[str, object]:
    """Give the OpenAPI document; the same on every machine."""
    app = FastAPI(title="Blockwright", version=__version__, separate_input_output_schemas=False)
    include_routes(app)
    return app.openapi()
