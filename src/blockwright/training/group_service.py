"""Searches and fold runs as the API offers them; no Keras here."""

from __future__ import annotations

import statistics

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from blockwright.contracts.base import utc_now
from blockwright.contracts.data import DataSchema
from blockwright.contracts.graph import ExperimentSettings, GraphDocument
from blockwright.contracts.ids import new_id
from blockwright.contracts.problems import error
from blockwright.contracts.run_groups import (
    FoldSet,
    GroupForecast,
    RunGroup,
    RunGroupCreate,
    SearchCreate,
    Trial,
)
from blockwright.graph.analysis import analyse
from blockwright.graph.folds import fold_sets
from blockwright.graph.task import describe_task
from blockwright.store import leases
from blockwright.store.run_history import trained_in_group
from blockwright.store.tables import (
    CheckpointRow,
    ExperimentRow,
    JobRow,
    RunGroupRow,
    RunRow,
    VersionRow,
)
from blockwright.training.group_progress import (
    ENDED,
    advance,
    request_of,
    runs_of,
)
from blockwright.training.job_service import record_end, record_stopping
from blockwright.training.measured import expected_seconds, forecast_of
from blockwright.training.needs import needs_within
from blockwright.training.new_runs import frozen_version, refuse_errors
from blockwright.training.run_service import publish_run
from blockwright.training.run_starter import RunStarter
from blockwright.training.search import count_trials
from blockwright.training.search_checks import check_search


class RunGroupService(RunStarter):
    """Start, follow and stop groups of runs."""

    def fold_sets(self, experiment_id: str) -> list[FoldSet]:
        """Give the folds of the experiment's version; none when it has no saved one."""
        with self._database.transaction() as session:
            experiment = _experiment(session, experiment_id)
            version_id = ExperimentSettings.model_validate(experiment.settings).version_id
            version = session.get(VersionRow, version_id) if version_id else None
            if version is None or version.data_schema is None:
                return []
            return fold_sets(DataSchema.model_validate(version.data_schema))

    def forecast(self, experiment_id: str, wanted: RunGroupCreate) -> GroupForecast:
        """Check a group and tell what it will take; raises what `create` raises."""
        with self._database.transaction() as session:
            experiment = _experiment(session, experiment_id)
            trials, _ = self._checked(session, experiment, wanted)
            graph = GraphDocument.model_validate(experiment.graph)
            settings = ExperimentSettings.model_validate(experiment.settings)
            each = expected_seconds(session, experiment_id, graph, settings)
            return GroupForecast(trials=trials, seconds=None if each is None else each * trials)

    def create(self, experiment_id: str, wanted: RunGroupCreate) -> RunGroup:
        """Start a group with the experiment as it is now.

        Raises:
            BlockwrightError: `graph.experiment_not_found`, `search.folds_not_found`, what
                keeps a run of the experiment from starting, and what `check_search` says.
        """
        with self._database.transaction() as session:
            experiment = _experiment(session, experiment_id)
            trials, schema = self._checked(session, experiment, wanted)
            graph = GraphDocument.model_validate(experiment.graph)
            settings = ExperimentSettings.model_validate(experiment.settings)
            task = describe_task(graph, schema, settings)
            group = RunGroupRow(
                id=new_id("grp"),
                project_id=experiment.project_id,
                experiment_id=experiment.id,
                state="running",
                request=wanted.model_dump(mode="json"),
                base={
                    "graph": experiment.graph,
                    "settings": settings.model_dump(mode="json"),
                    "gpus": 1 if self._limits.gpus else 0,
                    "checkpoint_seconds": self._checkpoint_seconds,
                },
                total=trials,
                best_by=task.best_by,
                higher_is_better=task.higher_is_better,
                created_at=utc_now(),
            )
            session.add(group)
            session.flush()
            advance(session, group, self._files.local_path("runs"))
            for row in runs_of(session, group.id):
                publish_run(session, row)
            return tell_group(session, group)

    def list_all(self, project_id: str) -> list[RunGroup]:
        """List the groups of a project, newest first."""
        with self._database.transaction() as session:
            rows = session.scalars(
                select(RunGroupRow)
                .where(RunGroupRow.project_id == project_id)
                .order_by(RunGroupRow.created_at.desc(), RunGroupRow.id)
            ).all()
            return [tell_group(session, row) for row in rows]

    def get(self, group_id: str) -> RunGroup:
        """Give a group. Raises `search.group_not_found`."""
        with self._database.transaction() as session:
            return tell_group(session, _find(session, group_id))

    def stop(self, group_id: str) -> RunGroup:
        """Queue no more trials and stop those under way; what they learnt is kept."""
        with self._database.transaction() as session:
            group = _find(session, group_id)
            if group.state == "running":
                group.state = "stopping"
                session.flush()
                for row in runs_of(session, group.id):
                    self._stop_run(session, row)
                advance(session, group, self._files.local_path("runs"))
            return tell_group(session, group)

    def _stop_run(self, session: Session, row: RunRow) -> None:
        job = session.get(JobRow, row.job_id) if row.job_id else None
        if job is None or job.state not in {"queued", "running", "paused"}:
            return
        was_queued = job.state in {"queued", "paused"}
        leases.ask_to_stop(session, self._files, job)
        if was_queued:
            record_end(session, job, None)
        else:
            record_stopping(session, job)

    def _checked(
        self, session: Session, experiment: ExperimentRow, wanted: RunGroupCreate
    ) -> tuple[int, DataSchema]:
        """Give how many trials there will be, and the schema; refuse what cannot run."""
        graph = GraphDocument.model_validate(experiment.graph)
        settings = ExperimentSettings.model_validate(experiment.settings)
        schema = DataSchema.model_validate(frozen_version(session, settings).data_schema)
        analysis = analyse(graph, schema, settings)
        refuse_errors(analysis)
        if isinstance(wanted, SearchCreate):
            check_search(wanted, graph, settings, schema, self._limits)
            return count_trials(wanted), schema
        if settings.first_stage_epochs > 0 and settings.first_stage_subset_id is not None:
            raise error("search.folds_with_first_stage")
        forecast = forecast_of(session, experiment.id, graph, settings)
        needs_within(self._limits, analysis, settings, forecast)
        folds = next((each for each in fold_sets(schema) if each.id == wanted.folds_id), None)
        if folds is None:
            raise error("search.folds_not_found")
        return len(folds.folds), schema


