"""What the API offers on runs; imports no Keras.

Neighbours: `run_service` tells runs, `job_service` keeps what their workers do.
"""

from __future__ import annotations

import shutil

from sqlalchemy import select

from blockwright.contracts.data import DataSchema
from blockwright.contracts.graph import ExperimentSettings, GraphDocument
from blockwright.contracts.problems import error
from blockwright.contracts.runs import FollowUpOutlook, Run, RunFollowUp, RunList
from blockwright.contracts.signals import ClassCounts, ClassScores, LossCurve
from blockwright.contracts.work import TrainPlan
from blockwright.graph.analysis import analyse
from blockwright.graph.task import COUNTED_IN_UNITS, target_of
from blockwright.store import leases
from blockwright.store.class_counts import class_counts, class_epochs
from blockwright.store.loss_curves import loss_points
from blockwright.store.queue import enqueue
from blockwright.store.tables import ExperimentRow, JobRow, ProjectRow, RunRow, VersionRow
from blockwright.training.checkpoint_files import CHECKPOINTS_FOLDER
from blockwright.training.class_scores import tell_classes
from blockwright.training.follow_ups import checked, follow
from blockwright.training.job_service import (
    record_end,
    record_pause,
    record_resume,
    record_stopping,
)
from blockwright.training.measured import forecast_of
from blockwright.training.needs import needs_within
from blockwright.training.new_runs import RunOrder, frozen_version, queue_run, refuse_errors
from blockwright.training.probe_service import give_up_forecasts
from blockwright.training.run_service import (
    CHECKPOINT_BYTES_PER_PARAMETER,
    can_continue,
    checkpoints_of,
    drop_epochs_after,
    find_run,
    publish_run,
    tell_run,
)
from blockwright.training.run_starter import RunStarter

# The last two, the best, one from within an epoch and the one being written.
_MOST_CHECKPOINTS = 5


