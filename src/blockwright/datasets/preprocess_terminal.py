"""`blockwright preprocess` in a terminal: a bar with rate and time left, and every problem by name.

Neighbours: `preprocess` does the work and prints nothing.
"""

from __future__ import annotations

import signal
from types import FrameType

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

from blockwright.contracts.audio import SpectrogramSettings
from blockwright.contracts.data import RowProblem
from blockwright.contracts.problems import Problem, error, in_language, problem
from blockwright.datasets.preprocess import PreprocessRequest, make_dataset_zip
from blockwright.settings import terminal_language

EVERYTHING, NOT_ALL, INTERRUPTED = 0, 2, 130
MOST_NOTES = 20


class _ClipsPerSecond(ProgressColumn):
    """The rate so far."""

    def render(self, task: Task) -> Text:
        """Give clips per second."""
        return Text(f"{task.speed:.1f}/s" if task.speed else "")


def spectrogram_settings(**given: object) -> SpectrogramSettings:
    """Give the settings. Raises `audio.settings_invalid` in words."""
    try:
        return SpectrogramSettings.model_validate(given)
    except ValidationError as reason:
        fault = reason.errors()[0]
        place = ".".join(str(part) for part in fault["loc"])
        told = f"{place}: {fault['msg']}" if place else fault["msg"]
        raise error("audio.settings_invalid", reason=told) from reason


def preprocess_in_terminal(request: PreprocessRequest) -> int:
    """Make a dataset zip and say how it goes; give the exit status.

    Raises:
        BlockwrightError: As `make_dataset_zip`.
    """
    console = Console(stderr=True, soft_wrap=True)
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, _ClipsPerSecond(), TimeRemainingColumn(), console=console) as bar:
            task = bar.add_task(escape(request.out_file.name), total=None)

            def told(item: RowProblem) -> None:
                _say(console, item.problem)

            report = make_dataset_zip(
                request, lambda done, total: bar.update(task, completed=done, total=total), told
            )
    except KeyboardInterrupt:
        _say(console, problem("data.preprocess_interrupted"))
        return INTERRUPTED
    finally:
        signal.signal(signal.SIGTERM, before)
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


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _say(console: Console, item: Problem) -> None:
    words = in_language(item, terminal_language())
    console.print(f"{words.message} {words.fix}", markup=False, highlight=False)
