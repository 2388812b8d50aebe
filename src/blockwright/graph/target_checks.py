"""Rules about the Target: its feature, its loss, and the block that feeds it."""

from __future__ import annotations

from math import prod

from blockwright.contracts.data import DataSource
from blockwright.contracts.graph import Block, BlockAnalysis, GraphProblem, Repair, Wire
from blockwright.graph import repairs
from blockwright.graph.block_spec import Shape, shape_words, source_shape
from blockwright.graph.cards import LOSSES
from blockwright.graph.findings import warn, wrong
from blockwright.graph.task import fitting_loss
from blockwright.graph.view import GraphView

NEEDED_ACTIVATION = {
    "binary_crossentropy": "sigmoid",
    "categorical_crossentropy": "softmax",
    "mean_squared_error": "linear",
}
CLASS_KINDS = ("multi_label", "categorical", "binary")
# Blocks that keep the number of values, and blocks that keep values between 0 and 1.
KEEPS_SIZE = ("activation", "dropout", "batch_normalization")
KEEPS_RANGE = (
    "dropout",
    "reshape",
    "flatten",
    "max_pooling_2d",
    "average_pooling_2d",
    "global_average_pooling_2d",
    "global_max_pooling_2d",
    "concatenate",
)


def check_target(view: GraphView, blocks: dict[str, BlockAnalysis]) -> list[GraphProblem]:
    """Check the one Target; with several or none there is nothing to say here."""
    targets = view.of_kind("target")
    if len(targets) != 1 or view.schema is None:
        return []
    target = targets[0]
    source, found = _source(view, target)
    if source is None:
        return found
    found += _check_leak(view, target, source)
    loss_problem = _check_loss(view, target, source)
    found += [loss_problem] if loss_problem else []
    loss = str(view.params(target)["loss"])
    if (loss_problem and loss_problem.severity == "error") or loss not in LOSSES:
        loss = fitting_loss(source)  # judge the block above by the loss that will be there
    shapes = blocks[target.id].input_shapes
    if len(shapes) != 1 or shapes[0] is None:
        return found
    size_problem = _check_size(view, target, source, tuple(shapes[0]), loss)
    if size_problem:
        return [*found, size_problem]
    return found + _check_activation(view, target, source, loss)


def _source(view: GraphView, target: Block) -> tuple[DataSource | None, list[GraphProblem]]:
    name = target.params.get("source")
    assert view.schema is not None  # noqa: S101 - asked by check_target
    if not name:
        sets = [s.name for s in view.schema.sources if s.kind == "multi_label"]
        only = repairs.set_feature(target, sets[0]) if len(sets) == 1 else None
        return None, [
            wrong("graph.target_without_feature", block=target, param="source", repair=only)
        ]
    source = view.sources.get(str(name))
    if source is None:
        return None, [
            wrong(
                "graph.feature_missing",
                block=target,
                param="source",
                words={
                    "feature": str(name),
                    "version": view.schema.version_number,
                    "dataset": view.schema.dataset_name,
                },
            )
        ]
    return source, []


def _check_leak(view: GraphView, target: Block, source: DataSource) -> list[GraphProblem]:
    behind = set(source.features)
    for block in view.of_kind("input"):
        shown = view.sources.get(str(block.params.get("source")))
        shared = behind & set(shown.features) if shown else set()
        if shared and block.id in view.ancestors(target.id):
            return [
                wrong(
                    "graph.target_is_an_input",
                    block=block,
                    param="source",
                    words={"feature": min(shared)},
                )
            ]
    return []


