"""Bring a database to the newest form of the tables, in numbered steps.

To add a step: change `store.tables`, then, with an empty folder for DATA,
`python -m blockwright.store.migrations DATA "what the step does"`, and read what it wrote.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from blockwright.store.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

_STEPS = Path(__file__).parent / "versions"


def _newest_step() -> str:
    return max(path.name[:4] for path in _STEPS.glob("[0-9]*.py"))


def _is_up_to_date(database: Database) -> bool:
    with database.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return found == _newest_step()


def _config() -> Config:
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(database: Database, step: str = "head") -> None:
    """Run every step up to `step` that the database has not had, in one transaction."""
    if _is_up_to_date(database):
        return
    from alembic import command  # noqa: PLC0415 - half a second that most starts can do without

    config = _config()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, step)


def write_step(database: Database, message: str) -> None:
    """Write a new step from the difference between `store.tables` and the database."""
    from alembic import command  # noqa: PLC0415

    config = _config()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        number = int(_newest_step()) + 1
        command.revision(config, message, autogenerate=True, rev_id=f"{number:04d}")
