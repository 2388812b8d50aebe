"""Runs in the database; the only module of this room with SQL, and it imports no Keras."""

from __future__ import annotations

import shutil

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from blockwright.contracts.base import utc_now
from blockwright.contracts.data import DataSchema
from blockwright.contracts.graph import ExperimentSettings, GraphAnalysis, GraphDocument
from blockwright.contracts.ids import new_id
from blockwright.contracts.problems import Problem, error, in_language, problem
from blockwright.contracts.runs import (
    Checkpoint,
    EpochMetrics,
    MachineFacts,
    Run,
    RunList,
    RunProgress,
)
from blockwright.contracts.studio import EpochEnded, RunChanged, RunStepped
from blockwright.contracts.work import (
    DataPlan,
    Finished,
    TrainEpoch,
    TrainPlan,
    TrainStarted,
    TrainStep,
    WorkerEvent,
)
from blockwright.graph.analysis import analyse
from blockwright.graph.setting_checks import IN_BIN
from blockwright.graph.task import describe_task
from blockwright.store import leases
from blockwright.store.database import Database
from blockwright.store.events import publish, publish_newest
from blockwright.store.files import FileStore
from blockwright.store.queue import enqueue, to_job
from blockwright.store.tables import (
    CheckpointRow,
    DatasetRow,
    EpochRow,
    ExperimentRow,
    JobRow,
    ProjectRow,
    RunRow,
    VersionRow,
)
from blockwright.store.versions import name_in_bin

CAN_CONTINUE_STATES = frozenset({"stopped", "interrupted", "failed"})
# Weights and two optimiser moments in float32; the last two, the best and the one being written.
_CHECKPOINT_BYTES_PER_PARAMETER = 12
_MOST_CHECKPOINTS = 4


