"""Runs as rows: found, told as the API tells them, published to everyone.

Neighbours: `service` is what the API offers, `job_service` what a worker's life does.
"""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from blockwright.contracts.problems import Problem, error, problem
from blockwright.contracts.runs import (
    Checkpoint,
    EpochMetrics,
    Interruption,
    MachineFacts,
    Run,
    RunOrigin,
    RunProgress,
    RunTrial,
)
from blockwright.contracts.studio import RunChanged
from blockwright.contracts.work import TrainPlan
from blockwright.store.events import publish_newest
from blockwright.store.queue import queue_place
from blockwright.store.tables import (
    CheckpointRow,
    ClassCountsRow,
    DatasetRow,
    EpochRow,
    ExperimentRow,
    JobRow,
    RunRow,
    VersionRow,
)
from blockwright.training.hints import hints_of
from blockwright.training.target_units import target_name, tell_units

# What became of a worker whose run goes on by itself, in terms of the run.
LOST_IN_WORDS_OF_A_RUN = {
    "job.worker_lost": "training.worker_lost",
    "job.worker_killed": "training.worker_killed",
    "job.worker_silent": "training.worker_silent",
    "job.studio_closed": "training.studio_closed",
    "job.out_of_memory": "training.memory_ran_out",
    "job.data_unreadable": "training.data_unreadable",
}
CAN_CONTINUE_STATES = frozenset({"paused", "stopped", "interrupted", "failed"})
_GOES_ON_CODES = frozenset(LOST_IN_WORDS_OF_A_RUN.values())
# Weights and two optimiser moments in float32.
CHECKPOINT_BYTES_PER_PARAMETER = 12


def find_run(session: Session, run_id: str) -> RunRow:
    """Give a run's row. Raises `training.run_not_found`."""
    row = session.get(RunRow, run_id)
    if row is None:
        raise error("training.run_not_found")
    return row


def checkpoints_of(session: Session, run_id: str) -> list[CheckpointRow]:
    """List what is kept of a run, the oldest epoch first."""
    return list(
        session.scalars(
            select(CheckpointRow)
            .where(CheckpointRow.run_id == run_id)
            .order_by(CheckpointRow.epoch)
        )
    )


def can_continue(row: RunRow, plan: TrainPlan, checkpoints: list[CheckpointRow]) -> bool:
    """Say whether a person can have the rest of a run trained."""
    if row.state == "paused" or (row.state == "interrupted" and not checkpoints):
        return True
    return (
        row.state in CAN_CONTINUE_STATES
        and bool(checkpoints)
        and checkpoints[-1].epoch < plan.settings.epochs
    )


def tell_run(session: Session, row: RunRow, *, with_epochs: bool = True) -> Run:
    """Give a run as the API tells it."""
    plan = TrainPlan.model_validate(row.plan)
    experiment = session.get_one(ExperimentRow, row.experiment_id)
    version = session.get_one(VersionRow, row.version_id)
    dataset = session.get_one(DatasetRow, version.dataset_id)
    job = session.get(JobRow, row.job_id) if row.job_id else None
    checkpoints = checkpoints_of(session, row.id)
    epochs = (
        session.scalars(
            select(EpochRow).where(EpochRow.run_id == row.id).order_by(EpochRow.epoch)
        ).all()
        if with_epochs
        else []
    )
    run = Run(
        id=row.id,
        project_id=row.project_id,
        experiment_id=row.experiment_id,
        experiment_name=experiment.name,
        number=row.number,
        state=row.state,
        queue_place=queue_place(session, job) if job else None,
        settings=plan.settings,
        loss=row.loss,
        target=target_name(plan),
        metric_names=plan.metric_names,
        error_units=tell_units(plan),
        best_by=plan.best_by,
        higher_is_better=plan.higher_is_better,
        progress=RunProgress.model_validate(row.progress),
        epochs=[EpochMetrics.model_validate(epoch.metrics) for epoch in epochs],
        best_epoch=row.best_epoch,
        best_value=row.best_value,
        checkpoints=[_tell_checkpoint(checkpoint) for checkpoint in checkpoints],
        problem=_problem_of(row, checkpoints),
        continues=RunOrigin.model_validate(row.continues) if row.continues else None,
        interruptions=[Interruption.model_validate(each) for each in row.interruptions],
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        parameters=row.parameters,
        data_hash=version.content_hash or "",
        dataset_name=dataset.name,
        version_number=version.number,
        machine=MachineFacts.model_validate(row.machine) if row.machine else None,
        can_continue=can_continue(row, plan, checkpoints),
        group_id=row.group_id,
        trial=RunTrial.model_validate(row.trial) if row.trial else None,
    )
    return run.model_copy(update={"hints": hints_of(run, validation_rows=_validation_rows(plan))})


def _problem_of(row: RunRow, checkpoints: list[CheckpointRow]) -> Problem | None:
    """Give what is wrong with a run; an older studio's lost runs never went on by themselves."""
    if row.problem is None:
        return None
    if row.state in {"interrupted", "failed"} and row.problem["code"] in _GOES_ON_CODES:
        return problem("training.lost_before", epochs=checkpoints[-1].epoch if checkpoints else 0)
    return Problem.model_validate(row.problem)


def _validation_rows(plan: TrainPlan) -> int:
    rows = {subset.id: subset.rows for subset in plan.data.data_schema.subsets}
    return rows.get(plan.settings.validation_subset_id or "", 0)


def _tell_checkpoint(row: CheckpointRow) -> Checkpoint:
    return Checkpoint(
        id=row.id,
        run_id=row.run_id,
        epoch=row.epoch,
        is_best=row.is_best,
        bytes=row.bytes,
        sha256=row.sha256,
        created_at=row.created_at,
    )


def publish_run(session: Session, row: RunRow) -> Run:
    """Tell everyone how a run is now."""
    session.flush()
    run = tell_run(session, row)
    publish_newest(session, row.project_id, RunChanged(run=run), path=("run", "id"), value=row.id)
    return run


def drop_epochs_after(session: Session, run_id: str, epoch: int) -> None:
    """Forget epochs that are going to be repeated, and their checkpoints."""
    for table in (EpochRow, ClassCountsRow, CheckpointRow):
        session.execute(delete(table).where(table.run_id == run_id, table.epoch > epoch))
