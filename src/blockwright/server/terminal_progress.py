"""How far a studio file is: a bar per step in a terminal, lines as things happen elsewhere."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from blockwright.contracts.problems import BlockwrightError, error
from blockwright.contracts.run_groups import RunGroup
from blockwright.contracts.runs import Run
from blockwright.contracts.studio import Job
from blockwright.server.services import Services

_POLL_SECONDS = 0.3
# A group has many rows to look at, and takes longer.
_GROUP_POLL_SECONDS = 1.0
# A log of a pipe, a CI or nohup stays short, also where epochs take a moment each.
_SECONDS_BETWEEN_LINES = 5.0
_JOB_OPEN = {"queued", "running"}
_RUN_OPEN = {"queued", "starting", "running", "recovering", "stopping", "pausing", "paused"}
_GROUP_OPEN = {"running", "stopping"}


class Steps:
    """Steps done one after the other, each with a bar."""

    def __init__(self, begin: Callable[[str], Bar]) -> None:
        """Show each step, by its name, with what `begin` gives."""
        self._begin = begin
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[Bar]:
        """Show one step for the length of a block."""
        started = time.monotonic()
        bar = self._begin(name)
        yield bar
        self.seconds[name] = round(time.monotonic() - started, 1)
        bar.finish(self.seconds[name])

    def follow_job(self, name: str, services: Services, job_id: str | None) -> None:
        """Show a job until it ends.

        Raises:
            BlockwrightError: The job's own problem, or `job.cancelled_by_someone`.
        """
        with self.step(name) as bar:
            while job_id is not None:
                job = services.jobs.get(job_id)
                bar.show(job.done, _job_detail(job), seconds_left=job.seconds_left)
                if job.state not in _JOB_OPEN:
                    _require_done(job)
                    return
                time.sleep(_POLL_SECONDS)

    def follow_run(self, name: str, services: Services, run_id: str) -> Run:
        """Show a training until it ends.

        Raises:
            BlockwrightError: The run's own problem.
        """
        with self.step(name) as bar:
            while True:
                run = services.runs.get(run_id)
                bar.show(
                    _run_share(run),
                    _run_detail(run),
                    seconds_left=run.progress.seconds_left,
                    line=_ended_epoch(run),
                )
                if run.state not in _RUN_OPEN:
                    if run.state != "done" and run.problem is not None:
                        raise BlockwrightError(run.problem)
                    return run
                time.sleep(_POLL_SECONDS)

    def follow_group(self, name: str, services: Services, group_id: str) -> RunGroup:
        """Show a search or the runs of all folds until they have ended."""
        with self.step(name) as bar:
            while True:
                group = services.run_groups.get(group_id)
                if group.state not in _GROUP_OPEN:
                    bar.show(1.0, f"{len(group.trials)}/{group.total}{_best_of(group)}")
                    return group
                under_way = [
                    services.runs.get(trial.run_id)
                    for trial in group.trials
                    if trial.state in _RUN_OPEN
                ]
                bar.show(
                    _group_share(group, under_way),
                    _group_detail(group, under_way),
                    seconds_left=group.seconds_left,
                )
                time.sleep(_GROUP_POLL_SECONDS)


class Bar(ABC):
    """How far one step is, as it is shown."""

    @abstractmethod
    def show(
        self,
        share: float,
        detail: str,
        *,
        seconds_left: float | None = None,
        line: str | None = None,
    ) -> None:
        """Show how much is done.

        Args:
            share: From 0 to 1.
            detail: A few words.
            seconds_left: Of the step, if known.
            line: Words that change less often than `detail`, for a log; empty: none yet.
        """

    @abstractmethod
    def finish(self, seconds: float) -> None:
        """Show that the step is done, and took so long."""

    def count(self, done: int, total: int) -> None:
        """Show so many of so many."""
        self.show(done / max(1, total), f"{done}/{total}")


class DrawnBar(Bar):
    """A bar that is drawn anew in its place, for a terminal."""

    def __init__(self, progress: Progress, name: str) -> None:
        """Draw the step on `progress`."""
        self._progress = progress
        self._task = progress.add_task(escape(name), total=1, detail="")

    def show(
        self,
        share: float,
        detail: str,
        *,
        seconds_left: float | None = None,
        line: str | None = None,  # noqa: ARG002 - a bar has room for the detail
    ) -> None:
        """Move the bar."""
        words = escape(detail + _left(seconds_left))
        self._progress.update(self._task, completed=share, detail=words)

    def finish(self, seconds: float) -> None:  # noqa: ARG002 - a column counts the time
        """Fill the bar."""
        self._progress.update(self._task, completed=1)


class PrintedBar(Bar):
    """Lines printed one below the other, for a pipe or a file."""

    def __init__(self, console: Console, name: str) -> None:
        """Print on `console` that the step begins."""
        self._console = console
        self._name = name
        self._words = ""
        self._printed = ""
        self._print("begins")

    def show(
        self,
        share: float,  # noqa: ARG002 - the words say it
        detail: str,
        *,
        seconds_left: float | None = None,
        line: str | None = None,
    ) -> None:
        """Print the words when they are new and the last line is some seconds old."""
        self._words = detail if line is None else line
        soon = time.monotonic() - self._printed_at < _SECONDS_BETWEEN_LINES
        if soon or self._words in {"", self._printed}:
            return
        self._printed = self._words
        self._print(self._words + _left(seconds_left))

    def finish(self, seconds: float) -> None:
        """Print where the step ended, and its seconds."""
        words = f"{self._words}, " if self._words else ""
        self._print(f"{words}took {seconds:.1f} s")

    def _print(self, words: str) -> None:
        # The console flushes after each line.
        told = f"{self._name}: {words}"
        self._console.print(told, markup=False, highlight=False, soft_wrap=True)
        self._printed_at = time.monotonic()


@contextmanager
def steps_in_terminal(console: Console) -> Iterator[Steps]:
    """Show steps for the length of a block; in lines where `console` is no terminal."""
    if not console.is_terminal:
        yield Steps(lambda name: PrintedBar(console, name))
        return
    columns = (
        TextColumn("{task.description:<24}"),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
        TextColumn("{task.fields[detail]}"),
    )
    with Progress(*columns, console=console) as progress:
        yield Steps(lambda name: DrawnBar(progress, name))


def _require_done(job: Job) -> None:
    if job.state == "done":
        return
    if job.problem is not None:
        raise BlockwrightError(job.problem)
    raise error("delivery.stopped")


def _job_detail(job: Job) -> str:
    if not job.total_units or job.total_units <= 1:  # nothing to count: not one of many
        return ""
    done = job.total_units if job.state == "done" else job.done_units
    return f"{done:.0f}/{job.total_units:.0f} {job.unit}"


def _run_share(run: Run) -> float:
    now = run.progress
    steps = now.steps_per_epoch or 1
    return min(1.0, (max(0, now.epoch - 1) + now.step / steps) / run.settings.epochs)


def _run_detail(run: Run) -> str:
    return f"epoch {run.progress.epoch}/{run.settings.epochs}{_newest_value(run)}"


def _ended_epoch(run: Run) -> str:
    if not run.epochs:
        return ""
    return f"epoch {run.epochs[-1].epoch}/{run.settings.epochs}{_newest_value(run)}"


def _newest_value(run: Run) -> str:
    if not run.epochs or run.best_by not in run.epochs[-1].validation:
        return ""
    return f", {run.best_by} {run.epochs[-1].validation[run.best_by]:.3f}"


def _group_share(group: RunGroup, under_way: list[Run]) -> float:
    ended = len(group.trials) - len(under_way)
    return min(1.0, (ended + sum(map(_run_share, under_way))) / group.total)


def _group_detail(group: RunGroup, under_way: list[Run]) -> str:
    word = "trial" if group.kind == "search" else "fold"
    # Trials wait in the queue, too: all folds are queued at once, the first one trains.
    at_work = next((run for run in under_way if run.state != "queued"), None)
    if at_work is None:
        ended = len(group.trials) - len(under_way)
        return f"{word} {min(ended + 1, group.total)}/{group.total}{_best_of(group)}"
    number = next(trial.number for trial in group.trials if trial.run_id == at_work.id)
    epoch = at_work.progress.epoch
    words = f", epoch {epoch}/{at_work.settings.epochs}" if epoch else ""
    return f"{word} {number}/{group.total}{words}{_best_of(group)}"


def _best_of(group: RunGroup) -> str:
    values = [trial.value for trial in group.trials if trial.run_id == group.best_run_id]
    return f", best {group.best_by} {values[0]:.3f}" if values and values[0] is not None else ""


def _left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(int(seconds), 60)
    return f", {minutes} min {rest} s left" if minutes else f", {rest} s left"
