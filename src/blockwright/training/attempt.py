"""What the parts of one attempt at a run share: model, data, clocks, and whom to tell.

Takes   a `TrainPlan` and a sink for events.
Gives   the steps that learn, the batches of every epoch, the rows to validate on; what is kept,
        how fast it goes, when it ends.

Neighbours: `epoch_training` learns an epoch with it, `validation` judges one, `loop` goes
through all epochs, `probing` measures a few steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from blockwright.compiler.build import BuiltModel
from blockwright.contracts.problems import error
from blockwright.contracts.sink import EventSink
from blockwright.contracts.work import TrainPlan, TrainStep
from blockwright.datasets.reader import VersionReader
from blockwright.graph.task import Task
from blockwright.training.augment import Augmentation, input_axes
from blockwright.training.batches import BatchSource, RowNumbers
from blockwright.training.ending import Ending
from blockwright.training.epoch_reader import EpochReader
from blockwright.training.keeper import Keeper
from blockwright.training.pace import Pace
from blockwright.training.preparation import Prepared, prepare
from blockwright.training.row_weights import row_weights
from blockwright.training.scores import Scores
from blockwright.training.stages import Stages
from blockwright.training.steps import Steps
from blockwright.training.steps_at_once import StepsAtOnce
from blockwright.training.target_units import target_units
from blockwright.training.tiles import TileSource

_Item = TypeVar("_Item")


@dataclass(frozen=True)
class Attempt:
    """One attempt at a run.

    Attributes:
        tiles: Of values of any length; None where all inputs are of fixed size.
        epochs: What each epoch learns from.
    """

    plan: TrainPlan
    sink: EventSink
    prepared: Prepared
    epochs: EpochReader
    validation_rows: RowNumbers
    tiles: TileSource | None
    pace: Pace
    keeper: Keeper
    ending: Ending

    @property
    def steps(self) -> Steps:
        """What learns and judges a batch."""
        return self.prepared.steps

    @property
    def task(self) -> Task:
        """What is predicted."""
        return self.prepared.built.task

    def scores(self, rows: int) -> Scores:
        """Give an empty place for the scores of so many rows."""
        plan = self.plan
        return Scores(plan.metric_names, self.task, rows, Path(plan.run_folder), target_units(plan))

    def tell(self, epoch: int, step: int) -> None:
        """Tell how far the run is, if it is time to."""
        if self.pace.due():
            self.sink.emit(TrainStep(progress=self.pace.progress(epoch=epoch, step=step)))

    def go_through(self, items: Iterator[_Item], act: Callable[[_Item], None]) -> bool:
        """Act on each item; False when the end came before the last one."""
        for item in items:
            if self.ending.is_now():
                return False
            act(item)
        return True


def begin_attempt(plan: TrainPlan, sink: EventSink) -> Attempt:
    """Build the model and open the data.

    Raises:
        BlockwrightError: `training.subset_empty`, or what the graph's compiler says.
    """
    reader, settings = VersionReader(plan.data), plan.settings
    validation_rows = _rows(plan, reader, settings.validation_subset_id)
    training_rows = _rows(plan, reader, settings.training_subset_id)
    prepared = prepare(plan, reader, training_rows)
    built, batch_size = prepared.built, settings.batch_size
    source = BatchSource(reader, built.input_sources, built.target_source, batch_size)
    tiles = (
        TileSource(reader, built.input_sources, built.variable_source, batch_size)
        if built.variable_source
        else None
    )
    stages = _stages(plan, reader, built, source)
    keeper = Keeper(plan, built.model, sink)
    ending = Ending(plan, keeper, sink)
    pace = Pace(
        epochs=settings.epochs,
        training_steps=stages.of(1).steps,
        validation_steps=source.count(validation_rows),
        steps_after=stages.steps_after,
        validate_every=settings.validate_every,
        seconds_to_limit=ending.seconds_to_limit,
    )
    augmentation = Augmentation(settings, [input_axes(plan.data, n) for n in built.input_sources])
    at_once = StepsAtOnce(prepared.engine.steps_at_once, place_seconds=plan.checkpoint_seconds)
    epochs = EpochReader(settings, stages, source, augmentation, at_once)
    return Attempt(plan, sink, prepared, epochs, validation_rows, tiles, pace, keeper, ending)


def _stages(
    plan: TrainPlan, reader: VersionReader, built: BuiltModel, source: BatchSource
) -> Stages:
    weights_of = partial(
        row_weights, plan.settings, reader, target_source=built.target_source, task=built.task
    )
    return Stages(
        plan.settings,
        rows_of=partial(_rows, plan, reader),
        weights_of=weights_of,
        steps_of=source.count,
        schedule_from=plan.schedule_from,
    )


def _rows(plan: TrainPlan, reader: VersionReader, subset_id: str | None) -> RowNumbers:
    rows = reader.row_numbers(subset_id or "")
    if len(rows) == 0:
        names = {item.id: item.name for item in plan.data.data_schema.subsets}
        raise error("training.subset_empty", subset=names.get(subset_id or "", "?"))
    return rows
