"""Models offered together with their settings when an experiment is made."""

from __future__ import annotations

from pydantic import Field

from blockwright.contracts.base import LocalizedText, Model


class PresetCard(Model):
    """A preset that suits the newest version of a project."""

    name: str
    label: LocalizedText
    what: LocalizedText = Field(description="What it does and how long it takes")
    inputs: list[str] = Field(description="Sources that its Input can show, at least one")
    targets: list[str] = Field(description="Sources that its Target can predict, at least one")


class PresetChoice(Model):
    """Begin with a preset; an end may be left out where only one source suits it."""

    name: str = Field(max_length=64)
    input: str | None = Field(None, description="Source of its Input")
    target: str | None = Field(None, description="Source of its Target")
