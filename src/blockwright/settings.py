"""Settings of a studio: each one documented, from the environment or `settings.toml`.

An environment variable is `BLOCKWRIGHT_` and the name in capitals.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from blockwright.contracts.problems import Language, error


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
    workers: int = Field(1, ge=1, le=64, description="How many trainings run at the same time")
    training_memory_bytes: int | None = Field(
        None,
        ge=2**28,
        description="Memory that all trainings together may take; the machine's by default",
    )
    training_gpus: int | None = Field(
        None, ge=0, le=64, description="GPUs for trainings; those of the machine by default"
    )
    warm_worker_bytes: int = Field(
        1_500_000_000,
        ge=0,
        description="Memory of the worker kept ready for the next training; 0 keeps none",
    )
    checkpoint_seconds: int = Field(
        180,
        ge=1,
        description="How often a training keeps where it is within an epoch, in seconds",
    )
    max_upload_bytes: int = Field(200 * 2**30, ge=1, description="Largest single upload")
    max_expanded_bytes: int = Field(500 * 2**30, ge=1, description="Largest content of one archive")
    max_archive_entries: int = Field(2_000_000, ge=1, description="Most files in one archive")
    max_rows: int = Field(10_000_000, ge=1, description="Most rows of one dataset")
    max_columns: int = Field(16_384, ge=1, description="Most columns of one table")
    max_image_pixels: int = Field(64_000_000, ge=1, description="Most pixels of one image")
    max_clip_seconds: int = Field(3_600, ge=1, description="Longest recording")
    parser_memory_bytes: int = Field(
        4 * 2**30, ge=2**29, description="Memory of each process that reads media"
    )
    parser_seconds: int = Field(
        120, ge=1, description="Processor time that reading one file of media may take"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the command line first, then the environment, then the file."""
        file = TomlConfigSettingsSource(settings_cls, toml_file=settings_file())
        return init_settings, env_settings, file


def settings_file() -> Path:
    """Give the path of `settings.toml`: BLOCKWRIGHT_SETTINGS, else the platform's place."""
    named = os.environ.get("BLOCKWRIGHT_SETTINGS")
    if named:
        return Path(named)
    return Path(platformdirs.user_config_dir("blockwright", appauthor=False)) / "settings.toml"


def load_settings(given: dict[str, Any]) -> Settings:
    """Give the settings, with `given` above environment and file.

    Raises:
        BlockwrightError: `server.setting_invalid`, naming the setting.
    """
    try:
        return Settings(**given)
    except ValidationError as reason:
        fault = reason.errors()[0]
        name = ".".join(str(part) for part in fault["loc"])
        raise error("server.setting_invalid", setting=name, reason=fault["msg"]) from reason
    except (tomllib.TOMLDecodeError, SettingsError) as reason:
        place = str(settings_file())
        raise error("server.setting_invalid", setting=place, reason=str(reason)) from reason


def terminal_language() -> Language:
    """Give the language that the terminal's environment asks for."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"
