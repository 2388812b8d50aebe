"""Bring a database to the newest form of the tables, in numbered steps.

To add a step: change `store.tables`, then, with an empty folder for DATA,
`python -m blockwright.store.migrations DATA "what the step does"`, and read what it wrote.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from blockwright.store.database import Database


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(database: Database) -> None:
    """Run every step that the database has not had; each one in a transaction."""
    config = _config()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def write_step(database: Database, message: str) -> None:
    """Write a new step from the difference between `store.tables` and the database."""
    config = _config()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        known = len(list((Path(__file__).parent / "versions").glob("[0-9]*.py")))
        command.revision(config, message, autogenerate=True, rev_id=f"{known + 1:04d}")
