"""Runs in the database; the only module of this room with SQL, and it imports no Keras."""

from __future__ import annotations

from sqlalchemy.orm import Session

from blockwright.contracts.problems import Problem
from blockwright.contracts.runs import Run, RunList
from blockwright.contracts.work import WorkerEvent
from blockwright.store.database import Database
from blockwright.store.files import FileStore
from blockwright.store.tables import JobRow


class RunService:
    """What the API offers on runs."""

    def __init__(self, database: Database, files: FileStore) -> None:
        """Use `database` and `files`."""
        self._database = database
        self._files = files

    def create(self, experiment_id: str) -> Run:
        """Queue a run of an experiment as it is now. Raises `training.graph_has_errors`."""
        raise NotImplementedError

    def list_all(self, project_id: str) -> RunList:
        """List the runs of a project, newest first, the best marked."""
        raise NotImplementedError

    def recent(self, owner_id: str, limit: int) -> list[Run]:
        """List the newest runs of all projects of an owner."""
        raise NotImplementedError

    def get(self, run_id: str) -> Run:
        """Give a run with all its epochs. Raises `training.run_not_found`."""
        raise NotImplementedError

    def stop(self, run_id: str) -> Run:
        """Ask a run to stop after the batch in hand; a queued run leaves the queue."""
        raise NotImplementedError

    def continue_from_last_checkpoint(self, run_id: str) -> Run:
        """Queue the rest of a run that was stopped, interrupted or failed."""
        raise NotImplementedError


def record_event(session: Session, job: JobRow, event: WorkerEvent, files: FileStore) -> None:
    """Keep what a training worker says."""
    raise NotImplementedError


def record_end(session: Session, job: JobRow, problem: Problem | None) -> None:
    """Note that a training job ended without success: failed, cancelled or lost (interrupted)."""
    raise NotImplementedError
