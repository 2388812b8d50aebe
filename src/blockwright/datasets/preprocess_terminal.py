"""`blockwright preprocess` in a terminal: a bar with rate and time left, and every problem by name.

Neighbours: `preprocess` does the work and prints nothing.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Event
from types import FrameType
from typing import Any

from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from blockwright.contracts.audio import PRESETS, SpectrogramSettings
from blockwright.contracts.data import RowProblem
from blockwright.contracts.invalid_input import describe_invalid_input
from blockwright.contracts.problems import Problem, error, in_language, problem
from blockwright.datasets.preprocess import (
    PreprocessRequest,
    PreprocessStopped,
    make_dataset_zip,
)
from blockwright.settings import terminal_language

# 2 is what the command line gives for an option that it does not know.
EVERYTHING, NOT_ALL, INTERRUPTED = 0, 3, 130
MOST_NOTES = 20


class _ClipsPerSecond(ProgressColumn):
    """The rate so far."""

    def render(self, task: Task) -> Text:
        """Give clips per second."""
        return Text(f"{task.speed:.1f}/s" if task.speed else "")


# Settings whose option has another name.
_OPTION_OF = {
    "sample_rate_hz": "--sample-rate",
    "fft_samples": "--n-fft",
    "hop_samples": "--hop",
    "mel_bands": "--mels",
    "min_hz": "--fmin",
    "max_hz": "--fmax",
    "frames": "--size",
    "fit": "--fit",
    "reference": "--reference",
    "dynamic_range_db": "--dynamic-range",
    "trim_silence_db": "--trim-silence-db",
    "clip_normalization": "--clip-normalization",
}


def spectrogram_settings(preset: str, **given: object) -> SpectrogramSettings:
    """Give the settings of a preset with what was given besides; None is not given.

    The highest frequency is half the sample rate where the preset's would lie above.

    Raises:
        BlockwrightError: `audio.unknown_preset`; `audio.settings_invalid`, which names
            the options.
    """
    if preset not in PRESETS:
        raise error("audio.unknown_preset", preset=preset, known=", ".join(PRESETS))
    base = PRESETS[preset].model_dump()
    given = {name: value for name, value in given.items() if value is not None}
    rate_hz = given.get("sample_rate_hz")
    if isinstance(rate_hz, int):
        base["max_hz"] = min(base["max_hz"], rate_hz / 2)
    try:
        return SpectrogramSettings.model_validate({**base, **given})
    except ValidationError as reason:
        told = " ".join(_in_words(fault) for fault in reason.errors())
        raise error("audio.settings_invalid", reason=told) from reason


def _in_words(fault: Mapping[str, Any]) -> str:
    options = tuple(_OPTION_OF[str(name)] for name in fault["loc"])
    return in_language(
        describe_invalid_input({**fault, "loc": options}), terminal_language()
    ).message


@contextmanager
def _ended(bar: Progress) -> Iterator[None]:
    """End the bar, whatever happens, before anything else is said."""
    try:
        yield
    finally:
        bar.stop()


@contextmanager
def _interrupts() -> Iterator[Event]:
    """Give an event that Ctrl+C and SIGTERM set; a second one ends the process at once.

    An exception raised by a signal handler can fall anywhere, also where a library
    swallows it or takes it for its own failure.
    """
    told = Event()
    before = {kind: signal.getsignal(kind) for kind in (signal.SIGINT, signal.SIGTERM)}

    def tell(_signal: int, _frame: FrameType | None) -> None:
        told.set()
        for kind in before:
            signal.signal(kind, signal.SIG_DFL)

    for kind in before:
        signal.signal(kind, tell)
    try:
        yield told
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


def preprocess_in_terminal(request: PreprocessRequest) -> int:
    """Make a dataset zip and say how it goes; give the exit status.

    Raises:
        BlockwrightError: As `make_dataset_zip`.
    """
    console = Console(stderr=True, soft_wrap=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    bar = Progress(*columns, _ClipsPerSecond(), TimeRemainingColumn(), console=console)
    task = bar.add_task(escape(request.out_file.name), total=None)

    def told_progress(done: int, total: int) -> None:
        bar.start()  # only now: a wrong path is told without an empty bar
        bar.update(task, completed=done, total=total)

    def told_problem(item: RowProblem) -> None:
        words = in_language(item.problem, terminal_language())
        named = "" if item.item in words.message else f"{item.item}: "
        console.print(f"{named}{words.message} {words.fix}", markup=False, highlight=False)

    try:
        with _interrupts() as interrupted, _ended(bar):
            report = make_dataset_zip(request, told_progress, told_problem, interrupted.is_set)
    except PreprocessStopped:
        _say(console, problem("data.preprocess_interrupted"))
        return INTERRUPTED
    for note in report.notes[:MOST_NOTES]:
        _say(console, note)
    if len(report.notes) > MOST_NOTES:
        _say(console, problem("data.more_notes", count=len(report.notes) - MOST_NOTES))
    _say(
        console,
        problem(
            "data.preprocess_done",
            clips=report.clips,
            classes=len(report.classes),
            file=str(request.out_file),
            problems=len(report.problems),
        ),
    )
    return NOT_ALL if report.problems else EVERYTHING


def _say(console: Console, item: Problem) -> None:
    words = in_language(item, terminal_language())
    console.print(f"{words.message} {words.fix}", markup=False, highlight=False)
