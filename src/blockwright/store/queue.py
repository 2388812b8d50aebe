"""The rows of the job queue: asked for in the transaction of what needs the work.

Neighbours: `queue_order` says which training is next, `jobs` claims, runs, follows and
ends what is queued here.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, not_, select
from sqlalchemy.orm import Session

from blockwright.contracts.base import utc_now
from blockwright.contracts.ids import new_id
from blockwright.contracts.problems import Problem
from blockwright.contracts.queue import Needs
from blockwright.contracts.studio import Job, JobChanged, JobKind
from blockwright.contracts.work import Plan
from blockwright.store.events import publish
from blockwright.store.queue_order import place_of
from blockwright.store.tables import JobRow


def enqueue(
    session: Session,
    *,
    project_id: str,
    kind: JobKind,
    subject_id: str,
    plan: Plan,
    needs: Needs | None = None,
) -> JobRow:
    """Queue a job; it exists if and only if the surrounding transaction commits."""
    row = JobRow(
        id=new_id("job"),
        project_id=project_id,
        kind=kind,
        subject_id=subject_id,
        state="queued",
        attempt=0,
        restarts=0,
        events_offset=0,
        plan=plan.model_dump(mode="json"),
        progress={},
        needs=needs.model_dump(mode="json") if needs else None,
        created_at=utc_now(),
    )
    session.add(row)
    session.flush()
    publish(session, project_id, JobChanged(job=to_job(session, row)))
    return row


def in_lane_of(kind: str) -> ColumnElement[bool]:
    """Give the condition of all jobs that wait for the same worker as this kind.

    Trainings have a lane of their own: a download or an import takes seconds and
    must not wait hours behind one.
    """
    is_training = JobRow.kind == "train"
    return is_training if kind == "train" else not_(is_training)


def queue_place(session: Session, row: JobRow) -> int | None:
    """Give a job's place in its lane, 1 for the next one; None unless it waits."""
    if row.state != "queued":
        return None
    if row.kind == "train":
        return place_of(session, row)
    before = session.scalar(
        select(func.count())
        .select_from(JobRow)
        .where(JobRow.state == "queued", in_lane_of(row.kind), JobRow.created_at < row.created_at)
    )
    return (before or 0) + 1


def to_job(session: Session, row: JobRow) -> Job:
    """Give the job as the API tells it."""
    progress: dict[str, Any] = row.progress
    total = progress.get("total_units") or 0
    return Job(
        id=row.id,
        project_id=row.project_id,
        kind=row.kind,
        subject_id=row.subject_id,
        state=row.state,
        attempt=row.attempt,
        done=1.0
        if row.state == "done"
        else min(1.0, progress.get("done_units", 0) / total)
        if total
        else 0.0,
        rate=progress.get("rate"),
        unit=progress.get("unit", ""),
        done_units=progress.get("done_units", 0),
        total_units=total,
        seconds_left=progress.get("seconds_left"),
        problem=Problem.model_validate(row.problem) if row.problem else None,
        queue_place=queue_place(session, row),
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )
