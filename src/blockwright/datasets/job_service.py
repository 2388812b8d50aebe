"""The jobs of this room: imports, frozen versions, exports; queued, and what they say kept."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from blockwright.contracts.base import utc_now
from blockwright.contracts.data import Correction, Feature, FeatureSet
from blockwright.contracts.ids import new_id
from blockwright.contracts.problems import Problem
from blockwright.contracts.studio import JobKind
from blockwright.contracts.subsets import DataUsage, Subset
from blockwright.contracts.work import (
    Imported,
    ImportPlan,
    ImportRefused,
    Plan,
    VersionExported,
    VersionSaved,
    WorkerEvent,
)
from blockwright.datasets import subset_drafts
from blockwright.datasets.draft_state import DraftState
from blockwright.store.disk_use import refused_key
from blockwright.store.draft_steps import forget_steps
from blockwright.store.files import FileStore
from blockwright.store.queue import enqueue
from blockwright.store.tables import DatasetRow, JobRow, VersionRow
from blockwright.store.versions import (
    content_keys,
    dataset_of,
    find_dataset,
    find_version,
    tell,
    versions_of,
)


def state_of(row: VersionRow, files: FileStore) -> DraftState:
    """Give what a version's row holds as plain data."""
    return DraftState(
        content_folder=files.local_path(row.content_key),
        rows=row.rows,
        features=[Feature.model_validate(item) for item in row.features],
        feature_sets=[FeatureSet.model_validate(item) for item in row.feature_sets],
        subsets=[Subset.model_validate(item) for item in row.subsets],
        corrections=[Correction.model_validate(item) for item in row.corrections],
        left_out=tuple(row.left_out),
        fills=(row.data_plan or {}).get("fills", {}),
    )


def keep_state(row: VersionRow, state: DraftState, usage: DataUsage) -> None:
    """Write what a version holds into its row, and count the change.

    What went wrong with its last job was said of what it held before.
    """
    row.job_id = None
    row.rows = state.rows
    row.features = [item.model_dump(mode="json") for item in state.features]
    row.feature_sets = [item.model_dump(mode="json") for item in state.feature_sets]
    row.subsets = [item.model_dump(mode="json") for item in state.subsets]
    row.corrections = [item.model_dump(mode="json") for item in state.corrections]
    row.left_out = list(state.left_out)
    row.usage = usage.model_dump(mode="json")
    row.revision = (row.revision or 0) + 1


def queue_job(
    session: Session,
    dataset: DatasetRow,
    subject: DatasetRow | VersionRow,
    kind: JobKind,
    plan: Plan,
) -> None:
    """Queue a job on a dataset or one of its versions, and tell of it."""
    job = enqueue(
        session, project_id=dataset.project_id, kind=kind, subject_id=subject.id, plan=plan
    )
    subject.job_id = job.id
    tell(session, dataset)


def imports_at_work(session: Session) -> list[JobRow]:
    """Give the imports of all projects that wait or run."""
    return list(
        session.scalars(
            select(JobRow).where(JobRow.kind == "import", JobRow.state.in_(["queued", "running"]))
        )
    )


def record_event(session: Session, job: JobRow, event: WorkerEvent, files: FileStore) -> None:
    """Keep what a worker of this room's jobs says."""
    if isinstance(event, Imported):
        plan = ImportPlan.model_validate(job.plan)
        dataset = find_dataset(session, plan.dataset_id)
        dataset.state = "ready"
        dataset.report = event.report.model_dump(mode="json")
        dataset.problem = None
        _keep_imported(session, plan, event, files)
        files.remove(refused_key(plan.dataset_id))
        # The bytes are in the content folder now; the uploads were copies of them.
        for key in upload_keys(job):
            files.remove(key)
        tell(session, dataset)
    elif isinstance(event, ImportRefused):
        dataset = find_dataset(session, ImportPlan.model_validate(job.plan).dataset_id)
        dataset.report = event.report.model_dump(mode="json")
        tell(session, dataset)
    elif isinstance(event, VersionSaved):
        version = find_version(session, job.subject_id)
        version.state = "frozen"
        version.features = [item.model_dump(mode="json") for item in event.features]
        subsets = event.data.data_schema.subsets
        version.subsets = [item.model_dump(mode="json") for item in subsets]
        version.data_schema = event.data.data_schema.model_dump(mode="json")
        version.data_plan = event.data.model_dump(mode="json")
        version.content_hash = event.content_hash
        version.bytes = event.bytes
        version.revision += 1
        forget_steps(session, version)
        version.saved_at = utc_now()
        tell(session, dataset_of(session, version))
    elif isinstance(event, VersionExported):
        tell(session, dataset_of(session, find_version(session, job.subject_id)))


def _keep_imported(session: Session, plan: ImportPlan, event: Imported, files: FileStore) -> None:
    """Make the first draft, or give the rows of added files to the draft that waits for them."""
    from blockwright.datasets.added_rows import with_added_rows  # noqa: PLC0415 - brings Polars

    folder = Path(plan.content_folder)
    key = f"datasets/{folder.name}"
    if plan.version_id is None:
        if versions_of(session, plan.dataset_id, binned=None):
            return  # told before, by an attempt that died after it
        row = VersionRow(
            id=new_id("ver"),
            dataset_id=plan.dataset_id,
            number=1,
            created_at=utc_now(),
            content_key=key,
        )
        session.add(row)
        kept = DraftState(
            content_folder=folder,
            rows=event.rows,
            features=event.features,
            feature_sets=event.feature_sets,
            subsets=event.subsets or [],
            corrections=event.corrections,
            left_out=tuple(event.left_out),
        )
        if event.subsets is None:
            kept = subset_drafts.default_subsets(kept)
    else:
        row = find_version(session, plan.version_id)
        if row.content_key == key:
            return
        kept = with_added_rows(state_of(row, files), folder, event)
        forget_steps(session, row)  # they speak of the rows that were there before
    before = row.content_key
    row.state = "draft"
    row.content_key = key
    row.content_bytes = event.bytes
    kept = subset_drafts.resized(kept)
    keep_state(row, kept, subset_drafts.usage(kept))
    session.flush()
    if before not in content_keys(session, plan.dataset_id):
        files.remove(before)  # only this draft had these rows, and it has them in the new folder


def record_end(session: Session, job: JobRow, problem: Problem | None) -> None:
    """Note that a job of this room ended without success: failed, cancelled or lost.

    A dataset whose first import ended so is failed; a version becomes a draft again.
    """
    if job.kind == "import" and ImportPlan.model_validate(job.plan).version_id is None:
        dataset = find_dataset(session, job.subject_id)
        dataset.state = "failed"
        dataset.problem = problem.model_dump(mode="json") if problem else None
        tell(session, dataset)
        return
    version = find_version(session, job.subject_id)
    if version.state in {"saving", "importing"}:
        version.state = "draft"
    tell(session, dataset_of(session, version))


def upload_keys(job: JobRow) -> list[str]:
    """Give the uploads of an import; a path of this machine is nobody's to remove."""
    folders = [Path(source["path"]).parent for source in job.plan["sources"]]
    return [f"uploads/{item.name}" for item in folders if item.name.startswith("upl_")]
