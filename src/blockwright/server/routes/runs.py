"""Routes of runs and jobs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from blockwright.contracts.graph import Experiment
from blockwright.contracts.runs import FollowUpOutlook, Run, RunFollowUp, RunList
from blockwright.contracts.signals import ClassScores, LossCurve
from blockwright.contracts.studio import Job
from blockwright.server.services import OwnerId, ServicesOf
from blockwright.store.ownership import project_ids_of

router = APIRouter(tags=["runs"])


@router.post("/experiments/{experiment_id}/runs", status_code=201)
def create_run(experiment_id: str, services: ServicesOf) -> Run:
    """Queue a run of an experiment as it is now."""
    return services.runs.create(experiment_id)


@router.get("/projects/{project_id}/runs")
def list_runs(project_id: str, services: ServicesOf) -> RunList:
    """List the runs of a project, newest first, the best marked."""
    return services.runs.list_all(project_id)


@router.get("/runs/{run_id}")
def get_run(run_id: str, services: ServicesOf) -> Run:
    """Give a run with all its epochs."""
    return services.runs.get(run_id)


@router.get("/runs/{run_id}/loss-curve")
def get_loss_curve(
    run_id: str, services: ServicesOf, points: Annotated[int, Query(ge=10, le=5_000)] = 600
) -> LossCurve:
    """Give a run's training loss batch by batch, as at most so many points."""
    return services.runs.loss_curve(run_id, points)


@router.get("/runs/{run_id}/classes")
def get_class_scores(
    run_id: str, services: ServicesOf, epoch: Annotated[int | None, Query(ge=1)] = None
) -> ClassScores:
    """Give how each class is told in an epoch; the best one by default."""
    return services.runs.class_scores(run_id, epoch)


@router.post("/runs/{run_id}/stop")
def stop_run(run_id: str, services: ServicesOf) -> Run:
    """Ask a run to stop after the batch in hand; its checkpoints are kept."""
    return services.runs.stop(run_id)


@router.post("/runs/{run_id}/pause")
def pause_run(run_id: str, services: ServicesOf) -> Run:
    """Ask a run to keep its place, also within an epoch, and to wait."""
    return services.runs.pause(run_id)


@router.post("/runs/{run_id}/follow-up", status_code=201)
def follow_up_run(run_id: str, wanted: RunFollowUp, services: ServicesOf) -> Run:
    """Train further from a checkpoint of a run, as a new run."""
    return services.runs.follow_up(run_id, wanted)


@router.post("/runs/{run_id}/follow-up-outlook")
def follow_up_outlook(run_id: str, wanted: RunFollowUp, services: ServicesOf) -> FollowUpOutlook:
    """Tell what a new run would carry on of this one; it starts nothing."""
    return services.runs.follow_up_outlook(run_id, wanted)


@router.post("/runs/{run_id}/duplicate", status_code=201)
def duplicate_run(run_id: str, services: ServicesOf) -> Experiment:
    """Make an experiment with the graph and the settings that a run was made with."""
    return services.experiments.duplicate_of_run(run_id)


@router.post("/runs/{run_id}/continue")
def continue_run(run_id: str, services: ServicesOf) -> Run:
    """Go on where a run was paused, stopped or interrupted."""
    return services.runs.continue_from_last_checkpoint(run_id)


@router.get("/jobs")
def list_active_jobs(services: ServicesOf, owner_id: OwnerId) -> list[Job]:
    """List queued and running jobs, oldest first."""
    with services.database.transaction() as session:
        ours = project_ids_of(session, owner_id)
    return [job for job in services.jobs.active() if job.project_id in ours]


@router.get("/jobs/{job_id}")
def get_job(job_id: str, services: ServicesOf) -> Job:
    """Give a job."""
    return services.jobs.get(job_id)


@router.post("/jobs/{job_id}/cancel")
def cancel_job(job_id: str, services: ServicesOf) -> Job:
    """Ask a job to end."""
    return services.jobs.cancel(job_id)
