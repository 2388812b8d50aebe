"""Parameters of a block against their cards."""

from __future__ import annotations

from blockwright.contracts.graph import Block, Choice, GraphProblem, ParameterCard, ParamValue
from blockwright.graph.block_spec import shape_words
from blockwright.graph.cards import text
from blockwright.graph.findings import wrong
from blockwright.graph.view import GraphView

LONGEST_SHAPE = 6
ON_OR_OFF = [
    Choice(value="true", label=text(("On", "开"))),
    Choice(value="false", label=text(("Off", "关"))),
]


def check_params(view: GraphView, block: Block) -> list[GraphProblem]:
    """Give a problem for each parameter that is not what its card asks for."""
    params = view.params(block)
    found = []
    for card in view.spec(block).cards:
        value = params[card.name]
        if _fits(card, value):
            continue
        choices = [(choice.label.en, choice.label.zh) for choice in card.choices or ON_OR_OFF]
        found.append(
            wrong(
                _code(card),
                block=block,
                param=card.name,
                words={
                    "parameter": card.label.en,
                    "parameter_zh": card.label.zh,
                    "value": _words(value),
                    "minimum": _limit(card.minimum),
                    "maximum": _limit(card.maximum),
                    "choices": ", ".join(en for en, _zh in choices),
                    "choices_zh": "、".join(zh for _en, zh in choices),
                },
            )
        )
    return found


def _code(card: ParameterCard) -> str:
    if card.control in ("choice", "boolean"):
        return "graph.param_not_a_choice"
    if card.control == "shape":
        return "graph.param_not_a_shape"
    return (
        "graph.param_not_a_pair" if card.control == "integer_pair" else "graph.param_out_of_range"
    )


def _fits(card: ParameterCard, value: ParamValue) -> bool:
    match card.control:
        case "source":
            return True  # told by the rules about data
        case "boolean":
            return isinstance(value, bool)
        case "choice":
            return value in [choice.value for choice in card.choices or []]
        case "integer":
            return _is_whole(value) and _in_range(card, value)
        case "number":
            return isinstance(value, int | float) and _in_range(card, value)
        case "shape":
            sized = isinstance(value, list) and 1 <= len(value) <= LONGEST_SHAPE
            return sized and _all_in_range(card, value)
        case "integer_pair":
            return isinstance(value, list) and len(value) == 2 and _all_in_range(card, value)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _in_range(card: ParameterCard, value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    low = card.minimum is None or value >= card.minimum
    return low and (card.maximum is None or value <= card.maximum)


def _all_in_range(card: ParameterCard, values: ParamValue) -> bool:
    return isinstance(values, list) and all(
        _is_whole(value) and _in_range(card, value) for value in values
    )


def _words(value: ParamValue) -> str:
    return shape_words(value) if isinstance(value, list) else str(value)


def _limit(value: float | None) -> str:
    return "" if value is None else f"{value:,.15g}"
