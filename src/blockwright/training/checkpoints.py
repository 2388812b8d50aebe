"""Moves numbers between a Keras model and its checkpoint files.

Neighbour: `checkpoint_files` makes the files durable and checks them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np

from blockwright.compiler.optimizers import averaged, exchange_average
from blockwright.contracts.problems import error
from blockwright.training.checkpoint_files import (
    CheckpointContent,
    NamedArrays,
    SavedCheckpoint,
    TrainingState,
    read_checkpoint,
    write_checkpoint,
    write_within,
)
from blockwright.training.steps import random_states

Variable = Any


def save_checkpoint(root: Path, model: keras.Model, state: TrainingState) -> SavedCheckpoint:
    """Write weights, optimiser state and run state; durable when this returns.

    Where an average of the weights is kept, it is the checkpoint's weights, and the weights
    themselves stand in its place among the optimiser's numbers.
    """
    with averaged(model.optimizer):
        weights = _numbers_of(model.weights)
        optimizer = _numbers_of(model.optimizer.variables)
    return write_checkpoint(root, weights, optimizer, state)


def checkpoint_bytes(model: keras.Model) -> int:
    """Give the size of a checkpoint of a compiled model; heads of its files left out."""
    numbers = [*model.weights, *model.optimizer.variables]
    return sum(keras.ops.convert_to_numpy(each).nbytes for each in numbers)


def save_within(
    root: Path, model: keras.Model, scores: NamedArrays, state: TrainingState
) -> SavedCheckpoint:
    """Write where a run is within an epoch, its random layers and scores too."""
    with averaged(model.optimizer):
        weights = _numbers_of(model.weights)
        optimizer = _numbers_of(model.optimizer.variables)
    content = CheckpointContent(
        weights=weights,
        optimizer=optimizer,
        state=state,
        seeds=_numbers_of(random_states(model)),
        scores=scores,
    )
    return write_within(root, content)


def restore_random_layers(seeds: NamedArrays, model: keras.Model) -> None:
    """Let the random layers draw next what they would have drawn.

    Raises:
        BlockwrightError: `training.checkpoint_of_another_model`.
    """
    _assign(random_states(model), seeds, "seeds")


def load_weights(checkpoint_folder: Path | str, model: keras.Model) -> TrainingState:
    """Give a model the weights of a checkpoint.

    Args:
        checkpoint_folder: `runs/<id>/checkpoints/epoch_<n>`.
        model: Built from the graph that the run was made of.

    Returns:
        The state of the run at that checkpoint.

    Raises:
        BlockwrightError: `training.checkpoint_damaged` or
            `training.checkpoint_of_another_model`.
    """
    folder = Path(checkpoint_folder)
    content = read_checkpoint(folder, with_optimizer=False)
    _assign(model.weights, content.weights, folder.name)
    return content.state


def restore(content: CheckpointContent, model: keras.Model) -> None:
    """Give a compiled model the weights and the optimiser state of a checkpoint.

    Raises:
        BlockwrightError: `training.checkpoint_of_another_model`.
    """
    name = f"epoch_{content.state.epoch}"
    model.optimizer.build(model.trainable_variables)
    _assign(model.weights, content.weights, name)
    _assign(model.optimizer.variables, content.optimizer, name)
    exchange_average(model.optimizer)  # as saving did


def _numbers_of(variables: list[Variable]) -> NamedArrays:
    return {
        f"{place}:{variable.path}": keras.ops.convert_to_numpy(variable)
        for place, variable in enumerate(variables)
    }


def _assign(variables: list[Variable], arrays: NamedArrays, folder: str) -> None:
    if len(variables) != len(arrays):
        raise error("training.checkpoint_of_another_model", folder=folder, weight="…")
    pairs = list(zip(variables, arrays.items(), strict=True))
    for variable, (name, numbers) in pairs:
        if tuple(variable.shape) != numbers.shape:
            raise error("training.checkpoint_of_another_model", folder=folder, weight=name)
    for variable, (_, numbers) in pairs:
        variable.assign(np.asarray(numbers, dtype=variable.dtype))
