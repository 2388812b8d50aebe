"""What the life of a training worker does to its run, in the database.

Takes   jobs as they start, what their workers say, and how they end or are lost.
Gives   the run's state, epochs and checkpoints; a lost run is made ready to go on.
"""

from __future__ import annotations

import shutil
from math import prod

import psutil
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from blockwright.contracts.base import utc_now
from blockwright.contracts.ids import new_id
from blockwright.contracts.problems import Problem, problem
from blockwright.contracts.runs import Interruption, RunProgress
from blockwright.contracts.studio import EpochEnded, LossCurveGrew, RunStepped
from blockwright.contracts.work import (
    Finished,
    TrainEpoch,
    TrainLosses,
    TrainPlan,
    TrainRemark,
    TrainSaved,
    TrainStarted,
    TrainStep,
    WorkerEvent,
)
from blockwright.graph.analysis import analyse
from blockwright.graph.schedules import split_settings
from blockwright.graph.task import target_of
from blockwright.store import leases
from blockwright.store.class_counts import keep_class_counts
from blockwright.store.events import publish, publish_newest
from blockwright.store.files import FileStore
from blockwright.store.loss_curves import keep_losses
from blockwright.store.tables import CheckpointRow, EpochRow, ExperimentRow, JobRow, RunRow
from blockwright.training.checkpoint_files import CHECKPOINTS_FOLDER, keep_only
from blockwright.training.group_progress import after_epoch, after_run, note_pruned
from blockwright.training.needs import backend_of, largest_batch
from blockwright.training.run_service import (
    CHECKPOINT_BYTES_PER_PARAMETER,
    LOST_IN_WORDS_OF_A_RUN,
    checkpoints_of,
    drop_epochs_after,
    find_run,
    publish_run,
)
from blockwright.training.scores import disk_bytes

_SMALL_FILES_BYTES = 50_000


def record_start(session: Session, job: JobRow) -> None:
    """Note that a worker is starting on a run; those behind it move up in the queue."""
    row = find_run(session, job.subject_id)
    row.state = "recovering" if row.state == "recovering" else "starting"
    row.started_at = row.started_at or utc_now()
    publish_run(session, row)
    tell_waiting_runs(session)


def is_complete(session: Session, job: JobRow) -> bool:
    """Say whether the last epoch of a run is saved already."""
    row = find_run(session, job.subject_id)
    checkpoints = checkpoints_of(session, row.id)
    epochs = TrainPlan.model_validate(row.plan).settings.epochs
    return bool(checkpoints) and checkpoints[-1].epoch >= epochs


def record_stopping(session: Session, job: JobRow) -> None:
    """Note that a running run was asked to stop."""
    row = find_run(session, job.subject_id)
    row.state = "stopping"
    publish_run(session, row)


def record_event(session: Session, job: JobRow, event: WorkerEvent, files: FileStore) -> None:
    """Keep what a training worker says."""
    row = find_run(session, job.subject_id)
    match event:
        case TrainStarted():
            row.machine = event.machine.model_dump(mode="json")
            row.parameters = event.parameters
            _note_where_it_went_on(row, event)
            row.problem = event.note.model_dump(mode="json") if event.note else None
            row.state = row.state if row.state in {"stopping", "pausing"} else "running"
            publish_run(session, row)
        case TrainRemark():
            row.problem = event.note.model_dump(mode="json")
        case TrainStep():
            _keep_progress(row, job, event.progress)
            step = RunStepped(
                run_id=row.id, project_id=row.project_id, state=row.state, progress=event.progress
            )
            publish_newest(session, row.project_id, step, path=("run_id",), value=row.id)
        case TrainLosses():
            _keep_losses(session, row, event)
        case TrainEpoch():
            _keep_epoch(session, row, event)
            job.restarts = 0  # it got further: what interrupts it next is counted anew
            after_epoch(session, row, job, files)
            publish_run(session, row)
        case TrainSaved():
            job.restarts = 0
        case Finished():
            row.state = "done"
            row.ended_at = utc_now()
            row.trial = row.trial and {**row.trial, "pruned": False}
            _tidy(session, row, files)
            publish_run(session, row)
            after_run(session, row)
        case _:
            return


