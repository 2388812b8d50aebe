"""Datasets in the database, as the API offers them: their lists, their names, the bin.

Neighbours: `import_service` brings files into them, `version_service` keeps their versions.
"""

from __future__ import annotations

from sqlalchemy import select

from blockwright.contracts.base import utc_now
from blockwright.contracts.data import Dataset, DatasetRename
from blockwright.contracts.problems import error
from blockwright.datasets.job_service import imports_at_work, upload_keys
from blockwright.store.database import Database
from blockwright.store.disk_use import disk_use
from blockwright.store.draft_steps import forget_steps
from blockwright.store.files import FileStore
from blockwright.store.tables import DatasetRow, JobRow
from blockwright.store.versions import (
    find_dataset,
    run_count,
    tell,
    to_dataset,
    versions_of,
)


class DatasetService:
    """What the API offers on datasets."""

    def __init__(self, database: Database, files: FileStore) -> None:
        """Use `database` and `files`."""
        self._database = database
        self._files = files

    def list_all(self, project_id: str) -> list[Dataset]:
        """List the datasets of a project, oldest first; those in the bin are left out."""
        with self._database.transaction() as session:
            rows = session.scalars(
                select(DatasetRow)
                .where(DatasetRow.project_id == project_id, DatasetRow.binned_at.is_(None))
                .order_by(DatasetRow.created_at, DatasetRow.id)
            )
            return [to_dataset(session, row, self._files) for row in rows]

    def list_binned(self, project_id: str) -> list[Dataset]:
        """List datasets in the bin, and datasets with those of their versions that are."""
        with self._database.transaction() as session:
            rows = session.scalars(
                select(DatasetRow)
                .where(DatasetRow.project_id == project_id)
                .order_by(DatasetRow.created_at, DatasetRow.id)
            )
            found = [to_dataset(session, row, self._files, binned_versions=True) for row in rows]
            return [item for item in found if item.binned_at is not None or item.versions]

    def get(self, dataset_id: str) -> Dataset:
        """Give a dataset. Raises `data.not_found`."""
        with self._database.transaction() as session:
            return to_dataset(session, find_dataset(session, dataset_id), self._files)

    def rename(self, dataset_id: str, wanted: DatasetRename) -> Dataset:
        """Give a dataset another name."""
        with self._database.transaction() as session:
            row = find_dataset(session, dataset_id)
            row.name = wanted.name
            tell(session, row)
            return to_dataset(session, row, self._files)

    def bin(self, dataset_id: str) -> None:
        """Move a dataset to the bin."""
        with self._database.transaction() as session:
            row = find_dataset(session, dataset_id)
            row.binned_at = utc_now()
            job = session.get(JobRow, row.job_id) if row.state == "failed" else None
            gone = upload_keys(job) if job is not None else []
            used = {key for other in imports_at_work(session) for key in upload_keys(other)}
            tell(session, row)
        for key in set(gone) - used:  # nothing can come of these bytes any more
            self._files.remove(key)

    def restore(self, dataset_id: str) -> Dataset:
        """Take a dataset out of the bin."""
        with self._database.transaction() as session:
            row = find_dataset(session, dataset_id)
            row.binned_at = None
            tell(session, row)
            return to_dataset(session, row, self._files)

    def delete_forever(self, dataset_id: str) -> None:
        """Delete a dataset in the bin, and its files.

        Raises `data.not_in_bin`, `data.used_by_runs`, `data.version_is_saving`.
        """
        with self._database.transaction() as session:
            row = find_dataset(session, dataset_id)
            versions = versions_of(session, dataset_id, binned=None)
            if row.binned_at is None:
                raise error("data.not_in_bin", name=row.name)
            if runs := sum(run_count(session, version.id) for version in versions):
                raise error("data.used_by_runs", name=row.name, runs=runs)
            if busy := [item for item in versions if item.state in {"saving", "importing"}]:
                raise error("data.version_is_saving", number=busy[0].number)
            keys = disk_use(session, row.id).of_all()
            tell(session, row)
            for version in versions:
                forget_steps(session, version)
                session.delete(version)
            session.flush()
            session.delete(row)
        for key in keys:
            self._files.remove(key)
