"""How long runs trained: what their ended epochs took, without waiting, starting and repeating."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from blockwright.store.tables import EpochRow, JobRow, RunRow


def seconds_per_epoch(session: Session, experiment_id: str) -> float | None:
    """Give the mean seconds per epoch of the newest run of an experiment that has any.

    None when no epoch of the experiment was ever trained.
    """
    run_id = session.scalar(
        select(RunRow.id)
        .join(EpochRow, EpochRow.run_id == RunRow.id)
        .where(RunRow.experiment_id == experiment_id)
        .order_by(RunRow.created_at.desc(), RunRow.id.desc())
        .limit(1)
    )
    epochs = session.scalars(select(EpochRow.metrics).where(EpochRow.run_id == run_id)).all()
    if not epochs:
        return None
    return sum(float(metrics["seconds"]) for metrics in epochs) / len(epochs)


def pace_under_way(session: Session, experiment_id: str) -> float | None:
    """Give the seconds per epoch of a run of an experiment in training, as its worker tells it.

    None when none is, or its worker does not know yet.
    """
    query = (
        select(RunRow.progress, JobRow.progress)
        .join(JobRow, JobRow.id == RunRow.job_id)
        .where(RunRow.experiment_id == experiment_id, JobRow.state == "running")
        .order_by(JobRow.started_at.desc(), JobRow.id)
    )
    for run, job in session.execute(query):
        steps = job.get("total_units", 0) - job.get("done_units", 0)
        left = run.get("seconds_of_all_epochs") or job.get("seconds_left")
        if left is not None and steps > 0:
            per_step: float = left / steps
            return per_step * int(run["steps_per_epoch"])
    return None


def trained_seconds(session: Session, run_id: str) -> float:
    """Give what the ended epochs of a run took in all."""
    epochs = session.scalars(select(EpochRow.metrics).where(EpochRow.run_id == run_id))
    return sum(float(metrics["seconds"]) for metrics in epochs)


def trained_in_group(session: Session, group_id: str) -> dict[str, tuple[int, float]]:
    """Give by run of a group how many epochs it has trained, and the seconds that they took."""
    found: dict[str, tuple[int, float]] = {}
    rows = session.execute(
        select(EpochRow.run_id, EpochRow.metrics)
        .join(RunRow, RunRow.id == EpochRow.run_id)
        .where(RunRow.group_id == group_id)
    )
    for run_id, metrics in rows:
        epochs, seconds = found.get(run_id, (0, 0.0))
        found[run_id] = (epochs + 1, seconds + float(metrics["seconds"]))
    return found
