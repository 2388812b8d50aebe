"""What a worker's work is handed: a place for events, and a word when to stop."""

from __future__ import annotations

from typing import Literal, Protocol

from blockwright.contracts.work import WorkerEvent

Outcome = Literal["done", "stopped"]


class EventSink(Protocol):
    """Where a job says what it does; the entry of the worker implements it with files."""

    def emit(self, event: WorkerEvent) -> None:
        """Append one event; durable when this returns for events that acknowledge something."""

    def stop_requested(self) -> bool:
        """Say whether someone asked for the end; cheap enough for every batch."""