def _keep_progress(row: RunRow, job: JobRow, progress: RunProgress) -> None:
    row.progress = progress.model_dump(mode="json")
    epochs = TrainPlan.model_validate(row.plan).settings.epochs
    before: int = row.continues["epoch"] if row.continues else 0  # of the run it goes on from
    job.progress = {
        "done_units": (progress.epoch - 1 - before) * progress.steps_per_epoch + progress.step,
        "total_units": (epochs - before) * progress.steps_per_epoch,
        "unit": "steps",
        "seconds_left": progress.seconds_left,
    }


def _keep_losses(session: Session, row: RunRow, event: TrainLosses) -> None:
    keep_losses(
        session, row.id, epoch=event.epoch, steps=event.steps_per_epoch, buckets=event.buckets
    )
    grew = LossCurveGrew(run_id=row.id, project_id=row.project_id)
    publish_newest(session, row.project_id, grew, path=("run_id",), value=row.id)


def _keep_epoch(session: Session, row: RunRow, event: TrainEpoch) -> None:
    metrics = event.metrics
    # A worker that fell back to an earlier checkpoint repeats epochs: the later ones are void.
    drop_epochs_after(session, row.id, metrics.epoch - 1)
    session.add(
        EpochRow(run_id=row.id, epoch=metrics.epoch, metrics=metrics.model_dump(mode="json"))
    )
    written = event.checkpoint
    if written.is_best:
        session.execute(
            update(CheckpointRow).where(CheckpointRow.run_id == row.id).values(is_best=False)
        )
    session.execute(
        delete(CheckpointRow).where(
            CheckpointRow.run_id == row.id,
            CheckpointRow.folder.in_(event.removed_checkpoints),
        )
    )
    session.add(
        CheckpointRow(
            id=new_id("ckp"),
            run_id=row.id,
            epoch=written.epoch,
            folder=written.folder,
            is_best=written.is_best,
            bytes=written.bytes,
            sha256=written.sha256,
            created_at=utc_now(),
        )
    )
    session.flush()
    _mark_best(session, row)
    if event.classes is not None:
        keep_class_counts(
            session,
            row.id,
            epoch=metrics.epoch,
            best_epoch=row.best_epoch,
            counts=event.classes.model_dump(mode="json"),
        )
    publish(
        session,
        row.project_id,
        EpochEnded(run_id=row.id, project_id=row.project_id, metrics=metrics),
    )


def _mark_best(session: Session, row: RunRow) -> None:
    best = session.scalar(
        select(CheckpointRow).where(CheckpointRow.run_id == row.id, CheckpointRow.is_best)
    )
    if best is None:
        return
    metrics = session.get_one(EpochRow, (row.id, best.epoch)).metrics
    row.best_epoch = best.epoch
    row.best_value = metrics["validation"][row.plan["best_by"]]


def record_end(session: Session, job: JobRow, why: Problem | None) -> None:
    """Note that a training job ended without success: failed, cancelled or lost (interrupted)."""
    row = find_run(session, job.subject_id)
    states = {"cancelled": "stopped", "interrupted": "interrupted"}
    row.state = states.get(job.state, "failed")
    row.ended_at = utc_now()
    if why is not None:
        told = _given_up(session, row, job) if row.state == "interrupted" else _of_a_run(row, why)
        row.problem = told.model_dump(mode="json")
    if row.state == "stopped":
        note_pruned(session, row)
    publish_run(session, row)
    after_run(session, row)
    tell_waiting_runs(session)


def record_interruption(session: Session, job: JobRow, why: Problem) -> None:
    """Note that the worker of a run was lost and that the run goes on by itself."""
    row = find_run(session, job.subject_id)
    _go_on_from_newest(session, job, row)
    told = _with_way_on(session, row, why)
    interruption = Interruption(at=utc_now(), problem=told).model_dump(mode="json")
    row.interruptions = [*row.interruptions, interruption]
    row.state = "recovering"
    row.problem = None
    publish_run(session, row)


def record_pause(session: Session, job: JobRow, why: Problem | None) -> None:
    """Note that a run waits: as a person wished, or for room on the disk."""
    row = find_run(session, job.subject_id)
    row.state = "paused"
    told = why and problem(
        "training.paused_no_room",
        epochs=_saved_epochs(session, row),
        needed_megabytes=max(1, round(_bytes_to_go_on(row) / 1e6)),
    )
    row.problem = told.model_dump(mode="json") if told else None
    publish_run(session, row)
    after_run(session, row)
    tell_waiting_runs(session)


def record_resume(session: Session, job: JobRow) -> None:
    """Note that a paused run is queued again."""
    row = find_run(session, job.subject_id)
    _go_on_from_newest(session, job, row)
    row.state = "queued"
    row.problem = None
    publish_run(session, row)


