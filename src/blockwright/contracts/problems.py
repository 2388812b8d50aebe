"""Everything that can go wrong, in words, in both languages, under a stable code.

Takes   a code of a catalogue in `problem_catalogue/<area>.json` and its parameters.
Gives   a `Problem` (plain data) or a `BlockwrightError` that carries one.
Never   holds a sentence in Python: sentences live in the catalogues, which the
        browser reads too, so that a problem kept in the database is shown in the
        language of the person who looks at it.

A catalogue entry is `{"status": 422, "en": {"message", "fix"}, "zh": {...}}`.
Templates name parameters as `{name}`; a missing parameter is a programming error.
`{rows:row|rows}` is the first word for exactly 1 and the second for any other number.
`{rows:,}` is a count, its digits in groups of three; numbers of lines, hertz and the like have
none.
`{type:type}` is the word that the screen has for a code, or for each of several joined by
commas, from that group of `screen_words.json`: the code itself stays in the parameters.
"""

from __future__ import annotations

import json
import string
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Literal

from pydantic import Field

from blockwright.contracts.base import Model

Language = Literal["en", "zh"]
# A list has names to choose from; no sentence holds it.
ParameterValue = str | int | float | list[str]


class Problem(Model):
    """One thing that went wrong: what happened, and what to do about it."""

    code: str = Field(description="Stable, dotted: area.what_happened")
    params: dict[str, ParameterValue] = Field(default_factory=dict)
    message: str = Field(description="What happened and what was expected, in English")
    fix: str = Field(description="What to do, in English")


@cache
def catalogue() -> dict[str, dict[str, Any]]:
    """Read every entry of every catalogue file, keyed by code."""
    entries: dict[str, dict[str, Any]] = {}
    folder = resources.files(__package__) / "problem_catalogue"
    for file in sorted(folder.iterdir(), key=lambda item: item.name):
        if file.name.endswith(".json"):
            entries.update(json.loads(file.read_text(encoding="utf-8")))
    return entries


def problem(code: str, **params: ParameterValue) -> Problem:
    """Make a problem from its catalogue entry.

    Raises:
        KeyError: If the code or one of its parameters is unknown.
    """
    words = catalogue()[code]["en"]
    return Problem(
        code=code,
        params=params,
        message=worded(words["message"], params),
        fix=worded(words["fix"], params),
    )


def worded(template: str, params: Mapping[str, ParameterValue], language: Language = "en") -> str:
    """Fill a template of the catalogue.

    Raises:
        KeyError: If it names a parameter that is not given, or a group that is unknown.
    """
    return _TEMPLATES[language].vformat(template, (), params)


@cache
def _screen_words() -> dict[str, dict[str, dict[Language, str]]]:
    file = resources.files(__package__) / "screen_words.json"
    words: dict[str, dict[str, dict[Language, str]]] = json.loads(file.read_text("utf-8"))
    return words


class _Template(string.Formatter):
    """Fills templates; the browser does the same in `i18n/fillTemplate.ts`."""

    def __init__(self, language: Language) -> None:
        self._language: Language = language

    def format_field(self, value: Any, spec: str) -> str:
        """Give a value, a count in groups, its singular or plural, or the screen's word for it."""
        if "|" in spec:
            one, several = spec.split("|")
            return one if value == 1 else several
        if spec == ",":
            return f"{value:,}" if isinstance(value, int) else str(value)
        if not spec:
            return str(value)
        group = _screen_words()[spec]
        words = [group.get(code, {}).get(self._language, code) for code in str(value).split(", ")]
        return _JOINED_BY[self._language].join(words)


_JOINED_BY: dict[Language, str] = {"en": ", ", "zh": "、"}
_TEMPLATES: dict[Language, _Template] = {"en": _Template("en"), "zh": _Template("zh")}


def in_language(item: Problem, language: Language) -> Problem:
    """Give the same problem with message and fix in another language.

    One that was kept by an older studio may lack what the words of today name; it is told
    in the words that it was kept with, as the browser does.
    """
    try:
        words = catalogue()[item.code][language]
        told = {part: worded(words[part], item.params, language) for part in ("message", "fix")}
    except KeyError:
        return item
    return item.model_copy(update=told)


def http_status(code: str) -> int:
    """Give the HTTP status that an error with this code is answered with."""
    return int(catalogue()[code]["status"])


class BlockwrightError(Exception):
    """An error that a person can act on; survives pickling between processes."""

    def __init__(self, item: Problem) -> None:
        """Keep the problem; its message is the exception's text."""
        super().__init__(item)
        self.problem = item

    def __str__(self) -> str:
        """Say what happened and what to do."""
        return f"{self.problem.message} {self.problem.fix}"


def error(code: str, **params: ParameterValue) -> BlockwrightError:
    """Make an error from its catalogue entry; raise what this gives."""
    return BlockwrightError(problem(code, **params))


class ErrorBody(Model):
    """The one shape of every error that the API answers with."""

    error: Problem
