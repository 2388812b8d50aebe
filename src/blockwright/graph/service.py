"""Experiments in the database: every edit is kept as operations with their inverse."""

from __future__ import annotations

from blockwright.contracts.graph import (
    Edit,
    Experiment,
    ExperimentCreate,
    ExperimentRename,
    ExperimentSummary,
)
from blockwright.store.database import Database


class ExperimentService:
    """What the API offers on experiments."""

    def __init__(self, database: Database) -> None:
        """Use `database`."""
        self._database = database

    def list_all(self, project_id: str) -> list[ExperimentSummary]:
        """List the experiments of a project, newest first."""
        raise NotImplementedError

    def create(self, project_id: str, wanted: ExperimentCreate) -> Experiment:
        """Make an experiment on the newest frozen version of the project, if there is one."""
        raise NotImplementedError

    def get(self, experiment_id: str) -> Experiment:
        """Give an experiment with its analysis. Raises `graph.experiment_not_found`."""
        raise NotImplementedError

    def rename(self, experiment_id: str, wanted: ExperimentRename) -> Experiment:
        """Give an experiment another name."""
        raise NotImplementedError

    def duplicate(self, experiment_id: str) -> Experiment:
        """Make a copy under the next free name (v1 becomes v2)."""
        raise NotImplementedError

    def bin(self, experiment_id: str) -> None:
        """Move an experiment to the bin."""
        raise NotImplementedError

    def restore(self, experiment_id: str) -> Experiment:
        """Take an experiment out of the bin."""
        raise NotImplementedError

    def edit(self, experiment_id: str, wanted: Edit) -> Experiment:
        """Apply one step of edits. Raises `graph.edited_elsewhere`, `graph.edit_impossible`."""
        raise NotImplementedError

    def undo(self, experiment_id: str) -> Experiment:
        """Take the last step back. Raises `graph.nothing_to_undo`."""
        raise NotImplementedError

    def redo(self, experiment_id: str) -> Experiment:
        """Do the last undone step again. Raises `graph.nothing_to_redo`."""
        raise NotImplementedError