class RunService(RunStarter):
    """What the API offers on runs."""

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
            version = frozen_version(session, settings)
            schema = DataSchema.model_validate(version.data_schema)
            analysis = analyse(graph, schema, settings)
            refuse_errors(analysis)
            self._refuse_full_disk(analysis.parameters or 0)
            forecast = forecast_of(session, experiment_id, graph, settings)
            needs = needs_within(self._limits, analysis, settings, forecast)
            runs_folder = self._files.local_path("runs")
            give_up_forecasts(session, self._files)
            row = queue_run(
                session,
                experiment,
                RunOrder(graph, settings, version, needs, runs_folder, self._checkpoint_seconds),
                parameters=analysis.parameters or 0,
            )
            return publish_run(session, row)

    def _refuse_full_disk(self, parameters: int) -> None:
        needed = parameters * CHECKPOINT_BYTES_PER_PARAMETER * _MOST_CHECKPOINTS
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
        best = best_of(runs)
        return RunList(runs=runs, best_run_id=next(iter(best), None), best_run_ids=best)

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

    def follow_up_outlook(self, run_id: str, wanted: RunFollowUp) -> FollowUpOutlook:
        """Say what a new run would carry on of this one; raises what `follow_up` raises."""
        with self._database.transaction() as session:
            followed = follow(session, find_run(session, run_id), wanted)
            old, settings = followed.old, followed.settings
            analysis = checked(followed)
            experiment_id = find_run(session, run_id).experiment_id
            forecast = forecast_of(session, experiment_id, old.graph, settings)
            needs_within(self._limits, analysis, settings, forecast)
            told = [each.problem for each in followed.problems() if each.severity == "warning"]
            return followed.outlook().model_copy(update={"warnings": told})

    def class_scores(self, run_id: str, epoch: int | None) -> ClassScores:
        """Give how each class is told in an epoch: the best one that is kept by default.

        An epoch that is not kept is answered by the nearest one before it, else the first.

        Raises:
            BlockwrightError: `training.run_not_found`.
        """
        with self._database.transaction() as session:
            row = find_run(session, run_id)
            epochs = class_epochs(session, run_id)
            if not epochs:
                return ClassScores(run_id=run_id, epochs=[], classes=[])
            wanted = epoch or row.best_epoch or epochs[-1]
            found = max((each for each in epochs if each <= wanted), default=epochs[0])
            plan = TrainPlan.model_validate(row.plan)
            _, target = target_of(plan.graph, plan.data.data_schema)
            counts = ClassCounts.model_validate(class_counts(session, run_id, found))
            told = tell_classes(counts, target.classes or target.features)
            return ClassScores(run_id=run_id, epoch=found, epochs=epochs, classes=told)

    def follow_up(self, run_id: str, wanted: RunFollowUp) -> Run:
        """Queue a new run that begins with a checkpoint of this one.

        Its epochs are counted on, so that its curves go on where the others end.

        Raises:
            BlockwrightError: `training.run_not_found`, `training.disk_too_full`, and what `follow`,
                `checked` and `needs_within` say.
        """
        with self._database.transaction() as session:
            row = find_run(session, run_id)
            followed = follow(session, row, wanted)
            old, settings = followed.old, followed.settings
            analysis = checked(followed)
            self._refuse_full_disk(row.parameters)
            forecast = forecast_of(session, row.experiment_id, old.graph, settings)
            queued = queue_run(
                session,
                session.get_one(ExperimentRow, row.experiment_id),
                RunOrder(
                    old.graph,
                    settings,
                    session.get_one(VersionRow, row.version_id),
                    needs_within(self._limits, analysis, settings, forecast),
                    self._files.local_path("runs"),
                    self._checkpoint_seconds,
                    followed.beginning(),
                ),
                parameters=row.parameters,
            )
            origin = followed.origin()
            queued.continues = origin.model_dump(mode="json") if origin else None
            return publish_run(session, queued)

    def stop(self, run_id: str) -> Run:
        """Ask a run to stop after the batch in hand; a queued run leaves the queue."""
        with self._database.transaction() as session:
            row = find_run(session, run_id)
            job = session.get(JobRow, row.job_id)
            if job is None or job.state not in {"queued", "running", "paused"}:
                return tell_run(session, row)
            was_queued = job.state in {"queued", "paused"}
            leases.ask_to_stop(session, self._files, job)
            if was_queued:
                record_end(session, job, None)
            else:
                record_stopping(session, job)
            return tell_run(session, row)

    def pause(self, run_id: str) -> Run:
        """Ask a run to keep its place and wait; its worker is free for others then."""
        with self._database.transaction() as session:
            row = find_run(session, run_id)
            job = session.get(JobRow, row.job_id)
            if job is None or job.state not in {"queued", "running"}:
                return tell_run(session, row)
            leases.ask_to_stop(session, self._files, job, "pause")
            if job.state == "paused":
                record_pause(session, job, None)
            elif row.state != "stopping":
                row.state = "pausing"
            return publish_run(session, row)

    def continue_from_last_checkpoint(self, run_id: str) -> Run:
        """Queue the rest of a run that was paused, stopped, interrupted or failed.

        Raises:
            BlockwrightError: `training.run_not_found`, `training.nothing_to_continue`
                or `training.no_checkpoint`.
        """
        with self._database.transaction() as session:
            row = find_run(session, run_id)
            checkpoints = checkpoints_of(session, run_id)
            plan = TrainPlan.model_validate(row.plan)
            paused = session.get(JobRow, row.job_id)
            if paused is not None and paused.state == "paused":
                record_resume(session, paused)
                leases.resume(session, paused)
                return publish_run(session, row)
            if not can_continue(row, plan, checkpoints):
                without = (
                    "training.nothing_to_continue" if checkpoints else "training.no_checkpoint"
                )
                raise error(without)
            root = f"{plan.run_folder}/{CHECKPOINTS_FOLDER}"
            newest = f"{root}/{checkpoints[-1].folder}" if checkpoints else None
            plan = plan.model_copy(update={"resume_from": newest})
            self._refuse_full_disk(row.parameters)
            drop_epochs_after(session, run_id, checkpoints[-1].epoch if checkpoints else 0)
            analysis = analyse(plan.graph, plan.data.data_schema, plan.settings)
            forecast = forecast_of(session, row.experiment_id, plan.graph, plan.settings)
            job = enqueue(
                session,
                project_id=row.project_id,
                kind="train",
                subject_id=run_id,
                plan=plan,
                needs=needs_within(self._limits, analysis, plan.settings, forecast),
            )
            row.job_id = job.id
            row.state = "queued"
            row.problem = None
            row.ended_at = None
            return publish_run(session, row)


def best_of(runs: list[Run]) -> list[str]:
    """Give the id of the best run of each set of comparable ones.

    Comparable are the runs of one target that are judged by the same metric, in the same units.
    Of equals the oldest stays the best; the sets come in the order of their newest runs.
    """
    best: dict[tuple[str, ...], Run] = {}
    for run in runs:
        if run.best_value is None:
            continue
        rival = best.setdefault(_measure_of(run), run)
        sign = 1.0 if run.higher_is_better else -1.0
        if sign * run.best_value >= sign * (rival.best_value or 0.0):
            best[_measure_of(run)] = run
    return [run.id for run in best.values()]


def _measure_of(run: Run) -> tuple[str, ...]:
    """Give what a run's best value is a value of."""
    measure = (run.target, run.best_by)
    if run.best_by == "loss":
        return *measure, run.loss, run.error_units.loss if run.error_units else ""
    if run.error_units and run.best_by in COUNTED_IN_UNITS:
        return *measure, run.error_units.errors
    return measure