def has_room(session: Session, job: JobRow, files: FileStore) -> bool:
    """Say whether the disk has room for what a run writes next."""
    row = find_run(session, job.subject_id)
    return shutil.disk_usage(files.local_path("runs")).free > _bytes_to_go_on(row)


def has_experiments(session: Session) -> bool:
    """Say whether there is anything that could be trained."""
    wanted = select(ExperimentRow.id).where(ExperimentRow.binned_at.is_(None)).limit(1)
    return session.scalar(wanted) is not None


def _bytes_to_go_on(row: RunRow) -> int:
    # The checkpoint that did not fit and one more, and what else a run writes.
    checkpoints = 2 * row.parameters * CHECKPOINT_BYTES_PER_PARAMETER
    return checkpoints + _scores_bytes(TrainPlan.model_validate(row.plan)) + _SMALL_FILES_BYTES


def _scores_bytes(plan: TrainPlan) -> int:
    """Give what the scores of an epoch and of its validation take on the disk."""
    schema, settings = plan.data.data_schema, plan.settings
    rows = {subset.id: subset.rows for subset in schema.subsets}
    width = prod(target_of(plan.graph, schema)[1].shape)
    learnt = max(rows.get(each.training_subset_id or "", 0) for each in split_settings(settings))
    judged = rows.get(settings.validation_subset_id or "", 0)
    return disk_bytes(learnt, width) + disk_bytes(judged, width)


def _go_on_from_newest(session: Session, job: JobRow, row: RunRow) -> None:
    """Let a job's next attempt begin at the newest checkpoint that is recorded."""
    newest = checkpoints_of(session, row.id)[-1:]
    plan = TrainPlan.model_validate(job.plan)
    folders = [f"{plan.run_folder}/{CHECKPOINTS_FOLDER}/{each.folder}" for each in newest]
    plan = plan.model_copy(update={"resume_from": folders[0] if folders else None})
    job.plan = plan.model_dump(mode="json")


def _tidy(session: Session, row: RunRow, files: FileStore) -> None:
    """Let go what a worker left that died between its last word and its end."""
    root = files.local_path(f"runs/{row.id}/{CHECKPOINTS_FOLDER}")
    keep_only(root, {each.epoch for each in checkpoints_of(session, row.id)})


def _note_where_it_went_on(row: RunRow, event: TrainStarted) -> None:
    here = {"epoch": event.epoch, "step": event.step}
    row.interruptions = [
        each if each["epoch"] is not None else {**each, **here} for each in row.interruptions
    ]


def _with_way_on(session: Session, row: RunRow, lost: Problem) -> Problem:
    """Say what became of the worker in terms of the run: what is saved, how it goes on."""
    code = LOST_IN_WORDS_OF_A_RUN[lost.code]
    return problem(code, **lost.params, epochs=_saved_epochs(session, row))


def _given_up(session: Session, row: RunRow, job: JobRow) -> Problem:
    times = job.restarts + 1
    return problem("training.lost_again", times=times, epochs=_saved_epochs(session, row))


def _of_a_run(row: RunRow, why: Problem) -> Problem:
    """Say what failed in terms of the run: with the batch that fits, where memory ran out."""
    if why.code != "job.out_of_memory":
        return why
    plan = TrainPlan.model_validate(row.plan)
    size = plan.settings.batch_size
    if size == 1:
        return problem("training.one_row_does_not_fit")
    analysis = analyse(plan.graph, plan.data.data_schema, plan.settings)
    # What it held when it got no more is what there was.
    held = why.params.get("held_bytes")
    there = held if isinstance(held, int) else psutil.virtual_memory().available
    # Half is less than what failed, whatever the estimate says; the estimate may be too high.
    backend = backend_of(plan.settings)
    fitting = min(largest_batch(analysis, there, backend=backend) or size, size // 2)
    return problem("training.out_of_memory", batch_size=size, fitting=fitting)


def _saved_epochs(session: Session, row: RunRow) -> int:
    checkpoints = checkpoints_of(session, row.id)
    return checkpoints[-1].epoch if checkpoints else 0


def tell_waiting_runs(session: Session) -> None:
    """Tell the new places of all runs that wait."""
    for job in leases.queued_jobs(session):
        if job.kind == "train":
            publish_run(session, find_run(session, job.subject_id))