class RunService:
    """What the API offers on runs."""

    def __init__(self, database: Database, files: FileStore) -> None:
        """Use `database` and `files`."""
        self._database = database
        self._files = files

    def create(self, experiment_id: str) -> Run:
        """Queue a run of an experiment as it is now.

        Raises:
            BlockwrightError: `graph.experiment_not_found`, `training.graph_has_errors`,
                `training.version_not_frozen`, `graph.version_in_bin` or `training.disk_too_full`.
        """
        with self._database.transaction() as session:
            experiment = session.get(ExperimentRow, experiment_id)
            if experiment is None or experiment.binned_at:
                raise error("graph.experiment_not_found")
            graph = GraphDocument.model_validate(experiment.graph)
            settings = ExperimentSettings.model_validate(experiment.settings)
            version = _frozen_version(session, settings)
            schema = DataSchema.model_validate(version.data_schema)
            analysis = analyse(graph, schema, settings)
            _refuse_errors(analysis)
            self._refuse_full_disk(analysis.parameters or 0)
            row = self._queue(session, experiment, version, schema)
            row.parameters = analysis.parameters or 0
            return publish_run(session, row)

    def _queue(
        self,
        session: Session,
        experiment: ExperimentRow,
        version: VersionRow,
        schema: DataSchema,
    ) -> RunRow:
        graph = GraphDocument.model_validate(experiment.graph)
        settings = ExperimentSettings.model_validate(experiment.settings)
        task = describe_task(graph, schema, settings)
        run_id = new_id("run")
        plan = TrainPlan(
            run_id=run_id,
            run_folder=str(self._files.local_path(f"runs/{run_id}")),
            graph=graph,
            settings=settings,
            data=DataPlan.model_validate(version.data_plan),
            best_by=task.best_by,
            higher_is_better=task.higher_is_better,
            metric_names=task.metric_names,
        )
        newest = session.scalar(
            select(func.max(RunRow.number)).where(RunRow.experiment_id == experiment.id)
        )
        row = RunRow(
            id=run_id,
            project_id=experiment.project_id,
            experiment_id=experiment.id,
            version_id=version.id,
            number=(newest or 0) + 1,
            state="queued",
            plan=plan.model_dump(mode="json"),
            loss=task.loss,
            progress=RunProgress(epoch=0, step=0, steps_per_epoch=0).model_dump(mode="json"),
            parameters=0,
            created_at=utc_now(),
        )
        session.add(row)
        session.flush()
        job = enqueue(
            session, project_id=row.project_id, kind="train", subject_id=run_id, plan=plan
        )
        row.job_id = job.id
        return row

    def _refuse_full_disk(self, parameters: int) -> None:
        needed = parameters * _CHECKPOINT_BYTES_PER_PARAMETER * _MOST_CHECKPOINTS
        free = shutil.disk_usage(self._files.local_path("runs").parent).free
        if free < needed:
            raise error(
                "training.disk_too_full",
                needed_megabytes=round(needed / 1e6),
                free_megabytes=round(free / 1e6),
            )

    def list_all(self, project_id: str) -> RunList:
        """List the runs of a project, newest first, the best marked."""
        with self._database.transaction() as session:
            rows = session.scalars(
                select(RunRow)
                .where(RunRow.project_id == project_id)
                .order_by(RunRow.created_at.desc(), RunRow.id)
            ).all()
            runs = [tell_run(session, row) for row in rows]
        return RunList(runs=runs, best_run_id=best_of(runs))

    def recent(self, owner_id: str, limit: int) -> list[Run]:
        """List the newest runs of all projects of an owner, without their epochs."""
        with self._database.transaction() as session:
            rows = session.scalars(
                select(RunRow)
                .join(ProjectRow, ProjectRow.id == RunRow.project_id)
                .where(ProjectRow.owner_id == owner_id, ProjectRow.binned_at.is_(None))
                .order_by(RunRow.created_at.desc(), RunRow.id)
                .limit(limit)
            ).all()
            return [tell_run(session, row, with_epochs=False) for row in rows]

    def get(self, run_id: str) -> Run:
        """Give a run with all its epochs. Raises `training.run_not_found`."""
        with self._database.transaction() as session:
            return tell_run(session, _find(session, run_id))

    def stop(self, run_id: str) -> Run:
        """Ask a run to stop after the batch in hand; a queued run leaves the queue."""
        with self._database.transaction() as session:
            row = _find(session, run_id)
            job = session.get(JobRow, row.job_id)
            if job is None or job.state not in {"queued", "running"}:
                return tell_run(session, row)
            was_queued = job.state == "queued"
            leases.ask_to_stop(session, self._files, job)
            if was_queued:
                record_end(session, job, None)
            else:
                record_stopping(session, job)
            return tell_run(session, row)

    def continue_from_last_checkpoint(self, run_id: str) -> Run:
        """Queue the rest of a run that was stopped, interrupted or failed.

        Raises:
            BlockwrightError: `training.run_not_found`, `training.nothing_to_continue`
                or `training.no_checkpoint`.
        """
        with self._database.transaction() as session:
            row = _find(session, run_id)
            checkpoints = _checkpoints(session, run_id)
            plan = TrainPlan.model_validate(row.plan)
            if not checkpoints:
                raise error("training.no_checkpoint")
            if not _can_continue(row, plan, checkpoints):
                raise error("training.nothing_to_continue")
            newest = checkpoints[-1]
            folder = self._files.local_path(f"runs/{run_id}/checkpoints/{newest.folder}")
            plan = plan.model_copy(update={"resume_from": str(folder)})
            self._refuse_full_disk(row.parameters)
            _drop_epochs_after(session, run_id, newest.epoch)
            job = enqueue(
                session, project_id=row.project_id, kind="train", subject_id=run_id, plan=plan
            )
            row.job_id = job.id
            row.state = "queued"
            row.problem = None
            row.ended_at = None
            return publish_run(session, row)


def best_of(runs: list[Run]) -> str | None:
    """Give the id of the best of comparable runs.

    Comparable are the runs judged by the same metric as the newest run that has a value.
    Of equals the oldest stays the best.
    """
    judged = [run for run in runs if run.best_value is not None]
    if not judged:
        return None
    rivals = [run for run in judged if run.best_by == judged[0].best_by]
    sign = 1.0 if judged[0].higher_is_better else -1.0
    return max(reversed(rivals), key=lambda run: sign * (run.best_value or 0.0)).id


