"""Leases on queued jobs: claim, renew, ask to stop, give back, end.

Takes   a session; every function acts within its transaction.
Gives   job rows whose `attempt` fences off a worker that was given up.
Never   starts or watches a process: `jobs` does.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from blockwright.contracts.base import utc_now
from blockwright.contracts.problems import Problem
from blockwright.contracts.queue import NO_LIMITS, Limits
from blockwright.contracts.studio import JobChanged
from blockwright.contracts.work import STOP_FILE
from blockwright.store.events import publish
from blockwright.store.files import FileStore
from blockwright.store.queue import in_lane_of, to_job
from blockwright.store.queue_order import fits, needs_of, running_trainings, waiting_trainings
from blockwright.store.tables import JobRow

LEASE_SECONDS = 30.0
# Without any progress in between: what was lost so often would be lost again.
MOST_RESTARTS = 3

StopReason = Literal["asked", "pause", "studio_closing"]
EndState = Literal["done", "failed", "cancelled", "interrupted"]


def job_folder_key(row: JobRow) -> str:
    """Give the key of the folder of the present attempt; each attempt has its own."""
    return f"jobs/{row.id}/{row.attempt}"


def claim_next(session: Session, *, workers: int, limits: Limits = NO_LIMITS) -> JobRow | None:
    """Lease the next queued job of a lane that has room.

    At most `workers` trainings run at the same time, within `limits`, and beside them as
    many of the other jobs, which are short. No training overtakes the next one: else a
    large one would wait for ever.

    Returns:
        The row, running, with its attempt counted up; None when nothing can be claimed.
    """
    row = _next_short(session, workers) or _next_training(session, workers, limits)
    if row is None:
        return None
    row.state = "running"
    row.attempt += 1
    row.events_offset = 0
    row.progress = {}
    row.started_at = row.started_at or utc_now()
    renew(row)
    session.flush()
    publish(session, row.project_id, JobChanged(job=to_job(session, row)))
    tell_places(session)
    return row


def _next_short(session: Session, workers: int) -> JobRow | None:
    lane = in_lane_of("import")
    running = session.scalar(
        select(func.count()).select_from(JobRow).where(JobRow.state == "running", lane)
    )
    if (running or 0) >= workers:
        return None
    return session.scalar(
        select(JobRow)
        .where(JobRow.state == "queued", lane)
        .order_by(JobRow.created_at, JobRow.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def _next_training(session: Session, workers: int, limits: Limits) -> JobRow | None:
    waiting = waiting_trainings(session)
    if not waiting or len(running_trainings(session)) >= workers:
        return None
    first = waiting[0]
    if not fits(session, needs_of(first), limits):
        return None
    return session.scalar(  # locked, unless it left the queue this very moment
        select(JobRow)
        .where(JobRow.id == first.id, JobRow.state == "queued")
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )


def renew(row: JobRow) -> None:
    """Prolong a lease by 30 s from now."""
    row.lease_until = utc_now() + timedelta(seconds=LEASE_SECONDS)


def running_jobs(session: Session) -> list[JobRow]:
    """List the jobs that are leased, oldest first."""
    return list(
        session.scalars(
            select(JobRow).where(JobRow.state == "running").order_by(JobRow.created_at, JobRow.id)
        )
    )


def queued_jobs(session: Session) -> list[JobRow]:
    """List the jobs that wait, each lane with its next one first."""
    short = session.scalars(
        select(JobRow)
        .where(JobRow.state == "queued", in_lane_of("import"))
        .order_by(JobRow.created_at, JobRow.id)
    )
    return [*short, *waiting_trainings(session)]


def tell_places(session: Session) -> None:
    """Tell the waiting jobs' new places in the queue."""
    for row in queued_jobs(session):
        publish(session, row.project_id, JobChanged(job=to_job(session, row)))


def held(session: Session, job_id: str, attempt: int) -> JobRow | None:
    """Give a job's row if this very attempt still holds it; a stale attempt gets None."""
    row = session.get(JobRow, job_id)
    if row is None or row.state != "running" or row.attempt != attempt:
        return None
    return row


def give_back(session: Session, row: JobRow) -> None:
    """Queue a leased job again at its old place; its next attempt follows its plan."""
    row.state = "queued"
    row.lease_until = None
    row.progress = {}
    row.events_offset = 0
    session.flush()
    publish(session, row.project_id, JobChanged(job=to_job(session, row)))


def pause(session: Session, row: JobRow, problem: Problem | None = None) -> None:
    """Let a job wait, in nobody's way, until somebody or something lets it go on."""
    row.state = "paused"
    row.lease_until = None
    row.problem = problem.model_dump(mode="json") if problem else None
    session.flush()
    publish(session, row.project_id, JobChanged(job=to_job(session, row)))
    tell_places(session)


def resume(session: Session, row: JobRow) -> None:
    """Queue a paused job again."""
    row.problem = None
    give_back(session, row)


def paused_jobs(session: Session) -> list[JobRow]:
    """List the jobs that wait for somebody or something, oldest first."""
    return list(
        session.scalars(
            select(JobRow).where(JobRow.state == "paused").order_by(JobRow.created_at, JobRow.id)
        )
    )


def end(session: Session, row: JobRow, state: EndState, problem: Problem | None = None) -> None:
    """Take a job out of the queue for good."""
    row.state = state
    row.lease_until = None
    row.problem = problem.model_dump(mode="json") if problem else None
    row.ended_at = utc_now()
    session.flush()
    publish(session, row.project_id, JobChanged(job=to_job(session, row)))
    tell_places(session)


def ask_to_stop(
    session: Session, files: FileStore, row: JobRow, reason: StopReason = "asked"
) -> None:
    """End or pause a job that has no worker at once; leave a running one the word to stop."""
    if row.state == "queued" and reason == "pause":
        pause(session, row)
    elif row.state in {"queued", "paused"}:
        end(session, row, "cancelled")
    elif row.state == "running":
        files.write(f"{job_folder_key(row)}/{STOP_FILE}", reason.encode())
