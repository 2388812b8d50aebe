"""Bundles and competitions in the database; no Keras here."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

from blockwright.contracts.problems import Problem
from blockwright.contracts.runs import Bundle, BundleCreate, Competition, CompetitionCreate
from blockwright.contracts.work import WorkerEvent
from blockwright.store.database import Database
from blockwright.store.files import FileStore
from blockwright.store.tables import JobRow
from blockwright.store.uploads import UploadStore


class DeliveryService:
    """What the API offers on bundles and competitions."""

    def __init__(
        self,
        database: Database,
        files: FileStore,
        uploads: UploadStore,
        *,
        local_paths_allowed: bool,
    ) -> None:
        """Use `database`, `files` and `uploads`; paths of this machine only where allowed."""
        self._database = database
        self._files = files
        self._uploads = uploads
        self._local_paths_allowed = local_paths_allowed

    def create_bundle(self, wanted: BundleCreate) -> Bundle:
        """Queue a bundle; gives the ready one when the same was made before."""
        raise NotImplementedError

    def bundles(self, project_id: str) -> list[Bundle]:
        """List the bundles of a project, newest first."""
        raise NotImplementedError

    def bundle(self, bundle_id: str) -> Bundle:
        """Give a bundle. Raises `delivery.bundle_not_found`."""
        raise NotImplementedError

    def bundle_file(self, bundle_id: str, name: str) -> Path:
        """Give the path of one file of a ready bundle, e.g. model.h5."""
        raise NotImplementedError

    def bundle_zip(self, bundle_id: str) -> Path:
        """Give the path of the whole bundle as one zip."""
        raise NotImplementedError

    def create_competition(self, project_id: str, wanted: CompetitionCreate) -> Competition:
        """Check the files given and queue the making of the competition folder."""
        raise NotImplementedError

    def competitions(self, project_id: str) -> list[Competition]:
        """List the competitions of a project, newest first."""
        raise NotImplementedError

    def competition(self, competition_id: str) -> Competition:
        """Give a competition. Raises `delivery.competition_not_found`."""
        raise NotImplementedError

    def start_dry_run(self, competition_id: str) -> Competition:
        """Queue the execution of the notebook."""
        raise NotImplementedError

    def competition_zip(self, competition_id: str) -> Path:
        """Give the path of the competition folder as one zip."""
        raise NotImplementedError

    def submission(self, competition_id: str) -> Path:
        """Give the path of submission.csv of the last dry run that passed."""
        raise NotImplementedError


def record_event(session: Session, job: JobRow, event: WorkerEvent, files: FileStore) -> None:
    """Keep what a worker of this room's jobs says."""
    raise NotImplementedError


def record_end(session: Session, job: JobRow, problem: Problem | None) -> None:
    """Note that a job of this room ended without success."""
    raise NotImplementedError
