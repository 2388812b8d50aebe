"""Build the Keras model of a graph.

Takes   a document without errors and the schema of the version that it leans on.
Gives   a functional Keras model of standard layers, and what it reads and predicts.
Never   compiles it with a loss or an optimiser, and never reads data.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import keras

from blockwright.compiler.blocks import block_builders
from blockwright.compiler.layer_options import LayerOptions, Tensor
from blockwright.contracts.data import DataSchema
from blockwright.contracts.graph import ExperimentSettings, GraphDocument
from blockwright.contracts.problems import error
from blockwright.graph.analysis import analyse
from blockwright.graph.block_spec import source_shape
from blockwright.graph.task import Task, target_of, task_of
from blockwright.graph.view import GraphView


@dataclass(frozen=True)
class BuiltModel:
    """A model and its ends.

    Attributes:
        input_sources: The source of each of the model's inputs, in their order.
        loss: Stored name, e.g. `binary_crossentropy`.
        variable_source: The one input whose values vary in length, if one does: the model
            takes a crop or a tile of it.
    """

    model: keras.Model
    input_sources: list[str]
    target_source: str
    loss: str
    task: Task
    variable_source: str | None = None


@dataclass(frozen=True)
class Body:
    """How a model is built beside others of the same graph, to be one with them.

    Attributes:
        prefix: Before the names of its layers.
        ends: The inputs that all bodies share; none for the first, which makes them.
    """

    prefix: str
    ends: list[Tensor]


def build_average(
    graph: GraphDocument, schema: DataSchema, *, seed: int, count: int
) -> tuple[BuiltModel, list[keras.Model]]:
    """Build `count` models of one graph on the same inputs, and the mean of their outputs.

    Returns:
        The model as a whole, of standard layers, and each of its bodies as a model, which
        shares its layers: weights given to a body are those of the whole.
    """
    bodies: list[BuiltModel] = []
    for number in range(1, count + 1):
        ends = list(bodies[0].model.inputs) if bodies else []
        bodies.append(build_model(graph, schema, seed=seed, body=Body(f"model_{number}_", ends)))
    first = bodies[0]
    mean = keras.layers.Average(name="average", dtype="float32")([b.model.output for b in bodies])
    inputs = first.model.inputs
    whole = keras.Model(inputs if len(inputs) > 1 else inputs[0], mean)
    return replace(first, model=whole), [each.model for each in bodies]


def build_model(
    graph: GraphDocument,
    schema: DataSchema,
    *,
    seed: int,
    precision: str = "float32",
    for_training: bool = False,
    body: Body | None = None,
) -> BuiltModel:
    """Build the part of a graph that leads to its Target.

    Layers are named after their blocks.

    Args:
        graph: Without errors.
        schema: Of the version that the graph leans on.
        seed: The run's seed.
        precision: `float32` or `mixed_bfloat16`; the block before the Target computes in
            float32 in any case. Weights are float32 in both.
        for_training: The model will train and never be saved itself. It has the weights of
            a standard one, of the same names in the same order.
        body: Given when it is one of several in one model.

    Raises:
        BlockwrightError: The first problem of the graph itself, if it has one
            (settings are not looked at).
    """
    _refuse_broken(graph, schema)
    view = GraphView(graph, schema, ExperimentSettings())
    target, source = target_of(graph, schema)
    needed = view.ancestors(target.id)
    last = view.feeder(target)
    outputs: dict[str, Tensor] = {}
    ends: list[Tensor] = []
    input_sources: list[str] = []
    for block_id in view.order:
        if block_id not in needed:
            continue
        block = view.blocks[block_id]
        inputs = [outputs[wire.source] for wire in view.wires_in[block_id]]
        if block.kind == "input":
            name = str(block.params["source"])
            shared = body.ends[len(ends)] if body is not None and body.ends else None
            if shared is None:
                shared = keras.Input(source_shape(view.sources[name]), name=block_id)
            inputs = [shared]
            ends += inputs
            input_sources.append(name)
        options = LayerOptions(
            name=f"{body.prefix}{block_id}" if body is not None else block_id,
            seed=seed,
            dtype="float32" if last is not None and block_id == last.id else precision,
            for_training=for_training,
        )
        outputs[block_id] = block_builders()[block.kind](view.params(block), inputs, options)
    loss = str(view.params(target)["loss"])
    return BuiltModel(
        # One input stays bare: Keras warns at each call when a list of one was promised.
        model=keras.Model(ends if len(ends) > 1 else ends[0], outputs[target.id]),
        input_sources=input_sources,
        target_source=source.name,
        loss=loss,
        task=task_of(source, loss),
        variable_source=next((n for n in input_sources if view.sources[n].variable), None),
    )


def _refuse_broken(graph: GraphDocument, schema: DataSchema) -> None:
    for found in analyse(graph, schema, ExperimentSettings()).problems:
        about_settings = found.block_id is None and found.param is not None
        if found.severity == "error" and not about_settings:
            raise error(found.problem.code, **found.problem.params)
