"""Bringing files into datasets, as the API offers it, and what imports said at their end.

Neighbours: `service` keeps the datasets, `version_service` their versions; `job_service` keeps
what the import jobs say.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

from blockwright.contracts.base import utc_now
from blockwright.contracts.data import (
    Dataset,
    DatasetCreate,
    FilesGiven,
    ImportAgain,
    ImportOptions,
    ImportReport,
    Version,
)
from blockwright.contracts.ids import new_id
from blockwright.contracts.problems import Language, error
from blockwright.contracts.work import ImportPlan, SourceFile
from blockwright.datasets.import_reports import problems_in, report_in, reports_in
from blockwright.datasets.job_service import imports_at_work, queue_job
from blockwright.datasets.report_csv import report_csv
from blockwright.store.database import Database
from blockwright.store.disk_use import refused_key
from blockwright.store.files import FileStore
from blockwright.store.tables import DatasetRow, JobRow, ProjectRow, VersionRow
from blockwright.store.uploads import UploadStore
from blockwright.store.versions import (
    add_version,
    find_dataset,
    find_version,
    to_dataset,
    to_version,
    versions_of,
)


class ImportService:
    """First imports, added files, another try, and the reports of all of them."""

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

    def create(self, project_id: str, wanted: DatasetCreate) -> Dataset:
        """Make a dataset and queue the import of its files.

        Raises `upload.not_found`, `upload.not_complete`, `upload.in_use`, `project.not_found`,
        `data.local_paths_not_allowed`, `data.path_not_found`.
        """
        sources = self._sources(wanted)
        with self._database.transaction() as session:
            if session.get(ProjectRow, project_id) is None:
                raise error("project.not_found", project_id=project_id)
            _refuse_in_use(session, sources)
            row = DatasetRow(
                id=new_id("ds"),
                project_id=project_id,
                name=wanted.name,
                state="importing",
                created_at=utc_now(),
            )
            session.add(row)
            self._queue(session, row, None, sources, wanted.options)
            return to_dataset(session, row, self._files)

    def add_files(self, dataset_id: str, wanted: FilesGiven) -> Version:
        """Queue the import of more files into the draft that there is, or into a new one.

        Raises as `create`, and `data.version_is_saving`.
        """
        sources = self._sources(wanted)
        with self._database.transaction() as session:
            dataset = find_dataset(session, dataset_id)
            _refuse_in_use(session, sources)
            newest = versions_of(session, dataset_id)[-1]
            if newest.state in {"saving", "importing"}:
                raise error("data.version_is_saving", number=newest.number)
            draft = newest if newest.state == "draft" else add_version(session, newest)
            self._queue(session, dataset, draft, sources, wanted.options)
            return to_version(session, draft, self._files)

    def import_again(self, dataset_id: str, wanted: ImportAgain) -> Dataset:
        """Queue the import that failed or was cancelled once more, read in another way.

        Raises `data.nothing_to_import_again`, `data.uploads_gone`, `upload.in_use`.
        """
        with self._database.transaction() as session:
            dataset = find_dataset(session, dataset_id)
            draft = None
            if dataset.state != "failed":
                draft = versions_of(session, dataset_id)[-1]
            job = session.get(JobRow, (dataset if draft is None else draft).job_id or "")
            if job is None or job.kind != "import" or job.state not in {"failed", "cancelled"}:
                raise error("data.nothing_to_import_again", name=dataset.name)
            before = ImportPlan.model_validate(job.plan)
            for source in before.sources:
                if not Path(source.path).exists():
                    raise error("data.uploads_gone", file=source.name)
            _refuse_in_use(session, before.sources)
            options = before.options.model_copy(update=wanted.model_dump(exclude_none=True))
            if draft is None:
                dataset.problem = None
            self._queue(session, dataset, draft, before.sources, options)
            return to_dataset(session, dataset, self._files)

    def refused_csv(self, dataset_id: str, language: Language) -> str:
        """Give everything that kept the last import from taking a row, as `report_csv`.

        Raises `data.not_found`, `data.report_not_found` when rows came in.
        """
        with self._database.transaction() as session:
            find_dataset(session, dataset_id)
        return _csv(self._files.local_path(refused_key(dataset_id)), 1, language)

    def imports(self, version_id: str) -> list[ImportReport]:
        """Give the reports of all imports that made a version, oldest first."""
        return reports_in(self._content_folder(version_id))

    def report_csv(self, version_id: str, number: int, language: Language) -> str:
        """Give a whole import report as csv text, remarks included, formulas escaped.

        Raises `data.version_not_found`, `data.report_not_found`.
        """
        return _csv(self._content_folder(version_id), number, language)

    def _queue(
        self,
        session: Session,
        dataset: DatasetRow,
        draft: VersionRow | None,
        sources: list[SourceFile],
        options: ImportOptions,
    ) -> None:
        """Queue the first import of a dataset, or one of more rows for a draft of it."""
        folder = dataset.id if draft is None else new_id("ver")
        plan = ImportPlan(
            dataset_id=dataset.id,
            version_id=None if draft is None else draft.id,
            sources=sources,
            content_folder=str(self._files.local_path(f"datasets/{folder}")),
            base_folder=None if draft is None else str(self._files.local_path(draft.content_key)),
            refused_folder=str(self._files.local_path(refused_key(dataset.id))),
            options=options,
        )
        subject = dataset if draft is None else draft
        subject.state = "importing"
        queue_job(session, dataset, subject, "import", plan)

    def _sources(self, given: FilesGiven) -> list[SourceFile]:
        if given.local_path is not None:
            if not self._local_paths_allowed:
                raise error("data.local_paths_not_allowed")
            path = Path(given.local_path).expanduser()
            if not path.is_absolute() or not path.exists():
                raise error("data.path_not_found", path=given.local_path[:300])
            return [SourceFile(path=str(path), name=path.name)]
        ids = list(dict.fromkeys(given.upload_ids))
        return [self._source(item) for item in ids]

    def _source(self, upload_id: str) -> SourceFile:
        upload = self._uploads.get(upload_id)
        path = str(self._uploads.path(upload_id))
        return SourceFile(path=path, name=upload.file_name, is_folder=upload.is_folder)

    def _content_folder(self, version_id: str) -> Path:
        with self._database.transaction() as session:
            return self._files.local_path(find_version(session, version_id).content_key)


def _csv(folder: Path, number: int, language: Language) -> str:
    return report_csv(report_in(folder, number), problems_in(folder, number), language)


def _refuse_in_use(session: Session, sources: list[SourceFile]) -> None:
    """Refuse uploads that are being imported: their bytes go when that is done."""
    at_work = {source["path"] for job in imports_at_work(session) for source in job.plan["sources"]}
    for source in sources:
        if source.path in at_work:
            raise error("upload.in_use", file=source.name)
