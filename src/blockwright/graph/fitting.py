"""Snippets fitted to the data, for a canvas that holds nothing yet.

Takes   the catalogue's snippets and the schema of the chosen version.
Gives   the same snippets with what the data leaves no doubt about: features, shapes, nodes, loss.
Never   guesses: where two features could be meant, the person is asked by the usual problem.

On a canvas that holds blocks a snippet stays as it is: what it belongs to is not known.
"""

from __future__ import annotations

from blockwright.contracts.data import DataSchema, DataSource
from blockwright.contracts.graph import (
    Block,
    ExperimentSettings,
    GraphAnalysis,
    GraphDocument,
    ParamValue,
    Repair,
    SnippetCard,
)
from blockwright.graph.analysis import analyse
from blockwright.graph.operations import apply
from blockwright.graph.snippets import snippet_cards
from blockwright.graph.task import fitting_loss

# One repair of a snippet can uncover the next; none needs more than its shape and its end.
MOST_REPAIRS = 6
# Problems between a snippet and the data; others are for the person to decide.
OF_THE_DATA = frozenset(
    {
        "graph.wrong_rank",
        "graph.nodes_differ",
        "graph.target_size_differs",
        "graph.target_shape_differs",
        "graph.activation_does_not_fit",
    }
)


def fitted_snippets(schema: DataSchema | None, settings: ExperimentSettings) -> list[SnippetCard]:
    """Give every snippet of the catalogue, fitted to a version when there is one."""
    cards = snippet_cards()
    return [_fitted(card, schema, settings) for card in cards] if schema else cards


def _fitted(card: SnippetCard, schema: DataSchema, settings: ExperimentSettings) -> SnippetCard:
    shown = _only(schema, "tensor")
    wanted = _only(schema, "multi_label") or _only(schema, "categorical", "binary")
    graph, analysis = fit(card.graph, schema, settings, shown=shown, wanted=wanted)
    parameters = card.parameters if analysis.parameters is None else analysis.parameters
    return card.model_copy(update={"graph": graph, "parameters": parameters})


def fit(
    graph: GraphDocument,
    schema: DataSchema,
    settings: ExperimentSettings,
    *,
    shown: DataSource | None,
    wanted: DataSource | None,
) -> tuple[GraphDocument, GraphAnalysis]:
    """Set features, shapes, nodes and loss of a snippet's graph.

    Args:
        graph: As the catalogue has it.
        schema: The version to be fitted to.
        settings: Of the experiment.
        shown: What its Input shows; None leaves the question to the person.
        wanted: What its Target predicts; None likewise.

    Returns:
        The graph, and what is left to say of it.
    """
    graph = _with_features(graph, shown, wanted)
    analysis = analyse(graph, schema, settings)
    for _ in range(MOST_REPAIRS):
        way_out = _next_repair(analysis)
        if way_out is None:
            break
        graph = apply(graph, settings, way_out.operations).graph
        analysis = analyse(graph, schema, settings)
    return graph, analysis


def between_ends(
    name: str, graph: GraphDocument, schema: DataSchema, settings: ExperimentSettings
) -> GraphDocument | None:
    """Give a snippet that reads and predicts what a graph does, by the graph's own loss.

    None when there is no such snippet, or the graph has not exactly one Input and one Target.
    """
    card = next((each for each in snippet_cards() if each.name == name), None)
    ends = {kind: [b for b in graph.blocks if b.kind == kind] for kind in ("input", "target")}
    if card is None or any(len(blocks) != 1 for blocks in ends.values()):
        return None
    sources = {source.name: source for source in schema.sources}
    shown = sources.get(str(ends["input"][0].params.get("source")))
    target = ends["target"][0].params
    wanted = sources.get(str(target.get("source")))
    fitted, _ = fit(card.graph, schema, settings, shown=shown, wanted=wanted)
    blocks = [_told(block, {"target": target}) for block in fitted.blocks]
    return fitted.model_copy(update={"blocks": blocks})


def _next_repair(analysis: GraphAnalysis) -> Repair | None:
    found = (item for item in analysis.problems if item.problem.code in OF_THE_DATA)
    return next((item.repair for item in found if item.repair), None)


def _with_features(
    graph: GraphDocument, shown: DataSource | None, wanted: DataSource | None
) -> GraphDocument:
    known: dict[str, dict[str, ParamValue]] = {}
    if shown:
        known["input"] = {"source": shown.name}
        known["reshape"] = {"target_shape": _as_picture(shown.shape)}
    if wanted:
        known["target"] = {"source": wanted.name, "loss": fitting_loss(wanted)}
    return graph.model_copy(update={"blocks": [_told(block, known) for block in graph.blocks]})


def _told(block: Block, known: dict[str, dict[str, ParamValue]]) -> Block:
    return block.model_copy(update={"params": {**block.params, **known.get(block.kind, {})}})


def _only(schema: DataSchema, *kinds: str) -> DataSource | None:
    found = [source for source in schema.sources if source.kind in kinds]
    return found[0] if len(found) == 1 else None


def _as_picture(shape: list[int]) -> list[int]:
    return [*shape, 1] if len(shape) == 2 else shape
