"""Projects: everything about one problem, each with its owner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from blockwright.contracts.base import utc_now
from blockwright.contracts.ids import new_id
from blockwright.contracts.problems import error
from blockwright.contracts.studio import Project, ProjectChange, ProjectCreate
from blockwright.store.database import Database
from blockwright.store.tables import (
    DatasetRow,
    ExperimentRow,
    OwnerRow,
    ProjectRow,
    RunRow,
    VersionRow,
)

# Runs in these states occupy a worker; a queued one does not.
RUNNING_STATES = ("starting", "running", "stopping")


class ProjectService:
    """Make, list, change and bin projects of one owner."""

    def __init__(self, database: Database) -> None:
        """Use `database`."""
        self._database = database

    def local_owner(self) -> str:
        """Give the id of the one owner of local mode, made on first use."""
        with self._database.transaction() as session:
            found = session.scalar(select(OwnerRow.id).order_by(OwnerRow.id).limit(1))
            if found:
                return found
            row = OwnerRow(id=new_id("own"), name="local")
            session.add(row)
            return row.id

    def list_all(self, owner_id: str) -> list[Project]:
        """List an owner's projects, the newest change first; those in the bin are left out."""
        with self._database.transaction() as session:
            rows = session.scalars(
                select(ProjectRow)
                .where(ProjectRow.owner_id == owner_id, ProjectRow.binned_at.is_(None))
                .order_by(ProjectRow.changed_at.desc(), ProjectRow.id)
            ).all()
            return _to_projects(session, rows)

    def create(self, owner_id: str, wanted: ProjectCreate) -> Project:
        """Make a project."""
        now = utc_now()
        row = ProjectRow(
            id=new_id("prj"),
            owner_id=owner_id,
            name=wanted.name,
            description=wanted.description,
            created_at=now,
            changed_at=now,
        )
        with self._database.transaction() as session:
            session.add(row)
            session.flush()
            return _to_projects(session, [row])[0]

    def get(self, owner_id: str, project_id: str) -> Project:
        """Give one project. Raises `project.not_found`, also for another owner's."""
        with self._database.transaction() as session:
            return _to_projects(session, [_find(session, owner_id, project_id)])[0]

    def change(self, owner_id: str, project_id: str, wanted: ProjectChange) -> Project:
        """Give a project another name or description."""
        with self._database.transaction() as session:
            row = _find(session, owner_id, project_id)
            row.name = wanted.name
            row.description = wanted.description
            row.changed_at = utc_now()
            return _to_projects(session, [row])[0]

    def bin(self, owner_id: str, project_id: str) -> None:
        """Move a project to the bin."""
        with self._database.transaction() as session:
            _find(session, owner_id, project_id).binned_at = utc_now()

    def restore(self, owner_id: str, project_id: str) -> Project:
        """Take a project out of the bin."""
        with self._database.transaction() as session:
            row = _find(session, owner_id, project_id, binned=True)
            row.binned_at = None
            row.changed_at = utc_now()
            return _to_projects(session, [row])[0]


def _find(session: Session, owner_id: str, project_id: str, *, binned: bool = False) -> ProjectRow:
    """Give an owner's project; one in the bin only when `binned`."""
    row = session.get(ProjectRow, project_id)
    if row is None or row.owner_id != owner_id or (row.binned_at is not None and not binned):
        raise error("project.not_found")
    return row


def _to_projects(session: Session, rows: Sequence[ProjectRow]) -> list[Project]:
    """Give projects with what they hold, counted in one query per kind."""
    ids = [row.id for row in rows]
    datasets = _counts(session, DatasetRow.project_id, ids, DatasetRow.binned_at.is_(None))
    experiments = _counts(session, ExperimentRow.project_id, ids, ExperimentRow.binned_at.is_(None))
    running = _counts(session, RunRow.project_id, ids, RunRow.state.in_(RUNNING_STATES))
    versions = _version_counts(session, ids)
    best = _best_values(session, ids)
    return [
        Project(
            id=row.id,
            owner_id=row.owner_id,
            name=row.name,
            description=row.description,
            created_at=row.created_at,
            changed_at=row.changed_at,
            dataset_count=datasets.get(row.id, 0),
            version_count=versions.get(row.id, 0),
            experiment_count=experiments.get(row.id, 0),
            running_count=running.get(row.id, 0),
            best_metric=best.get(row.id, (None, None))[0],
            best_value=best.get(row.id, (None, None))[1],
        )
        for row in rows
    ]


def _counts(
    session: Session, project_id: Any, ids: list[str], condition: ColumnElement[bool]
) -> dict[str, int]:
    """Count rows per project; `project_id` is the column that names the project."""
    query = (
        select(project_id, func.count()).where(project_id.in_(ids), condition).group_by(project_id)
    )
    return {key: count for key, count in session.execute(query)}  # noqa: C416


def _version_counts(session: Session, ids: list[str]) -> dict[str, int]:
    """Count frozen versions per project."""
    query = (
        select(DatasetRow.project_id, func.count(VersionRow.id))
        .join(VersionRow, VersionRow.dataset_id == DatasetRow.id)
        .where(
            DatasetRow.project_id.in_(ids),
            DatasetRow.binned_at.is_(None),
            VersionRow.state == "frozen",
        )
        .group_by(DatasetRow.project_id)
    )
    return {key: count for key, count in session.execute(query)}  # noqa: C416


def _best_values(session: Session, ids: list[str]) -> dict[str, tuple[str, float]]:
    """Give metric and best value per project, of the runs comparable to its newest scored one.

    Values of different metrics or targets cannot be compared, so the other runs are left out.
    """
    query = (
        select(RunRow)
        .join(ExperimentRow, ExperimentRow.id == RunRow.experiment_id)
        .where(
            RunRow.project_id.in_(ids),
            RunRow.best_value.is_not(None),
            ExperimentRow.binned_at.is_(None),
        )
        .order_by(RunRow.created_at.desc())
    )
    best: dict[str, tuple[tuple[str, ...], float]] = {}
    for run in session.scalars(query):
        measure, value = _measure_of(run), run.best_value
        if value is None:
            continue
        known = best.get(run.project_id)
        if known is None:
            best[run.project_id] = (measure, value)
        elif known[0] == measure:
            pick = max if run.plan["higher_is_better"] else min
            best[run.project_id] = (measure, pick(known[1], value))
    return {project: (measure[0], value) for project, (measure, value) in best.items()}


def _measure_of(run: RunRow) -> tuple[str, ...]:
    """Give the metric of a run's best value, and what else makes it a value of something else."""
    plan = run.plan
    blocks = plan.get("graph", {}).get("blocks", [])
    targets = [str(block["params"].get("source")) for block in blocks if block["kind"] == "target"]
    metric = str(plan["best_by"])
    if metric == "loss":
        return metric, *targets, run.loss
    return (
        (metric, *targets, str(plan.get("errors_in")))
        if metric.endswith("_error")
        else (metric, *targets)
    )
