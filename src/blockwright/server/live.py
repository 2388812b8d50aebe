"""Live events to browsers: Server-Sent Events with ids, replay, and a quick end at shutdown."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from blockwright.store.database import Database
from blockwright.store.events import LoggedEvent, events_after, newest_event_id
from blockwright.store.ownership import project_ids_of

KEEP_ALIVE_SECONDS = 15.0
# Events of commits that come in a burst are sent together.
GATHER_SECONDS = 0.03


class Bell:
    """Wakes every open stream when something was committed, and sends all home at the end."""

    def __init__(self) -> None:
        """Begin silent; `attach` before use."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listeners: set[asyncio.Event] = set()
        self.closed = False

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Ring in this loop from now on."""
        self._loop = loop

    def ring(self) -> None:
        """Wake every listener; callable from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    def close(self) -> None:
        """Let every stream end; callable from a signal handler."""
        self.closed = True
        self.ring()

    def _wake(self) -> None:
        for listener in self._listeners:
            listener.set()

    def listen(self) -> asyncio.Event:
        """Give an event that is set at each ring until `leave`."""
        listener = asyncio.Event()
        self._listeners.add(listener)
        return listener

    def leave(self, listener: asyncio.Event) -> None:
        """Stop waking a listener."""
        self._listeners.discard(listener)


class LiveStream:
    """What one browser hears: its owner's events, of one project when it asked for one."""

    def __init__(
        self, database: Database, bell: Bell, *, owner_id: str, project_id: str | None
    ) -> None:
        """Listen on `bell` and read from the log in `database`."""
        self._database = database
        self._bell = bell
        self._owner_id = owner_id
        self._project_id = project_id

    async def messages(self, last_id: int | None) -> AsyncIterator[str]:
        """Give Server-Sent Events after `last_id`, or from now on, until the studio stops."""
        listener = self._bell.listen()
        try:
            place = await asyncio.to_thread(self._first_place, last_id)
            # Without data: the browser only notes where to go on after a broken connection.
            yield f"retry: 1000\nid: {place}\n\n"
            while not self._bell.closed:
                listener.clear()
                events, newest = await asyncio.to_thread(self._read, place)
                for event in events:
                    yield _message(event)
                if newest > place:
                    place = newest
                    continue
                try:
                    await asyncio.wait_for(listener.wait(), KEEP_ALIVE_SECONDS)
                    await asyncio.sleep(GATHER_SECONDS)
                except TimeoutError:
                    yield ": keep-alive\n\n"
        finally:
            self._bell.leave(listener)

    def _first_place(self, last_id: int | None) -> int:
        with self._database.transaction() as session:
            newest = newest_event_id(session)
        return newest if last_id is None else min(last_id, newest)

    def _read(self, place: int) -> tuple[list[LoggedEvent], int]:
        """Give this listener's events after `place`, and the place after them."""
        with self._database.transaction() as session:
            logged = events_after(session, place)
            ours = project_ids_of(session, self._owner_id) if logged else set()
        newest = logged[-1].id if logged else place
        wanted = [
            item
            for item in logged
            if item.project_id in ours and self._project_id in {None, item.project_id}
        ]
        return wanted, newest


def _message(item: LoggedEvent) -> str:
    """Give one event in the wire form of Server-Sent Events."""
    data = json.dumps({"id": item.id, "event": item.event.model_dump(mode="json")})
    return f"id: {item.id}\nevent: {item.event.type}\ndata: {data}\n\n"
