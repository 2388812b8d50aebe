"""Live shapes, problems with their repairs, and whether a graph can run.

Takes   a document, the schema of the chosen version (None when none is chosen), settings.
Gives   the analysis of every block in about a millisecond, without Keras.
Never   changes the document; a repair is a proposal.

Neighbours: `blocks` hold each kind's shape rule, `target_checks` and
`setting_checks` the rules about data and settings, `compiler` builds what passed.
"""

from __future__ import annotations

from math import prod

from blockwright.contracts.data import DataSchema
from blockwright.contracts.graph import (
    Block,
    BlockAnalysis,
    ExperimentSettings,
    GraphAnalysis,
    GraphDocument,
    GraphProblem,
    RatePoint,
    Wire,
)
from blockwright.contracts.problems import ParameterValue, problem
from blockwright.graph import repairs
from blockwright.graph.block_spec import Shape, ShapeError, shape_words, source_shape
from blockwright.graph.findings import warn, wrong
from blockwright.graph.parameter_checks import check_params
from blockwright.graph.schedules import rate_curve, split_settings
from blockwright.graph.setting_checks import check_settings
from blockwright.graph.target_checks import check_target
from blockwright.graph.task import metric_names, task_of
from blockwright.graph.variable_checks import check_variable
from blockwright.graph.view import GraphView, names

# Training with Adam keeps weight, gradient and two moments, 4 bytes each.
BYTES_PER_PARAMETER = 16
BYTES_PER_VALUE = 4
MEMORY_LIMIT_GB = 8
GB = 1024**3
# Advice on Dropout: so many parameters per row are easily learnt by heart.
PARAMETERS_PER_ROW = 100
SMALL_MODEL_PARAMETERS = 100_000


def analyse(
    graph: GraphDocument,
    schema: DataSchema | None,
    settings: ExperimentSettings,
    *,
    binned_dataset: str | None = None,
) -> GraphAnalysis:
    """Analyse a graph on a dataset version.

    Args:
        graph: The document.
        schema: Of the chosen version; None when none is chosen or there is none any more.
        settings: Those of the experiment.
        binned_dataset: The name of the version's dataset, where the version lies in the bin.
    """
    view = GraphView(graph, schema, settings)
    found: list[GraphProblem] = []
    found += _check_ends(view)
    found += _check_circle(view)
    blocks: dict[str, BlockAnalysis] = {}
    for block in graph.blocks:
        blocks[block.id] = BlockAnalysis(input_shapes=[], output_shape=None, parameters=None)
    for block_id in view.order:
        blocks[block_id] = _analyse_block(view, view.blocks[block_id], blocks, found)
    counts = [blocks[block.id].parameters for block in graph.blocks]
    parameters = None if None in counts else sum(count for count in counts if count is not None)
    found += check_target(view, blocks)
    found += check_variable(view)
    found += check_settings(view, binned_dataset)
    found += _check_size(view, blocks)
    found += _advise(view, parameters)
    found.sort(key=lambda item: item.severity != "error")
    can_run = all(item.severity != "error" for item in found)
    return GraphAnalysis(
        blocks=blocks,
        problems=found,
        parameters=parameters,
        can_run=can_run,
        metric_names=_metric_names(view),
        rates=_rates(view),
    )


def _rates(view: GraphView) -> list[RatePoint]:
    points = []
    before = 0
    for part in split_settings(view.settings):
        steps = view.steps_per_epoch(part.training_subset_id)
        points += [
            RatePoint(epoch=round(before + epoch, 3), rate=float(f"{rate:.5g}"))
            for epoch, rate in rate_curve(part, steps_per_epoch=steps)
        ]
        before += part.epochs
    return points


def _metric_names(view: GraphView) -> list[str]:
    targets = view.of_kind("target")
    source = view.sources.get(str(targets[0].params.get("source"))) if targets else None
    if source is None:
        return []
    loss = str(view.params(targets[0])["loss"])
    return metric_names(task_of(source, loss), len(source.classes or ()))


