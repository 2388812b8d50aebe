"""What an epoch learns from, batch by batch: which rows, in which order, cropped and changed.

Takes   the rows and weights of its stage, a source of batches, the augmentation.
Gives   stretches of batches, or the batch of one step; the same whenever they are asked for,
        since everything derives from run seed, epoch and row.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator

from blockwright.contracts.graph import ExperimentSettings
from blockwright.training.augment import Augmentation
from blockwright.training.batches import (
    AHEAD,
    Batch,
    BatchSource,
    RowNumbers,
    Stretch,
    epoch_order,
    unchanged,
)
from blockwright.training.coming_epoch import ComingEpoch
from blockwright.training.stages import Stages
from blockwright.training.steps_at_once import StepsAtOnce


class EpochReader:
    """Reads the epochs of a run."""

    def __init__(
        self,
        settings: ExperimentSettings,
        stages: Stages,
        source: BatchSource,
        augmentation: Augmentation,
        at_once: StepsAtOnce,
    ) -> None:
        """Read from `source` as many batches at once as `at_once` says."""
        self._settings = settings
        self.stages = stages
        self.source = source
        self._augmentation = augmentation
        self.at_once = at_once
        self._coming = ComingEpoch(lambda epoch: self._read(self._order(epoch), epoch))

    def stretches(
        self, epoch: int, *, begun: int = 0, until: int | None = None
    ) -> Iterator[Stretch]:
        """Give what is left of an epoch.

        Args:
            epoch: Counted from 1.
            begun: Steps of it that are done already.
            until: The last step that is given; by default all.
        """
        if begun == 0 and until is None:
            return self._coming.take(epoch)
        size = self.source.batch_size
        end = None if until is None else until * size
        return self._read(self._order(epoch)[begun * size : end], epoch)

    def begin_early(self, epoch: int, *, steps_left: int, steps_at_once: int) -> None:
        """Begin to read an epoch when the last batches of the one before are read."""
        if steps_left <= (AHEAD + 1) * steps_at_once and epoch <= self._settings.epochs:
            self._coming.begin(epoch)

    def let_go(self) -> None:
        """End what was begun early and will not be learnt from."""
        self._coming.let_go()

    def batch(self, epoch: int, step: int) -> Batch:
        """Read what one step of an epoch, counted from 1, learns from."""
        return self._change(epoch)(self.batch_as_read(epoch, step), self.rows(epoch, step))

    def batch_as_read(self, epoch: int, step: int) -> Batch:
        """Read the batch of a step, neither weighted nor augmented."""
        crop_seed = (self._settings.seed, epoch)
        return self.source.read(self.rows(epoch, step), crop_seed=crop_seed)

    def rows(self, epoch: int, step: int) -> RowNumbers:
        """Give the numbers of the rows that one step of an epoch learns from."""
        size = self.source.batch_size
        return self._order(epoch)[(step - 1) * size : step * size]

    def _read(self, rows: RowNumbers, epoch: int) -> Generator[Stretch]:
        return self.source.in_stretches(
            rows,
            room=self.at_once.room,
            at_once=self.at_once,
            crop_seed=(self._settings.seed, epoch),
            change=self._change(epoch),
        )

    def _change(self, epoch: int) -> Callable[[Batch, RowNumbers], Batch]:
        """Give what is done to each batch of an epoch before it is learnt from."""
        weights = self.stages.of(epoch).weights
        if weights is None and not self._augmentation.is_asked_for:
            return unchanged

        def change(batch: Batch, rows: RowNumbers) -> Batch:
            if weights is not None:
                batch = batch._replace(weights=weights[rows])
            return self._augmentation.apply(batch, rows, epoch=epoch)

        return change

    def _order(self, epoch: int) -> RowNumbers:
        rows, settings = self.stages.of(epoch).rows, self._settings
        return epoch_order(rows, run_seed=settings.seed, epoch=epoch, shuffle=settings.shuffle)
