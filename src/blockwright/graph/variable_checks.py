"""Rules about features whose values vary in length: at most one shown, none predicted."""

from __future__ import annotations

from blockwright.contracts.graph import GraphProblem
from blockwright.graph.findings import wrong
from blockwright.graph.view import GraphView


def check_variable(view: GraphView) -> list[GraphProblem]:
    """Check the Inputs that feed the one Target, and the Target itself."""
    targets = view.of_kind("target")
    if len(targets) != 1:
        return []
    target = targets[0]
    found: list[GraphProblem] = []
    predicted = view.sources.get(str(target.params.get("source")))
    if predicted is not None and predicted.variable is not None:
        words = {"feature": predicted.name}
        found.append(
            wrong("graph.target_varies_in_length", block=target, param="source", words={**words})
        )
    first: str | None = None
    for block in view.inputs_behind(target.id):
        shown = view.sources.get(str(block.params.get("source")))
        if shown is None or shown.variable is None or shown.name == first:
            continue
        if first is None:
            first = shown.name
            continue
        # Tiles of two features are not about the same moments, so there is no mean over them.
        found.append(
            wrong(
                "graph.several_variable_inputs",
                block=block,
                param="source",
                words={"feature": shown.name, "first": first},
            )
        )
    return found
