"""What the API offers on runs; imports no Keras.

Neighbours: `run_service` tells runs, `job_service` keeps what their workers do.
"""

from __future__ import annotations

import shutil

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from blockwright.contracts.base import utc_now
from blockwright.contracts.data import DataSchema
from blockwright.contracts.graph import ExperimentSettings, GraphAnalysis, GraphDocument
from blockwright.contracts.ids import new_id
from blockwright.contracts.problems import error, in_language
from blockwright.contracts.queue import NO_LIMITS, Limits, Needs
from blockwright.contracts.runs import Run, RunList, RunProgress
from blockwright.contracts.signals import LossCurve
from blockwright.contracts.work import DataPlan, TrainPlan
from blockwright.graph.analysis import analyse
from blockwright.graph.setting_checks import IN_BIN
from blockwright.graph.task import describe_task
from blockwright.store import leases
from blockwright.store.database import Database
from blockwright.store.files import FileStore
from blockwright.store.loss_curves import loss_points
from blockwright.store.queue import enqueue
from blockwright.store.tables import ExperimentRow, JobRow, ProjectRow, RunRow, VersionRow
from blockwright.store.versions import name_in_bin
from blockwright.training.job_service import record_end, record_stopping
from blockwright.training.needs import needs_within
from blockwright.training.run_service import (
    can_continue,
    checkpoints_of,
    drop_epochs_after,
    find_run,
    publish_run,
    tell_run,
)

# Weights and two optimiser moments in float32; the last two, the best, one from within an epoch
# and the one being written.
_CHECKPOINT_BYTES_PER_PARAMETER = 12
_MOST_CHECKPOINTS = 5


class RunService:
    """What the API offers on runs."""

    def __init__(
        self,
        database: Database,
        files: FileStore,
        *,
        limits: Limits = NO_LIMITS,
        checkpoint_seconds: float = 180.0,
    ) -> None:
        """Use `database` and `files`.

        Args:
            database: Where runs are rows.
            files: Where their checkpoints lie.
            limits: Runs that can never fit into them are refused.
            checkpoint_seconds: How often a run keeps its place within an epoch.
        """
        self._database = database
        self._files = files
        self._limits = limits
        self._checkpoint_seconds = checkpoint_seconds

    def create(self, experiment_id: str) -> Run:
        """Queue a run of an experiment as it is now.

        Raises:
            BlockwrightError: `graph.experiment_not_found`, `training.graph_has_errors`,
                `training.version_not_frozen`, `graph.version_in_bin`, `training.disk_too_full`,
                or what `needs_within` says.
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
            needs = needs_within(self._limits, analysis, settings)
            row = self._queue(session, experiment, version, schema, needs)
            row.parameters = analysis.parameters or 0
            return publish_run(session, row)

    def _queue(
        self,
        session: Session,
        experiment: ExperimentRow,
        version: VersionRow,
        schema: DataSchema,
        needs: Needs,
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
            checkpoint_seconds=self._checkpoint_seconds,
        )
        newest = session.scalar(
            select(func.max(RunRow.number)).where(RunRow.experiment_id == experiment.id)
        )
        row = RunRow(
            id=run_id,
            project_id=experiment.project_id,
            experiment_id=experiment.id,
            interruptions=[],
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
            session,
            project_id=row.project_id,
            kind="train",
            subject_id=run_id,
            plan=plan,
            needs=needs,
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
            return tell_run(session, find_run(session, run_id))

    def loss_curve(self, run_id: str, points: int) -> LossCurve:
        """Give a run's loss batch by batch. Raises `training.run_not_found`."""
        with self._database.transaction() as session:
            find_run(session, run_id)
            return LossCurve(run_id=run_id, points=loss_points(session, run_id, most=points))

    def stop(self, run_id: str) -> Run:
        """Ask a run to stop after the batch in hand; a queued run leaves the queue."""
        with self._database.transaction() as session:
            row = find_run(session, run_id)
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
            row = find_run(session, run_id)
            checkpoints = checkpoints_of(session, run_id)
            plan = TrainPlan.model_validate(row.plan)
            if not checkpoints:
                raise error("training.no_checkpoint")
            if not can_continue(row, plan, checkpoints):
                raise error("training.nothing_to_continue")
            newest = checkpoints[-1]
            folder = self._files.local_path(f"runs/{run_id}/checkpoints/{newest.folder}")
            plan = plan.model_copy(update={"resume_from": str(folder)})
            self._refuse_full_disk(row.parameters)
            drop_epochs_after(session, run_id, newest.epoch)
            analysis = analyse(plan.graph, plan.data.data_schema, plan.settings)
            job = enqueue(
                session,
                project_id=row.project_id,
                kind="train",
                subject_id=run_id,
                plan=plan,
                needs=needs_within(self._limits, analysis, plan.settings),
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
