"""The queue as the API tells it."""

from __future__ import annotations

from blockwright.contracts.studio import Job
from blockwright.store.database import Database
from blockwright.store.files import FileStore


class JobService:
    """List, follow and cancel jobs."""

    def __init__(self, database: Database, files: FileStore) -> None:
        """Use `database` and `files`."""
        self._database = database
        self._files = files

    def active(self) -> list[Job]:
        """List queued and running jobs, oldest first."""
        raise NotImplementedError

    def get(self, job_id: str) -> Job:
        """Give a job. Raises `job.not_found`."""
        raise NotImplementedError

    def cancel(self, job_id: str) -> Job:
        """Ask a job to end; a queued one ends at once."""
        raise NotImplementedError
