"""The queue as the API tells it, and what a worker's events do to it; no Keras here."""

from __future__ import annotations

from types import ModuleType

from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from blockwright.contracts.problems import Problem, error, problem
from blockwright.contracts.studio import Job, JobChanged
from blockwright.contracts.work import (
    STOP_FILE,
    BundleMade,
    CompetitionMade,
    DryRunEnded,
    Finished,
    ForecastMade,
    Heartbeat,
    Imported,
    Plan,
    PlanFile,
    Progress,
    RateTestMade,
    VersionExported,
    VersionSaved,
    WorkerEvent,
)
from blockwright.datasets import job_service as datasets
from blockwright.delivery import service as delivery
from blockwright.store import leases
from blockwright.store.database import Database
from blockwright.store.events import publish_newest
from blockwright.store.files import FileStore
from blockwright.store.queue import to_job
from blockwright.store.tables import JobRow
from blockwright.training import job_service as training
from blockwright.training import probe_service as probes

_PLANS: TypeAdapter[Plan] = TypeAdapter(Plan)

# Which room keeps what a job of a kind says.
_ROOMS: dict[str, ModuleType] = {
    "import": datasets,
    "save_version": datasets,
    "export_version": datasets,
    "train": training,
    "forecast": probes,
    "rate_test": probes,
    "bundle": delivery,
    "competition": delivery,
    "dry_run": delivery,
}

_NO_ROOM = "job.disk_full"
# Memory that others held may be free again, a disk that was away may be back.
_TRIED_ONCE_MORE = frozenset({"job.out_of_memory", "job.data_unreadable"})
_RESULTS = (
    Imported,
    VersionSaved,
    VersionExported,
    ForecastMade,
    RateTestMade,
    BundleMade,
    CompetitionMade,
    DryRunEnded,
)


class JobService:
    """List, follow and cancel jobs."""

    def __init__(self, database: Database, files: FileStore) -> None:
        """Use `database` and `files`."""
        self._database = database
        self._files = files

    def active(self) -> list[Job]:
        """List queued and running jobs, oldest first."""
        with self._database.transaction() as session:
            rows = leases.running_jobs(session) + leases.queued_jobs(session)
            return [to_job(session, row) for row in rows]

    def get(self, job_id: str) -> Job:
        """Give a job. Raises `job.not_found`."""
        with self._database.transaction() as session:
            return to_job(session, _find(session, job_id))

    def cancel(self, job_id: str) -> Job:
        """Ask a job to end; a queued one ends at once. Raises `job.not_found`."""
        with self._database.transaction() as session:
            row = _find(session, job_id)
            was_queued = row.state in {"queued", "paused"}
            leases.ask_to_stop(session, self._files, row)
            if was_queued:
                _ROOMS[row.kind].record_end(session, row, None)
            elif row.kind == "train" and row.state == "running":
                training.record_stopping(session, row)
            return to_job(session, row)


def _find(session: Session, job_id: str) -> JobRow:
    row = session.get(JobRow, job_id)
    if row is None:
        raise error("job.not_found")
    return row


def plan_file(row: JobRow) -> PlanFile:
    """Give what the worker of the present attempt is handed."""
    return PlanFile(job_id=row.id, attempt=row.attempt, plan=_PLANS.validate_python(row.plan))


def record_start(session: Session, row: JobRow) -> None:
    """Note that a job was claimed and its worker is about to start."""
    if row.kind == "train":
        training.record_start(session, row)


