"""Words that a person types: names, and text that can be seen."""

from __future__ import annotations

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError


def _without_control_characters(given: str) -> str:
    """Refuse what cannot be seen; PostgreSQL cannot keep a NUL at all."""
    if any(unicodedata.category(each) == "Cc" and each not in "\t\r\n" for each in given):
        code, text = "server.input_control_characters", "characters that cannot be seen"
        raise PydanticCustomError(code, text)
    return given


_Seen = AfterValidator(_without_control_characters)
Words = Annotated[str, _Seen]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120), _Seen]
