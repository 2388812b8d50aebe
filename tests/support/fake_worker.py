"""Plays the part of workers: real queue, real rows, and epochs whose values a test decides."""

from __future__ import annotations

from collections.abc import Callable

from blockwright.contracts.runs import EpochMetrics
from blockwright.contracts.work import CheckpointWritten, Finished, TrainEpoch, TrainPlan
from blockwright.jobs import service
from blockwright.store import leases
from blockwright.store.tables import JobRow, RunRow
from tests.support.tiny_run import TinyStudio

Judge = Callable[[TrainPlan, int], float]


def play(studio: TinyStudio, judge: Judge, *, most: int = 1_000) -> list[str]:
    """Train what is queued, one after the other, until the queue is empty or `most` have ended.

    Args:
        studio: Whose queue.
        judge: Gives the validation value of a plan at an epoch.
        most: So many trainings at most.

    Returns:
        The ids of the runs in the order in which they were trained.
    """
    trained = []
    while len(trained) < most and (run_id := _train_next(studio, judge)) is not None:
        trained.append(run_id)
    return trained


def _train_next(studio: TinyStudio, judge: Judge) -> str | None:
    with studio.database.transaction() as session:
        job = leases.claim_next(session, workers=1)
        if job is None:
            return None
        service.record_start(session, job)
        session.get_one(RunRow, job.subject_id).state = "running"
        plan = TrainPlan.model_validate(job.plan)
        job_id = job.id
    best = 0.0
    for epoch in range(1, plan.settings.epochs + 1):
        value = judge(plan, epoch)
        with studio.database.transaction() as session:
            job = session.get_one(JobRow, job_id)
            service.record(session, job, _epoch(plan, epoch, value, best), studio.files)
        best = max(best, value)
        if studio.files.exists(f"{leases.job_folder_key(job)}/stop"):
            return _end(studio, job_id, plan, "stopped")
    return _end(studio, job_id, plan, "done")


def _end(studio: TinyStudio, job_id: str, plan: TrainPlan, outcome: str) -> str:
    with studio.database.transaction() as session:
        finished = Finished.model_validate({"outcome": outcome})
        service.record(session, session.get_one(JobRow, job_id), finished, studio.files)
    return plan.run_id


def _epoch(plan: TrainPlan, epoch: int, value: float, best: float) -> TrainEpoch:
    metrics = {"loss": 1.0, plan.best_by: value}
    return TrainEpoch(
        metrics=EpochMetrics(epoch=epoch, seconds=2.0, training=metrics, validation=metrics),
        checkpoint=CheckpointWritten(
            folder=f"epoch_{epoch}", epoch=epoch, bytes=1, sha256="0" * 64, is_best=value > best
        ),
    )
