"""Which training is next: the order of a person, and fairness between projects.

Takes   a session; everything is worked out anew from the rows.
Gives   the waiting trainings in the order in which they will start.

The rule, first difference first: a training whose worker was lost goes on before any new
one; then those that a person has put in order; then the projects take turns, the one that
has waited longest for its turn first; within a project, first come, first served.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from blockwright.contracts.base import utc_now
from blockwright.contracts.queue import NO_LIMITS, Limits, Needs
from blockwright.store.tables import JobRow

_NEVER = datetime.min.replace(tzinfo=UTC)


def waiting_trainings(session: Session) -> list[JobRow]:
    """Give the waiting trainings of all owners, the next one first."""
    rows = session.scalars(
        select(JobRow)
        .where(JobRow.state == "queued", JobRow.kind == "train")
        .order_by(JobRow.created_at, JobRow.id)
    ).all()
    return _in_order(session, rows)


def place_of_newcomer(session: Session, project_id: str) -> int:
    """Give the place, 1 for the next one, of a training of a project if it were queued now."""
    newcomer = JobRow(project_id=project_id, created_at=utc_now(), id="")  # never kept
    return _in_order(session, [*waiting_trainings(session), newcomer]).index(newcomer) + 1


def _in_order(session: Session, rows: Sequence[JobRow]) -> list[JobRow]:
    lost = [row for row in rows if row.started_at is not None]
    ordered = [row for row in rows if row.started_at is None and row.position is not None]
    others = [row for row in rows if row.started_at is None and row.position is None]
    ordered.sort(key=lambda row: row.position or 0)
    return [*lost, *ordered, *_by_turns(session, others)]


def place_of(session: Session, row: JobRow) -> int:
    """Give the place of a waiting training, 1 for the next one."""
    return [other.id for other in waiting_trainings(session)].index(row.id) + 1


def running_trainings(session: Session) -> list[JobRow]:
    """Give the trainings that are leased, the one that began first first."""
    return list(
        session.scalars(
            select(JobRow)
            .where(JobRow.state == "running", JobRow.kind == "train")
            .order_by(JobRow.started_at, JobRow.id)
        )
    )


def put_in_order(session: Session, wanted: Sequence[str], project_ids: set[str]) -> None:
    """Keep the order that a person gave their waiting trainings.

    Only the places that trainings of these projects hold are dealt out anew; one that is
    not named follows those that are. What is queued later comes after all of them.

    Args:
        session: The transaction.
        wanted: Ids of waiting jobs; those that wait no more are passed over.
        project_ids: The projects of the person.
    """
    now = waiting_trainings(session)
    mine = [row for row in now if row.project_id in project_ids]
    rank = {job_id: place for place, job_id in enumerate(wanted)}
    dealt = iter(sorted(mine, key=lambda row: rank.get(row.id, len(rank))))
    for place, row in enumerate(now):
        chosen = next(dealt) if row.project_id in project_ids else row
        chosen.position = place
    session.flush()


def fits(session: Session, needs: Needs, limits: Limits) -> bool:
    """Say whether a training fits beside those that run; alone it always does.

    One that needs more than there is was refused when it was asked for. If limits were
    lowered since, it runs alone rather than blocking the queue for ever.
    """
    running = [needs_of(row) for row in running_trainings(session)]
    return not running or lacking(needs, running, limits) is None


def lacking(needs: Needs, running: Sequence[Needs], limits: Limits) -> str | None:
    """Name what a training lacks beside others: cores, memory_bytes or gpus; None if nothing."""
    if limits == NO_LIMITS:
        return None
    for name in ("gpus", "memory_bytes", "cores"):
        limit: int | None = getattr(limits, name)
        taken = sum(getattr(each, name) for each in [*running, needs])
        if limit is not None and taken > limit:
            return name
    return None


def needs_of(row: JobRow) -> Needs:
    """Give what a job needs; one that was queued by an earlier studio says nothing."""
    return Needs.model_validate(row.needs) if row.needs else Needs()


def _by_turns(session: Session, rows: Sequence[JobRow]) -> list[JobRow]:
    turns: Counter[str] = Counter(row.project_id for row in running_trainings(session))
    last_turn = dict(
        session.execute(
            select(JobRow.project_id, func.max(JobRow.started_at))
            .where(JobRow.kind == "train", JobRow.started_at.is_not(None))
            .group_by(JobRow.project_id)
        ).all()
    )
    keyed = []
    for row in rows:  # oldest first
        turn = turns[row.project_id]
        turns[row.project_id] += 1
        keyed.append((turn, last_turn.get(row.project_id) or _NEVER, row.created_at, row.id, row))
    return [row for *_, row in sorted(keyed, key=lambda item: item[:4])]
