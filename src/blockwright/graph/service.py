"""Experiments in the database: every edit is kept as operations with their inverse.

The only module of this room with SQL. Each change first moves the revision on with
one conditional UPDATE, which also takes the write lock: of two edits made on the
same revision, exactly one is accepted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from blockwright.contracts.base import utc_now
from blockwright.contracts.data import DataSchema
from blockwright.contracts.graph import (
    Edit,
    Experiment,
    ExperimentCreate,
    ExperimentRename,
    ExperimentSettings,
    ExperimentSummary,
    GraphDocument,
    Operation,
    SnippetCard,
)
from blockwright.contracts.ids import new_id
from blockwright.contracts.presets import PresetCard
from blockwright.contracts.problems import error
from blockwright.contracts.studio import ExperimentChanged
from blockwright.graph.analysis import analyse
from blockwright.graph.fitting import fitted_snippets
from blockwright.graph.operations import apply
from blockwright.graph.presets import begin_with, offered_presets
from blockwright.graph.setting_checks import IN_BIN
from blockwright.store.database import Database
from blockwright.store.events import publish
from blockwright.store.tables import (
    DatasetRow,
    EditRow,
    ExperimentRow,
    ProjectRow,
    RunRow,
    VersionRow,
)
from blockwright.store.versions import name_in_bin

_OPERATIONS: TypeAdapter[list[Operation]] = TypeAdapter(list[Operation])
_COUNTED_NAME = re.compile(r"^(.*\bv)(\d+)$")


class ExperimentService:
    """What the API offers on experiments."""

    def __init__(self, database: Database) -> None:
        """Use `database`."""
        self._database = database

    def list_all(self, project_id: str) -> list[ExperimentSummary]:
        """List the experiments of a project, newest first."""
        with self._database.transaction() as session:
            rows = session.scalars(
                select(ExperimentRow)
                .where(ExperimentRow.project_id == project_id, ExperimentRow.binned_at.is_(None))
                .order_by(ExperimentRow.created_at.desc(), ExperimentRow.id.desc())
            ).all()
            latest = _latest_runs(session, project_id)
            binned = _binned_versions(session, project_id)
            return [
                ExperimentSummary(
                    id=row.id,
                    project_id=row.project_id,
                    name=row.name,
                    created_at=row.created_at,
                    changed_at=row.changed_at,
                    error_count=row.error_count + (_version_of(row) in binned),
                    latest_run_id=latest.get(row.id),
                )
                for row in rows
            ]

    def create(self, project_id: str, wanted: ExperimentCreate) -> Experiment:
        """Make an experiment on the newest frozen version of the project, if there is one.

        Raises `graph.name_taken`, and what `presets.begin_with` raises.
        """
        with self._database.transaction() as session:
            _require_project(session, project_id)
            _require_free(session, project_id, wanted.name)
            schema = _newest_schema(session, project_id)
            graph, settings = GraphDocument(), _first_settings(schema)
            if wanted.preset is not None:
                graph, settings = begin_with(wanted.preset, schema, settings)
            row = _insert(session, project_id, wanted.name, graph, settings)
            return _to_experiment(session, row)

    def presets(self, project_id: str) -> list[PresetCard]:
        """Give the presets that suit the newest frozen version of the project."""
        with self._database.transaction() as session:
            _require_project(session, project_id)
            return offered_presets(_newest_schema(session, project_id))

    def get(self, experiment_id: str) -> Experiment:
        """Give an experiment with its analysis. Raises `graph.experiment_not_found`."""
        with self._database.transaction() as session:
            return _to_experiment(session, _row(session, experiment_id))

    def snippets(self, experiment_id: str) -> list[SnippetCard]:
        """Give the snippets fitted to the data. Raises `graph.experiment_not_found`."""
        experiment = self.get(experiment_id)
        return fitted_snippets(experiment.data, experiment.settings)

    def rename(self, experiment_id: str, wanted: ExperimentRename) -> Experiment:
        """Give an experiment another name. Raises `graph.name_taken`."""
        with self._database.transaction() as session:
            row = _row(session, experiment_id)
            _require_free(session, row.project_id, wanted.name, but=row.id)
            row.name = wanted.name
            return _changed(session, row)

    def duplicate(self, experiment_id: str) -> Experiment:
        """Make a copy under the next free name (v1 becomes v2)."""
        with self._database.transaction() as session:
            row = _row(session, experiment_id)
            copy = _insert(
                session,
                row.project_id,
                _next_name(session, row),
                GraphDocument.model_validate(row.graph),
                ExperimentSettings.model_validate(row.settings),
            )
            return _to_experiment(session, copy)

    def duplicate_of_run(self, run_id: str) -> Experiment:
        """Make an experiment with the graph and settings that a run was made with.

        Raises `training.run_not_found`.
        """
        with self._database.transaction() as session:
            run = session.get(RunRow, run_id)
            if run is None:
                raise error("training.run_not_found")
            row = session.get_one(ExperimentRow, run.experiment_id)
            copy = _insert(
                session,
                run.project_id,
                _next_name(session, row),
                GraphDocument.model_validate(run.plan["graph"]),
                ExperimentSettings.model_validate(run.plan["settings"]),
            )
            return _to_experiment(session, copy)

    def bin(self, experiment_id: str) -> None:
        """Move an experiment to the bin."""
        with self._database.transaction() as session:
            row = _row(session, experiment_id)
            row.binned_at = utc_now()
            _publish(session, row)

    def restore(self, experiment_id: str) -> Experiment:
        """Take an experiment out of the bin."""
        with self._database.transaction() as session:
            row = session.get(ExperimentRow, experiment_id)
            if row is None:
                raise error("graph.experiment_not_found")
            if _is_taken(session, row.project_id, row.name, but=row.id):
                row.name = _next_name(session, row)
            row.binned_at = None
            return _changed(session, row)

    def edit(self, experiment_id: str, wanted: Edit) -> Experiment:
        """Apply one step of edits. Raises `graph.edited_elsewhere`, `graph.edit_impossible`."""
        with self._database.transaction() as session:
            row = _claim(session, experiment_id, base_revision=wanted.base_revision)
            inverse = _apply(session, row, wanted.operations)
            session.execute(
                delete(EditRow).where(
                    EditRow.experiment_id == row.id, EditRow.position > row.edit_position
                )
            )
            row.edit_position += 1
            session.add(
                EditRow(
                    experiment_id=row.id,
                    position=row.edit_position,
                    operations=_OPERATIONS.dump_python(wanted.operations, mode="json"),
                    inverse=_OPERATIONS.dump_python(inverse, mode="json"),
                    at=utc_now(),
                )
            )
            return _changed(session, row)

    def undo(self, experiment_id: str) -> Experiment:
        """Take the last step back. Raises `graph.nothing_to_undo`."""
        with self._database.transaction() as session:
            row = _claim(session, experiment_id)
            step = _step(session, row.id, row.edit_position)
            if step is None:
                raise error("graph.nothing_to_undo")
            _apply(session, row, _OPERATIONS.validate_python(step.inverse))
            row.edit_position -= 1
            return _changed(session, row)

    def redo(self, experiment_id: str) -> Experiment:
        """Do the last undone step again. Raises `graph.nothing_to_redo`."""
        with self._database.transaction() as session:
            row = _claim(session, experiment_id)
            step = _step(session, row.id, row.edit_position + 1)
            if step is None:
                raise error("graph.nothing_to_redo")
            _apply(session, row, _OPERATIONS.validate_python(step.operations))
            row.edit_position += 1
            return _changed(session, row)


def _row(session: Session, experiment_id: str) -> ExperimentRow:
    row = session.get(ExperimentRow, experiment_id)
    if row is None or row.binned_at is not None:
        raise error("graph.experiment_not_found")
    return row


def _require_project(session: Session, project_id: str) -> None:
    row = session.get(ProjectRow, project_id)
    if row is None or row.binned_at is not None:
        raise error("graph.project_not_found")


def _claim(
    session: Session, experiment_id: str, *, base_revision: int | None = None
) -> ExperimentRow:
    """Move the revision on and take the write lock; refuse an outdated base."""
    claim = update(ExperimentRow).where(
        ExperimentRow.id == experiment_id, ExperimentRow.binned_at.is_(None)
    )
    if base_revision is not None:
        claim = claim.where(ExperimentRow.revision == base_revision)
    claimed = session.scalars(
        claim.values(revision=ExperimentRow.revision + 1).returning(ExperimentRow.id)
    ).all()
    row = _row(session, experiment_id)
    session.refresh(row)
    if not claimed:
        raise error(
            "graph.edited_elsewhere", revision=row.revision, base_revision=base_revision or 0
        )
    return row


def _apply(
    session: Session, row: ExperimentRow, operations: Sequence[Operation]
) -> list[Operation]:
    graph = GraphDocument.model_validate(row.graph)
    settings = ExperimentSettings.model_validate(row.settings)
    applied = apply(graph, settings, operations)
    chosen = applied.settings.version_id
    if chosen is not None and chosen != settings.version_id:
        _require_version(session, row.project_id, chosen)
    row.graph = applied.graph.model_dump(mode="json")
    row.settings = applied.settings.model_dump(mode="json")
    return applied.inverse


def _require_version(session: Session, project_id: str, version_id: str) -> None:
    version = session.get(VersionRow, version_id)
    dataset = session.get(DatasetRow, version.dataset_id) if version else None
    if version is None or version.state != "frozen" or dataset is None:
        raise error("graph.version_not_in_project")
    if dataset.project_id != project_id:
        raise error("graph.version_not_in_project")


def _step(session: Session, experiment_id: str, position: int) -> EditRow | None:
    return session.scalar(
        select(EditRow).where(EditRow.experiment_id == experiment_id, EditRow.position == position)
    )


def _changed(session: Session, row: ExperimentRow) -> Experiment:
    row.changed_at = utc_now()
    experiment = _to_experiment(session, row)
    row.error_count = _errors(experiment)
    _publish(session, row)
    return experiment


def _publish(session: Session, row: ExperimentRow) -> None:
    publish(
        session,
        row.project_id,
        ExperimentChanged(project_id=row.project_id, experiment_id=row.id, revision=row.revision),
    )


def _errors(experiment: Experiment) -> int:
    """Count what only an edit can change: what lies in the bin comes and goes without one."""
    problems = experiment.analysis.problems
    return sum(item.severity == "error" and item.problem.code != IN_BIN for item in problems)


def _version_of(row: ExperimentRow) -> str | None:
    chosen: str | None = row.settings.get("version_id")
    return chosen


def _binned_versions(session: Session, project_id: str) -> set[str]:
    found = session.scalars(
        select(VersionRow.id)
        .join(DatasetRow, DatasetRow.id == VersionRow.dataset_id)
        .where(
            DatasetRow.project_id == project_id,
            or_(DatasetRow.binned_at.is_not(None), VersionRow.binned_at.is_not(None)),
        )
    )
    return set(found)


def _insert(
    session: Session, project_id: str, name: str, graph: GraphDocument, settings: ExperimentSettings
) -> ExperimentRow:
    now = utc_now()
    row = ExperimentRow(
        id=new_id("exp"),
        project_id=project_id,
        name=name,
        revision=0,
        graph=graph.model_dump(mode="json"),
        settings=settings.model_dump(mode="json"),
        error_count=0,
        edit_position=0,
        created_at=now,
        changed_at=now,
    )
    session.add(row)
    session.flush()
    _changed(session, row)
    return row


def _is_taken(session: Session, project_id: str, name: str, *, but: str | None = None) -> bool:
    others = session.execute(
        select(ExperimentRow.id, ExperimentRow.name).where(
            ExperimentRow.project_id == project_id, ExperimentRow.binned_at.is_(None)
        )
    )
    wanted = name.strip().casefold()
    return any(found != but and other.strip().casefold() == wanted for found, other in others)


def _require_free(session: Session, project_id: str, name: str, *, but: str | None = None) -> None:
    """Two experiments of one name cannot be told apart in curves and tables."""
    if _is_taken(session, project_id, name, but=but):
        raise error("graph.name_taken", name=name)


def _next_name(session: Session, row: ExperimentRow) -> str:
    counted = _COUNTED_NAME.match(row.name)
    stem, number = (counted[1], int(counted[2])) if counted else (f"{row.name} v", 1)
    while True:
        number += 1
        if not _is_taken(session, row.project_id, name := f"{stem}{number}"):
            return name


def _schema(version: VersionRow | None) -> DataSchema | None:
    if version is None or version.state != "frozen" or version.data_schema is None:
        return None
    schema = DataSchema.model_validate(version.data_schema)
    encodings = (version.data_plan or {}).get("encodings", {})
    for source in schema.sources:
        # A version of an older studio does not say it of its sources, only how they were encoded.
        encoding = encodings.get(source.features[0]) if len(source.features) == 1 else None
        source.is_spectrogram |= bool((encoding or {}).get("spectrogram"))
    return schema


def _newest_schema(session: Session, project_id: str) -> DataSchema | None:
    return _schema(
        session.scalar(
            select(VersionRow)
            .join(DatasetRow, DatasetRow.id == VersionRow.dataset_id)
            .where(
                DatasetRow.project_id == project_id,
                DatasetRow.binned_at.is_(None),
                VersionRow.binned_at.is_(None),
                VersionRow.state == "frozen",
            )
            .order_by(VersionRow.saved_at.desc(), VersionRow.number.desc())
            .limit(1)
        )
    )


def _first_settings(schema: DataSchema | None) -> ExperimentSettings:
    """Choose the subsets named Training and Validation, else the first two."""
    if schema is None:
        return ExperimentSettings()
    ids: dict[str, Any] = {"version_id": schema.version_id}
    roles = ("training_subset_id", "Training"), ("validation_subset_id", "Validation")
    for place, (setting, name) in enumerate(roles):
        named = next((s for s in schema.subsets if s.name == name), None)
        placed = schema.subsets[place] if place < len(schema.subsets) else None
        subset = named or placed
        ids[setting] = subset.id if subset else None
    return ExperimentSettings(**ids)


def _latest_runs(session: Session, project_id: str) -> dict[str, str]:
    """Give by experiment the newest run that stands for it.

    A trial of a search or a fold stands for it only where there is no run of its own, and one
    that was taken out of the queue only where there is nothing else.
    """
    never_began = RunRow.state.in_(("stopped", "failed")) & RunRow.started_at.is_(None)
    rows = session.execute(
        select(RunRow.experiment_id, RunRow.id)
        .where(RunRow.project_id == project_id)
        .order_by(never_began.desc(), RunRow.group_id.is_(None), RunRow.created_at, RunRow.number)
    )
    return {experiment_id: run_id for experiment_id, run_id in rows}  # noqa: C416 - typed rows


def _to_experiment(session: Session, row: ExperimentRow) -> Experiment:
    graph = GraphDocument.model_validate(row.graph)
    settings = ExperimentSettings.model_validate(row.settings)
    version = session.get(VersionRow, settings.version_id) if settings.version_id else None
    schema = _schema(version)
    binned = name_in_bin(session, version) if version is not None else None
    return Experiment(
        id=row.id,
        project_id=row.project_id,
        name=row.name,
        revision=row.revision,
        graph=graph,
        settings=settings,
        analysis=analyse(graph, schema, settings, binned_dataset=binned),
        can_undo=row.edit_position > 0,
        can_redo=_step(session, row.id, row.edit_position + 1) is not None,
        data=schema,
        created_at=row.created_at,
        changed_at=row.changed_at,
    )