def _find(session: Session, run_id: str) -> RunRow:
    row = session.get(RunRow, run_id)
    if row is None:
        raise error("training.run_not_found")
    return row


def _frozen_version(session: Session, settings: ExperimentSettings) -> VersionRow:
    version = session.get(VersionRow, settings.version_id) if settings.version_id else None
    if version is not None and (binned := name_in_bin(session, version)) is not None:
        raise error(IN_BIN, dataset=binned, version=version.number)
    if version is None or version.data_plan is None or version.data_schema is None:
        raise error("training.version_not_frozen")
    return version


def _refuse_errors(analysis: GraphAnalysis) -> None:
    if analysis.can_run:
        return
    errors = [found for found in analysis.problems if found.severity == "error"]
    first = errors[0].problem
    raise error(
        "training.graph_has_errors",
        count=len(errors),
        first=first.message,
        first_zh=in_language(first, "zh").message,
    )


def _checkpoints(session: Session, run_id: str) -> list[CheckpointRow]:
    return list(
        session.scalars(
            select(CheckpointRow)
            .where(CheckpointRow.run_id == run_id)
            .order_by(CheckpointRow.epoch)
        )
    )


def _can_continue(row: RunRow, plan: TrainPlan, checkpoints: list[CheckpointRow]) -> bool:
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
    checkpoints = _checkpoints(session, row.id)
    epochs = (
        session.scalars(
            select(EpochRow).where(EpochRow.run_id == row.id).order_by(EpochRow.epoch)
        ).all()
        if with_epochs
        else []
    )
    return Run(
        id=row.id,
        project_id=row.project_id,
        experiment_id=row.experiment_id,
        experiment_name=experiment.name,
        number=row.number,
        state=row.state,
        queue_place=to_job(session, job).queue_place if job else None,
        settings=plan.settings,
        loss=row.loss,
        metric_names=plan.metric_names,
        best_by=plan.best_by,
        higher_is_better=plan.higher_is_better,
        progress=RunProgress.model_validate(row.progress),
        epochs=[EpochMetrics.model_validate(epoch.metrics) for epoch in epochs],
        best_epoch=row.best_epoch,
        best_value=row.best_value,
        checkpoints=[_tell_checkpoint(checkpoint) for checkpoint in checkpoints],
        problem=Problem.model_validate(row.problem) if row.problem else None,
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        parameters=row.parameters,
        data_hash=version.content_hash or "",
        dataset_name=dataset.name,
        version_number=version.number,
        machine=MachineFacts.model_validate(row.machine) if row.machine else None,
        can_continue=_can_continue(row, plan, checkpoints),
    )


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


# --- what a worker's life does to its run ---


def record_start(session: Session, job: JobRow) -> None:
    """Note that a worker is starting on a run; those behind it move up in the queue."""
    row = _find(session, job.subject_id)
    row.state = "starting"
    row.started_at = row.started_at or utc_now()
    publish_run(session, row)
    _tell_waiting_runs(session)


def is_complete(session: Session, job: JobRow) -> bool:
    """Say whether the last epoch of a run is saved already."""
    row = _find(session, job.subject_id)
    checkpoints = _checkpoints(session, row.id)
    epochs = TrainPlan.model_validate(row.plan).settings.epochs
    return bool(checkpoints) and checkpoints[-1].epoch >= epochs


def record_stopping(session: Session, job: JobRow) -> None:
    """Note that a running run was asked to stop."""
    row = _find(session, job.subject_id)
    row.state = "stopping"
    publish_run(session, row)


def record_event(session: Session, job: JobRow, event: WorkerEvent, files: FileStore) -> None:  # noqa: ARG001
    """Keep what a training worker says."""
    row = _find(session, job.subject_id)
    match event:
        case TrainStarted():
            row.machine = event.machine.model_dump(mode="json")
            row.parameters = event.parameters
            row.problem = event.note.model_dump(mode="json") if event.note else None
            row.state = "stopping" if row.state == "stopping" else "running"
            publish_run(session, row)
        case TrainStep():
            _keep_progress(row, job, event.progress)
            step = RunStepped(
                run_id=row.id, project_id=row.project_id, state=row.state, progress=event.progress
            )
            publish_newest(session, row.project_id, step, path=("run_id",), value=row.id)
        case TrainEpoch():
            _keep_epoch(session, row, event)
            publish_run(session, row)
        case Finished():
            row.state = "done"
            row.ended_at = utc_now()
            publish_run(session, row)
        case _:
            return


