"""A graph document with its wires looked up once: neighbours, order, circles."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from blockwright.contracts.data import DataSchema, DataSource
from blockwright.contracts.graph import Block, ExperimentSettings, GraphDocument, ParamValue, Wire
from blockwright.graph.block_spec import BlockSpec
from blockwright.graph.blocks import block_specs


@dataclass
class GraphView:
    """Read-only look-ups over one document.

    Attributes:
        order: Block ids, each after everything that feeds it; blocks on or behind
            a circle are left out.
    """

    graph: GraphDocument
    schema: DataSchema | None
    settings: ExperimentSettings
    blocks: dict[str, Block] = field(init=False)
    wires_in: dict[str, list[Wire]] = field(init=False)
    wires_out: dict[str, list[Wire]] = field(init=False)
    order: list[str] = field(init=False)
    sources: dict[str, DataSource] = field(init=False)

    def __post_init__(self) -> None:
        """Look everything up."""
        self.blocks = {block.id: block for block in self.graph.blocks}
        self.wires_in = {block_id: [] for block_id in self.blocks}
        self.wires_out = {block_id: [] for block_id in self.blocks}
        for wire in self.graph.wires:
            self.wires_in[wire.target].append(wire)
            self.wires_out[wire.source].append(wire)
        self.order = self._topological_order()
        self.sources = {s.name: s for s in self.schema.sources} if self.schema else {}

    def _topological_order(self) -> list[str]:
        missing = {block_id: len(wires) for block_id, wires in self.wires_in.items()}
        ready = deque(block_id for block_id, count in missing.items() if count == 0)
        order = []
        while ready:
            block_id = ready.popleft()
            order.append(block_id)
            for wire in self.wires_out[block_id]:
                missing[wire.target] -= 1
                if missing[wire.target] == 0:
                    ready.append(wire.target)
        return order

    def circle(self) -> list[Wire]:
        """Give the wires of one circle, or nothing when there is none."""
        placed = set(self.order)
        rest = [block_id for block_id in self.blocks if block_id not in placed]
        if not rest:
            return []
        # Everything left has a wire from something left: walking backwards must meet itself.
        walked: list[Wire] = []
        seen: dict[str, int] = {}
        here = rest[0]
        while here not in seen:
            seen[here] = len(walked)
            wire = next(w for w in self.wires_in[here] if w.source not in placed)
            walked.append(wire)
            here = wire.source
        return list(reversed(walked[seen[here] :]))

    def of_kind(self, kind: str) -> list[Block]:
        """Give the blocks of one kind in document order."""
        return [block for block in self.graph.blocks if block.kind == kind]

    def spec(self, block: Block) -> BlockSpec:
        """Give the kind of a block."""
        return block_specs()[block.kind]

    def params(self, block: Block) -> dict[str, ParamValue]:
        """Give all parameters of a block, defaults included."""
        return self.spec(block).complete(block.params)

    def feeder(self, block: Block) -> Block | None:
        """Give the block that feeds the first input of another."""
        wires = self.wires_in[block.id]
        return self.blocks[wires[0].source] if wires else None

    def steps_per_epoch(self, subset_id: str | None = None) -> int:
        """Give the number of batches of a subset, the Training subset by default.

        It is 1 when none is chosen.
        """
        wanted = subset_id or self.settings.training_subset_id
        subsets = self.schema.subsets if self.schema else []
        rows = next((s.rows for s in subsets if s.id == wanted), 0)
        return max(1, -(-rows // self.settings.batch_size))

    def ancestors(self, block_id: str) -> set[str]:
        """Give the ids of everything that feeds a block, itself included."""
        found = {block_id}
        waiting = [block_id]
        while waiting:
            for wire in self.wires_in[waiting.pop()]:
                if wire.source not in found:
                    found.add(wire.source)
                    waiting.append(wire.source)
        return found

    def inputs_behind(self, block_id: str) -> list[Block]:
        """Give the Input blocks that feed a block, in the order that its model takes them."""
        needed = self.ancestors(block_id)
        placed = [self.blocks[name] for name in self.order if name in needed]
        return [block for block in placed if block.kind == "input"]


def names(block: Block) -> dict[str, str]:
    """Give the visible name of a block in both languages, as parameters of a problem."""
    label = block_specs()[block.kind].label
    return {"block": label[0], "block_zh": label[1]}