def record(session: Session, row: JobRow, event: WorkerEvent, files: FileStore) -> None:
    """Put one event of a worker into effect."""
    room = _ROOMS[row.kind]
    match event:
        case Heartbeat():
            return
        case Finished(outcome="done"):
            room.record_event(session, row, event, files)
            leases.end(session, row, "done")
        case Finished(outcome="failed", problem=Problem(code="job.disk_full") as why) if (
            row.kind == "train"
        ):
            _pause(session, row, why)
        case Finished(outcome="failed") if _may_be_passing(row, event.problem):
            row.restarts += 1
            _take_up_again(session, row, event.problem or problem("job.worker_lost"))
        case Finished(outcome="failed"):
            record_failure(session, row, event.problem or problem("job.worker_lost"))
        case Finished():
            _record_stop(session, row, files)
        case Progress():
            row.progress = event.model_dump(mode="json", exclude={"type"})
            room.record_event(session, row, event, files)
            job = JobChanged(job=to_job(session, row))
            publish_newest(session, row.project_id, job, path=("job", "id"), value=row.id)
        case _:
            room.record_event(session, row, event, files)
            if isinstance(event, _RESULTS):
                row.progress = {**row.progress, "result_is_there": True}


def _may_be_passing(row: JobRow, why: Problem | None) -> bool:
    """Say whether a failure may not come again."""
    may_pass = why is not None and why.code in _TRIED_ONCE_MORE
    return row.kind == "train" and may_pass and row.restarts == 0


def record_failure(session: Session, row: JobRow, why: Problem) -> None:
    """Note that a job failed and would fail again."""
    leases.end(session, row, "failed", why)
    _ROOMS[row.kind].record_end(session, row, why)


def record_loss(session: Session, row: JobRow, why: Problem, files: FileStore) -> None:
    """Note that a worker went away without a word.

    The job is queued again, a training from its last checkpoint, unless it was lost too
    often without getting any further or somebody wanted its end anyway.
    """
    reason = _stop_reason(row, files)
    if row.progress.get("result_is_there") or (
        row.kind == "train" and training.is_complete(session, row)
    ):  # it died between its result and its farewell
        record(session, row, Finished(outcome="done"), files)
    elif reason == "asked":
        leases.end(session, row, "cancelled")
        _ROOMS[row.kind].record_end(session, row, None)
    elif row.kind == "train" and (reason == "pause" or why.code == _NO_ROOM):
        _pause(session, row, why if why.code == _NO_ROOM else None)
    elif reason == "studio_closing":
        _take_up_again(session, row, why)
    elif why.code in _TRIED_ONCE_MORE and not _may_be_passing(row, why):
        record_failure(session, row, why)
    elif row.restarts < leases.MOST_RESTARTS:
        row.restarts += 1
        _take_up_again(session, row, why)
    elif row.kind == "train":
        leases.end(session, row, "interrupted", why)
        training.record_end(session, row, why)
    else:
        record_failure(session, row, why)


def _pause(session: Session, row: JobRow, why: Problem | None) -> None:
    leases.pause(session, row, why)
    training.record_pause(session, row, why)


def may_train(session: Session) -> bool:
    """Say whether somebody could press Run: there is an experiment."""
    return training.has_experiments(session)


def wake_paused(session: Session, files: FileStore) -> None:
    """Let trainings go on that were paused by a full disk, where there is room again."""
    for row in leases.paused_jobs(session):
        is_for_room = row.problem is not None and row.problem["code"] == _NO_ROOM
        if is_for_room and training.has_room(session, row, files):
            training.record_resume(session, row)
            leases.resume(session, row)


def _take_up_again(session: Session, row: JobRow, why: Problem) -> None:
    if row.kind == "train":
        training.record_interruption(session, row, why)
    leases.give_back(session, row)


def _record_stop(session: Session, row: JobRow, files: FileStore) -> None:
    if _stop_reason(row, files) == "asked":
        leases.end(session, row, "cancelled")
        _ROOMS[row.kind].record_end(session, row, None)
    elif row.kind == "train" and _stop_reason(row, files) == "pause":
        _pause(session, row, None)
    else:  # the studio closed, or the system ended the worker politely
        record_loss(session, row, problem("job.studio_closed"), files)


def _stop_reason(row: JobRow, files: FileStore) -> str | None:
    try:
        return files.read(f"{leases.job_folder_key(row)}/{STOP_FILE}").decode()
    except FileNotFoundError:
        return None
