"""Why a loss is no number any more: the batch, and the first block that is not finite on it.

Takes   what the run reads, and the same training once more, up to the batch.
Gives   the place of a row that is no number, or the block and what is wrong with it, in words.
Never   touches the run itself: its weights stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import keras
import numpy as np

from blockwright.contracts.graph import Block, GraphDocument
from blockwright.contracts.problems import Problem, problem
from blockwright.graph.blocks import block_specs
from blockwright.training.batches import Batch, FloatArray
from blockwright.training.epoch_reader import EpochReader

Gradient = Callable[[Batch], tuple[float, list[FloatArray]]]


class Again(Protocol):
    """A training that goes the way of another one from what was kept of it last."""

    @property
    def model(self) -> keras.Model:
        """With the weights that it has come to."""

    def replay(self, epoch: int, step: int) -> Batch | None:
        """Learn up to a step of an epoch; give its batch, None if nothing leads there."""

    def gradient(self, batch: Batch) -> tuple[float, list[FloatArray]]:
        """Give the loss of a batch and its gradient, without learning from it."""


def explain_nan(
    read: EpochReader,
    again: Callable[[], Again],
    graph: GraphDocument,
    *,
    epoch: int,
    step: int,
) -> Problem:
    """Say which row, or which batch and block, made the loss of a step no number.

    Args:
        read: Gives the batches of the run.
        again: Begins the same training once more.
        graph: What the model was built from.
        epoch: Where the loss was no number.
        step: Of it, counted from 1.
    """
    for place in (step, step - 1)[:step]:
        found = explain_input(read, epoch=epoch, step=place)
        if found is not None:
            return found
        training = again()
        batch = training.replay(epoch, place)
        if batch is not None and has_finite_weights(training.model):
            return explain(
                training.model, batch, graph, gradient=training.gradient, epoch=epoch, step=place
            )
        # The weights are no numbers before this batch: the one before made them so.
    return problem("training.loss_is_nan", epoch=epoch, step=step)


def explain_input(read: EpochReader, *, epoch: int, step: int) -> Problem | None:
    """Name the first row of a step that is not all numbers, if there is one."""
    bad = bad_row(read.batch_as_read(epoch, step))
    if bad is None:
        return None
    row = int(read.rows(epoch, step)[bad]) + 1
    return problem("training.input_is_nan", epoch=epoch, step=step, row=row)


def has_finite_weights(model: keras.Model) -> bool:
    """Say whether all weights are numbers."""
    return all(_is_finite(weight) for weight in model.weights)


def bad_row(batch: Batch) -> int | None:
    """Give the place in a batch, as it was read, of the first row that is not all numbers."""
    inputs = batch.inputs if isinstance(batch.inputs, list) else [batch.inputs]
    for row in range(len(batch.target)):
        if not all(np.isfinite(values[row]).all() for values in (*inputs, batch.target)):
            return row
    return None


def explain(
    model: keras.Model,
    batch: Batch,
    graph: GraphDocument,
    *,
    gradient: Gradient,
    epoch: int,
    step: int,
) -> Problem:
    """Find the first thing that is not finite: a block's output, or its gradient.

    Args:
        model: With the weights from before the batch.
        batch: The one whose loss, or whose gradient, is no number.
        graph: What the model was built from; layers bear the ids of its blocks.
        gradient: Gives loss and gradients of the trainable weights, in their order.
        epoch: Where it happened.
        step: Where it happened.
    """
    place = {"epoch": epoch, "step": step}
    layer = _first_bad_output(model, batch)
    if layer is not None:
        return problem("training.output_is_nan", **place, **_block_words(graph, layer))
    _, gradients = gradient(batch)
    layer = _first_bad_gradient(model, gradients)
    if layer is not None:
        return problem("training.gradient_is_nan", **place, **_block_words(graph, layer))
    return problem("training.loss_is_nan", **place)


def _first_bad_output(model: keras.Model, batch: Batch) -> str | None:
    layers = [each for each in model.layers if not isinstance(each, keras.layers.InputLayer)]
    probe = keras.Model(model.inputs, [layer.output for layer in layers])
    inputs = batch.inputs if isinstance(batch.inputs, list) else [batch.inputs]
    outputs = probe(inputs, training=True)
    outputs = outputs if isinstance(outputs, list) else [outputs]
    for layer, output in zip(layers, outputs, strict=True):
        if not _is_finite(output):
            return str(layer.name)
    return None


def _first_bad_gradient(model: keras.Model, gradients: list[FloatArray]) -> str | None:
    """Gradients come from the end of the model: the last block with a bad one is the first."""
    owners = {
        variable.path: layer.name
        for layer in model.layers
        for variable in layer.trainable_variables
    }
    bad = None
    for variable, values in zip(model.trainable_variables, gradients, strict=True):
        if not np.isfinite(values).all():
            bad = owners.get(variable.path)
    return bad


def _is_finite(values: Any) -> bool:
    numbers = np.asarray(keras.ops.convert_to_numpy(keras.ops.cast(values, "float32")))
    return bool(np.isfinite(numbers).all())


def _block_words(graph: GraphDocument, layer: str) -> dict[str, str]:
    """Name the block of a layer as the canvas does, with its number among its kind."""
    block = _block_of(graph, layer)
    if block is None:
        return {"block": layer, "block_zh": layer}
    alike = [each.id for each in graph.blocks if each.kind == block.kind]
    number = f" {alike.index(block.id) + 1}" if len(alike) > 1 else ""
    words = block_specs()[block.kind].card().label
    return {"block": words.en + number, "block_zh": words.zh + number}


def _block_of(graph: GraphDocument, layer: str) -> Block | None:
    named = [each for each in graph.blocks if layer == each.id or layer.startswith(f"{each.id}_")]
    return max(named, key=lambda each: len(each.id), default=None)
