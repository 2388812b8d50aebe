"""Whose is it? Every id of the studio leads to a project, and a project to its owner."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from blockwright.store.tables import (
    BundleRow,
    CheckpointRow,
    CompetitionRow,
    DatasetRow,
    ExperimentRow,
    JobRow,
    ProbeRow,
    ProjectRow,
    RunGroupRow,
    RunRow,
    VersionRow,
)


def _project_id_query(object_id: str) -> Select[tuple[str]] | None:
    """Give the query for the project of an id; None for an id of no known kind."""
    by_prefix: dict[str, Any] = {
        "prj": select(ProjectRow.id).where(ProjectRow.id == object_id),
        "ds": select(DatasetRow.project_id).where(DatasetRow.id == object_id),
        "ver": select(DatasetRow.project_id)
        .join(VersionRow, VersionRow.dataset_id == DatasetRow.id)
        .where(VersionRow.id == object_id),
        "exp": select(ExperimentRow.project_id).where(ExperimentRow.id == object_id),
        "run": select(RunRow.project_id).where(RunRow.id == object_id),
        "grp": select(RunGroupRow.project_id).where(RunGroupRow.id == object_id),
        "ckp": select(RunRow.project_id)
        .join(CheckpointRow, CheckpointRow.run_id == RunRow.id)
        .where(CheckpointRow.id == object_id),
        "bun": select(RunRow.project_id)
        .join(BundleRow, BundleRow.run_id == RunRow.id)
        .where(BundleRow.id == object_id),
        "cmp": select(CompetitionRow.project_id).where(CompetitionRow.id == object_id),
        "prb": select(ExperimentRow.project_id)
        .join(ProbeRow, ProbeRow.experiment_id == ExperimentRow.id)
        .where(ProbeRow.id == object_id),
        "job": select(JobRow.project_id).where(JobRow.id == object_id),
    }
    return by_prefix.get(object_id.partition("_")[0])


def owner_of(session: Session, object_id: str) -> str | None:
    """Give whose project an object belongs to; None when there is no such object."""
    query = _project_id_query(object_id)
    if query is None:
        return None
    return session.scalar(
        select(ProjectRow.owner_id).where(ProjectRow.id.in_(query.scalar_subquery()))
    )


def project_ids_of(session: Session, owner_id: str) -> set[str]:
    """Give the ids of all projects of an owner, those in the bin included."""
    return set(session.scalars(select(ProjectRow.id).where(ProjectRow.owner_id == owner_id)))
