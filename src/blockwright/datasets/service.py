"""Datasets and their versions in the database; the only module of this room with SQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from blockwright.contracts.base import Model, utc_now
from blockwright.contracts.data import (
    Dataset,
    DatasetCreate,
    DatasetRename,
    Feature,
    FeatureChange,
    FeatureSet,
    FeatureSetCreate,
    ImportReport,
    RowPage,
    Subset,
    SubsetChange,
    SubsetCreate,
    Version,
    VersionSummary,
)
from blockwright.contracts.ids import new_id
from blockwright.contracts.problems import Language, Problem, error
from blockwright.contracts.studio import DatasetChanged
from blockwright.contracts.work import (
    Imported,
    ImportPlan,
    SaveVersionPlan,
    VersionSaved,
    WorkerEvent,
)
from blockwright.datasets import drafts
from blockwright.datasets.report_csv import report_csv
from blockwright.store.database import Database
from blockwright.store.events import publish
from blockwright.store.files import FileStore
from blockwright.store.queue import enqueue
from blockwright.store.tables import DatasetRow, JobRow, ProjectRow, RunRow, VersionRow
from blockwright.store.uploads import UploadStore

M = TypeVar("M", bound=Model)


class DatasetService:
    """What the API offers on datasets, drafts and frozen versions."""

    def __init__(self, database: Database, files: FileStore, uploads: UploadStore) -> None:
        """Use `database`, `files` and `uploads`."""
        self._database = database
        self._files = files
        self._uploads = uploads

    def list_all(self, project_id: str) -> list[Dataset]:
        """List the datasets of a project, oldest first; those in the bin are left out."""
        with self._database.transaction() as session:
            rows = session.scalars(
                select(DatasetRow)
                .where(DatasetRow.project_id == project_id, DatasetRow.binned_at.is_(None))
                .order_by(DatasetRow.created_at, DatasetRow.id)
            )
            return [_to_dataset(session, row) for row in rows]

    def create(self, project_id: str, wanted: DatasetCreate) -> Dataset:
        """Make a dataset from a complete upload and queue its import.

        Raises `upload.not_found`, `upload.not_complete`, `upload.in_use`, `project.not_found`.
        """
        upload = self._uploads.get(wanted.upload_id)
        source = self._uploads.path(wanted.upload_id)
        with self._database.transaction() as session:
            if session.get(ProjectRow, project_id) is None:
                raise error("project.not_found", project_id=project_id)
            if _is_being_imported(session, str(source)):  # its bytes go when that is done
                raise error("upload.in_use", file=upload.file_name)
            row = DatasetRow(
                id=new_id("ds"),
                project_id=project_id,
                name=wanted.name,
                state="importing",
                rows=0,
                bytes=upload.bytes,
                created_at=utc_now(),
            )
            session.add(row)
            session.flush()
            plan = ImportPlan(
                dataset_id=row.id,
                source_path=str(source),
                source_name=upload.file_name,
                dataset_folder=str(self._files.local_path(_dataset_key(row.id))),
            )
            job = enqueue(
                session, project_id=project_id, kind="import", subject_id=row.id, plan=plan
            )
            row.job_id = job.id
            _tell(session, row)
            return _to_dataset(session, row)

    def get(self, dataset_id: str) -> Dataset:
        """Give a dataset. Raises `data.not_found`."""
        with self._database.transaction() as session:
            return _to_dataset(session, _dataset(session, dataset_id))

    def rename(self, dataset_id: str, wanted: DatasetRename) -> Dataset:
        """Give a dataset another name."""
        with self._database.transaction() as session:
            row = _dataset(session, dataset_id)
            row.name = wanted.name
            _tell(session, row)
            return _to_dataset(session, row)

    def bin(self, dataset_id: str) -> None:
        """Move a dataset to the bin."""
        with self._database.transaction() as session:
            row = _dataset(session, dataset_id)
            row.binned_at = utc_now()
            job = session.get(JobRow, row.job_id) if row.state == "failed" else None
            used = job is not None and _is_being_imported(session, job.plan["source_path"])
            _tell(session, row)
        if job is not None and not used:  # nothing can come of these bytes any more
            self._files.remove(_upload_key(job))

    def restore(self, dataset_id: str) -> Dataset:
        """Take a dataset out of the bin."""
        with self._database.transaction() as session:
            row = _dataset(session, dataset_id)
            row.binned_at = None
            _tell(session, row)
            return _to_dataset(session, row)

    def report_csv(self, dataset_id: str, language: Language) -> str:
        """Give the whole import report as csv text, formulas escaped."""
        with self._database.transaction() as session:
            row = _dataset(session, dataset_id)
            problems = ImportReport.model_validate(row.report).problems if row.report else []
        folder = self._files.local_path(_dataset_key(dataset_id))
        return report_csv(folder, problems, language)

    def version(self, version_id: str) -> Version:
        """Give a version. Raises `data.version_not_found`."""
        with self._database.transaction() as session:
            return _to_version(session, _version(session, version_id))

    def change_feature(self, version_id: str, name: str, wanted: FeatureChange) -> Version:
        """Give a feature of a draft another normalisation. Raises `data.version_is_frozen`."""
        with self._draft(version_id) as (session, row):
            changed = drafts.change_feature(_many(Feature, row.features), name, wanted)
            row.features = _plain(changed)
            return _to_version(session, row)

    def add_feature_set(self, version_id: str, wanted: FeatureSetCreate) -> Version:
        """Bundle features of a draft under one name."""
        from blockwright.datasets import browse  # noqa: PLC0415 - the studio starts without it

        with self._draft(version_id) as (session, row):
            sets = _many(FeatureSet, row.feature_sets)
            bundle = drafts.make_feature_set(_many(Feature, row.features), sets, wanted)
            counted = browse.with_counts(
                bundle, browse.columns(self._folder(row.dataset_id), bundle.features)
            )
            row.feature_sets = _plain([*sets, counted])
            return _to_version(session, row)

    def remove_feature_set(self, version_id: str, feature_set_id: str) -> Version:
        """Unbundle a feature set of a draft."""
        with self._draft(version_id) as (session, row):
            sets = _many(FeatureSet, row.feature_sets)
            left = [bundle for bundle in sets if bundle.id != feature_set_id]
            if len(left) == len(sets):
                raise error("data.feature_set_not_found")
            row.feature_sets = _plain(left)
            return _to_version(session, row)

    def add_subset(self, version_id: str, wanted: SubsetCreate) -> Version:
        """Add a subset to a draft."""
        with self._draft(version_id) as (session, row):
            total = _dataset(session, row.dataset_id).rows
            row.subsets = _plain(drafts.add_subset(_many(Subset, row.subsets), wanted, total))
            return _to_version(session, row)

    def change_subset(self, version_id: str, subset_id: str, wanted: SubsetChange) -> Version:
        """Give a subset of a draft another name or rule."""
        with self._draft(version_id) as (session, row):
            total = _dataset(session, row.dataset_id).rows
            subsets = _many(Subset, row.subsets)
            row.subsets = _plain(drafts.change_subset(subsets, subset_id, wanted, total))
            return _to_version(session, row)

    def remove_subset(self, version_id: str, subset_id: str) -> Version:
        """Remove a subset of a draft."""
        with self._draft(version_id) as (session, row):
            row.subsets = _plain(drafts.remove_subset(_many(Subset, row.subsets), subset_id))
            return _to_version(session, row)

    def save_version(self, version_id: str) -> Version:
        """Queue the freezing of a draft. Raises `data.subset_empty`."""
        with self._draft(version_id) as (session, row):
            dataset = _dataset(session, row.dataset_id)
            subsets = _many(Subset, row.subsets)
            if empty := [subset.name for subset in subsets if subset.rows == 0]:
                raise error("data.subset_empty", name=empty[0])
            plan = SaveVersionPlan(
                version_id=row.id,
                version_number=row.number,
                dataset_name=dataset.name,
                dataset_folder=str(self._files.local_path(_dataset_key(dataset.id))),
                version_folder=str(self._files.local_path(f"versions/{row.id}")),
                features=_many(Feature, row.features),
                feature_sets=_many(FeatureSet, row.feature_sets),
                subsets=subsets,
            )
            row.state = "saving"
            row.job_id = enqueue(
                session,
                project_id=dataset.project_id,
                kind="save_version",
                subject_id=row.id,
                plan=plan,
            ).id
            return _to_version(session, row)

    def new_draft(self, version_id: str) -> Version:
        """Make a draft from a version, or give the draft that there is."""
        with self._database.transaction() as session:
            row = _version(session, version_id)
            siblings = list(
                session.scalars(select(VersionRow).where(VersionRow.dataset_id == row.dataset_id))
            )
            for sibling in siblings:
                if sibling.state != "frozen":
                    return _to_version(session, sibling)
            draft = _add_draft(
                session,
                row.dataset_id,
                number=max(sibling.number for sibling in siblings) + 1,
                features=row.features,
                feature_sets=row.feature_sets,
                subsets=row.subsets,
            )
            _tell(session, _dataset(session, row.dataset_id))
            return _to_version(session, draft)

    def rows(self, version_id: str, offset: int, limit: int) -> RowPage:
        """Give rows in file order."""
        from blockwright.datasets import browse  # noqa: PLC0415 - the studio starts without it

        with self._database.transaction() as session:
            row = _version(session, version_id)
            subsets = _many(Subset, row.subsets)
            total = _dataset(session, row.dataset_id).rows
        page = browse.rows(self._folder(row.dataset_id), subsets, offset, limit)
        return RowPage(offset=offset, total=total, rows=page)

    def picture(self, version_id: str, row: int, feature: str) -> bytes:
        """Draw one tensor as PNG.

        Raises `data.not_a_picture`, `data.feature_not_found`, `data.row_not_found`.
        """
        from blockwright.datasets import browse  # noqa: PLC0415 - the studio starts without it

        with self._database.transaction() as session:
            version = _version(session, version_id)
            found = drafts.find_feature(_many(Feature, version.features), feature)
        return browse.picture(self._folder(version.dataset_id), row, found)

    @contextmanager
    def _draft(self, version_id: str) -> Iterator[tuple[Session, VersionRow]]:
        """Open a transaction on a version that may be changed, and tell the browsers after it."""
        with self._database.transaction() as session:
            row = _version(session, version_id)
            if row.state == "frozen":
                raise error("data.version_is_frozen", number=row.number)
            if row.state == "saving":
                raise error("data.version_is_saving", number=row.number)
            yield session, row
            _tell(session, _dataset(session, row.dataset_id))

    def _folder(self, dataset_id: str) -> Path:
        return self._files.local_path(_dataset_key(dataset_id))


def record_event(session: Session, job: JobRow, event: WorkerEvent, files: FileStore) -> None:
    """Keep what a worker of this room's jobs (import, save_version) says."""
    if isinstance(event, Imported):
        dataset = _dataset(session, job.subject_id)
        dataset.state = "ready"
        dataset.rows = event.rows
        dataset.bytes = event.bytes
        dataset.report = event.report.model_dump(mode="json")
        dataset.problem = None
        if session.scalar(select(VersionRow.id).where(VersionRow.dataset_id == dataset.id)) is None:
            _add_draft(
                session,
                dataset.id,
                number=1,
                features=_plain(event.features),
                feature_sets=[],
                subsets=_plain(drafts.default_subsets(event.rows)),
            )
        # The bytes are in the dataset folder now; the upload was a copy of them.
        files.remove(_upload_key(job))
        _tell(session, dataset)
    elif isinstance(event, VersionSaved):
        version = _version(session, job.subject_id)
        version.state = "frozen"
        version.features = _plain(event.features)
        version.subsets = _plain(event.data.data_schema.subsets)
        version.data_schema = event.data.data_schema.model_dump(mode="json")
        version.data_plan = event.data.model_dump(mode="json")
        version.content_hash = event.content_hash
        version.saved_at = utc_now()
        _tell(session, _dataset(session, version.dataset_id))


