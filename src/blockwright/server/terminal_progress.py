"""How far a studio file is, in a terminal: one line per step, with rate and time left."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from blockwright.contracts.problems import BlockwrightError, error
from blockwright.contracts.run_groups import RunGroup
from blockwright.contracts.runs import Run
from blockwright.contracts.studio import Job
from blockwright.server.services import Services

_POLL_SECONDS = 0.3
# A group has many rows to look at, and takes longer.
_GROUP_POLL_SECONDS = 1.0
_JOB_OPEN = {"queued", "running"}
_RUN_OPEN = {"queued", "starting", "running", "recovering", "stopping", "pausing", "paused"}
_GROUP_OPEN = {"running", "stopping"}


class Steps:
    """Steps done one after the other, each with a bar."""

    def __init__(self, progress: Progress) -> None:
        """Draw on `progress`."""
        self._progress = progress
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[Bar]:
        """Show one step for the length of a block."""
        task = self._progress.add_task(escape(name), total=1, detail="")
        started = time.monotonic()
        bar = Bar(self._progress, task)
        yield bar
        self.seconds[name] = round(time.monotonic() - started, 1)
        bar.finish()

    def follow_job(self, name: str, services: Services, job_id: str | None) -> None:
        """Show a job until it ends.

        Raises:
            BlockwrightError: The job's own problem, or `job.cancelled_by_someone`.
        """
        with self.step(name) as bar:
            while job_id is not None:
                job = services.jobs.get(job_id)
                bar.show(job.done, _job_detail(job))
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
                bar.show(_run_share(run), _run_detail(run))
                if run.state not in _RUN_OPEN:
                    if run.problem is not None:
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
                bar.show(_group_share(group, under_way), _group_detail(group, under_way))
                time.sleep(_GROUP_POLL_SECONDS)


class Bar:
    """One step's bar."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        """Draw as `task` of `progress`."""
        self._progress = progress
        self._task = task

    def show(self, share: float, detail: str) -> None:
        """Show how much is done, from 0 to 1, and a few words."""
        self._progress.update(self._task, completed=share, detail=escape(detail))

    def count(self, done: int, total: int) -> None:
        """Show so many of so many."""
        self.show(done / max(1, total), f"{done}/{total}")

    def finish(self) -> None:
        """Fill the bar."""
        self._progress.update(self._task, completed=1)


@contextmanager
def steps_in_terminal(console: Console) -> Iterator[Steps]:
    """Show steps for the length of a block."""
    columns = (
        TextColumn("{task.description:<24}"),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
        TextColumn("{task.fields[detail]}"),
    )
    with Progress(*columns, console=console) as progress:
        yield Steps(progress)


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
    words = f"{done:.0f}/{job.total_units:.0f} {job.unit}"
    return words + _left(job.seconds_left)


def _run_share(run: Run) -> float:
    now = run.progress
    steps = now.steps_per_epoch or 1
    return min(1.0, (max(0, now.epoch - 1) + now.step / steps) / run.settings.epochs)


def _run_detail(run: Run) -> str:
    words = f"epoch {run.progress.epoch}/{run.settings.epochs}"
    if run.epochs and run.best_by in run.epochs[-1].validation:
        words += f", {run.best_by} {run.epochs[-1].validation[run.best_by]:.3f}"
    return words + _left(run.progress.seconds_left)


def _group_share(group: RunGroup, under_way: list[Run]) -> float:
    ended = len(group.trials) - len(under_way)
    return min(1.0, (ended + sum(map(_run_share, under_way))) / group.total)


def _group_detail(group: RunGroup, under_way: list[Run]) -> str:
    word = "trial" if group.kind == "search" else "fold"
    words = f"{word} {len(group.trials)}/{group.total}"
    if under_way:
        words += f", epoch {under_way[0].progress.epoch}/{under_way[0].settings.epochs}"
    return words + _best_of(group) + _left(group.seconds_left)


def _best_of(group: RunGroup) -> str:
    values = [trial.value for trial in group.trials if trial.run_id == group.best_run_id]
    return f", best {group.best_by} {values[0]:.3f}" if values and values[0] is not None else ""


def _left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(int(seconds), 60)
    return f", {minutes} min {rest} s left" if minutes else f", {rest} s left"
