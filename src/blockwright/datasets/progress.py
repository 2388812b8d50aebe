"""Progress of a job of known size, told at most twice a second."""

from __future__ import annotations

import time

from blockwright.contracts.sink import EventSink
from blockwright.contracts.work import Progress

TELL_EVERY_SECONDS = 0.5


class ProgressTeller:
    """Counts units and tells the sink how far it is, how fast, and how long yet."""

    def __init__(self, sink: EventSink, total_units: float, unit: str) -> None:
        """Begin at nothing."""
        self._sink = sink
        self._total = total_units
        self._unit = unit
        self._done = 0.0
        self._began = time.monotonic()
        self._told = 0.0
        self._tell()

    def advance(self, units: float = 1.0) -> None:
        """Count units that are done."""
        self._done += units
        if self._done >= self._total or time.monotonic() - self._told >= TELL_EVERY_SECONDS:
            self._tell()

    def _tell(self) -> None:
        self._told = time.monotonic()
        seconds = self._told - self._began
        rate = self._done / seconds if seconds > 0 and self._done else None
        self._sink.emit(
            Progress(
                done_units=self._done,
                total_units=self._total,
                unit=self._unit,
                rate=rate,
                seconds_left=(self._total - self._done) / rate if rate else None,
            )
        )
