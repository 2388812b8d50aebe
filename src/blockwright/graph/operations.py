"""Edits: each operation gives the next state and the operations that take it back.

Takes   a document, settings and operations.
Gives   a new document, new settings and the inverse; what was given stays as it was.
Raises  `graph.edit_*` when an operation does not fit the graph, `graph.setting_*`
        when a setting is out of its range.

What a person can do by accident (a cycle, two wires into one input, a size that
does not fit) is accepted here and told by `analysis`: no edit is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

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
    RemoveBlock,
    RemoveWire,
    SetParam,
    SetSetting,
)
from blockwright.contracts.problems import error
from blockwright.graph.blocks import block_specs
from blockwright.graph.setting_cards import setting_cards


@dataclass(frozen=True)
class Applied:
    """The state after some operations, and the way back."""

    graph: GraphDocument
    settings: ExperimentSettings
    inverse: list[Operation]


def apply(
    graph: GraphDocument, settings: ExperimentSettings, operations: Sequence[Operation]
) -> Applied:
    """Carry out operations in order; none takes effect if one is refused.

    Raises:
        BlockwrightError: `graph.edit_impossible`, `graph.edit_duplicate_id`,
            `graph.edit_unknown_kind`, `graph.edit_unknown_param`,
            `graph.edit_wire_refused`, `graph.setting_out_of_range`,
            `graph.setting_not_a_choice`.
    """
    state = _State(graph, settings)
    inverse: list[Operation] = []
    for operation in operations:
        inverse[:0] = state.apply(operation)
    return Applied(state.document(), state.settings, inverse)


class _State:
    """Blocks and wires while operations are carried out."""

    def __init__(self, graph: GraphDocument, settings: ExperimentSettings) -> None:
        self.blocks = list(graph.blocks)
        self.wires = list(graph.wires)
        self.settings = settings

    def document(self) -> GraphDocument:
        return GraphDocument(blocks=self.blocks, wires=self.wires)

    def apply(self, operation: Operation) -> list[Operation]:
        match operation:
            case AddBlock():
                return self._add_block(operation)
            case RemoveBlock():
                return self._remove_block(operation)
            case AddWire():
                return self._add_wire(operation)
            case RemoveWire():
                return self._remove_wire(operation)
            case SetParam():
                return self._set_param(operation)
            case MoveBlock():
                place = self._place_of_block(operation.block_id, operation.op)
                block = self.blocks[place]
                self.blocks[place] = block.model_copy(update={"position": operation.position})
                return [MoveBlock(block_id=block.id, position=block.position)]
            case SetSetting():
                return self._set_setting(operation)

    def _place_of_block(self, block_id: str, op: str) -> int:
        for place, block in enumerate(self.blocks):
            if block.id == block_id:
                return place
        raise error("graph.edit_impossible", operation=op, item=block_id)

    def _add_block(self, operation: AddBlock) -> list[Operation]:
        block = operation.block
        if any(other.id == block.id for other in self.blocks):
            raise error("graph.edit_duplicate_id", operation=operation.op, item=block.id)
        spec = block_specs().get(block.kind)
        if spec is None:
            raise error("graph.edit_unknown_kind", kind=block.kind)
        for name in block.params:
            if name not in spec.defaults:
                raise error("graph.edit_unknown_param", param=name, **_names(block))
        complete = block.model_copy(update={"params": spec.complete(block.params)})
        self.blocks.insert(_place(operation.at, len(self.blocks)), complete)
        return [RemoveBlock(block_id=block.id)]

    def _remove_block(self, operation: RemoveBlock) -> list[Operation]:
        place = self._place_of_block(operation.block_id, operation.op)
        block = self.blocks.pop(place)
        touching = [
            (at, wire)
            for at, wire in enumerate(self.wires)
            if block.id in (wire.source, wire.target)
        ]
        self.wires = [w for w in self.wires if block.id not in (w.source, w.target)]
        return [
            AddBlock(block=block, at=place),
            *(AddWire(wire=wire, at=at) for at, wire in touching),
        ]

    def _add_wire(self, operation: AddWire) -> list[Operation]:
        wire = operation.wire
        if any(other.id == wire.id for other in self.wires):
            raise error("graph.edit_duplicate_id", operation=operation.op, item=wire.id)
        source = self.blocks[self._place_of_block(wire.source, operation.op)]
        target = self.blocks[self._place_of_block(wire.target, operation.op)]
        specs = block_specs()
        refused = (
            not specs[source.kind].has_output
            or specs[target.kind].inputs == "none"
            or source.id == target.id
        )
        if refused:
            raise error(
                "graph.edit_wire_refused",
                source=specs[source.kind].label[0],
                source_zh=specs[source.kind].label[1],
                target=specs[target.kind].label[0],
                target_zh=specs[target.kind].label[1],
            )
        self.wires.insert(_place(operation.at, len(self.wires)), wire)
        return [RemoveWire(wire_id=wire.id)]

    def _remove_wire(self, operation: RemoveWire) -> list[Operation]:
        for place, wire in enumerate(self.wires):
            if wire.id == operation.wire_id:
                del self.wires[place]
                return [AddWire(wire=wire, at=place)]
        raise error("graph.edit_impossible", operation=operation.op, item=operation.wire_id)

    def _set_param(self, operation: SetParam) -> list[Operation]:
        place = self._place_of_block(operation.block_id, operation.op)
        block = self.blocks[place]
        spec = block_specs()[block.kind]
        if operation.name not in spec.defaults:
            raise error("graph.edit_unknown_param", param=operation.name, **_names(block))
        before = spec.complete(block.params)[operation.name]
        params = {**block.params, operation.name: operation.value}
        self.blocks[place] = block.model_copy(update={"params": params})
        return [SetParam(block_id=block.id, name=operation.name, value=before)]

    def _set_setting(self, operation: SetSetting) -> list[Operation]:
        before = cast(ParamValue, getattr(self.settings, operation.name, None))
        self.settings = change_setting(self.settings, operation.name, operation.value)
        return [SetSetting(name=operation.name, value=before)]


def _place(at: int | None, length: int) -> int:
    return length if at is None else max(0, min(at, length))


def _names(block: Block) -> dict[str, str]:
    label = block_specs()[block.kind].label
    return {"block": label[0], "block_zh": label[1]}


def change_setting(
    settings: ExperimentSettings, name: str, value: ParamValue
) -> ExperimentSettings:
    """Give the settings with one changed.

    Raises:
        BlockwrightError: `graph.edit_unknown_setting`, `graph.setting_out_of_range`,
            `graph.setting_not_a_choice`.
    """
    if name not in ExperimentSettings.model_fields:
        raise error("graph.edit_unknown_setting", setting=name)
    card = next(card for card in setting_cards() if card.name == name)
    words: dict[str, Any] = {
        "setting": card.label.en,
        "setting_zh": card.label.zh,
        "value": str(value),
    }
    if card.choices and value not in {choice.value for choice in card.choices}:
        choices_en = ", ".join(choice.label.en for choice in card.choices)
        choices_zh = "、".join(choice.label.zh for choice in card.choices)
        raise error(
            "graph.setting_not_a_choice", choices=choices_en, choices_zh=choices_zh, **words
        )
    try:
        return ExperimentSettings.model_validate({**settings.model_dump(), name: value})
    except ValidationError as reason:
        if card.minimum is None or card.maximum is None:
            raise error("graph.setting_of_wrong_kind", **words) from reason
        raise error(
            "graph.setting_out_of_range",
            minimum=f"{card.minimum:,g}" if card.minimum < 1 else f"{card.minimum:,.0f}",
            maximum=f"{card.maximum:,g}" if card.maximum < 1 else f"{card.maximum:,.0f}",
            **words,
        ) from reason
