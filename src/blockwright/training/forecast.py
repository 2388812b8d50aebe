"""What a run will take, measured on a few of its own steps.

Takes   the plan of the run that a person thinks of.
Gives   one `ForecastMade`: speed, memory, disk, the largest batch that fits.

Everything an epoch does is done here on fewer rows: steps of whole batches and the smaller one
at the end, the metrics, a validation, a checkpoint. What happens once in a run is told apart
from what each epoch takes. The memory of several batch sizes gives what a row costs; the
largest batch follows from the line through the two largest.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import fmean

import psutil

from blockwright.contracts.probes import Forecast
from blockwright.contracts.sink import EventSink, Outcome
from blockwright.contracts.work import ForecastMade, ForecastPlan
from blockwright.training import own_memory
from blockwright.training.probing import ProbeTraining

# The last two, the best, one from within an epoch, and the one being written.
KEPT_CHECKPOINTS = 5
TIMED_SECONDS = 2.0
# The first of many steps find batches that were read while a program was built, and small
# models learn more and more steps in one call.
UNUSUAL_STEPS = 5
# Of the free memory; the rest is for what other programs do meanwhile.
USABLE_SHARE = 0.9
MOST_BATCH = 65_536
# How many times larger the next batch is that memory is measured with, and the time for all.
OTHER_SIZES = (4, 2)
OTHER_SECONDS = 6.0

# Rows per step, and the peak of memory in bytes that went with them.
Size = tuple[int, int]


def run_forecast(plan: ForecastPlan, sink: EventSink) -> Outcome:
    """Measure, and tell what was found.

    Raises:
        BlockwrightError: What a run of the plan would raise.
    """
    began_at = time.monotonic()
    probe = ProbeTraining(plan.train, sink)
    measured = _Measured(once=time.monotonic() - began_at - probe.trial_seconds)
    batch = min(plan.train.settings.batch_size, len(probe.all_training_rows))
    for measure in (_measure_steps, _measure_end_of_epoch, _measure_validation):
        measure(probe, batch, measured)
        measured.note_memory()
        if probe.stop_requested():
            return "stopped"
    free = psutil.virtual_memory().available + own_memory.present_bytes()
    memory_bytes = int(free * USABLE_SHARE)
    sizes = _memory_of_other_sizes(probe, batch, measured, memory_bytes)
    per_row = bytes_per_row(sizes)
    rows = len(probe.all_training_rows)
    forecast = Forecast(
        batch_size=batch,
        examples_per_second=batch / measured.step,
        start_seconds=measured.once,
        seconds_per_epoch=measured.step * probe.all_stages.mean_rows() / batch
        + measured.each_epoch,
        save_seconds=measured.save,
        memory_bytes=measured.memory,
        memory_per_row_bytes=per_row,
        memory_free_bytes=free,
        disk_bytes=KEPT_CHECKPOINTS * measured.checkpoint_bytes,
        largest_batch=largest_batch(max(sizes), per_row, memory_bytes=memory_bytes, rows=rows),
        beside_training=plan.beside_training,
    )
    if probe.stop_requested():
        return "stopped"
    sink.emit(ForecastMade(forecast=forecast))
    return "done"


@dataclass
class _Measured:
    """What was found so far.

    Attributes:
        once: Seconds of what a run does once.
        each_epoch: Seconds of what each epoch does beside its steps.
        step: Seconds of a step over a whole batch.
        save: Seconds of a checkpoint.
        memory: The most that was held, in bytes.
    """

    once: float
    each_epoch: float = 0.0
    step: float = 0.0
    save: float = 0.0
    checkpoint_bytes: int = 0
    memory: int = 0

    def note_memory(self) -> None:
        """Note the most that was held since memory was last forgotten."""
        self.memory = max(self.memory, own_memory.peak_bytes())


def _measure_steps(probe: ProbeTraining, batch: int, found: _Measured) -> None:
    """Time two steps, or more where they are short."""
    rows = probe.all_training_rows
    first, *others = probe.learn(rows[: 2 * batch], batch_size=batch) or [0.0]
    if not others or len(rows) < 2 * batch:  # a second step of the same size, without building
        others = probe.learn(rows[:batch], batch_size=batch)
    found.note_memory()
    found.step = max(1e-6, fmean(others)) if others else 1e-6
    found.once += max(0.0, first - found.step)
    steps = min(int(TIMED_SECONDS / found.step), len(rows) // batch - 1)
    if steps < 1 or probe.stop_requested():
        return
    taken = probe.learn(rows[: (steps + 1) * batch], batch_size=batch)
    unusual = max(UNUSUAL_STEPS, steps // 4)
    usual = taken[unusual:] if steps >= 2 * UNUSUAL_STEPS else [*others, *taken[1:]]
    found.step = max(1e-6, fmean(usual)) if usual else found.step


def _measure_end_of_epoch(probe: ProbeTraining, batch: int, found: _Measured) -> None:
    """Take the smaller batch at the end, the metrics and the checkpoint."""
    found.each_epoch += probe.score(round(probe.all_stages.mean_rows()))
    rest = len(probe.all_training_rows) % batch
    if rest and not probe.stop_requested():
        taken = probe.learn(probe.all_training_rows[:rest], batch_size=batch)
        found.note_memory()
        found.once += max(0.0, sum(taken) - found.step * rest / batch)
    found.save, found.checkpoint_bytes = probe.save()
    found.each_epoch += found.save


def _measure_validation(probe: ProbeTraining, batch: int, found: _Measured) -> None:
    """Time a batch, and as many as there is time for; what all take follows from both."""
    rows = probe.all_validation_rows
    first = probe.judge(rows[:batch])
    again = probe.judge(rows[:batch])
    found.once += max(0.0, first - again)
    if len(rows) > batch:
        rest = len(rows) % batch
        if rest:
            own = again * rest / batch
            found.once += max(0.0, probe.judge(rows[:rest]) - own)
        many = batch * max(2, int(TIMED_SECONDS / max(1e-6, again)))
        taken = probe.judge(rows[:many])
        per_row = max(0.0, taken - again) / (min(many, len(rows)) - batch)
        again += per_row * (len(rows) - batch)
    found.each_epoch += again / probe.validate_every


def _memory_of_other_sizes(
    probe: ProbeTraining, batch: int, found: _Measured, memory_bytes: int
) -> list[Size]:
    """Take larger and larger batches, or one smaller one where there is no room for more.

    What was built before leaves memory behind that a slightly larger batch fits into: only
    sizes that are far apart tell what a row costs.

    Returns:
        Rows per step, and the most memory that was held while they were learnt from and judged.
    """
    rows, sizes = len(probe.all_training_rows), [(batch, found.memory)]
    began_at = time.monotonic()

    def take(size: int) -> None:
        probe.learn(probe.all_training_rows[:size], batch_size=size)
        probe.judge(probe.all_validation_rows[:size])
        sizes.append((size, own_memory.peak_bytes()))

    def next_size() -> int | None:
        size, memory = sizes[-1]
        left = OTHER_SECONDS - (time.monotonic() - began_at)
        fitting = (
            size * factor
            for factor in OTHER_SIZES
            if size * factor <= min(rows, MOST_BATCH)
            and memory * factor <= memory_bytes
            and found.step * size * factor / batch <= left
        )
        return next(fitting, None)

    while (size := next_size()) is not None and not probe.stop_requested():
        take(size)
    if len(sizes) == 1 and batch > 1:
        take(batch // 2)
    return sizes


def bytes_per_row(sizes: list[Size]) -> float:
    """Give what a row costs, from the two largest sizes.

    Returns:
        Bytes; 0 when the sizes tell nothing, e.g. when a row costs too little to be seen.
    """
    if len(sizes) < 2:
        return 0.0
    (small, with_small), (large, with_large) = sorted(sizes)[-2:]
    return max(0.0, (with_large - with_small) / (large - small))


def largest_batch(size: Size, per_row: float, *, memory_bytes: int, rows: int) -> int | None:
    """Give the most rows per step that an amount of memory has room for.

    Args:
        size: What was measured.
        per_row: Bytes that each more row takes.
        memory_bytes: What may be used.
        rows: That there are to learn from.

    Returns:
        A round number below what would just fit; None when not even one row would, or when
        a row costs too little to be seen.
    """
    batch, peak = size
    if per_row <= 0:
        return None
    fitting = int((memory_bytes - peak) / per_row) + batch
    return _round_down(min(MOST_BATCH, fitting, rows)) if fitting >= 1 else None


def _round_down(rows: int) -> int:
    """Give a power of two, or one and a half of one, that is not larger."""
    power = 1 << (rows.bit_length() - 1)
    return power + power // 2 if rows >= power + power // 2 else power
