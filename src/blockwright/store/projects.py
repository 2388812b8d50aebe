"""Projects: everything about one problem, each with its owner."""

from __future__ import annotations

from blockwright.contracts.studio import Project, ProjectChange, ProjectCreate
from blockwright.store.database import Database


class ProjectService:
    """Make, list, change and bin projects of one owner."""

    def __init__(self, database: Database) -> None:
        """Use `database`."""
        self._database = database

    def local_owner(self) -> str:
        """Give the id of the one owner of local mode, made on first use."""
        raise NotImplementedError

    def list_all(self, owner_id: str) -> list[Project]:
        """List an owner's projects, the newest change first; those in the bin are left out."""
        raise NotImplementedError

    def create(self, owner_id: str, wanted: ProjectCreate) -> Project:
        """Make a project."""
        raise NotImplementedError

    def get(self, owner_id: str, project_id: str) -> Project:
        """Give one project. Raises `project.not_found`, also for another owner's."""
        raise NotImplementedError

    def change(self, owner_id: str, project_id: str, wanted: ProjectChange) -> Project:
        """Give a project another name or description."""
        raise NotImplementedError

    def bin(self, owner_id: str, project_id: str) -> None:
        """Move a project to the bin."""
        raise NotImplementedError

    def restore(self, owner_id: str, project_id: str) -> Project:
        """Take a project out of the bin."""
        raise NotImplementedError
