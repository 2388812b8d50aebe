"""The queue of trainings as a person sees and orders it; no Keras here."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from blockwright.contracts.graph import ExperimentSettings, GraphDocument
from blockwright.contracts.problems import Problem, problem
from blockwright.contracts.queue import (
    NO_LIMITS,
    Limits,
    Needs,
    QueuedRun,
    QueueOrder,
    QueueOutlook,
    QueueView,
)
from blockwright.contracts.runs import RunProgress
from blockwright.jobs.start_times import earliest_times, start_times
from blockwright.store.database import Database
from blockwright.store.leases import tell_places
from blockwright.store.ownership import project_ids_of
from blockwright.store.queue_order import (
    lacking,
    needs_of,
    place_of_newcomer,
    put_in_order,
    running_trainings,
    waiting_trainings,
)
from blockwright.store.run_history import trained_seconds
from blockwright.store.tables import ExperimentRow, JobRow, ProjectRow, RunRow
from blockwright.training.job_service import tell_waiting_runs
from blockwright.training.measured import expected_seconds

GB = 1024**3


class QueueService:
    """Show and order the queue."""

    def __init__(self, database: Database, *, workers: int = 1, limits: Limits = NO_LIMITS) -> None:
        """Use `database`; tell of `workers` and `limits`."""
        self._database = database
        self._workers = workers
        self._limits = limits

    def view(self, owner_id: str) -> QueueView:
        """Give the running and waiting trainings of an owner's projects.

        Places and times count those of other owners too.
        """
        with self._database.transaction() as session:
            ours = project_ids_of(session, owner_id)
            running, waiting = running_trainings(session), waiting_trainings(session)
            ahead = [_seconds_left(session, row) for row in running]
            own = [_expected_seconds(session, row) for row in waiting]
            starts = start_times(ahead, own, workers=self._workers)
            earliest = earliest_times(ahead, own, workers=self._workers)
            told_waiting = [
                _tell(session, row, place, starts[place - 1], earliest[place - 1])
                for place, row in enumerate(waiting, 1)
                if row.project_id in ours
            ]
            if told_waiting and told_waiting[0].place == 1 and len(running) < self._workers:
                why = self._waits_for(needs_of(waiting[0]), [needs_of(row) for row in running])
                told_waiting[0].waits_for = why
            return QueueView(
                running=[_tell(session, row) for row in running if row.project_id in ours],
                waiting=told_waiting,
                workers=self._workers,
                limits=self._limits,
            )

    def outlook(self, project_id: str) -> QueueOutlook:
        """Tell what a training of a project would wait for if it were queued now."""
        with self._database.transaction() as session:
            running = running_trainings(session)
            before = waiting_trainings(session)[: place_of_newcomer(session, project_id) - 1]
            ahead = [_seconds_left(session, row) for row in running]
            own = [_expected_seconds(session, row) for row in before]
            starts = start_times(ahead, [*own, 0.0], workers=self._workers)
            others = max(0, len(running) + len(before) - self._workers + 1)
            return QueueOutlook(others=others, starts_in_seconds=starts[-1])

    def put_in_order(self, owner_id: str, wanted: QueueOrder) -> QueueView:
        """Keep the order that a person gave, and give the queue as it is then."""
        with self._database.transaction() as session:
            put_in_order(session, wanted.job_ids, project_ids_of(session, owner_id))
            tell_places(session)
            tell_waiting_runs(session)
        return self.view(owner_id)

    def _waits_for(self, needs: Needs, running: Sequence[Needs]) -> Problem | None:
        lacks = lacking(needs, running, self._limits) if running else None
        if lacks == "memory_bytes":
            free = (self._limits.memory_bytes or 0) - sum(each.memory_bytes for each in running)
            return problem(
                "queue.waits_for_memory",
                needed_gb=f"{needs.memory_bytes / GB:.1f}",
                free_gb=f"{max(0, free) / GB:.1f}",
            )
        if lacks == "gpus":
            return problem("queue.waits_for_gpu")
        return problem("queue.waits_for_cores") if lacks else None


def _tell(
    session: Session,
    job: JobRow,
    place: int | None = None,
    starts_in: float | None = None,
    earliest_in: float | None = None,
) -> QueuedRun:
    run = session.get_one(RunRow, job.subject_id)
    progress = RunProgress.model_validate(run.progress)
    total = job.progress.get("total_units") or 0
    return QueuedRun(
        job_id=job.id,
        run_id=run.id,
        project_id=job.project_id,
        project_name=session.get_one(ProjectRow, job.project_id).name,
        experiment_name=session.get_one(ExperimentRow, run.experiment_id).name,
        run_number=run.number,
        is_running=job.state == "running",
        place=place,
        epoch=progress.epoch,
        epochs=run.plan["settings"]["epochs"],
        done=min(1.0, job.progress.get("done_units", 0) / total) if total else 0.0,
        needs=needs_of(job),
        seconds_left=job.progress.get("seconds_left"),
        starts_in_seconds=starts_in,
        earliest_in_seconds=earliest_in if starts_in is None else None,
    )


def _seconds_left(session: Session, job: JobRow) -> float | None:
    """Give what is left of a running training: as its worker says, else as earlier ones took."""
    told = job.progress.get("seconds_left")
    return float(told) if told is not None else _expected_seconds(session, job)


def _expected_seconds(session: Session, job: JobRow) -> float | None:
    run = session.get_one(RunRow, job.subject_id)
    graph = GraphDocument.model_validate(run.plan["graph"])
    settings = ExperimentSettings.model_validate(run.plan["settings"])
    # Epochs are counted from the first run of a chain of runs that go on from one another.
    before: int = run.continues["epoch"] if run.continues else 0
    done = max(before, run.progress.get("epoch", 0) - 1)
    left = max(1, settings.epochs - done)
    return expected_seconds(
        session,
        run.experiment_id,
        graph,
        settings,
        epochs=left,
        trained_seconds=trained_seconds(session, run.id),
    )
