"""Who may come in: a one-time key in the printed address, then a session cookie.

The database keeps only the SHA-256 of a cookie. A key works once; as soon as it is
used a fresh one is made and told to `announce`, so that nobody is locked out.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable

from blockwright.contracts.base import utc_now
from blockwright.store.database import Database
from blockwright.store.tables import SessionRow

COOKIE_DAYS = 365


class Sessions:
    """The sessions of one studio and the key that opens the next one."""

    def __init__(
        self, database: Database, owner_id: str, *, announce: Callable[[str], None]
    ) -> None:
        """Open sessions for `owner_id`; `announce` is told each fresh key."""
        self._database = database
        self._owner_id = owner_id
        self._announce = announce
        self._lock = threading.Lock()
        self._owners: dict[str, str] = {}
        self.key = secrets.token_urlsafe(24)

    def open(self, key: str) -> str | None:
        """Give the cookie of a new session for a key that was not used before, else None."""
        with self._lock:
            if not secrets.compare_digest(key.encode(), self.key.encode()):
                return None
            self.key = secrets.token_urlsafe(24)
        cookie = secrets.token_urlsafe(32)
        with self._database.transaction() as session:
            session.add(
                SessionRow(
                    token_sha256=_sha256(cookie), owner_id=self._owner_id, created_at=utc_now()
                )
            )
        self._announce(self.key)
        return cookie

    def owner_id(self, cookie: str) -> str | None:
        """Give whose session a cookie belongs to; None when there is no such session."""
        digest = _sha256(cookie)
        known = self._owners.get(digest)
        if known is not None:
            return known
        with self._database.transaction() as session:
            row = session.get(SessionRow, digest)
        if row is None:
            return None
        self._owners[digest] = row.owner_id
        return row.owner_id


def cookie_name(port: int) -> str:
    """Give the cookie's name: browsers keep cookies per host, whatever the port."""
    return f"blockwright-{port}"


def _sha256(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()