def _check_ends(view: GraphView) -> list[GraphProblem]:
    found = []
    if not view.of_kind("input"):
        found.append(wrong("graph.no_input"))
    targets = view.of_kind("target")
    if not targets:
        found.append(wrong("graph.no_target"))
    found += [
        wrong(
            "graph.several_targets",
            block=block,
            repair=repairs.remove_block(block),
            words={"targets": len(targets)},
        )
        for block in targets[1:]
    ]
    return found


def _check_circle(view: GraphView) -> list[GraphProblem]:
    circle = view.circle()
    if not circle:
        return []
    blocks = [view.blocks[wire.source] for wire in circle]
    path = [names(block) for block in [*blocks, blocks[0]]]
    newest = max(circle, key=view.graph.wires.index)
    return [
        GraphProblem(
            severity="error",
            block_id=newest.target,
            wire_id=newest.id,
            problem=problem(
                "graph.circle",
                path=" → ".join(name["block"] for name in path),
                path_zh=" → ".join(name["block_zh"] for name in path),
            ),
            repair=repairs.remove_wires(view, [newest]),
        )
    ]


def _analyse_block(
    view: GraphView, block: Block, known: dict[str, BlockAnalysis], found: list[GraphProblem]
) -> BlockAnalysis:
    spec = view.spec(block)
    param_problems = check_params(view, block)
    found += param_problems
    if block.kind == "input":
        shape, input_problems = _input_shape(view, block)
        found += input_problems
        output = list(shape) if shape else None
        if not view.wires_out[block.id] and view.of_kind("target"):
            found.append(_leads_nowhere(block))
        return BlockAnalysis(input_shapes=[], output_shape=output, parameters=0)
    wires = view.wires_in[block.id]
    inputs = [known[wire.source].output_shape for wire in wires]
    blank = BlockAnalysis(input_shapes=inputs, output_shape=None, parameters=None)
    wiring = _check_wiring(view, block, wires)
    found += wiring
    if spec.has_output and wires and not view.wires_out[block.id] and view.of_kind("target"):
        found.append(_leads_nowhere(block))
    shapes = [tuple(shape) for shape in inputs if shape is not None]
    blocking = any(item.severity == "error" for item in wiring + param_problems)
    if blocking or not shapes or len(shapes) < len(inputs):
        return blank
    rank_problem = _check_rank(view, block, wires[0], shapes[0])
    if rank_problem:
        found.append(rank_problem)
        return blank
    params = view.params(block)
    try:
        output_shape = spec.shape(params, shapes)
    except ShapeError as fault:
        found.append(_tell_fault(block, fault, shapes))
        return blank
    return BlockAnalysis(
        input_shapes=inputs,
        output_shape=list(output_shape) if spec.has_output else None,
        parameters=spec.parameters(params, shapes),
        stages=spec.stages(params, shapes),
    )


def _input_shape(view: GraphView, block: Block) -> tuple[Shape | None, list[GraphProblem]]:
    name = block.params.get("source")
    if view.schema is None:
        return None, []
    if not name:
        tensors = [s.name for s in view.schema.sources if s.kind == "tensor"]
        only = repairs.set_feature(block, tensors[0]) if len(tensors) == 1 else None
        return None, [
            wrong("graph.input_without_feature", block=block, param="source", repair=only)
        ]
    source = view.sources.get(str(name))
    if source is None:
        return None, [
            wrong(
                "graph.feature_missing",
                block=block,
                param="source",
                words={
                    "feature": str(name),
                    "version": view.schema.version_number,
                    "dataset": view.schema.dataset_name,
                },
            )
        ]
    return source_shape(source), []


def _leads_nowhere(block: Block) -> GraphProblem:
    return warn("graph.leads_nowhere", block=block, repair=repairs.remove_block(block))


