"""New runs: what may be trained, and the rows that a run begins with; no Keras here.

Neighbours: `service` makes single runs, `group_service` those of a search or of folds.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from blockwright.contracts.base import utc_now
from blockwright.contracts.data import DataSchema
from blockwright.contracts.graph import ExperimentSettings, GraphAnalysis, GraphDocument
from blockwright.contracts.ids import new_id
from blockwright.contracts.problems import error, in_language
from blockwright.contracts.queue import Needs
from blockwright.contracts.runs import RunProgress
from blockwright.contracts.work import DataPlan, TrainPlan
from blockwright.graph.setting_checks import IN_BIN
from blockwright.graph.task import TaskDescription, describe_task
from blockwright.store.files import fsync_folder, make_folder_durably
from blockwright.store.queue import enqueue
from blockwright.store.tables import CheckpointRow, ExperimentRow, RunRow, VersionRow
from blockwright.store.versions import name_in_bin
from blockwright.training.checkpoint_files import CHECKPOINTS_FOLDER


@dataclass(frozen=True)
class Beginning:
    """What a run takes from another one.

    Attributes:
        checkpoint: Whose weights it begins with.
        with_optimizer: What the optimiser remembers is taken, too.
        schedule_from: Epochs before the first of the learning rate's schedule.
    """

    checkpoint: CheckpointRow
    with_optimizer: bool = True
    schedule_from: int = 0


@dataclass(frozen=True)
class RunOrder:
    """What a run is to train, on what, with how much of the machine, and where its files go.

    Attributes:
        checkpoint_seconds: How often it keeps its place within an epoch.
        start: What it begins with of another run.
    """

    graph: GraphDocument
    settings: ExperimentSettings
    version: VersionRow
    needs: Needs
    runs_folder: Path
    checkpoint_seconds: float
    start: Beginning | None = None


def queue_run(
    session: Session,
    experiment: ExperimentRow,
    order: RunOrder,
    *,
    parameters: int,
    group_id: str | None = None,
    trial: dict[str, Any] | None = None,
) -> RunRow:
    """Queue a run of an experiment; one of a group says which trial it is."""
    schema = DataSchema.model_validate(order.version.data_schema)
    task = describe_task(order.graph, schema, order.settings)
    run_id = new_id("run")
    plan = plan_of(order, task, run_id=run_id, folder=order.runs_folder / run_id)
    if order.start is not None:
        plan = plan.model_copy(
            update={
                "start_from": _copy_start(order, order.start.checkpoint, run_id),
                "start_with_optimizer": order.start.with_optimizer,
                "schedule_from": order.start.schedule_from,
            }
        )
    newest = session.scalar(
        select(func.max(RunRow.number)).where(RunRow.experiment_id == experiment.id)
    )
    row = RunRow(
        id=run_id,
        project_id=experiment.project_id,
        experiment_id=experiment.id,
        interruptions=[],
        version_id=order.version.id,
        number=(newest or 0) + 1,
        state="queued",
        plan=plan.model_dump(mode="json"),
        loss=task.loss,
        progress=RunProgress(epoch=0, step=0, steps_per_epoch=0).model_dump(mode="json"),
        parameters=parameters,
        created_at=utc_now(),
        group_id=group_id,
        trial=trial,
    )
    session.add(row)
    session.flush()
    job = enqueue(
        session,
        project_id=row.project_id,
        kind="train",
        subject_id=run_id,
        plan=plan,
        needs=order.needs,
    )
    row.job_id = job.id
    return row


def plan_of(order: RunOrder, task: TaskDescription, *, run_id: str, folder: Path) -> TrainPlan:
    """Give what a worker is told of a run that begins anew."""
    return TrainPlan(
        run_id=run_id,
        run_folder=str(folder),
        graph=order.graph,
        settings=order.settings,
        data=DataPlan.model_validate(order.version.data_plan),
        best_by=task.best_by,
        higher_is_better=task.higher_is_better,
        metric_names=task.metric_names,
        errors_in="feature",
        checkpoint_seconds=order.checkpoint_seconds,
        engines_folder=str(order.runs_folder.parent / "engines"),
    )


def _copy_start(order: RunOrder, start: CheckpointRow, run_id: str) -> str:
    """Give a run its own links to the files it begins with: the other run may let them go."""
    folder = start.folder
    source = order.runs_folder / start.run_id / CHECKPOINTS_FOLDER / folder
    goal = order.runs_folder / run_id / "start" / folder
    make_folder_durably(goal.parent)
    shutil.copytree(source, goal, copy_function=os.link)
    for each in (goal, goal.parent):
        fsync_folder(each)
    return str(goal)


def frozen_version(session: Session, settings: ExperimentSettings) -> VersionRow:
    """Give the saved version that settings name.

    Raises:
        BlockwrightError: `training.version_not_frozen`, `graph.version_in_bin`.
    """
    version = session.get(VersionRow, settings.version_id) if settings.version_id else None
    if version is not None and (binned := name_in_bin(session, version)) is not None:
        raise error(IN_BIN, dataset=binned, version=version.number)
    if version is None or version.data_plan is None or version.data_schema is None:
        raise error("training.version_not_frozen")
    return version


def refuse_errors(analysis: GraphAnalysis) -> None:
    """Refuse a graph that cannot run. Raises `training.graph_has_errors`."""
    if analysis.can_run:
        return
    errors = [found for found in analysis.problems if found.severity == "error"]
    first = errors[0].problem
    raise error(
        "training.graph_has_errors",
        count=len(errors),
        first=first.message,
        first_zh=in_language(first, "zh").message,
    )
