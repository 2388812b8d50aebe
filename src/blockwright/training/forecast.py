"""What a run will take, measured on a few of its own steps.

Takes   the plan of the run that a person thinks of.
Gives   one `ForecastMade`: speed, memory, disk, the largest batch that fits.

The memory of two batch sizes gives what a row costs and what the model costs alone; the
largest batch follows from the line through both. What is measured first also builds the
programs of the steps, so that no building is mistaken for growth.
"""

from __future__ import annotations

import time

import psutil

from blockwright.contracts.probes import Forecast
from blockwright.contracts.sink import EventSink, Outcome
from blockwright.contracts.work import ForecastMade, ForecastPlan
from blockwright.training import own_memory
from blockwright.training.checkpoints import checkpoint_bytes
from blockwright.training.probing import ProbeTraining

# The last two, the best, one from within an epoch, and the one being written.
KEPT_CHECKPOINTS = 5
TIMED_SECONDS = 1.0
MOST_TIMED_STEPS = 200
# Of the free memory; the rest is for what other programs do meanwhile.
USABLE_SHARE = 0.9
MOST_BATCH = 65_536


def run_forecast(plan: ForecastPlan, sink: EventSink) -> Outcome:
    """Measure, and tell what was found.

    Raises:
        BlockwrightError: What a run of the plan would raise.
    """
    began_at = time.monotonic()
    probe = ProbeTraining(plan.train, sink)
    batch = min(plan.train.settings.batch_size, len(probe.all_training_rows))
    small = max(1, batch // 2)
    probe.learn(probe.all_training_rows[:small], batch_size=small)
    started = time.monotonic() - began_at
    # Another size: now the program takes any, and no later step builds one.
    probe.learn(probe.all_training_rows[: small + 1], batch_size=small + 1)
    probe.learn(probe.all_training_rows[:small], batch_size=small)
    small_peak = own_memory.peak_bytes()
    if probe.stop_requested():
        return "stopped"
    per_row = _seconds_per_row(probe, batch)
    validation = _validation_seconds(probe, batch)
    peak = own_memory.peak_bytes()
    if probe.stop_requested():
        return "stopped"
    free = psutil.virtual_memory().available + own_memory.present_bytes()
    forecast = Forecast(
        batch_size=batch,
        examples_per_second=1 / per_row,
        start_seconds=started,
        seconds_per_epoch=per_row * len(probe.all_training_rows) + validation,
        memory_bytes=peak,
        memory_free_bytes=free,
        disk_bytes=KEPT_CHECKPOINTS * checkpoint_bytes(probe.model),
        largest_batch=largest_batch(
            (small, small_peak),
            (batch, peak),
            memory_bytes=int(free * USABLE_SHARE),
            rows=len(probe.all_training_rows),
        ),
        beside_training=plan.beside_training,
    )
    sink.emit(ForecastMade(forecast=forecast))
    return "done"


def _seconds_per_row(probe: ProbeTraining, batch: int) -> float:
    """Time two steps, or more where they are short."""
    rows = probe.all_training_rows
    began_at = time.monotonic()
    found = probe.learn(rows[: 3 * batch], batch_size=batch)
    if found is None:  # all rows are one batch: its own time is that of an epoch
        probe.learn(rows, batch_size=batch)
        return (time.monotonic() - began_at) / (2 * len(rows))
    steps = min(MOST_TIMED_STEPS, int(TIMED_SECONDS / max(1e-6, found * batch)))
    if steps > 3 and len(rows) > 3 * batch:
        found = probe.learn(rows[: (steps + 1) * batch], batch_size=batch) or found
    return found


def _validation_seconds(probe: ProbeTraining, batch: int) -> float:
    """Time a batch, or more where they are short; give the time of all rows."""
    rows = probe.all_validation_rows
    probe.judge(rows[:batch])  # builds the program
    if len(rows) > batch:
        probe.judge(rows[: batch + len(rows) % batch])
    taken = rows[: 2 * batch]
    seconds = probe.judge(taken)
    more = int(TIMED_SECONDS / 2 / max(1e-6, seconds)) * len(taken)
    if more > len(taken) and len(rows) > len(taken):
        taken = rows[:more]
        seconds = probe.judge(taken)
    return seconds * len(rows) / len(taken)


def largest_batch(
    small: tuple[int, int], large: tuple[int, int], *, memory_bytes: int, rows: int
) -> int | None:
    """Give the most rows per step that an amount of memory has room for.

    Args:
        small: Rows per step, and the peak of memory in bytes that went with them.
        large: The same for more rows.
        memory_bytes: What may be used.
        rows: That there are to learn from.

    Returns:
        A round number below what would just fit; None when the sizes tell nothing, e.g. when
        a row costs too little to be seen.
    """
    more = large[0] - small[0]
    per_row = (large[1] - small[1]) / more if more > 0 else 0.0
    if per_row <= 0:
        return None
    fitting = int((memory_bytes - large[1]) / per_row) + large[0]
    return _round_down(min(MOST_BATCH, fitting, rows)) if fitting >= 1 else None


def _round_down(rows: int) -> int:
    """Give a power of two, or one and a half of one, that is not larger."""
    power = 1 << (rows.bit_length() - 1)
    return power + power // 2 if rows >= power + power // 2 else power
