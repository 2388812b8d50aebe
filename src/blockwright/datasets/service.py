"""Datasets and their versions in the database; the only module of this room with SQL."""

from __future__ import annotations

from sqlalchemy.orm import Session

from blockwright.contracts.data import (
    Dataset,
    DatasetCreate,
    DatasetRename,
    FeatureChange,
    FeatureSetCreate,
    RowPage,
    SubsetChange,
    SubsetCreate,
    Version,
)
from blockwright.contracts.problems import Problem
from blockwright.contracts.work import WorkerEvent
from blockwright.store.database import Database
from blockwright.store.files import FileStore
from blockwright.store.tables import JobRow
from blockwright.store.uploads import UploadStore


class DatasetService:
    """What the API offers on datasets, drafts and frozen versions."""

    def __init__(self, database: Database, files: FileStore, uploads: UploadStore) -> None:
        """Use `database`, `files` and `uploads`."""
        self._database = database
        self._files = files
        self._uploads = uploads

    def list_all(self, project_id: str) -> list[Dataset]:
        """List the datasets of a project, oldest first."""
        raise NotImplementedError

    def create(self, project_id: str, wanted: DatasetCreate) -> Dataset:
        """Make a dataset from a complete upload and queue its import."""
        raise NotImplementedError

    def get(self, dataset_id: str) -> Dataset:
        """Give a dataset. Raises `data.not_found`."""
        raise NotImplementedError

    def rename(self, dataset_id: str, wanted: DatasetRename) -> Dataset:
        """Give a dataset another name."""
        raise NotImplementedError

    def bin(self, dataset_id: str) -> None:
        """Move a dataset to the bin."""
        raise NotImplementedError

    def restore(self, dataset_id: str) -> Dataset:
        """Take a dataset out of the bin."""
        raise NotImplementedError

    def report_csv(self, dataset_id: str) -> str:
        """Give the whole import report as csv text, formulas escaped."""
        raise NotImplementedError

    def version(self, version_id: str) -> Version:
        """Give a version. Raises `data.version_not_found`."""
        raise NotImplementedError

    def change_feature(self, version_id: str, name: str, wanted: FeatureChange) -> Version:
        """Give a feature of a draft another normalisation. Raises `data.version_is_frozen`."""
        raise NotImplementedError

    def add_feature_set(self, version_id: str, wanted: FeatureSetCreate) -> Version:
        """Bundle features of a draft under one name."""
        raise NotImplementedError

    def remove_feature_set(self, version_id: str, feature_set_id: str) -> Version:
        """Unbundle a feature set of a draft."""
        raise NotImplementedError

    def add_subset(self, version_id: str, wanted: SubsetCreate) -> Version:
        """Add a subset to a draft."""
        raise NotImplementedError

    def change_subset(self, version_id: str, subset_id: str, wanted: SubsetChange) -> Version:
        """Give a subset of a draft another name or rule."""
        raise NotImplementedError

    def remove_subset(self, version_id: str, subset_id: str) -> Version:
        """Remove a subset of a draft."""
        raise NotImplementedError

    def save_version(self, version_id: str) -> Version:
        """Queue the freezing of a draft."""
        raise NotImplementedError

    def new_draft(self, version_id: str) -> Version:
        """Make a draft from a version, or give the draft that there is."""
        raise NotImplementedError

    def rows(self, version_id: str, offset: int, limit: int) -> RowPage:
        """Give rows in file order."""
        raise NotImplementedError

    def picture(self, version_id: str, row: int, feature: str) -> bytes:
        """Draw one tensor as PNG. Raises `data.not_a_picture`."""
        raise NotImplementedError


def record_event(session: Session, job: JobRow, event: WorkerEvent, files: FileStore) -> None:
    """Keep what a worker of this room's jobs (import, save_version) says."""
    raise NotImplementedError


def record_end(session: Session, job: JobRow, problem: Problem | None) -> None:
    """Note that a job of this room ended without success: failed, cancelled or lost."""
    raise NotImplementedError
