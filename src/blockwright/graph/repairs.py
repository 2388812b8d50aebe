"""One-click ways out: each is a label and the operations that carry it out.

The same graph always gives the same repair, ids included, so that a repair shown
twice is the same repair.
"""

from __future__ import annotations

from collections.abc import Sequence

from blockwright.contracts.graph import (
    AddBlock,
    AddWire,
    Block,
    GraphDocument,
    MoveBlock,
    Operation,
    ParameterCard,
    ParamValue,
    Position,
    RemoveBlock,
    RemoveWire,
    Repair,
    SetParam,
    SetSetting,
    Wire,
)
from blockwright.contracts.problems import ParameterValue, problem
from blockwright.graph.block_spec import Shape, shape_words
from blockwright.graph.blocks import block_specs
from blockwright.graph.cards import ACTIVATIONS, LOSSES
from blockwright.graph.setting_cards import setting_cards
from blockwright.graph.view import GraphView, names

LONGEST_ID = 64


def repair(label_code: str, operations: Sequence[Operation], **params: ParameterValue) -> Repair:
    """Make a repair from its catalogue entry."""
    label = problem(label_code, **params).message
    return Repair(label_code=label_code, params=params, label=label, operations=list(operations))


def fresh_block_id(graph: GraphDocument, kind: str) -> str:
    """Give the first free id `<kind>_<number>`."""
    taken = {block.id for block in graph.blocks}
    number = 1
    while f"{kind}_{number}" in taken:
        number += 1
    return f"{kind}_{number}"


def fresh_wire_id(graph: GraphDocument, source: str, target: str) -> str:
    """Give a free id that names both ends as far as there is room."""
    taken = {wire.id for wire in graph.wires}
    stem = f"{source}-{target}"[: LONGEST_ID - 8]
    number, wire_id = 1, stem
    while wire_id in taken:
        number += 1
        wire_id = f"{stem}-{number}"
    return wire_id


def insert_between(
    view: GraphView, wire: Wire, kind: str, params: dict[str, ParamValue]
) -> list[Operation]:
    """Put a new block into a wire; it takes the lower block's place, what is below moves down."""
    spec, graph = block_specs()[kind], view.graph
    below = view.blocks[wire.target]
    block_id = fresh_block_id(graph, kind)
    moves: list[Operation] = [
        MoveBlock(
            block_id=block.id,
            position=Position(x=block.position.x, y=block.position.y + spec.pitch_px),
        )
        for block in graph.blocks
        if block.position.y >= below.position.y
    ]
    new = Block(id=block_id, kind=kind, params=spec.complete(params), position=below.position)
    upper = Wire(
        id=fresh_wire_id(graph, wire.source, block_id), source=wire.source, target=block_id
    )
    lower = Wire(
        id=fresh_wire_id(graph, block_id, wire.target), source=block_id, target=wire.target
    )
    # The lower wire takes the place of the old one: the order of a merging block's inputs stays.
    return [
        *moves,
        RemoveWire(wire_id=wire.id),
        AddBlock(block=new),
        AddWire(wire=lower, at=graph.wires.index(wire)),
        AddWire(wire=upper),
    ]


def insert_reshape(view: GraphView, wire: Wire, shape: Shape) -> Repair:
    """Insert Reshape to a shape, or go through one that already waits there with that shape."""
    for other in view.wires_out[wire.source]:
        block = view.blocks[other.target]
        waiting = block.kind == "reshape" and not view.wires_out[block.id]
        if waiting and block.params.get("target_shape") == list(shape):
            lower = Wire(
                id=fresh_wire_id(view.graph, block.id, wire.target),
                source=block.id,
                target=wire.target,
            )
            return repair(
                "repair.connect_through_reshape",
                [
                    RemoveWire(wire_id=wire.id),
                    AddWire(wire=lower, at=view.graph.wires.index(wire)),
                ],
                shape=shape_words(shape),
            )
    return repair(
        "repair.insert_reshape",
        insert_between(view, wire, "reshape", {"target_shape": list(shape)}),
        shape=shape_words(shape),
    )


def insert_plain(view: GraphView, wire: Wire, kind: str) -> Repair:
    """Insert a block that needs no parameters."""
    label = block_specs()[kind].label
    return repair(
        "repair.insert_block",
        insert_between(view, wire, kind, {}),
        block=label[0],
        block_zh=label[1],
    )


def insert_dense(view: GraphView, wire: Wire, nodes: int, activation: str) -> Repair:
    """Insert a Dense of the wanted size before the Target."""
    return repair(
        "repair.insert_dense",
        insert_between(view, wire, "dense", {"nodes": nodes, "activation": activation}),
        nodes=nodes,
        **activation_names(activation),
    )


