"""Judges the whole validation subset, as every prediction is made.

Takes   an attempt.
Gives   the metrics, exact over all rows, and how often each class was told right.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from blockwright.contracts.problems import error
from blockwright.contracts.signals import ClassCounts
from blockwright.training.attempt import Attempt
from blockwright.training.batches import Batch, FloatArray, read_ahead
from blockwright.training.class_scores import count_classes
from blockwright.training.scores import Scores
from blockwright.training.steps import StepResult
from blockwright.training.tiles import TileMean, TilePiece, TileSource


@dataclass(frozen=True)
class Validated:
    """What came of a validation.

    Attributes:
        classes: None where there are no classes.
        seen: Outputs and truth, each of shape (rows, *output).
    """

    metrics: dict[str, float]
    classes: ClassCounts | None
    seen: tuple[FloatArray, FloatArray]


class Validation:
    """Judges the model of an attempt as it is.

    Attributes:
        rows: Those that are judged.
    """

    def __init__(self, attempt: Attempt) -> None:
        """Judge the validation subset."""
        self._attempt = attempt
        self.rows = attempt.validation_rows

    def judge(self, epoch: int) -> Validated | None:
        """Judge all rows after an epoch; None when asked to stop.

        Raises:
            BlockwrightError: `training.loss_is_nan`.
        """
        attempt = self._attempt
        attempt.pace.begin_validation()
        attempt.steps.begin_judging()
        scores = attempt.scores(len(self.rows))
        if attempt.tiles is not None:
            is_whole = self._judge_tiles(attempt.tiles, epoch, scores)
        else:
            is_whole = self._judge_batches(epoch, scores)
        attempt.pace.validated()
        if not is_whole:
            return None
        return Validated(scores.result(), count_classes(scores.judged), scores.seen)

    def _judge_batches(self, epoch: int, scores: Scores) -> bool:
        def act(batch: Batch) -> None:
            self._note(self._attempt.steps.test(batch), batch.target, epoch, scores)
            self._tell(epoch, len(batch.target))

        batches = self._attempt.epochs.source.in_order(self.rows)
        return self._attempt.go_through(batches, act)

    def _judge_tiles(self, tiles: TileSource, epoch: int, scores: Scores) -> bool:
        """Judge the mean output over the tiles of each row."""
        steps, source, mean = self._attempt.steps, self._attempt.epochs.source, TileMean()

        def act(piece: TilePiece) -> None:
            outputs = mean.add(piece, steps.predict(piece.inputs))
            if outputs is not None:
                target = source.read_target(piece.rows)
                self._note(steps.judge(outputs, target), target, epoch, scores)
            self._tell(epoch, len(piece.owners))

        return self._attempt.go_through(read_ahead(tiles.pieces(self.rows)), act)

    def _note(self, said: StepResult, target: FloatArray, epoch: int, scores: Scores) -> None:
        if not math.isfinite(said.loss):
            step = self._attempt.pace.training_steps
            raise error("training.loss_is_nan", epoch=epoch, step=step)
        scores.add(said.loss, said.outputs, target)

    def _tell(self, epoch: int, rows: int) -> None:
        pace = self._attempt.pace
        pace.judged(rows)
        self._attempt.tell(epoch, pace.training_steps)
