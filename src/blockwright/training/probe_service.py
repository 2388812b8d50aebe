"""Probes of experiments: a forecast of a run, and a test of learning rates.

Takes   experiments as they are now.
Gives   what was measured of exactly this graph, data and settings, or a job that measures it.
Never   imports Keras.

What was measured is found again by a hash of all that it depends on, so that a setting that
is changed and changed back needs no second probe.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from blockwright.contracts.base import utc_now
from blockwright.contracts.data import DataSchema
from blockwright.contracts.graph import ExperimentSettings, GraphDocument
from blockwright.contracts.ids import new_id
from blockwright.contracts.probes import (
    Probe,
    ProbeKind,
    RateTest,
)
from blockwright.contracts.problems import Problem, error
from blockwright.contracts.studio import ProbeChanged
from blockwright.contracts.work import (
    Finished,
    ForecastMade,
    ForecastPlan,
    RateTestMade,
    RateTestPlan,
    WorkerEvent,
)
from blockwright.graph.analysis import analyse
from blockwright.graph.task import describe_task
from blockwright.store import leases
from blockwright.store.database import Database
from blockwright.store.events import publish
from blockwright.store.files import FileStore
from blockwright.store.queue import enqueue
from blockwright.store.tables import ExperimentRow, JobRow, ProbeRow
from blockwright.training.measured import forecast_of, probe_key
from blockwright.training.needs import backend_of, estimate_needs
from blockwright.training.new_runs import RunOrder, frozen_version, plan_of, refuse_errors

KEPT_PROBES = 20
_FOLDER = "probes"
# A probe is over long before: it keeps no place within an epoch.
NEVER_SECONDS = 86_400.0


@dataclass(frozen=True)
class _Subject:
    """An experiment, the run that a person thinks of, and the hash of what a probe depends on."""

    experiment: ExperimentRow
    order: RunOrder
    key: str


class ProbeService:
    """Measure experiments, and tell what was measured."""

    def __init__(self, database: Database, files: FileStore) -> None:
        """Use `database` and `files`."""
        self._database = database
        self._files = files

    def get(self, experiment_id: str, kind: ProbeKind) -> Probe:
        """Tell what was measured of an experiment as it is now; its state is `none` if nothing.

        Raises:
            BlockwrightError: `graph.experiment_not_found`.
        """
        with self._database.transaction() as session:
            experiment = _experiment(session, experiment_id)
            row = _newest(session, experiment_id, kind, _key_of(experiment))
            return _tell(session, experiment, kind, row)

    def start(self, experiment_id: str, kind: ProbeKind) -> Probe:
        """Measure an experiment as it is now, unless that was done or is being done.

        What is being measured of an earlier state of it is given up. A measurement that
        failed is tried again.

        Raises:
            BlockwrightError: `graph.experiment_not_found`, or why it could not run.
        """
        with self._database.transaction() as session:
            subject = self._runnable(session, experiment_id)
            row = _newest(session, experiment_id, kind, subject.key)
            if row is None or row.state == "failed":
                self._give_up_earlier(session, experiment_id, kind)
                row = self._queue(session, subject, kind)
            return _tell(session, subject.experiment, kind, row)

    def _queue(self, session: Session, subject: _Subject, kind: ProbeKind) -> ProbeRow:
        experiment, order = subject.experiment, subject.order
        probe_id = new_id("prb")
        schema = DataSchema.model_validate(order.version.data_schema)
        task = describe_task(order.graph, schema, order.settings)
        folder = self._files.local_path(_FOLDER) / probe_id
        train = plan_of(order, task, run_id=probe_id, folder=folder)
        plan: ForecastPlan | RateTestPlan
        if kind == "forecast":
            busy = any(job.kind == "train" for job in leases.running_jobs(session))
            plan = ForecastPlan(probe_id=probe_id, train=train, beside_training=busy)
        else:
            plan = RateTestPlan(probe_id=probe_id, train=train)
        row = ProbeRow(
            id=probe_id,
            experiment_id=experiment.id,
            kind=kind,
            key=subject.key,
            state="measuring",
            created_at=utc_now(),
        )
        session.add(row)
        session.flush()
        job = enqueue(
            session,
            project_id=experiment.project_id,
            kind=kind,
            subject_id=probe_id,
            plan=plan,
        )
        row.job_id = job.id
        _forget_oldest(session, experiment.id, kind)
        _publish(session, row, experiment.project_id)
        return row

    def _runnable(self, session: Session, experiment_id: str) -> _Subject:
        experiment = _experiment(session, experiment_id)
        graph, settings = _parts_of(experiment)
        version = frozen_version(session, settings)
        analysis = analyse(graph, DataSchema.model_validate(version.data_schema), settings)
        refuse_errors(analysis)
        order = RunOrder(
            graph=graph,
            settings=settings,
            version=version,
            needs=estimate_needs(analysis, settings.batch_size, backend=backend_of(settings)),
            runs_folder=self._files.local_path("runs"),
            checkpoint_seconds=NEVER_SECONDS,
        )
        return _Subject(experiment, order, probe_key(graph, settings))

    def _give_up_earlier(self, session: Session, experiment_id: str, kind: ProbeKind) -> None:
        for row in _rows(session, experiment_id, kind):
            job = session.get(JobRow, row.job_id) if row.state == "measuring" else None
            if job is not None:
                leases.ask_to_stop(session, self._files, job)
            if row.state != "ready":
                session.delete(row)
        session.flush()


def _experiment(session: Session, experiment_id: str) -> ExperimentRow:
    row = session.get(ExperimentRow, experiment_id)
    if row is None or row.binned_at:
        raise error("graph.experiment_not_found")
    return row


def _rows(session: Session, experiment_id: str, kind: ProbeKind) -> list[ProbeRow]:
    return list(
        session.scalars(
            select(ProbeRow)
            .where(ProbeRow.experiment_id == experiment_id, ProbeRow.kind == kind)
            .order_by(ProbeRow.created_at.desc(), ProbeRow.id)
        )
    )


def _newest(session: Session, experiment_id: str, kind: ProbeKind, key: str) -> ProbeRow | None:
    return next((row for row in _rows(session, experiment_id, kind) if row.key == key), None)


def _forget_oldest(session: Session, experiment_id: str, kind: ProbeKind) -> None:
    oldest = [row.id for row in _rows(session, experiment_id, kind)[KEPT_PROBES:]]
    session.execute(delete(ProbeRow).where(ProbeRow.id.in_(oldest)))


def _key_of(experiment: ExperimentRow) -> str:
    return probe_key(*_parts_of(experiment))


def _parts_of(experiment: ExperimentRow) -> tuple[GraphDocument, ExperimentSettings]:
    graph = GraphDocument.model_validate(experiment.graph)
    return graph, ExperimentSettings.model_validate(experiment.settings)


def _tell(
    session: Session, experiment: ExperimentRow, kind: ProbeKind, row: ProbeRow | None
) -> Probe:
    if row is None:
        return Probe(experiment_id=experiment.id, kind=kind, state="none")
    is_forecast = kind == "forecast"
    return Probe(
        experiment_id=experiment.id,
        kind=kind,
        state=row.state,
        job_id=row.job_id,
        forecast=forecast_of(session, experiment.id, *_parts_of(experiment))
        if row.result and is_forecast
        else None,
        rate_test=RateTest.model_validate(row.result) if row.result and not is_forecast else None,
        problem=Problem.model_validate(row.problem) if row.problem else None,
        measured_at=row.ended_at,
    )


def _publish(session: Session, row: ProbeRow, project_id: str) -> None:
    changed = ProbeChanged(project_id=project_id, experiment_id=row.experiment_id, kind=row.kind)
    publish(session, project_id, changed)


def give_up_forecasts(session: Session, files: FileStore) -> None:
    """Let forecasts go that are being measured: a run that was asked for needs the machine."""
    for job in [*leases.running_jobs(session), *leases.queued_jobs(session)]:
        if job.kind != "forecast":
            continue
        was_queued = job.state == "queued"
        leases.ask_to_stop(session, files, job)
        if was_queued:
            record_end(session, job, None)


# --- what a worker's life does to its probe ---


def record_event(session: Session, job: JobRow, event: WorkerEvent, files: FileStore) -> None:
    """Keep what was measured; the folder that it was measured in goes at the end."""
    if isinstance(event, Finished):
        files.remove(f"{_FOLDER}/{job.subject_id}")
    row = session.get(ProbeRow, job.subject_id)
    if row is None:  # given up for a newer one meanwhile
        return
    match event:
        case ForecastMade():
            row.result = event.forecast.model_dump(mode="json")
        case RateTestMade():
            row.result = event.rate_test.model_dump(mode="json")
        case _:
            return
    row.state = "ready"
    row.ended_at = utc_now()
    _publish(session, row, job.project_id)


def record_end(session: Session, job: JobRow, why: Problem | None) -> None:
    """Note that a probe ended without a result."""
    row = session.get(ProbeRow, job.subject_id)
    if row is None or row.state == "ready":
        return
    if why is None:
        session.delete(row)
    else:
        row.state = "failed"
        row.problem = why.model_dump(mode="json")
        row.ended_at = utc_now()
    session.flush()
    _publish(session, row, job.project_id)
