"""Settings of a studio: each one documented, from the environment or `settings.toml`.

An environment variable is `BLOCKWRIGHT_` and the name in capitals.
"""

from __future__ import annotations

from pathlib import Path

import platformdirs
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What a person may set about the studio."""

    model_config = SettingsConfigDict(env_prefix="BLOCKWRIGHT_", extra="forbid")

    data: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("blockwright", appauthor=False)),
        description="Data folder: database, uploads, datasets, runs, models",
    )
    database_url: str | None = Field(
        None,
        description="PostgreSQL by URL (postgresql+psycopg://…); SQLite by default",
    )
    host: str = Field("127.0.0.1", description="Address to listen on")
    port: int = Field(8650, ge=0, le=65_535, description="Port to listen on; 0 takes a free one")
    workers: int = Field(1, ge=1, le=64, description="How many jobs run at the same time")
    max_upload_bytes: int = Field(200 * 2**30, ge=1, description="Largest single upload")
    max_expanded_bytes: int = Field(500 * 2**30, ge=1, description="Largest content of one archive")
    max_archive_entries: int = Field(2_000_000, ge=1, description="Most files in one archive")
    max_rows: int = Field(10_000_000, ge=1, description="Most rows of one dataset")
    max_columns: int = Field(16_384, ge=1, description="Most columns of one table")