def insert_activation(view: GraphView, wire: Wire, activation: str) -> Repair:
    """Insert an Activation before the Target."""
    return repair(
        "repair.insert_activation",
        insert_between(view, wire, "activation", {"activation": activation}),
        **activation_names(activation),
    )


def insert_dropout(view: GraphView, wire: Wire, rate: float) -> Repair:
    """Insert a Dropout."""
    return repair(
        "repair.insert_dropout", insert_between(view, wire, "dropout", {"rate": rate}), rate=rate
    )


def set_nodes(block: Block, nodes: int, activation: str | None) -> Repair:
    """Set Nodes of a Dense, and its Activation when it feeds the Target itself."""
    operations: list[Operation] = [SetParam(block_id=block.id, name="nodes", value=nodes)]
    if activation is None:
        return repair("repair.set_nodes", operations, nodes=nodes)
    operations.append(SetParam(block_id=block.id, name="activation", value=activation))
    return repair(
        "repair.set_nodes_and_activation", operations, nodes=nodes, **activation_names(activation)
    )


def set_activation(block: Block, activation: str) -> Repair:
    """Set the Activation of a block."""
    operation = SetParam(block_id=block.id, name="activation", value=activation)
    return repair("repair.set_activation", [operation], **activation_names(activation))


def set_loss(block: Block, loss: str) -> Repair:
    """Set the Loss of a Target."""
    operation = SetParam(block_id=block.id, name="loss", value=loss)
    return repair("repair.set_loss", [operation], **loss_names(loss))


def set_feature(block: Block, feature: str) -> Repair:
    """Set the Feature of an Input or a Target."""
    operation = SetParam(block_id=block.id, name="source", value=feature)
    return repair("repair.set_feature", [operation], feature=feature)


def set_target_shape(block: Block, shape: Shape) -> Repair:
    """Set the Target shape of a Reshape."""
    operation = SetParam(block_id=block.id, name="target_shape", value=list(shape))
    return repair("repair.set_target_shape", [operation], shape=shape_words(shape))


def remove_block(block: Block) -> Repair:
    """Remove a block."""
    return repair("repair.remove_block", [RemoveBlock(block_id=block.id)], **names(block))


def remove_wires(view: GraphView, wires: Sequence[Wire]) -> Repair:
    """Cut wires; the label names the ends of the first."""
    source, target = view.blocks[wires[0].source], view.blocks[wires[0].target]
    return repair(
        "repair.remove_wire",
        [RemoveWire(wire_id=wire.id) for wire in wires],
        source=names(source)["block"],
        source_zh=names(source)["block_zh"],
        target=names(target)["block"],
        target_zh=names(target)["block_zh"],
    )


def set_batch_size(rows: int) -> Repair:
    """Set the Batch size."""
    operation = SetSetting(name="batch_size", value=rows)
    return repair("repair.set_batch_size", [operation], rows=rows)


def choose_subset(setting: str, subset_id: str, subset: str) -> Repair:
    """Choose a subset of the version."""
    operation = SetSetting(name=setting, value=subset_id)
    return repair("repair.choose_subset", [operation], subset=subset)


def set_setting(name: str, value: ParamValue) -> Repair:
    """Give a setting another value; the label names both as the form does."""
    card = _card(name)
    words = next((c.label for c in card.choices or [] if c.value == value), None)
    number = f"{value:,.15g}" if isinstance(value, int | float) else str(value)
    return repair(
        "repair.set_setting",
        [SetSetting(name=name, value=value)],
        **setting_names(name),
        value=words.en if words else number,
        value_zh=words.zh if words else number,
    )


def no_weight_feature() -> Repair:
    """Let all rows count the same."""
    return repair("repair.no_weight_feature", [SetSetting(name="weight_feature", value="")])


def setting_names(name: str) -> dict[str, str]:
    """Give the visible name of a setting in both languages."""
    label = _card(name).label
    return {"setting": label.en, "setting_zh": label.zh}


def _card(name: str) -> ParameterCard:
    return next(card for card in setting_cards() if card.name == name)


def best_by_auto() -> Repair:
    """Let the studio choose the metric that picks the best checkpoint."""
    return repair("repair.best_by_auto", [SetSetting(name="best_by", value="auto")])


def activation_names(activation: str) -> dict[str, str]:
    """Give the visible name of an activation in both languages."""
    label = ACTIVATIONS[activation]
    return {"activation": label[0], "activation_zh": label[1]}


def loss_names(loss: str) -> dict[str, str]:
    """Give the visible name of a loss in both languages."""
    label = LOSSES[loss]
    return {"loss": label[0], "loss_zh": label[1]}