def record_end(session: Session, job: JobRow, problem: Problem | None) -> None:
    """Note that a job of this room ended without success: failed, cancelled or lost.

    A dataset whose import ended so is failed; a version becomes a draft again.
    """
    if job.kind == "import":
        dataset = _dataset(session, job.subject_id)
        dataset.state = "failed"
        dataset.problem = problem.model_dump(mode="json") if problem else None
        _tell(session, dataset)
    elif job.kind == "save_version":
        version = _version(session, job.subject_id)
        if version.state == "saving":
            version.state = "draft"
        _tell(session, _dataset(session, version.dataset_id))


def _upload_key(job: JobRow) -> str:
    return f"uploads/{Path(job.plan['source_path']).parent.name}"


def _is_being_imported(session: Session, source_path: str) -> bool:
    at_work = session.scalars(
        select(JobRow).where(JobRow.kind == "import", JobRow.state.in_(["queued", "running"]))
    )
    return any(job.plan["source_path"] == source_path for job in at_work)


def _dataset_key(dataset_id: str) -> str:
    return f"datasets/{dataset_id}"


def _dataset(session: Session, dataset_id: str) -> DatasetRow:
    row = session.get(DatasetRow, dataset_id)
    if row is None:
        raise error("data.not_found", dataset_id=dataset_id)
    return row