def _check_loss(view: GraphView, target: Block, source: DataSource) -> GraphProblem | None:
    loss = str(view.params(target)["loss"])
    better = fitting_loss(source)
    if loss not in LOSSES or loss == better or view.schema is None:
        return None  # an unknown loss is told by its card
    way_out = repairs.set_loss(target, better)
    words = {"feature": source.name, **repairs.loss_names(loss)}
    if source.kind == "multi_label" and loss == "categorical_crossentropy":
        if source.several_true_rows == 0:
            return None
        return wrong(
            "graph.several_true_classes",
            block=target,
            param="loss",
            repair=way_out,
            words={
                "several": f"{source.several_true_rows:,}",
                "rows": f"{view.schema.rows:,}",
                **words,
            },
        )
    if source.kind == "binary" and loss == "categorical_crossentropy":
        return wrong(
            "graph.one_value_two_classes",
            block=target,
            param="loss",
            repair=way_out,
            words={**words},
        )
    if source.kind in CLASS_KINDS:
        if loss == "mean_squared_error":
            return warn(
                "graph.squared_error_on_classes",
                block=target,
                param="loss",
                repair=way_out,
                words={**words},
            )
        return None  # yes or no per class is a sound question for one true class, too
    if source.kind == "tensor" and loss == "binary_crossentropy":
        return None  # pictures with values from 0 to 1
    return wrong(
        "graph.loss_needs_classes", block=target, param="loss", repair=way_out, words={**words}
    )


def _check_size(
    view: GraphView, target: Block, source: DataSource, shape: Shape, loss: str
) -> GraphProblem | None:
    wanted = source_shape(source)
    if shape == wanted:
        return None
    last = view.feeder(target)
    wire = view.wires_in[target.id][0]
    assert last is not None  # noqa: S101 - its output shape is known
    code, marked, param = "graph.target_shape_differs", target, None
    if len(shape) == len(wanted) == 1:
        code = "graph.nodes_differ" if last.kind == "dense" else "graph.target_size_differs"
        marked, param = (last, "nodes") if last.kind == "dense" else (target, None)
    return wrong(
        code,
        block=marked,
        wire=wire,
        param=param,
        repair=_size_repair(view, wire, shape, wanted, NEEDED_ACTIVATION[loss]),
        words={
            "feature": source.name,
            "shape": shape_words(shape),
            "wanted": shape_words(wanted),
            "values": f"{prod(shape):,}",
            "classes": f"{prod(wanted):,}",
        },
    )


def _size_repair(
    view: GraphView, wire: Wire, shape: Shape, wanted: Shape, activation: str
) -> Repair | None:
    last = view.blocks[wire.source]
    if len(wanted) != 1:
        same_count = prod(shape) == prod(wanted)
        return repairs.insert_reshape(view, wire, wanted) if same_count else None
    if len(shape) == 1:
        if last.kind == "dense":
            return repairs.set_nodes(last, wanted[0], activation)
        above: Block | None = last
        while above is not None and above.kind in KEEPS_SIZE:
            above = view.feeder(above)
        if above is not None and above.kind == "dense":
            return repairs.set_nodes(above, wanted[0], None)
        return repairs.insert_dense(view, wire, wanted[0], activation)
    before_dense = last.kind == "dense" and len(view.wires_in[last.id]) == 1
    place = view.wires_in[last.id][0] if before_dense else wire
    kind = "global_average_pooling_2d" if len(shape) == 3 else "flatten"
    return repairs.insert_plain(view, place, kind)


def _check_activation(
    view: GraphView, target: Block, source: DataSource, loss: str
) -> list[GraphProblem]:
    needed = NEEDED_ACTIVATION[loss]
    last = view.feeder(target)
    while last is not None and last.kind in KEEPS_RANGE:
        last = view.feeder(last)
    has = str(view.params(last).get("activation", "linear")) if last else "linear"
    if last is None or needed in (has, "linear"):
        return []
    one_wins = {has, needed} == {"sigmoid", "softmax"} and source.several_true_rows == 0
    tell = warn if one_wins else wrong
    if "activation" in view.params(last):
        way_out = repairs.set_activation(last, needed)
    else:
        way_out = repairs.insert_activation(view, view.wires_in[target.id][0], needed)
    return [
        tell(
            "graph.activation_does_not_fit",
            block=last,
            param="activation" if "activation" in view.params(last) else None,
            repair=way_out,
            words={
                "has": repairs.activation_names(has)["activation"],
                "has_zh": repairs.activation_names(has)["activation_zh"],
                **repairs.activation_names(needed),
                **repairs.loss_names(loss),
            },
        )
    ]