def _keep_progress(row: RunRow, job: JobRow, progress: RunProgress) -> None:
    row.progress = progress.model_dump(mode="json")
    epochs = TrainPlan.model_validate(row.plan).settings.epochs
    job.progress = {
        "done_units": (progress.epoch - 1) * progress.steps_per_epoch + progress.step,
        "total_units": epochs * progress.steps_per_epoch,
        "unit": "steps",
        "seconds_left": progress.seconds_left,
    }


def _keep_epoch(session: Session, row: RunRow, event: TrainEpoch) -> None:
    metrics = event.metrics
    # A worker that fell back to an earlier checkpoint repeats epochs: the later ones are void.
    _drop_epochs_after(session, row.id, metrics.epoch - 1)
    session.add(
        EpochRow(run_id=row.id, epoch=metrics.epoch, metrics=metrics.model_dump(mode="json"))
    )
    written = event.checkpoint
    if written.is_best:
        session.execute(
            update(CheckpointRow).where(CheckpointRow.run_id == row.id).values(is_best=False)
        )
    session.execute(
        delete(CheckpointRow).where(
            CheckpointRow.run_id == row.id,
            CheckpointRow.folder.in_(event.removed_checkpoints),
        )
    )
    session.add(
        CheckpointRow(
            id=new_id("ckp"),
            run_id=row.id,
            epoch=written.epoch,
            folder=written.folder,
            is_best=written.is_best,
            bytes=written.bytes,
            sha256=written.sha256,
            created_at=utc_now(),
        )
    )
    session.flush()
    _mark_best(session, row)
    publish(
        session,
        row.project_id,
        EpochEnded(run_id=row.id, project_id=row.project_id, metrics=metrics),
    )


def _drop_epochs_after(session: Session, run_id: str, epoch: int) -> None:
    for table in (EpochRow, CheckpointRow):
        session.execute(delete(table).where(table.run_id == run_id, table.epoch > epoch))


def _mark_best(session: Session, row: RunRow) -> None:
    best = session.scalar(
        select(CheckpointRow).where(CheckpointRow.run_id == row.id, CheckpointRow.is_best)
    )
    if best is None:
        return
    metrics = session.get_one(EpochRow, (row.id, best.epoch)).metrics
    row.best_epoch = best.epoch
    row.best_value = metrics["validation"][row.plan["best_by"]]


def record_end(session: Session, job: JobRow, why: Problem | None) -> None:
    """Note that a training job ended without success: failed, cancelled or lost (interrupted)."""
    row = _find(session, job.subject_id)
    states = {"cancelled": "stopped", "interrupted": "interrupted"}
    row.state = states.get(job.state, "failed")
    row.ended_at = utc_now()
    if why is not None:
        told = _with_way_on(session, row, why) if row.state == "interrupted" else why
        row.problem = told.model_dump(mode="json")
    publish_run(session, row)
    _tell_waiting_runs(session)


_LOST_IN_WORDS_OF_A_RUN = {
    "job.worker_lost": "training.worker_lost",
    "job.worker_killed": "training.worker_killed",
    "job.worker_silent": "training.worker_silent",
    "job.studio_closed": "training.studio_closed",
}


def _with_way_on(session: Session, row: RunRow, lost: Problem) -> Problem:
    """Say what became of the worker in terms of the run: what is saved, how to go on."""
    checkpoints = _checkpoints(session, row.id)
    code = _LOST_IN_WORDS_OF_A_RUN[lost.code]
    return problem(code, **lost.params, epochs=checkpoints[-1].epoch if checkpoints else 0)


def _tell_waiting_runs(session: Session) -> None:
    for job in leases.queued_jobs(session):
        if job.kind == "train":
            publish_run(session, _find(session, job.subject_id))
