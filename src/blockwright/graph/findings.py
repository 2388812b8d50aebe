"""Problems of a graph, worded from their catalogue entry with the block's visible name."""

from __future__ import annotations

from collections.abc import Mapping

from blockwright.contracts.graph import Block, GraphProblem, Repair, Wire
from blockwright.contracts.problems import ParameterValue, problem
from blockwright.graph.view import names

NO_WORDS: Mapping[str, ParameterValue] = {}


def wrong(
    code: str,
    *,
    block: Block | None = None,
    wire: Wire | None = None,
    param: str | None = None,
    repair: Repair | None = None,
    words: Mapping[str, ParameterValue] = NO_WORDS,
) -> GraphProblem:
    """Make a problem that keeps the graph from running."""
    named = names(block) if block else {}
    return GraphProblem(
        severity="error",
        block_id=block.id if block else None,
        wire_id=wire.id if wire else None,
        param=param,
        problem=problem(code, **{**named, **words}),
        repair=repair,
    )


def warn(
    code: str,
    *,
    block: Block | None = None,
    wire: Wire | None = None,
    param: str | None = None,
    repair: Repair | None = None,
    words: Mapping[str, ParameterValue] = NO_WORDS,
) -> GraphProblem:
    """Make a problem that is worth a look and stops nothing."""
    found = wrong(code, block=block, wire=wire, param=param, repair=repair, words=words)
    return found.model_copy(update={"severity": "warning"})
