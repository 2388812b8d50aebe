"""Edits and their way back."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from pydantic import ValidationError

from blockwright.contracts.graph import (
    AddBlock,
    AddWire,
    Block,
    ExperimentSettings,
    GraphDocument,
    MoveBlock,
    Operation,
    ParamValue,
    Position,
    RemoveBlock,
    RemoveWire,
    SetParam,
    SetSetting,
    Wire,
)
from blockwright.contracts.problems import BlockwrightError, in_language
from blockwright.graph.blocks import block_specs
from blockwright.graph.operations import apply
from blockwright.graph.setting_cards import setting_cards
from tests.support.graphs import SETTINGS, between, block, chain, look

BLOCK_IDS = st.sampled_from([f"b{number}" for number in range(6)])
WIRE_IDS = st.sampled_from([f"w{number}" for number in range(6)])
KINDS = st.sampled_from(sorted(block_specs()))
POSITIONS = st.builds(Position, x=st.integers(-500, 500), y=st.integers(-500, 500))
PLACES = st.one_of(st.none(), st.integers(-1, 8))
PARAMS: st.SearchStrategy[ParamValue] = st.one_of(
    st.integers(-5, 5), st.text(max_size=3), st.booleans(), st.lists(st.integers(0, 9), max_size=3)
)

OPERATIONS: st.SearchStrategy[Operation] = st.one_of(
    st.builds(
        AddBlock, block=st.builds(Block, id=BLOCK_IDS, kind=KINDS, position=POSITIONS), at=PLACES
    ),
    st.builds(RemoveBlock, block_id=BLOCK_IDS),
    st.builds(
        AddWire, wire=st.builds(Wire, id=WIRE_IDS, source=BLOCK_IDS, target=BLOCK_IDS), at=PLACES
    ),
    st.builds(RemoveWire, wire_id=WIRE_IDS),
    st.builds(
        SetParam,
        block_id=BLOCK_IDS,
        name=st.sampled_from(["nodes", "activation", "source", "filters", "rate"]),
        value=PARAMS,
    ),
    st.builds(MoveBlock, block_id=BLOCK_IDS, position=POSITIONS),
    st.builds(SetSetting, name=st.just("epochs"), value=st.integers(1, 99)),
    st.builds(SetSetting, name=st.just("version_id"), value=st.sampled_from(["ver_1", None])),
)


@settings(max_examples=120, deadline=None)
@given(st.lists(OPERATIONS, min_size=10, max_size=60))
def test_the_inverse_gives_the_same_document_and_settings_back(wanted: list[Operation]) -> None:
    graph, chosen = GraphDocument(), ExperimentSettings()
    for operation in wanted:
        try:
            after = apply(graph, chosen, [operation])
        except BlockwrightError:
            continue
        back = apply(after.graph, after.settings, after.inverse)
        assert (back.graph, back.settings) == (graph, chosen)
        look(after.graph)  # whatever can be drawn can be analysed
        graph, chosen = after.graph, after.settings


@settings(max_examples=40, deadline=None)
@given(st.lists(OPERATIONS, min_size=20, max_size=60))
def test_a_whole_step_is_taken_back_at_once(wanted: list[Operation]) -> None:
    graph, chosen = GraphDocument(), ExperimentSettings()
    accepted: list[Operation] = []
    for operation in wanted:
        try:
            after = apply(graph, chosen, [operation])
        except BlockwrightError:
            continue
        accepted.append(operation)
        graph, chosen = after.graph, after.settings
    step = apply(GraphDocument(), ExperimentSettings(), accepted)
    back = apply(step.graph, step.settings, step.inverse)

    assert (step.graph, step.settings) == (graph, chosen)
    assert (back.graph, back.settings) == (GraphDocument(), ExperimentSettings())


def refused(operation: Operation, document: GraphDocument) -> str:
    with pytest.raises(BlockwrightError) as caught:
        apply(document, SETTINGS, [operation])
    for language in ("en", "zh"):
        words = in_language(caught.value.problem, language)
        assert words.message
        assert words.fix
    return caught.value.problem.code


def test_an_edit_that_does_not_fit_is_refused_with_its_reason() -> None:
    document = between(block("dense", "dense"))

    def wire(source: str, target: str) -> AddWire:
        return AddWire(wire=Wire(id="new", source=source, target=target))

    assert refused(RemoveBlock(block_id="gone"), document) == "graph.edit_impossible"
    assert refused(RemoveWire(wire_id="gone"), document) == "graph.edit_impossible"
    assert refused(wire("input", "gone"), document) == "graph.edit_impossible"
    assert refused(AddBlock(block=block("dense", "add")), document) == "graph.edit_duplicate_id"
    assert refused(AddBlock(block=block("x", "magic")), document) == "graph.edit_unknown_kind"
    assert (
        refused(AddBlock(block=block("x", "add", colour="red")), document)
        == "graph.edit_unknown_param"
    )
    assert (
        refused(SetParam(block_id="dense", name="colour", value=1), document)
        == "graph.edit_unknown_param"
    )
    assert refused(wire("target", "dense"), document) == "graph.edit_wire_refused"
    assert refused(wire("dense", "input"), document) == "graph.edit_wire_refused"
    assert refused(wire("dense", "dense"), document) == "graph.edit_wire_refused"


@pytest.mark.parametrize(
    ("name", "value", "code", "message"),
    [
        (
            "batch_size",
            0,
            "graph.setting_out_of_range",
            "Batch size cannot be 0; it must lie from 1 to 65,536.",
        ),
        (
            "learning_rate",
            -1.0,
            "graph.setting_out_of_range",
            "Learning rate cannot be -1.0; it must lie from 1e-09 to 100.",
        ),
        (
            "epochs",
            "many",
            "graph.setting_out_of_range",
            "Epochs cannot be many; it must lie from 1 to 100,000.",
        ),
        (
            "optimizer",
            "magic",
            "graph.setting_not_a_choice",
            "Optimizer cannot be “magic”; the choices are "
            "Adam, AdamW, AMSgrad, Adamax, Nadam, Lion, SGD, RMSprop, Adagrad, Adadelta.",
        ),
        (
            "shuffle",
            "perhaps",
            "graph.setting_of_wrong_kind",
            "Shuffle cannot be “perhaps”.",
        ),
        ("colour", 1, "graph.edit_unknown_setting", "There is no setting “colour”."),
    ],
)
def test_a_setting_out_of_range_is_refused(
    name: str, value: ParamValue, code: str, message: str
) -> None:
    with pytest.raises(BlockwrightError) as caught:
        apply(GraphDocument(), SETTINGS, [SetSetting(name=name, value=value)])

    assert caught.value.problem.code == code
    assert caught.value.problem.message == message


def test_the_limits_of_cards_and_settings_are_the_same() -> None:
    for card in setting_cards():
        for limit in (card.minimum, card.maximum):
            if limit is not None:
                value = int(limit) if card.control == "integer" else limit
                apply(GraphDocument(), SETTINGS, [SetSetting(name=card.name, value=value)])


def test_a_new_block_has_all_its_parameters() -> None:
    document = chain(block("dense", "dense", nodes=3))

    assert document.blocks[0].params == {"nodes": 3, "activation": "relu"}


def test_what_was_given_stays_as_it_was() -> None:
    document = between(block("dense", "dense"))
    before = document.model_dump()
    apply(document, SETTINGS, [SetParam(block_id="dense", name="nodes", value=7)])

    assert document.model_dump() == before


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "x" * 501, [1] * 17])
def test_values_that_no_parameter_can_have_do_not_reach_the_graph(value: ParamValue) -> None:
    with pytest.raises(ValidationError):
        SetParam(block_id="dense", name="nodes", value=value)


def test_a_place_off_every_canvas_is_refused() -> None:
    with pytest.raises(ValidationError):
        Position(x=float("nan"), y=0)
