"""Gives queued jobs to workers, takes in what they say, and notices when one dies.

Takes   the queue's rows and the event files of running attempts.
Gives   effects in the database: an event counts exactly once, because its effects
        and the new reading position are committed together.
Never   works on a job itself, and imports no Keras.

A server that is killed leaves its workers running; the next one adopts them.
"""

from __future__ import annotations

import errno
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from blockwright.contracts.crash_points import reach
from blockwright.contracts.problems import BlockwrightError, Problem, problem
from blockwright.contracts.queue import NO_LIMITS, Limits
from blockwright.contracts.work import EVENTS_FILE, PLAN_FILE, STOP_FILE, Finished, PlanFile
from blockwright.jobs import service
from blockwright.jobs.event_file import newest_of_passing, read_events
from blockwright.jobs.executor import (
    DISK_FULL_STATUS,
    WORKER_FILE,
    LocalExecutor,
    WorkerEnd,
    WorkerProcess,
)
from blockwright.jobs.memory_evidence import log_tells
from blockwright.jobs.shares import choose_gpus, share_of_cores, with_share
from blockwright.store import leases
from blockwright.store.database import Database
from blockwright.store.files import FileStore, make_folder_durably, write_durably
from blockwright.training.backends import backend_of, can_use_gpu

POLL_SECONDS = 0.2
CLAIM_SECONDS = 1.0
WAKE_SECONDS = 5.0
# A worker that was just started needs the machine for itself.
SETTLING_SECONDS = 20.0
EXIT_SECONDS = 4.0
# So many rounds on end in which a job's events could not be recorded (four seconds or more).
MOST_TROUBLES = 20
# What the kernel ends a process with that reads a mapped file where nothing can be read.
_UNREADABLE_PAGE = "SIGBUS"

_log = logging.getLogger(__name__)


@dataclass
class Watched:
    """A running attempt that this supervisor follows."""

    job_id: str
    attempt: int
    folder: Path
    offset: int
    process: WorkerProcess | None
    trains: bool = False
    gpus: list[str] = field(default_factory=list)
    troubles: int = 0
    # By the monotonic clock: a laptop that slept or a clock that was set kills no worker.
    heard_at: float = field(default_factory=time.monotonic)


