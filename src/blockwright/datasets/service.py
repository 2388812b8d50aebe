"""Datasets and their versions in the database, as the API offers them.

Neighbours: `job_service` keeps what the jobs of this room say; `draft_service` changes
drafts and `row_service` looks at rows, both through this one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from sqlalchemy import select
from sqlalchemy.orm import Session

from blockwright.contracts.base import utc_now
from blockwright.contracts.data import (
    Dataset,
    DatasetCreate,
    DatasetRename,
    DraftChange,
    FilesGiven,
    ImportAgain,
    ImportOptions,
    ImportReport,
    Version,
    VersionComparison,
    VersionSummary,
)
from blockwright.contracts.ids import new_id
from blockwright.contracts.problems import Language, error
from blockwright.contracts.work import (
    ExportVersionPlan,
    ImportPlan,
    SaveVersionPlan,
    SourceFile,
)
from blockwright.datasets import subset_drafts
from blockwright.datasets.draft_state import DraftState
from blockwright.datasets.encoders.choices import require_fitting_encoding
from blockwright.datasets.import_reports import problems_in, report_in, reports_in
from blockwright.datasets.job_service import keep_state, state_of, upload_keys
from blockwright.datasets.report_csv import report_csv
from blockwright.store.database import Database
from blockwright.store.disk_use import disk_use, refused_key
from blockwright.store.draft_steps import (
    forget_steps,
    held_by,
    keep_step,
    step_back,
    step_forth,
)
from blockwright.store.files import FileStore
from blockwright.store.queue import enqueue
from blockwright.store.tables import DatasetRow, JobRow, ProjectRow, VersionRow
from blockwright.store.uploads import UploadStore
from blockwright.store.versions import (
    add_version,
    dataset_of,
    find_dataset,
    find_version,
    run_count,
    tell,
    to_dataset,
    to_version,
    versions_of,
)

_STATES_KEPT = 8
_TRIES = 5


class DatasetService:
    """What the API offers on datasets and versions."""

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
        self._states: OrderedDict[tuple[str, int], DraftState] = OrderedDict()
        self._states_lock = Lock()

    # --- datasets ---

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
            self._queue_first_import(session, row, sources, wanted.options)
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
            self._queue_addition(session, dataset, draft, sources, wanted.options)
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
                dataset.state, dataset.problem = "importing", None
                self._queue_first_import(session, dataset, before.sources, options)
            else:
                self._queue_addition(session, dataset, draft, before.sources, options)
            return to_dataset(session, dataset, self._files)

    def _queue_first_import(
        self,
        session: Session,
        dataset: DatasetRow,
        sources: list[SourceFile],
        options: ImportOptions,
    ) -> None:
        plan = ImportPlan(
            dataset_id=dataset.id,
            sources=sources,
            content_folder=str(self._files.local_path(f"datasets/{dataset.id}")),
            refused_folder=str(self._files.local_path(refused_key(dataset.id))),
            options=options,
        )
        dataset.job_id = enqueue(
            session,
            project_id=dataset.project_id,
            kind="import",
            subject_id=dataset.id,
            plan=plan,
        ).id
        tell(session, dataset)

    def _queue_addition(
        self,
        session: Session,
        dataset: DatasetRow,
        draft: VersionRow,
        sources: list[SourceFile],
        options: ImportOptions,
    ) -> None:
        draft.state = "importing"
        plan = ImportPlan(
            dataset_id=dataset.id,
            version_id=draft.id,
            sources=sources,
            content_folder=str(self._files.local_path(f"datasets/{new_id('ver')}")),
            base_folder=str(self._files.local_path(draft.content_key)),
            refused_folder=str(self._files.local_path(refused_key(dataset.id))),
            options=options,
        )
        draft.job_id = enqueue(
            session,
            project_id=dataset.project_id,
            kind="import",
            subject_id=draft.id,
            plan=plan,
        ).id
        tell(session, dataset)

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
            used = {key for other in _imports_at_work(session) for key in upload_keys(other)}
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

    def refused_csv(self, dataset_id: str, language: Language) -> str:
        """Give everything that kept the last import from taking a row, as `report_csv`.

        Raises `data.not_found`, `data.report_not_found` when rows came in.
        """
        self.get(dataset_id)
        return _csv(self._files.local_path(refused_key(dataset_id)), 1, language)

    # --- versions ---

    def imports(self, version_id: str) -> list[ImportReport]:
        """Give the reports of all imports that made a version, oldest first."""
        return reports_in(self.state(version_id).content_folder)

    def report_csv(self, version_id: str, number: int, language: Language) -> str:
        """Give a whole import report as csv text, remarks included, formulas escaped.

        Raises `data.version_not_found`, `data.report_not_found`.
        """
        return _csv(self.state(version_id).content_folder, number, language)

    def version(self, version_id: str) -> Version:
        """Give a version. Raises `data.version_not_found`."""
        with self._database.transaction() as session:
            return to_version(session, find_version(session, version_id), self._files)

    def state(self, version_id: str) -> DraftState:
        """Give what a version holds; kept, as page after page asks for it."""
        with self._database.transaction() as session:
            row = find_version(session, version_id)
            key = (row.id, row.revision)
            with self._states_lock:
                if key in self._states:
                    self._states.move_to_end(key)
                    return self._states[key]
            state = state_of(row, self._files)
        with self._states_lock:
            self._states[key] = state
            while len(self._states) > _STATES_KEPT:
                self._states.popitem(last=False)
        return state

    def edit(
        self,
        version_id: str,
        change: Callable[[DraftState], DraftState],
        told: Callable[[DraftState], DraftChange],
    ) -> Version:
        """Change a draft by a function, as one step of undo; `told` words it from the draft before.

        The function may take a second over millions of rows, so it runs between two
        transactions; when the draft was changed meanwhile, it runs again on the newer one.
        Raises `data.version_not_found`, `data.version_is_frozen`, `data.version_is_saving`,
        and what the function raises.
        """
        for _ in range(_TRIES):
            with self._draft(version_id) as (_session, row):
                revision = row.revision
            before = self.state(version_id)
            changed = subset_drafts.resized(change(before))
            usage = subset_drafts.usage(changed)
            with self._draft(version_id) as (session, row):
                if row.revision != revision:
                    continue
                held = held_by(row)
                keep_state(row, changed, usage)
                keep_step(session, row, told(before), held)
                tell(session, dataset_of(session, row))
                return to_version(session, row, self._files)
        raise error("data.draft_is_changing")

    def undo(self, version_id: str) -> Version:
        """Take the last change of a draft back. Raises `data.nothing_to_undo`, and as `edit`."""
        with self._draft(version_id) as (session, row):
            if not step_back(session, row):
                raise error("data.nothing_to_undo")
            return self._stepped(session, row)

    def redo(self, version_id: str) -> Version:
        """Make the last undone change again. Raises `data.nothing_to_redo`, and as `edit`."""
        with self._draft(version_id) as (session, row):
            if not step_forth(session, row):
                raise error("data.nothing_to_redo")
            return self._stepped(session, row)

    def _stepped(self, session: Session, row: VersionRow) -> Version:
        row.job_id = None
        row.revision += 1
        tell(session, dataset_of(session, row))
        return to_version(session, row, self._files)

    def save_version(self, version_id: str) -> Version:
        """Queue the freezing of a draft.

        Raises `data.subset_empty`, `data_encoding.normalized_twice`.
        """
        with self._draft(version_id) as (session, row):
            dataset = dataset_of(session, row)
            state = state_of(row, self._files)
            if empty := [subset.name for subset in state.subsets if subset.rows == 0]:
                raise error("data.subset_empty", name=empty[0])
            for feature in state.features:
                require_fitting_encoding(feature.name, feature.type, feature.encoding)
            plan = SaveVersionPlan(
                version_id=row.id,
                version_number=row.number,
                dataset_name=dataset.name,
                content_folder=str(state.content_folder),
                encoded_folder=str(self._files.local_path(f"encoded/{dataset.id}")),
                version_folder=str(self._files.local_path(f"versions/{row.id}")),
                features=state.features,
                feature_sets=state.feature_sets,
                subsets=state.subsets,
                corrections=state.corrections,
                left_out=list(state.left_out),
            )
            row.state = "saving"
            row.job_id = enqueue(
                session,
                project_id=dataset.project_id,
                kind="save_version",
                subject_id=row.id,
                plan=plan,
            ).id
            tell(session, dataset)
            return to_version(session, row, self._files)

    def new_draft(self, version_id: str) -> Version:
        """Make a draft from a version, or give the draft that there is."""
        with self._database.transaction() as session:
            row = find_version(session, version_id)
            siblings = versions_of(session, row.dataset_id)
            for sibling in siblings:
                if sibling.state != "frozen":
                    return to_version(session, sibling, self._files)
            draft = add_version(session, row)
            tell(session, dataset_of(session, row))
            return to_version(session, draft, self._files)

    def bin_version(self, version_id: str) -> None:
        """Move a version to the bin.

        Raises `data.used_by_runs`, `data.only_version`, `data.version_is_saving`.
        """
        with self._database.transaction() as session:
            row = find_version(session, version_id)
            dataset = dataset_of(session, row)
            if row.state in {"saving", "importing"}:
                raise error("data.version_is_saving", number=row.number)
            if runs := run_count(session, row.id):
                raise error("data.used_by_runs", name=f"{dataset.name} {row.number}", runs=runs)
            if len(versions_of(session, dataset.id)) == 1:
                raise error("data.only_version", name=dataset.name)
            row.binned_at = utc_now()
            tell(session, dataset)

    def restore_version(self, version_id: str) -> Version:
        """Take a version out of the bin. Raises `data.draft_is_there` for a second draft."""
        with self._database.transaction() as session:
            row = find_version(session, version_id)
            others = versions_of(session, row.dataset_id)
            if row.state != "frozen" and any(item.state != "frozen" for item in others):
                raise error("data.draft_is_there", number=row.number)
            row.binned_at = None
            tell(session, dataset_of(session, row))
            return to_version(session, row, self._files)

    def delete_version_forever(self, version_id: str) -> None:
        """Delete a version in the bin, and the files that no other version leans on.

        Raises `data.not_in_bin`, `data.version_is_saving`.
        """
        with self._database.transaction() as session:
            row = find_version(session, version_id)
            dataset = dataset_of(session, row)
            if row.binned_at is None:
                raise error("data.not_in_bin", name=f"{dataset.name} {row.number}")
            others = versions_of(session, dataset.id, binned=None)
            if saving := [item for item in others if item.state == "saving"]:
                # It may be taking up the very folder of encoded values that would go.
                raise error("data.version_is_saving", number=saving[0].number)
            keys = disk_use(session, dataset.id).freed_by([row.id])
            forget_steps(session, row)
            session.delete(row)
            tell(session, dataset)
        for key in keys:
            self._files.remove(key)

    def compare(self, version_id: str, other_id: str) -> VersionComparison:
        """Say what changed from one version to another. Raises `data.other_dataset`."""
        from blockwright.datasets.compare import compare  # noqa: PLC0415 - brings Polars

        before, after = self.version(version_id), self.version(other_id)
        if before.dataset_id != after.dataset_id:
            raise error("data.other_dataset")
        return compare(
            self.state(version_id),
            VersionSummary.model_validate(before.model_dump(include=_SUMMARY_FIELDS)),
            self.state(other_id),
            VersionSummary.model_validate(after.model_dump(include=_SUMMARY_FIELDS)),
        )

    def export(self, version_id: str) -> Version:
        """Queue the writing of a frozen version as a zip. Raises `data.version_not_frozen`."""
        with self._database.transaction() as session:
            row = find_version(session, version_id)
            if row.state != "frozen" or row.content_hash is None:
                raise error("data.version_not_frozen", number=row.number)
            dataset = dataset_of(session, row)
            state = state_of(row, self._files)
            plan = ExportVersionPlan(
                version_id=row.id,
                dataset_name=dataset.name,
                content_folder=str(state.content_folder),
                export_file=str(self._files.local_path(f"exports/{row.id}.zip")),
                content_hash=row.content_hash,
                features=state.features,
                feature_sets=state.feature_sets,
                subsets=state.subsets,
                corrections=state.corrections,
                left_out=list(state.left_out),
            )
            row.job_id = enqueue(
                session,
                project_id=dataset.project_id,
                kind="export_version",
                subject_id=row.id,
                plan=plan,
            ).id
            tell(session, dataset)
            return to_version(session, row, self._files)

    def export_file(self, version_id: str) -> tuple[Path, str]:
        """Give the zip of a version and its name. Raises `data.export_not_there`."""
        with self._database.transaction() as session:
            row = find_version(session, version_id)
            name = f"{dataset_of(session, row).name} v{row.number}.zip"
        path = self._files.local_path(f"exports/{version_id}.zip")
        if not path.is_file():
            raise error("data.export_not_there")
        return path, name

    @contextmanager
    def _draft(self, version_id: str) -> Iterator[tuple[Session, VersionRow]]:
        """Open a transaction on a version that may be changed."""
        with self._database.transaction() as session:
            row = find_version(session, version_id)
            if row.state == "frozen":
                raise error("data.version_is_frozen", number=row.number)
            if row.state in {"saving", "importing"}:
                raise error("data.version_is_saving", number=row.number)
            yield session, row


_SUMMARY_FIELDS = set(VersionSummary.model_fields)


def _csv(folder: Path, number: int, language: Language) -> str:
    return report_csv(report_in(folder, number), problems_in(folder, number), language)


def _refuse_in_use(session: Session, sources: list[SourceFile]) -> None:
    """Refuse uploads that are being imported: their bytes go when that is done."""
    at_work = {
        source["path"] for job in _imports_at_work(session) for source in job.plan["sources"]
    }
    for source in sources:
        if source.path in at_work:
            raise error("upload.in_use", file=source.name)


def _imports_at_work(session: Session) -> list[JobRow]:
    return list(
        session.scalars(
            select(JobRow).where(JobRow.kind == "import", JobRow.state.in_(["queued", "running"]))
        )
    )