def _version(session: Session, version_id: str) -> VersionRow:
    row = session.get(VersionRow, version_id)
    if row is None:
        raise error("data.version_not_found", version_id=version_id)
    return row


def _tell(session: Session, dataset: DatasetRow) -> None:
    event = DatasetChanged(project_id=dataset.project_id, dataset_id=dataset.id)
    publish(session, dataset.project_id, event)


def _add_draft(
    session: Session,
    dataset_id: str,
    *,
    number: int,
    features: list[Any],
    feature_sets: list[Any],
    subsets: list[Any],
) -> VersionRow:
    row = VersionRow(
        id=new_id("ver"),
        dataset_id=dataset_id,
        number=number,
        state="draft",
        features=features,
        feature_sets=feature_sets,
        subsets=subsets,
        created_at=utc_now(),
    )
    session.add(row)
    session.flush()
    return row


def _many(kind: type[M], plain: list[Any]) -> list[M]:
    return [kind.model_validate(item) for item in plain]


def _plain(items: list[M]) -> list[Any]:
    return [item.model_dump(mode="json") for item in items]


def _to_dataset(session: Session, row: DatasetRow) -> Dataset:
    versions = session.scalars(
        select(VersionRow).where(VersionRow.dataset_id == row.id).order_by(VersionRow.number)
    )
    return Dataset(
        id=row.id,
        project_id=row.project_id,
        name=row.name,
        state=row.state,
        created_at=row.created_at,
        rows=row.rows,
        bytes=row.bytes,
        versions=[VersionSummary(**_summary(session, v, row.rows)) for v in versions],
        job_id=row.job_id,
        report=ImportReport.model_validate(row.report) if row.report else None,
        problem=Problem.model_validate(row.problem) if row.problem else None,
    )


def _to_version(session: Session, row: VersionRow) -> Version:
    dataset = _dataset(session, row.dataset_id)
    return Version(
        **_summary(session, row, dataset.rows),
        project_id=dataset.project_id,
        dataset_name=dataset.name,
        features=_many(Feature, row.features),
        feature_sets=_many(FeatureSet, row.feature_sets),
        subsets=_many(Subset, row.subsets),
        bytes=dataset.bytes,
        job_id=row.job_id,
    )


def _summary(session: Session, row: VersionRow, rows: int) -> dict[str, Any]:
    runs = session.scalar(
        select(func.count()).select_from(RunRow).where(RunRow.version_id == row.id)
    )
    return {
        "id": row.id,
        "dataset_id": row.dataset_id,
        "number": row.number,
        "state": row.state,
        "rows": rows,
        "content_hash": row.content_hash,
        "saved_at": row.saved_at,
        "run_count": runs or 0,
    }