def _experiment(session: Session, experiment_id: str) -> ExperimentRow:
    row = session.get(ExperimentRow, experiment_id)
    if row is None or row.binned_at:
        raise error("graph.experiment_not_found")
    return row


def _find(session: Session, group_id: str) -> RunGroupRow:
    row = session.get(RunGroupRow, group_id)
    if row is None:
        raise error("search.group_not_found")
    return row


def tell_group(session: Session, group: RunGroupRow) -> RunGroup:
    """Give a group as the API tells it."""
    request = request_of(group)
    search = request if isinstance(request, SearchCreate) else None
    trials = _trials(session, group)
    judged = [each for each in trials if each.value is not None]
    sign = 1.0 if group.higher_is_better else -1.0
    best = max(judged, key=lambda each: sign * (each.value or 0.0), default=None)
    values = [each.value for each in judged if each.value is not None]
    whole = len(trials) == group.total and all(each.state == "done" for each in trials)
    return RunGroup(
        id=group.id,
        project_id=group.project_id,
        experiment_id=group.experiment_id,
        experiment_name=session.get_one(ExperimentRow, group.experiment_id).name,
        kind=request.kind,
        name=request.name,
        method=search.method if search else None,
        varied=search.varied if search else [],
        state=group.state,
        total=group.total,
        trials=trials,
        best_run_id=best.run_id if best else None,
        best_by=group.best_by,
        higher_is_better=group.higher_is_better,
        mean=statistics.fmean(values) if whole and values else None,
        deviation=statistics.stdev(values) if whole and len(values) > 1 else None,
        seconds_left=_seconds_left(session, group),
        can_average=search is None and whole and _all_kept(session, group),
        created_at=group.created_at,
        ended_at=group.ended_at,
    )


def _trials(session: Session, group: RunGroupRow) -> list[Trial]:
    trained = trained_in_group(session, group.id)
    return [_tell_trial(row, *trained.get(row.id, (0, 0.0))) for row in runs_of(session, group.id)]


def _tell_trial(row: RunRow, epochs: int, seconds: float) -> Trial:
    trial = row.trial or {}
    return Trial(
        number=trial["number"],
        run_id=row.id,
        run_number=row.number,
        state=row.state,
        values=trial["values"],
        value=row.best_value,
        epochs=epochs,
        seconds=seconds,
        pruned=trial["pruned"] and row.state in ENDED,
    )


def _seconds_left(session: Session, group: RunGroupRow) -> float | None:
    """Give what is left one trial after the other, as those took that were trained whole.

    Starting counts here: it is waited for, though it is no training.
    """
    runs = runs_of(session, group.id)
    whole = [_seconds_since_start(row) for row in runs if row.state == "done"]
    if not whole or group.state != "running":
        return None
    ended = sum(row.state in ENDED for row in runs)
    under_way = sum(_seconds_since_start(row) for row in runs if row.state not in ENDED)
    return max(0.0, statistics.fmean(whole) * (group.total - ended) - under_way)


def _seconds_since_start(row: RunRow) -> float:
    until = row.ended_at or utc_now()
    return max(0.0, (until - row.started_at).total_seconds()) if row.started_at else 0.0


def _all_kept(session: Session, group: RunGroupRow) -> bool:
    kept = session.scalar(
        select(func.count(func.distinct(CheckpointRow.run_id)))
        .join(RunRow, RunRow.id == CheckpointRow.run_id)
        .where(RunRow.group_id == group.id)
    )
    return kept == group.total
