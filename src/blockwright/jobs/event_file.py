"""The events of one attempt as lines of a file: written by the worker, read by the server.

Takes   events of `contracts.work`.
Gives   whole lines only: what a crash tore off is never seen by the reader.
Never   loses an event that acknowledges work: those are on disk when `append` returns.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

from pydantic import ValidationError

from blockwright.contracts.crash_points import reach
from blockwright.contracts.problems import error
from blockwright.contracts.work import (
    EventLine,
    Heartbeat,
    Progress,
    TrainLosses,
    TrainStep,
    WorkerEvent,
)
from blockwright.store.files import fsync_folder

# A lost one of these is replaced by the next; everything else acknowledges something.
_PASSING = (Heartbeat, Progress, TrainStep)
# Each counts, but a run that goes on makes again what power loss took.
_NOT_SYNCED = (*_PASSING, TrainLosses)
_MOST_BYTES_AT_ONCE = 8 * 2**20


class EventWriter:
    """Appends events of one attempt; threads may share it."""

    def __init__(self, path: Path, attempt: int) -> None:
        """Append to `path`, made when it is not there."""
        self._file = path.open("ab", buffering=0)
        fsync_folder(path.parent)
        self._attempt = attempt
        self._lock = threading.Lock()

    def append(self, event: WorkerEvent) -> None:
        """Add one line; fsynced unless the event acknowledges nothing.

        Raises:
            OSError: If the line cannot be written, e.g. on a full disk; the file
                then ends where it ended before.
        """
        line = EventLine(attempt=self._attempt, at=time.time(), event=event)
        data = line.model_dump_json().encode() + b"\n"
        with self._lock:
            before = os.fstat(self._file.fileno()).st_size
            try:
                written = self._file.write(data)
                if written != len(data):
                    raise OSError(f"only {written} of {len(data)} bytes could be written")
                if not isinstance(event, _NOT_SYNCED):
                    reach("event-written")
                    os.fsync(self._file.fileno())
                    reach("event-durable")
            except OSError:
                self._file.truncate(before)
                raise

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read_events(path: Path, offset: int) -> tuple[list[EventLine], int]:
    """Read the whole lines after `offset`.

    Args:
        path: The file; one that is not there yet holds no events.
        offset: Where the last reading ended, in bytes.

    Returns:
        The lines in their order, and the offset for the next reading.

    Raises:
        BlockwrightError: `job.events_unreadable` if a whole line is no event.
    """
    try:
        with path.open("rb") as file:
            file.seek(offset)
            data = file.read(_MOST_BYTES_AT_ONCE)
    except FileNotFoundError:
        return [], offset
    whole = data[: data.rfind(b"\n") + 1]
    try:
        lines = [EventLine.model_validate_json(line) for line in whole.splitlines()]
    except ValidationError as reason:
        raise error("job.events_unreadable") from reason
    return lines, offset + len(whole)


def newest_of_passing(lines: list[EventLine]) -> list[EventLine]:
    """Leave out passing events that a later one of their kind in the batch replaces."""
    newest = {line.event.type: place for place, line in enumerate(lines)}
    return [
        line
        for place, line in enumerate(lines)
        if not isinstance(line.event, _PASSING) or newest[line.event.type] == place
    ]
