"""Rows of datasets and versions: found, counted, copied, and told as the API tells them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from blockwright.contracts.base import utc_now
from blockwright.contracts.data import Dataset, ImportReport, Version, VersionSummary
from blockwright.contracts.ids import new_id
from blockwright.contracts.problems import Problem, error
from blockwright.contracts.studio import DatasetChanged
from blockwright.store.disk_use import DiskUse, disk_use
from blockwright.store.draft_steps import next_redo, next_undo
from blockwright.store.events import publish
from blockwright.store.files import FileStore
from blockwright.store.tables import DatasetRow, JobRow, RunRow, VersionRow


def find_dataset(session: Session, dataset_id: str) -> DatasetRow:
    """Give a dataset's row. Raises `data.not_found`."""
    row = session.get(DatasetRow, dataset_id)
    if row is None:
        raise error("data.not_found", dataset_id=dataset_id)
    return row


def find_version(session: Session, version_id: str) -> VersionRow:
    """Give a version's row. Raises `data.version_not_found`."""
    row = session.get(VersionRow, version_id)
    if row is None:
        raise error("data.version_not_found", version_id=version_id)
    return row


def dataset_of(session: Session, version: VersionRow) -> DatasetRow:
    """Give the dataset of a version."""
    return find_dataset(session, version.dataset_id)


def name_in_bin(session: Session, version: VersionRow) -> str | None:
    """Give the name of a version's dataset where one of the two lies in the bin."""
    dataset = dataset_of(session, version)
    return dataset.name if version.binned_at or dataset.binned_at else None


def versions_of(
    session: Session, dataset_id: str, *, binned: bool | None = False
) -> list[VersionRow]:
    """Give the versions of a dataset by number; `binned` None gives all."""
    query = select(VersionRow).where(VersionRow.dataset_id == dataset_id)
    if binned is not None:
        query = query.where(VersionRow.binned_at.is_not(None) == binned)
    return list(session.scalars(query.order_by(VersionRow.number)))


def content_keys(session: Session, dataset_id: str) -> set[str]:
    """Give the content folders that the versions of a dataset lean on, the bin included."""
    found = session.scalars(
        select(VersionRow.content_key).where(VersionRow.dataset_id == dataset_id)
    )
    return set(found)


def run_count(session: Session, version_id: str) -> int:
    """Count the runs that were made with a version."""
    return session.scalar(select(func.count()).where(RunRow.version_id == version_id)) or 0


def add_version(session: Session, like: VersionRow) -> VersionRow:
    """Make a draft that begins as a copy of a version, with the next number."""
    newest = session.scalar(
        select(func.max(VersionRow.number)).where(VersionRow.dataset_id == like.dataset_id)
    )
    row = VersionRow(
        id=new_id("ver"),
        dataset_id=like.dataset_id,
        number=(newest or 0) + 1,
        state="draft",
        features=like.features,
        feature_sets=like.feature_sets,
        subsets=like.subsets,
        corrections=like.corrections,
        left_out=like.left_out,
        usage=like.usage,
        content_key=like.content_key,
        content_bytes=like.content_bytes,
        rows=like.rows,
        created_at=utc_now(),
    )
    session.add(row)
    session.flush()
    return row


def tell(session: Session, dataset: DatasetRow) -> None:
    """Tell the browsers that a dataset or one of its versions changed."""
    event = DatasetChanged(project_id=dataset.project_id, dataset_id=dataset.id)
    publish(session, dataset.project_id, event)


def to_dataset(
    session: Session, row: DatasetRow, files: FileStore, *, binned_versions: bool = False
) -> Dataset:
    """Give a dataset as the API tells it, with its versions or those in the bin."""
    every = versions_of(session, row.id, binned=None)
    shown = [item for item in every if (item.binned_at is not None) == binned_versions]
    use = disk_use(session, row.id)
    in_bin = [item.id for item in every if item.binned_at is not None]
    return Dataset(
        id=row.id,
        project_id=row.project_id,
        name=row.name,
        state=row.state,
        created_at=row.created_at,
        binned_at=row.binned_at,
        rows=max(every, key=lambda item: item.number).rows if every else 0,
        bytes=use.bytes_of(use.of_all(), files),
        binned_bytes=use.bytes_of(use.freed_by(in_bin), files),
        versions=[VersionSummary(**_summary(session, item, use, files)) for item in shown],
        job_id=row.job_id,
        report=ImportReport.model_validate(row.report) if row.report else None,
        problem=Problem.model_validate(row.problem) if row.problem else None,
    )


def to_version(session: Session, row: VersionRow, files: FileStore) -> Version:
    """Give a version as the API tells it."""
    dataset = dataset_of(session, row)
    return Version.model_validate(
        _summary(session, row, disk_use(session, dataset.id), files)
        | {
            "project_id": dataset.project_id,
            "dataset_name": dataset.name,
            "features": row.features,
            "feature_sets": row.feature_sets,
            "subsets": row.subsets,
            "usage": row.usage,
            "revision": row.revision,
            "correction_count": len(row.corrections),
            **_measured(row),
            "undo": next_undo(session, row),
            "redo": next_redo(session, row),
            "export_ready": files.exists(f"exports/{row.id}.zip"),
            "export_bytes": files.bytes_under(f"exports/{row.id}.zip"),
            **_work_of(session, row.job_id),
        }
    )


def _measured(row: VersionRow) -> dict[str, Any]:
    """Give what was measured when a version was saved; nothing of a draft."""
    plan: dict[str, Any] = row.data_plan or {}
    fills, statistics = plan.get("fills", {}), plan.get("statistics", {})
    names = [name for name, told in statistics.items() if told["normalization"] != "none"]
    measured = [
        {"feature": name, "filled_with": fills.get(name)} | statistics.get(name, {})
        for name in dict.fromkeys([*fills, *names])
    ]
    return {"measured": measured, "measured_on": plan.get("measured_on")}


def _work_of(session: Session, job_id: str | None) -> dict[str, Any]:
    """Give the job that is at work on a version, or why the last one failed."""
    job = session.get(JobRow, job_id) if job_id else None
    if job is None:
        return {}
    if job.state in {"queued", "running"}:
        return {"job_id": job_id}
    return {"problem": job.problem if job.state == "failed" else None}


def _summary(session: Session, row: VersionRow, use: DiskUse, files: FileStore) -> dict[str, Any]:
    return {
        "id": row.id,
        "dataset_id": row.dataset_id,
        "number": row.number,
        "state": row.state,
        "rows": row.rows,
        "content_hash": row.content_hash,
        "saved_at": row.saved_at,
        "run_count": run_count(session, row.id),
        "bytes": use.bytes_of(use.freed_by([row.id]), files),
        "binned_at": row.binned_at,
    }
