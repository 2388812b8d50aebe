"""What every service that starts runs needs to know."""

from __future__ import annotations

from blockwright.contracts.queue import NO_LIMITS, Limits
from blockwright.store.database import Database
from blockwright.store.files import FileStore


class RunStarter:
    """Where runs are rows, where their files lie, and what they may take."""

    def __init__(
        self,
        database: Database,
        files: FileStore,
        *,
        limits: Limits = NO_LIMITS,
        checkpoint_seconds: float = 180.0,
    ) -> None:
        """Use `database` and `files`.

        Args:
            database: Where runs are rows.
            files: Where their checkpoints lie.
            limits: Runs that can never fit into them are refused.
            checkpoint_seconds: How often a run keeps its place within an epoch.
        """
        self._database = database
        self._files = files
        self._limits = limits
        self._checkpoint_seconds = checkpoint_seconds
