"""Routes of searches and fold runs."""

from __future__ import annotations

from fastapi import APIRouter

from blockwright.contracts.run_groups import FoldSet, GroupForecast, RunGroup, RunGroupCreate
from blockwright.server.services import ServicesOf

router = APIRouter(tags=["run groups"])


@router.get("/experiments/{experiment_id}/folds")
def list_folds(experiment_id: str, services: ServicesOf) -> list[FoldSet]:
    """List the folds of the experiment's dataset version."""
    return services.run_groups.fold_sets(experiment_id)


@router.post("/experiments/{experiment_id}/groups/forecast")
def forecast_group(
    experiment_id: str, wanted: RunGroupCreate, services: ServicesOf
) -> GroupForecast:
    """Tell how many trials a search or its folds have and how long they take; starts nothing."""
    return services.run_groups.forecast(experiment_id, wanted)


@router.post("/experiments/{experiment_id}/groups", status_code=201)
def create_group(experiment_id: str, wanted: RunGroupCreate, services: ServicesOf) -> RunGroup:
    """Start a search over settings, or one run per fold."""
    return services.run_groups.create(experiment_id, wanted)


@router.get("/projects/{project_id}/groups")
def list_groups(project_id: str, services: ServicesOf) -> list[RunGroup]:
    """List the searches and fold runs of a project, newest first."""
    return services.run_groups.list_all(project_id)


@router.get("/groups/{group_id}")
def get_group(group_id: str, services: ServicesOf) -> RunGroup:
    """Give a search or fold runs with all trials."""
    return services.run_groups.get(group_id)


@router.post("/groups/{group_id}/stop")
def stop_group(group_id: str, services: ServicesOf) -> RunGroup:
    """Stop what is under way and queue no more; what was learnt is kept."""
    return services.run_groups.stop(group_id)