class Supervisor:
    """One thread in the server that looks after all jobs of one studio."""

    def __init__(
        self,
        database: Database,
        files: FileStore,
        *,
        workers: int,
        limits: Limits = NO_LIMITS,
        gpus: Sequence[str] | None = None,
        executor: LocalExecutor | None = None,
    ) -> None:
        """Run at most `workers` trainings at the same time, within `limits`.

        Each job sees its part of `gpus`, as CUDA names them; None leaves that to the machine.
        """
        self._database = database
        self._files = files
        self._workers = workers
        self._limits = limits
        self._gpus = gpus
        self._executor = executor or LocalExecutor()
        self._watched: dict[str, Watched] = {}
        self._started_at = float("-inf")
        self._news = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)

    def start(self) -> None:
        """Adopt what is running already, then look after the queue."""
        self._adopt()
        self._database.after_commit(self._news.set)
        self._thread.start()

    def stop(self, grace_seconds: float) -> None:
        """Ask all workers to end, wait for them, and kill what is left after the grace."""
        self._stopping.set()
        self._thread.join()
        with self._database.transaction() as session:
            for row in leases.running_jobs(session):
                if not self._files.exists(f"{leases.job_folder_key(row)}/{STOP_FILE}"):
                    leases.ask_to_stop(session, self._files, row, "studio_closing")
        deadline = time.monotonic() + grace_seconds
        while self._watched and time.monotonic() < deadline:
            self._look_after_all()
            time.sleep(POLL_SECONDS)
        for watched in list(self._watched.values()):
            self._kill(watched)
            self._guard(partial(self._take_in, watched))
            self._guard(partial(self._lose, watched, problem("job.studio_closed")))
        self._executor.close(EXIT_SECONDS)

    def _run(self) -> None:
        claimed_at = woken_at = 0.0
        while not self._stopping.is_set():
            if self._news.is_set() or time.monotonic() - claimed_at > CLAIM_SECONDS:
                self._news.clear()
                claimed_at = time.monotonic()
                self._guard(self._claim_all)
            if time.monotonic() - woken_at > WAKE_SECONDS:
                woken_at = time.monotonic()
                self._guard(self._wake_paused)
                self._guard(self._keep_warm)
            self._look_after_all()
            self._stopping.wait(POLL_SECONDS)

    def _look_after_all(self) -> None:
        for watched in list(self._watched.values()):
            if not self._guard(partial(self._look_after, watched)):
                watched.troubles += 1
            else:
                watched.troubles = 0
            if watched.troubles >= MOST_TROUBLES:
                self._guard(partial(self._give_up, watched))
        self._executor.forget_ended({w.process.pid for w in self._watched.values() if w.process})

    def _guard(self, act: Callable[[], None]) -> bool:
        try:
            act()
        except Exception:  # noqa: BLE001 - it lives on: the database may be busy, the disk full
            _log.exception("the supervisor could not do its round; it will try again")
            return False
        return True

    # --- from the queue to a worker ---

    def _claim_all(self) -> None:
        while True:
            with self._database.transaction() as session:
                row = leases.claim_next(session, workers=self._workers, limits=self._limits)
                if row is None:
                    return
                service.record_start(session, row)
                plan = service.plan_file(row)
                folder = self._files.local_path(leases.job_folder_key(row))
            trains = row.kind == "train"
            watched = Watched(row.id, row.attempt, folder, 0, None, trains)
            self._watched[row.id] = watched
            reach("job-claimed")
            self._spawn(watched, plan)

    def _wake_paused(self) -> None:
        with self._database.transaction() as session:
            service.wake_paused(session, self._files)

    def _keep_warm(self) -> None:
        """Have a worker ready where a training is likely; its start is in nobody's way."""
        if time.monotonic() - self._started_at < SETTLING_SECONDS:
            return
        with self._database.transaction() as session:
            is_likely = service.may_train(session)
        if is_likely:
            self._executor.keep_warm()

    def _spawn(self, watched: Watched, plan: PlanFile) -> None:
        try:
            plan = self._with_share(watched, plan)
            make_folder_durably(watched.folder)
            write_durably(watched.folder / PLAN_FILE, plan.model_dump_json().encode())
            reach("job-planned")
            watched.process = self._executor.start(
                watched.folder, backend=backend_of(plan.plan), trains=plan.plan.kind == "train"
            )
            self._started_at = time.monotonic()
            reach("job-started")
        except OSError as reason:
            _log.exception("no worker could be started")
            if reason.errno in {errno.ENOSPC, errno.EDQUOT}:
                self._lose(watched, problem("job.disk_full"))
                return
            self._end(watched, problem("job.not_started", detail=str(reason)))

    def _adopt(self) -> None:
        plans: dict[str, PlanFile] = {}
        with self._database.transaction() as session:
            for row in leases.running_jobs(session):
                folder = self._files.local_path(leases.job_folder_key(row))
                trains, gpus = row.kind == "train", _gpus_in(folder)
                self._watched[row.id] = Watched(
                    row.id, row.attempt, folder, row.events_offset, None, trains, gpus
                )
                plans[row.id] = service.plan_file(row)
        for watched in list(self._watched.values()):
            watched.process = _process_of(watched.folder)
            if watched.process is None:  # the server before this one died between claim and start
                self._spawn(watched, plans[watched.job_id])

    def _with_share(self, watched: Watched, plan: PlanFile) -> PlanFile:
        cores = share_of_cores(self._limits.cores, self._workers)
        if self._gpus is None or not can_use_gpu(backend_of(plan.plan)):
            return with_share(plan, cores=cores, gpus=None)
        others = [each for each in self._watched.values() if each is not watched]
        watched.gpus = choose_gpus(
            self._gpus,
            self._workers,
            trainings=[name for each in others if each.trains for name in each.gpus],
            others=[name for each in others if not each.trains for name in each.gpus],
        )
        return with_share(plan, cores=cores, gpus=watched.gpus)

    # --- from a worker to the database ---

    def _look_after(self, watched: Watched) -> None:
        # Whoever took the folder is its worker, also where two were started on it.
        watched.process = _process_of(watched.folder) or watched.process
        # In this order: what a dying worker wrote last is read after its death was seen.
        end = self._executor.end_of(watched.process) if watched.process else None
        self._take_in(watched)
        if watched.job_id not in self._watched:
            return
        if end is not None:
            self._lose(watched, _in_words(end, watched.folder))
        elif time.monotonic() - watched.heard_at > leases.LEASE_SECONDS:
            self._kill(watched)
            self._lose(watched, problem("job.worker_silent", seconds=int(leases.LEASE_SECONDS)))

    def _take_in(self, watched: Watched) -> None:
        try:
            lines, offset = read_events(watched.folder / EVENTS_FILE, watched.offset)
        except BlockwrightError as unreadable:
            self._kill(watched)
            self._end(watched, unreadable.problem)
            return
        if not lines:
            return
        finished = False
        with self._database.transaction() as session:
            row = leases.held(session, watched.job_id, watched.attempt)
            if row is None:  # someone else has the job now: what this worker says is void
                self._kill(watched)
                self._let_go(watched)
                return
            for line in newest_of_passing(lines):
                if line.attempt == watched.attempt:
                    service.record(session, row, line.event, self._files)
                    finished = finished or isinstance(line.event, Finished)
            row.events_offset = offset
            row.worker = watched.process.model_dump() if watched.process else None
            if not finished:
                leases.renew(row)
            reach("job-events-read")
        reach("job-events-recorded")
        watched.offset = offset
        watched.heard_at = time.monotonic()
        if finished:
            self._let_go(watched)

    def _lose(self, watched: Watched, why: Problem) -> None:
        with self._database.transaction() as session:
            row = leases.held(session, watched.job_id, watched.attempt)
            if row is not None:
                service.record_loss(session, row, why, self._files)
        reach("job-loss-recorded")
        self._let_go(watched)

    def _end(self, watched: Watched, why: Problem) -> None:
        with self._database.transaction() as session:
            row = leases.held(session, watched.job_id, watched.attempt)
            if row is not None:
                service.record_failure(session, row, why)
        self._let_go(watched)

    def _give_up(self, watched: Watched) -> None:
        """End a job whose events have no effect again and again, e.g. as its subject is gone."""
        self._kill(watched)
        why = problem("job.could_not_be_recorded")
        if not self._guard(partial(self._end, watched, why)):
            with self._database.transaction() as session:
                row = leases.held(session, watched.job_id, watched.attempt)
                if row is not None:
                    leases.end(session, row, "failed", why)
            self._let_go(watched)

    def _kill(self, watched: Watched) -> None:
        if watched.process is not None:
            self._executor.kill(watched.process)

    def _let_go(self, watched: Watched) -> None:
        self._watched.pop(watched.job_id, None)


def _process_of(folder: Path) -> WorkerProcess | None:
    """Give the process that a worker wrote down; None when it has not come so far."""
    try:
        return WorkerProcess.model_validate_json((folder / WORKER_FILE).read_bytes())
    except FileNotFoundError:
        return None


def _gpus_in(folder: Path) -> list[str]:
    """Give the GPUs that a worker was handed by the server before this one."""
    try:
        task = PlanFile.model_validate_json((folder / PLAN_FILE).read_bytes())
    except FileNotFoundError:  # it died before
        return []
    return task.gpus or []


def _in_words(end: WorkerEnd, folder: Path) -> Problem:
    if end.signal_name == _UNREADABLE_PAGE:
        return problem("job.data_unreadable")
    if end.killed_for_memory or log_tells(folder):
        return problem("job.out_of_memory")
    if end.exit_status == DISK_FULL_STATUS:
        return problem("job.disk_full")
    if end.signal_name:
        return problem("job.worker_killed", signal=end.signal_name)
    return problem("job.worker_lost")
