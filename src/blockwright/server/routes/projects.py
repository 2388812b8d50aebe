"""Routes of projects."""

from __future__ import annotations

from fastapi import APIRouter

from blockwright.contracts.runs import Run
from blockwright.contracts.studio import Project, ProjectChange, ProjectCreate
from blockwright.server.services import OwnerId, ServicesOf

router = APIRouter(tags=["projects"])


@router.get("/projects")
def list_projects(services: ServicesOf, owner_id: OwnerId) -> list[Project]:
    """List projects, the newest change first."""
    return services.projects.list_all(owner_id)


@router.post("/projects", status_code=201)
def create_project(wanted: ProjectCreate, services: ServicesOf, owner_id: OwnerId) -> Project:
    """Make a project."""
    return services.projects.create(owner_id, wanted)


@router.get("/projects/{project_id}")
def get_project(project_id: str, services: ServicesOf, owner_id: OwnerId) -> Project:
    """Give one project."""
    return services.projects.get(owner_id, project_id)


@router.patch("/projects/{project_id}")
def change_project(
    project_id: str, wanted: ProjectChange, services: ServicesOf, owner_id: OwnerId
) -> Project:
    """Give a project another name or description."""
    return services.projects.change(owner_id, project_id, wanted)


@router.delete("/projects/{project_id}", status_code=204)
def bin_project(project_id: str, services: ServicesOf, owner_id: OwnerId) -> None:
    """Move a project to the bin."""
    services.projects.bin(owner_id, project_id)


@router.post("/projects/{project_id}/restore")
def restore_project(project_id: str, services: ServicesOf, owner_id: OwnerId) -> Project:
    """Take a project out of the bin."""
    return services.projects.restore(owner_id, project_id)


@router.get("/runs")
def list_recent_runs(services: ServicesOf, owner_id: OwnerId, limit: int = 10) -> list[Run]:
    """List the newest runs of all projects."""
    return services.runs.recent(owner_id, min(max(limit, 1), 100))
