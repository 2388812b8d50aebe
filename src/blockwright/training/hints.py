"""What the curves of a run say, in plain words, with what to try.

Takes   the record of a run: its epochs with metrics and signals, and its settings.
Gives   hints, the most important first; each leads to a setting, or to more epochs.
Never   changes anything, imports Keras or reads a file: a hint is a pure function of what
        the charts show, so that a person can check it by eye.

Thresholds are such that a healthy run of the benchmarks gives no hint; each rule has a
test of a curve that triggers it and of one that does not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import fmean, median

from blockwright.contracts.problems import Problem, problem
from blockwright.contracts.runs import EpochMetrics, Hint, Run
from blockwright.contracts.signals import EpochSignals

RISEN_EPOCHS = 5
FEW_ROWS = 100


@dataclass(frozen=True)
class Curves:
    """What the rules look at.

    Attributes:
        epochs: Those that were validated, in order.
        training: Their loss on the Training subset.
        validation: Their loss on the Validation subset.
    """

    run: Run
    validation_rows: int
    epochs: list[EpochMetrics]
    training: list[float]
    validation: list[float]
    signals: list[EpochSignals]

    @property
    def lowest(self) -> int:
        """The place of the lowest validation loss."""
        return self.validation.index(min(self.validation))

    def latest(self, metric: str, count: int = 3) -> list[float]:
        """The last values of a validation metric; empty when it is not measured or too few."""
        values = [epoch.validation[metric] for epoch in self.epochs if metric in epoch.validation]
        return values[-count:] if len(values) >= count else []


Finding = Problem | None


@dataclass(frozen=True)
class Rule:
    """One thing to notice.

    Attributes:
        find: Gives the words when it is so.
        setting: Where a person would change it.
        more_epochs: Whether going on is what would help.
        unless: Rules that say the same more exactly.
    """

    find: Callable[[Curves], Finding]
    setting: str | None = None
    more_epochs: bool = False
    unless: frozenset[str] = field(default_factory=frozenset)


def hints_of(run: Run, *, validation_rows: int) -> list[Hint]:
    """Give what is worth a look, the most important first.

    Args:
        run: The run with all its epochs.
        validation_rows: Rows of its Validation subset.
    """
    if run.state in {"queued", "failed"}:  # a failed run has a problem that says more
        return []
    judged = [e for e in run.epochs if "loss" in e.training and "loss" in e.validation]
    if not judged:
        return []
    curves = Curves(
        run=run,
        validation_rows=validation_rows,
        epochs=judged,
        training=[epoch.training["loss"] for epoch in judged],
        validation=[epoch.validation["loss"] for epoch in judged],
        signals=[epoch.signals for epoch in run.epochs if epoch.signals is not None],
    )
    found: dict[str, Hint] = {}
    for rule in RULES:
        words = rule.find(curves)
        if words is not None and not rule.unless & found.keys():
            found[words.code] = Hint(
                problem=words, setting=rule.setting, more_epochs=rule.more_epochs
            )
    return list(found.values())


def one_class(curves: Curves) -> Finding:
    """All rows are given the same class, though the truth has several."""
    last = curves.signals[-2:]
    if len(last) < 2:
        return None
    said = [each.said_share for each in last if each.said_share is not None]
    true = [each.true_share for each in last if each.true_share is not None]
    if len(said) < 2 or min(said) < 0.99 or max(true) > 0.95:
        return None
    return problem("hint.one_class", percent=round(100 * max(true)))


def says_nothing(curves: Curves) -> Finding:
    """No class is ever said to be true: recall stays at nothing."""
    recall = curves.latest("recall")
    return problem("hint.says_nothing") if recall and max(recall) < 0.005 else None


def guessing(curves: Curves) -> Finding:
    """The answers are worth no more than the same answer for each row."""
    accuracy = curves.latest("accuracy")
    true = [s.true_share for s in curves.signals[-1:] if s.true_share is not None]
    if accuracy and true and max(accuracy) <= true[0] + 0.01 and true[0] < 0.95:
        return problem("hint.guessing", percent=round(100 * true[0]))
    determined = curves.latest("r2")
    if determined and max(determined) <= 0:
        return problem("hint.guessing_numbers")
    return None


def not_learning(curves: Curves) -> Finding:
    """The training loss has been flat from the start."""
    losses = curves.training
    if len(losses) < 3 or min(losses) < 0.99 * losses[0]:
        return None
    return problem("hint.not_learning", epochs=len(losses))


def unstable(curves: Curves) -> Finding:
    """The loss jumps up, or single gradients are far longer than usual."""
    losses = curves.training
    if losses[-1] > 2 * losses[0]:  # it has run away
        return problem("hint.loss_jumps", epoch=curves.epochs[losses.index(max(losses))].epoch)
    for place in range(max(1, len(losses) - 10), len(losses)):
        # Near zero a loss doubles easily: what counts is a jump that the whole curve shows.
        seen = losses[place] - losses[place - 1] > 0.1 * losses[0]
        if seen and losses[place] > 1.3 * losses[place - 1]:
            return problem("hint.loss_jumps", epoch=curves.epochs[place].epoch)
    norms = [s.gradient_norm for s in curves.signals if s.gradient_norm is not None]
    largest = [s.gradient_norm_max for s in curves.signals[-3:] if s.gradient_norm_max is not None]
    if len(norms) >= 3 and largest and max(largest) > 100 * max(median(norms), 1e-12):
        times = round(max(largest) / max(median(norms), 1e-12))
        return problem("hint.gradients_explode", times=times)
    return None


def memorising(curves: Curves) -> Finding:
    """Validation has become worse for epochs while training goes on to improve.

    Medians over five epochs are compared, as a single lucky epoch is no lowest point; what the
    validation loss changes by from one epoch to the next anyway says nothing either.
    """
    training, validation, best = curves.training, curves.validation, curves.lowest
    since = len(validation) - 1 - best
    if since < RISEN_EPOCHS:
        return None
    around = slice(max(0, best - RISEN_EPOCHS // 2), best + RISEN_EPOCHS // 2 + 1)
    now_training, now = median(training[-RISEN_EPOCHS:]), median(validation[-RISEN_EPOCHS:])
    usual = median(abs(b - a) for a, b in pairwise(validation[best:]))
    rising = now > 1.05 * median(validation[around]) + usual
    falling = now_training < 0.95 * median(training[around])
    if not (rising and falling and now_training < now):
        return None
    best_epoch = curves.epochs[best].epoch
    return problem(
        "hint.memorising", epochs=curves.epochs[-1].epoch - best_epoch, best_epoch=best_epoch
    )


def still_improving(curves: Curves) -> Finding:
    """The run ended as planned while its best epoch was among the last."""
    run, losses = curves.run, curves.validation
    if run.state != "done" or len(losses) < 3 or run.epochs[-1].epoch < run.settings.epochs:
        return None
    window = max(3, len(losses) // 5)
    before = min(losses[:-window], default=losses[0])
    best_is_late = (run.best_epoch or 0) >= run.epochs[-1].epoch - window // 2
    if not best_is_late or min(losses[-window:]) > 0.98 * before:
        return None
    return problem("hint.still_improving", epochs=run.epochs[-1].epoch)


def plateau(curves: Curves) -> Finding:
    """Neither loss has moved for long."""
    window = max(6, len(curves.training) // 3)
    if len(curves.training) < window + 4:
        return None
    for losses in (curves.training, curves.validation):
        before, now = min(losses[:-window]), min(losses[-window:])
        if now < 0.99 * before:
            return None
    return problem("hint.plateau", epochs=window)


def large_gap(curves: Curves) -> Finding:
    """Training rows are known far better than validation rows."""
    if len(curves.training) < 5:
        return None
    training, validation = fmean(curves.training[-3:]), fmean(curves.validation[-3:])
    if training <= 0 or validation < 2.5 * training:
        return None
    return problem("hint.large_gap", times=round(validation / training, 1))


def validation_better(curves: Curves) -> Finding:
    """Validation is judged far better than training, which is odd without a reason."""
    settings = curves.run.settings
    augmented = settings.mixup or settings.time_masks or settings.frequency_masks
    if len(curves.training) < 3 or augmented:  # training rows are then made harder on purpose
        return None
    last = zip(curves.training[-3:], curves.validation[-3:], strict=True)
    return problem("hint.validation_better") if all(v < 0.7 * t for t, v in last) else None


def small_validation(curves: Curves) -> Finding:
    """So few rows are judged that their numbers jump by chance."""
    rows = curves.validation_rows
    return problem("hint.small_validation", rows=rows) if 0 < rows < FEW_ROWS else None


def data_wait(curves: Curves) -> Finding:
    """Much of the time goes by waiting for data."""
    waits = [each.data_wait for each in curves.signals[-3:]]
    if len(waits) < 2 or fmean(waits) < 0.1:
        return None
    return problem("hint.data_wait", percent=round(100 * fmean(waits)))


def slower(curves: Curves) -> Finding:
    """Training has become much slower than it was."""
    speeds = [s.examples_per_second for s in curves.signals if s.examples_per_second]
    if curves.run.state != "running" or len(speeds) < 5:
        return None
    usual, now = median(speeds[:-2]), fmean(speeds[-2:])
    if now > 0.6 * usual:
        return None
    return problem("hint.slower", percent=round(100 * (1 - now / usual)))


# Where learning has run away, what else is bad follows from it, and another rate is wanted.
_UNSTABLE = frozenset({"hint.loss_jumps", "hint.gradients_explode"})
# The most important first.
RULES = (
    Rule(unstable, "learning_rate"),
    Rule(one_class, "learning_rate", unless=_UNSTABLE),
    Rule(says_nothing, "learning_rate", unless=_UNSTABLE | {"hint.one_class"}),
    Rule(not_learning, "learning_rate", unless=_UNSTABLE | {"hint.one_class"}),
    Rule(guessing, "learning_rate", unless=_UNSTABLE | {"hint.one_class", "hint.not_learning"}),
    Rule(memorising, "early_stopping_epochs"),
    Rule(still_improving, "epochs", more_epochs=True, unless=frozenset({"hint.memorising"})),
    Rule(
        plateau,
        "schedule",
        unless=frozenset({"hint.memorising", "hint.not_learning", "hint.one_class"}),
    ),
    Rule(large_gap, unless=frozenset({"hint.memorising"})),
    Rule(validation_better, unless=_UNSTABLE),
    Rule(small_validation, "validation_subset_id"),
    Rule(data_wait),
    Rule(slower),
)
