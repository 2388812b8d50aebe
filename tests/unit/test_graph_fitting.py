"""Snippets on an empty canvas: what the data leaves no doubt about is already set."""

from __future__ import annotations

import pytest

from blockwright.contracts.data import DataSchema, DataSource
from blockwright.contracts.graph import GraphAnalysis, GraphDocument
from blockwright.graph.analysis import analyse
from blockwright.graph.fitting import fitted_snippets
from blockwright.graph.snippets import snippet_cards
from tests.support.graphs import KIND, LABELS, SETTINGS, YES, schema, tensor

NAMES = [card.name for card in snippet_cards()]
EIGHTY_KINDS = KIND.model_copy(
    update={"shape": [80], "classes": [f"kind {number}" for number in range(80)]}
)


def data(*sources: DataSource) -> DataSchema:
    """Give a version with these sources alone."""
    return schema().model_copy(update={"sources": list(sources)})


def fit(name: str, version: DataSchema) -> GraphDocument:
    """Give one snippet fitted to a version."""
    return next(card for card in fitted_snippets(version, SETTINGS) if card.name == name).graph


def codes(analysis: GraphAnalysis) -> list[str]:
    """Give what is wrong."""
    return [item.problem.code for item in analysis.problems if item.severity == "error"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "sources",
    [
        (tensor("fname", 256, 256), LABELS, YES),
        (tensor("fname", 64, 128), KIND),
        (tensor("photo", 96, 96, 3), YES),
        (tensor("fname", 64, 128), EIGHTY_KINDS),
    ],
    ids=["spectrograms with labels", "spectrograms of one kind", "photos", "as many kinds"],
)
def test_a_fitted_snippet_can_run_at_once(name: str, sources: tuple[DataSource, ...]) -> None:
    version = data(*sources)
    analysis = analyse(fit(name, version), version, SETTINGS)
    assert analysis.can_run, codes(analysis)
    assert [item.problem.code for item in analysis.problems if item.repair] in (
        [],
        ["graph.no_dropout"],
    )


@pytest.mark.parametrize("name", NAMES)
def test_where_two_features_could_be_meant_the_person_is_asked(name: str) -> None:
    version = data(
        tensor("left", 64, 64), tensor("right", 64, 64), YES, YES.model_copy(update={"name": "no"})
    )
    found = codes(analyse(fit(name, version), version, SETTINGS))
    assert {"graph.input_without_feature", "graph.target_without_feature"} <= set(found)


def test_without_a_version_a_snippet_stays_as_it_is() -> None:
    assert fitted_snippets(None, SETTINGS) == snippet_cards()


def test_fitting_leaves_the_catalogue_alone() -> None:
    before = [card.model_dump() for card in snippet_cards()]
    fitted_snippets(schema(), SETTINGS)
    assert [card.model_dump() for card in snippet_cards()] == before
