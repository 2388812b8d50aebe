"""What all our models share: strict, closed, documented."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A closed record: an unknown field is a mistake, never ignored."""

    model_config = ConfigDict(extra="forbid", ser_json_inf_nan="null")


class LocalizedText(Model):
    """One sentence in both languages of the studio."""

    en: str
    zh: str


def utc_now() -> datetime:
    """Give the present moment with its zone."""
    return datetime.now(UTC)
