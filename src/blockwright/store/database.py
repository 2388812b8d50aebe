"""One database by URL: SQLite by default, PostgreSQL for teams.

Takes   a SQLAlchemy URL.
Gives   transactions; calls back after each commit that published live events.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from blockwright.contracts.problems import error

# Older SQLite can damage a WAL file when a checkpoint and a writer meet
# (fixed in 3.51.3); there the rollback journal is used instead.
WAL_SAFE_SQLITE = (3, 51, 3)

# Key in `Session.info` by which `store.events.publish` says that browsers have news.
PUBLISHED = "live events were published"


def sqlite_url(path: Path) -> str:
    """Give the SQLAlchemy URL of a SQLite file."""
    return f"sqlite+pysqlite:///{path}"


def require_database(url: str) -> None:
    """Raise, in words, what stands in the way of using a database.

    Raises:
        BlockwrightError: `server.database_unknown`, `server.database_unreachable`.
    """
    if not url.startswith(("postgresql", "sqlite")):
        raise error("server.database_unknown")
    try:
        shown = make_url(url).render_as_string(hide_password=True)
        database = Database(url)
    except (ArgumentError, ModuleNotFoundError) as reason:
        raise error("server.database_unknown") from reason
    try:
        with database.engine.connect():
            pass
    except DBAPIError as reason:
        why = str(reason.orig).strip().splitlines()[0]
        raise error("server.database_unreachable", database=shown, reason=why) from reason
    finally:
        database.close()


class Database:
    """Transactions on one database; every acknowledged commit is on disk."""

    def __init__(self, url: str) -> None:
        """Connect; tables are made by `store.migrations.upgrade`."""
        self.url = url
        self.kind = "postgresql" if url.startswith("postgresql") else "sqlite"
        options: dict[str, Any] = {"pool_pre_ping": True} if self.kind == "postgresql" else {}
        self.engine = create_engine(url, **options)
        if self.kind == "sqlite":
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_immediately)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._after_commit: list[Callable[[], None]] = []

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call `callback` after each commit with live events, in the committing thread."""
        self._after_commit.append(callback)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a transaction: committed at the end, rolled back on any error.

        Do not open another one inside: on SQLite it would wait for the outer one.
        """
        with self._sessions.begin() as session:
            yield session
            session.flush()
            news = session.info.get(PUBLISHED, False)
        if news:
            for callback in self._after_commit:
                callback()

    def close(self) -> None:
        """Let all connections go."""
        self.engine.dispose()


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where `_begin_immediately` says
    mode = "WAL" if sqlite3.sqlite_version_info >= WAL_SAFE_SQLITE else "DELETE"
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA journal_mode={mode}")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA busy_timeout=10000")
    cursor.close()


def _begin_immediately(connection: Connection) -> None:
    # A transaction that reads first and writes later could not get the write lock
    # once another one has it ("database is locked" at once, whatever the timeout).
    connection.exec_driver_sql("BEGIN IMMEDIATE")
