"""When a run ends before its last epoch: asked to, its time over, or no better for long."""

from __future__ import annotations

import time

from blockwright.contracts.graph import ExperimentSettings
from blockwright.contracts.problems import problem
from blockwright.contracts.sink import EventSink
from blockwright.contracts.work import TrainPlan, TrainRemark
from blockwright.graph.setting_cards import BEST_BY
from blockwright.training.keeper import Keeper


class Ending:
    """Looks at the wishes of a person, the clock and the best epoch."""

    def __init__(self, plan: TrainPlan, keeper: Keeper, sink: EventSink) -> None:
        """Ask `sink` whether to stop; `keeper` knows the epochs that are kept."""
        self._settings: ExperimentSettings = plan.settings
        self._best_by = plan.best_by
        self._keeper = keeper
        self._sink = sink
        self._epoch_began_at = time.monotonic()

    def epoch_begins(self, *, seconds: float = 0.0) -> float:
        """Count the time of an epoch that was trained for so many seconds before.

        Returns:
            When it would have begun if nothing had lain in between, on the monotonic clock.
        """
        self._epoch_began_at = time.monotonic() - seconds
        return self._epoch_began_at

    def is_now(self) -> bool:
        """Say whether to end between two batches."""
        return self._sink.stop_requested() or self._is_time_up()

    def seconds_to_limit(self, epoch_seconds: float) -> float | None:
        """Give the seconds until the time limit ends the run; None without one.

        Args:
            epoch_seconds: Left of the epoch at hand, which is finished in any case where no
                epoch was kept before it.
        """
        limit = self._settings.time_limit_minutes * 60
        if limit <= 0:
            return None
        left = max(0.0, limit - self._trained_seconds())
        return left if self._keeper.best_epoch > 0 else max(left, epoch_seconds)

    def is_over_time(self) -> bool:
        """Say whether the run has taken as long as it may."""
        limit = self._settings.time_limit_minutes * 60
        return limit > 0 and self._trained_seconds() >= limit

    def _trained_seconds(self) -> float:
        return self._keeper.trained_seconds + time.monotonic() - self._epoch_began_at

    def tell_patience_is_over(self, epoch: int) -> bool:
        """Say in words that nothing better is waited for after an epoch, if it is so.

        The best one lies far enough back, and the epoch was validated and is no better: epochs
        that were not judged end nothing.
        """
        patience, best = self._settings.early_stopping_epochs, self._keeper.best_epoch
        is_judged = epoch == self._keeper.judged_epoch
        if not (is_judged and patience > 0 and best > 0 and epoch - best >= patience):
            return False
        metric, metric_zh = BEST_BY.get(self._best_by, (self._best_by, self._best_by))
        note = problem(
            "training.no_better", epoch=epoch, best=best, metric=metric, metric_zh=metric_zh
        )
        self._sink.emit(TrainRemark(note=note))
        return True

    def tell_time_is_up(self, epochs: int) -> bool:
        """Say in words that the time was over after so many epochs, if it was."""
        if not self._is_time_up():
            return False
        minutes = f"{self._settings.time_limit_minutes:,.15g}"
        note = problem("training.time_is_up", minutes=minutes, epochs=epochs)
        self._sink.emit(TrainRemark(note=note))
        return True

    def _is_time_up(self) -> bool:
        """Say whether to end here: not before there is an epoch that can be kept."""
        return self._keeper.best_epoch > 0 and self.is_over_time()