def _check_wiring(view: GraphView, block: Block, wires: list[Wire]) -> list[GraphProblem]:
    spec = view.spec(block)
    if not wires:
        alone = spec.has_output and not view.wires_out[block.id]
        way_out = repairs.remove_block(block) if alone else None
        return [wrong("graph.block_unconnected", block=block, repair=way_out)]
    if spec.inputs == "one" and len(wires) > 1:
        return [
            wrong(
                "graph.too_many_inputs",
                block=block,
                repair=repairs.remove_wires(view, wires[:-1]),
                words={"wires": len(wires)},
            )
        ]
    if spec.inputs == "many" and len(wires) < 2:
        return [wrong("graph.merge_needs_two", block=block)]
    return []


def _check_rank(view: GraphView, block: Block, wire: Wire, shape: Shape) -> GraphProblem | None:
    wanted = view.spec(block).rank
    if wanted is None or len(shape) == wanted:
        return None
    way_out = repairs.insert_reshape(view, wire, (*shape, 1)) if len(shape) == wanted - 1 else None
    return wrong(
        "graph.wrong_rank",
        block=block,
        wire=wire,
        repair=way_out,
        words={
            "shape": shape_words(shape),
            "example": shape_words((*shape, 1) if len(shape) == 2 else (256, 256, 1)),
        },
    )


def _tell_fault(block: Block, fault: ShapeError, shapes: list[Shape]) -> GraphProblem:
    way_out = None
    if block.kind == "reshape" and len(shapes[0]) == 2:
        way_out = repairs.set_target_shape(block, (*shapes[0], 1))
    params: dict[str, ParameterValue] = {
        name: f"{value:,}" if isinstance(value, int) else value
        for name, value in fault.params.items()
    }
    return wrong(fault.code, block=block, param=fault.param, repair=way_out, words={**params})


def _check_size(view: GraphView, blocks: dict[str, BlockAnalysis]) -> list[GraphProblem]:
    sizes = {block_id: known.parameters or 0 for block_id, known in blocks.items()}
    total = sum(sizes.values())
    if total * BYTES_PER_PARAMETER > MEMORY_LIMIT_GB * GB:
        largest = max(sizes, key=sizes.__getitem__)
        return [
            wrong(
                "graph.too_many_parameters",
                block=view.blocks[largest],
                words={
                    "parameters": f"{sizes[largest]:,}",
                    "needed_gb": f"{total * BYTES_PER_PARAMETER / GB:,.0f}",
                    "limit_gb": MEMORY_LIMIT_GB,
                    "limit_parameters": f"{MEMORY_LIMIT_GB * GB // BYTES_PER_PARAMETER:,}",
                },
            )
        ]
    batch = view.settings.batch_size
    for block_id, known in blocks.items():
        needed = prod(known.output_shape) * batch * BYTES_PER_VALUE if known.output_shape else 0
        if needed > MEMORY_LIMIT_GB * GB:
            return [
                wrong(
                    "graph.output_too_large",
                    block=view.blocks[block_id],
                    words={
                        "shape": shape_words(known.output_shape or ()),
                        "batch_size": batch,
                        "needed_gb": f"{needed / GB:,.0f}",
                        "limit_gb": MEMORY_LIMIT_GB,
                    },
                )
            ]
    return []


def _advise(view: GraphView, parameters: int | None) -> list[GraphProblem]:
    """Advise a Dropout where a large model meets few rows."""
    targets = view.of_kind("target")
    if view.schema is None or not parameters or len(targets) != 1 or view.of_kind("dropout"):
        return []
    chosen = view.settings.training_subset_id
    rows = next((s.rows for s in view.schema.subsets if s.id == chosen), 0)
    if parameters < SMALL_MODEL_PARAMETERS or parameters < rows * PARAMETERS_PER_ROW or not rows:
        return []
    last = view.feeder(targets[0])
    wires = view.wires_in[last.id] if last else []
    if last is None or not wires:
        return []
    return [
        warn(
            "graph.no_dropout",
            repair=repairs.insert_dropout(view, wires[0], 0.3),
            words={"parameters": f"{parameters:,}", "rows": f"{rows:,}"},
        )
    ]
