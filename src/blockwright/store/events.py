"""The log of live events: what browsers are told, kept so that they can catch up."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import TypeAdapter
from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from blockwright.contracts.base import utc_now
from blockwright.contracts.studio import LiveEvent
from blockwright.store.database import PUBLISHED
from blockwright.store.tables import LiveEventRow

# Any number that nothing else in this database locks by.
_LOG_LOCK = 8_650_001

_EVENTS: TypeAdapter[LiveEvent] = TypeAdapter(LiveEvent)
_SEARCHED_EVENTS = 1_000


@dataclass(frozen=True)
class LoggedEvent:
    """A live event with its place in the log."""

    id: int
    project_id: str
    event: LiveEvent


def publish(session: Session, project_id: str, event: LiveEvent) -> None:
    """Add an event to the log, in the transaction of what it tells of.

    Ids become visible in their order: on PostgreSQL writers of the log take turns
    from here to their commit, on SQLite there is only one writer anyway. Else a
    reader that has seen id 8 could miss id 7, committed later.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOG_LOCK})
    session.info[PUBLISHED] = True
    session.add(
        LiveEventRow(
            project_id=project_id,
            type=event.type,
            payload=event.model_dump(mode="json"),
            at=utc_now(),
        )
    )


def publish_newest(
    session: Session, project_id: str, event: LiveEvent, *, path: tuple[str, ...], value: str
) -> None:
    """Add an event and let go of earlier ones of its type about the same thing.

    Args:
        session: The transaction.
        project_id: Whose event it is.
        event: The event; a browser that catches up needs only the newest.
        path: Where its payload names the thing, e.g. `("run", "id")`.
        value: The name found there.
    """
    publish(session, project_id, event)
    session.flush()
    newest = newest_event_id(session)
    session.execute(
        delete(LiveEventRow).where(
            LiveEventRow.project_id == project_id,
            LiveEventRow.type == event.type,
            LiveEventRow.id < newest,
            # Earlier ones were let go by earlier calls; this keeps the search short.
            LiveEventRow.id >= newest - _SEARCHED_EVENTS,
            LiveEventRow.payload[path].as_string() == value,
        )
    )


def events_after(session: Session, last_id: int, limit: int = 500) -> list[LoggedEvent]:
    """Give the events after `last_id`, oldest first."""
    rows = session.scalars(
        select(LiveEventRow).where(LiveEventRow.id > last_id).order_by(LiveEventRow.id).limit(limit)
    )
    return [LoggedEvent(r.id, r.project_id, _EVENTS.validate_python(r.payload)) for r in rows]


def newest_event_id(session: Session) -> int:
    """Give the id of the newest event, 0 when there is none."""
    return session.scalar(select(func.max(LiveEventRow.id))) or 0
