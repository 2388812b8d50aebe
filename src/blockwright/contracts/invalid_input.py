"""What Pydantic finds wrong with an input, in the studio's own words.

Takes   a fault as Pydantic describes it.
Gives   a `Problem` of the catalogue that names the field and what it must be.
Never   shows Pydantic's own sentence where there is one of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from blockwright.contracts.problems import Problem, catalogue, problem


def _too_short(field: str, context: dict[str, Any]) -> Problem:
    return problem("server.input_too_short", field=field, limit=context["min_length"])


def _too_long(field: str, context: dict[str, Any]) -> Problem:
    return problem("server.input_too_long", field=field, limit=context["max_length"])


def _out_of_range(field: str, context: dict[str, Any]) -> Problem:
    bound, limit = next(
        (sign, context[key])
        for key, sign in (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<"))
        if key in context
    )
    return problem("server.input_out_of_range", field=field, bound=bound, limit=limit)


def _no_whole_number(field: str, _context: dict[str, Any]) -> Problem:
    return problem("server.input_no_whole_number", field=field)


def _no_number(field: str, _context: dict[str, Any]) -> Problem:
    return problem("server.input_no_number", field=field)


def _no_text(field: str, _context: dict[str, Any]) -> Problem:
    return problem("server.input_no_text", field=field)


def _no_json(_field: str, _context: dict[str, Any]) -> Problem:
    return problem("server.input_no_json")


def _no_truth(field: str, _context: dict[str, Any]) -> Problem:
    return problem("server.input_no_truth", field=field)


def _no_choice(field: str, context: dict[str, Any]) -> Problem:
    choices = str(context["expected"]).replace(" or ", ", ").replace("'", "")
    return problem("server.input_no_choice", field=field, choices=choices)


_BY_PYDANTIC_TYPE: dict[str, Callable[[str, dict[str, Any]], Problem]] = {
    "missing": lambda field, _: problem("server.input_missing", field=field),
    "extra_forbidden": lambda field, _: problem("server.input_unknown", field=field),
    "string_too_short": _too_short,
    "too_short": _too_short,
    "string_too_long": _too_long,
    "too_long": _too_long,
    "greater_than": _out_of_range,
    "greater_than_equal": _out_of_range,
    "less_than": _out_of_range,
    "less_than_equal": _out_of_range,
    "int_parsing": _no_whole_number,
    "int_type": _no_whole_number,
    "int_from_float": _no_whole_number,
    "float_parsing": _no_number,
    "float_type": _no_number,
    "finite_number": _no_number,
    "string_type": _no_text,
    "json_invalid": _no_json,
    "bool_parsing": _no_truth,
    "bool_type": _no_truth,
    "literal_error": _no_choice,
}


def describe_invalid_input(fault: Mapping[str, Any]) -> Problem:
    """Put one fault that Pydantic found (an item of `errors()`) into words that name the field.

    A validator of ours that raises a `PydanticCustomError` names a catalogue entry by the
    error's type; its context is the entry's parameters.
    """
    place = [str(part) for part in fault["loc"] if part not in {"body", "query", "path"}]
    field = ".".join(place) or "body"
    context = fault.get("ctx", {})
    if fault["type"] in catalogue():
        return problem(fault["type"], **{"field": field, **context})
    make = _BY_PYDANTIC_TYPE.get(fault["type"])
    if make is not None:
        return make(field, context)
    return problem("server.invalid_input", field=field, reason=str(fault["msg"]))
