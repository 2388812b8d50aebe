"""Graphs and data schemas for tests, in the shape of the original competition."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from blockwright.contracts.data import DataSchema, DataSource
from blockwright.contracts.graph import (
    AddBlock,
    AddWire,
    Block,
    ExperimentSettings,
    GraphAnalysis,
    GraphDocument,
    GraphProblem,
    Operation,
    ParamValue,
    Position,
    Wire,
)
from blockwright.contracts.subsets import Subset, SubsetRule
from blockwright.graph.analysis import analyse
from blockwright.graph.operations import apply

TRAINING = Subset(
    id="training", name="Training", rule=SubsetRule(kind="random", share_percent=80), rows=3976
)
VALIDATION = Subset(
    id="validation", name="Validation", rule=SubsetRule(kind="rest", of=["training"]), rows=994
)
CLASSES = [f"Class_{number:02d}" for number in range(80)]
SETTINGS = ExperimentSettings(
    version_id="ver_1", training_subset_id="training", validation_subset_id="validation"
)


def tensor(name: str, *shape: int) -> DataSource:
    """Give a tensor source."""
    return DataSource(name=name, kind="tensor", shape=list(shape), features=[name])


LABELS = DataSource(
    name="labels",
    kind="multi_label",
    shape=[80],
    classes=CLASSES,
    several_true_rows=701,
    features=CLASSES,
)
KIND = DataSource(
    name="kind", kind="categorical", shape=[5], classes=list("abcde"), features=["kind"]
)
YES = DataSource(name="yes", kind="binary", shape=[1], features=["yes"])
HEIGHT = DataSource(name="height", kind="numeric", shape=[1], features=["height"])


def schema(*more: DataSource, subsets: Sequence[Subset] = (TRAINING, VALIDATION)) -> DataSchema:
    """Give a version with spectrograms `fname`, the 80 `labels`, and more sources."""
    return DataSchema(
        version_id="ver_1",
        version_number=1,
        dataset_name="Audio",
        rows=4970,
        sources=[tensor("fname", 256, 256), LABELS, KIND, YES, HEIGHT, *more],
        subsets=list(subsets),
    )


def block(block_id: str, kind: str, **params: ParamValue) -> Block:
    """Give a block."""
    return Block(id=block_id, kind=kind, params=params)


def graph(blocks: Sequence[Block], *wires: str) -> GraphDocument:
    """Give a document; a wire is written `above>below`, and is its own id with a dash."""
    operations: list[Operation] = [
        AddBlock(block=item.model_copy(update={"position": Position(x=120, y=60 + 88 * place)}))
        for place, item in enumerate(blocks)
    ]
    for number, wire in enumerate(wires):
        source, target = wire.split(">")
        operations.append(AddWire(wire=Wire(id=f"w{number}", source=source, target=target)))
    return apply(GraphDocument(), SETTINGS, operations).graph


def chain(*blocks: Block) -> GraphDocument:
    """Give a document with each block wired to the one before it."""
    ids = [item.id for item in blocks]
    return graph(blocks, *(f"{a}>{b}" for a, b in itertools.pairwise(ids)))


def between(*blocks: Block, source: str = "fname", target: str = "labels") -> GraphDocument:
    """Give a document Input, `blocks`, Target."""
    return chain(
        block("input", "input", source=source),
        *blocks,
        block("target", "target", source=target, loss="binary_crossentropy"),
    )


def look(document: GraphDocument, data: DataSchema | None = None) -> GraphAnalysis:
    """Analyse on the usual version and settings."""
    return analyse(document, data or schema(), SETTINGS)


def find(analysis: GraphAnalysis, code: str) -> GraphProblem:
    """Give the one problem with this code, or say which there are."""
    found = [item for item in analysis.problems if item.problem.code == code]
    assert len(found) == 1, f"{code} among {[item.problem.code for item in analysis.problems]}"
    return found[0]


def errors(analysis: GraphAnalysis) -> list[str]:
    """Give the codes of what keeps a graph from running."""
    return [item.problem.code for item in analysis.problems if item.severity == "error"]
