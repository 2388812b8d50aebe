"""What becomes of a group of runs as its runs go: the next trial, pruning, the end.

Takes   the rows of a group, in the transaction of what happened to one of its runs.
Gives   the next trials queued, a hopeless one asked to stop, the group ended.
        All state is in these rows, so that a restart loses nothing.
"""

from __future__ import annotations

import math
from collections import defaultdict
from pathlib import Path

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from blockwright.contracts.base import utc_now
from blockwright.contracts.data import DataSchema
from blockwright.contracts.graph import ExperimentSettings, GraphDocument, ParamValue
from blockwright.contracts.problems import problem
from blockwright.contracts.run_groups import RunGroupCreate, SearchCreate
from blockwright.contracts.studio import RunGroupChanged
from blockwright.graph.analysis import analyse
from blockwright.graph.folds import fold_sets
from blockwright.store import leases
from blockwright.store.events import publish
from blockwright.store.files import FileStore
from blockwright.store.tables import (
    EpochRow,
    ExperimentRow,
    JobRow,
    RunGroupRow,
    RunRow,
    VersionRow,
)
from blockwright.training.measured import forecast_of
from blockwright.training.needs import needs_of
from blockwright.training.new_runs import RunOrder, queue_run
from blockwright.training.search import PastTrial, propose, run_seed, should_prune
from blockwright.training.search_checks import with_values

ENDED = frozenset({"done", "stopped", "failed", "interrupted"})
_REQUESTS: TypeAdapter[RunGroupCreate] = TypeAdapter(RunGroupCreate)


def request_of(group: RunGroupRow) -> RunGroupCreate:
    """Give what a group was asked for with."""
    return _REQUESTS.validate_python(group.request)


def runs_of(session: Session, group_id: str) -> list[RunRow]:
    """List the runs of a group in the order of their trials."""
    rows = session.scalars(select(RunRow).where(RunRow.group_id == group_id)).all()
    return sorted(rows, key=lambda row: (row.trial or {}).get("number", 0))


def advance(session: Session, group: RunGroupRow, runs_folder: Path) -> None:
    """Queue as many trials as should be under way; end a group that has none left."""
    runs = runs_of(session, group.id)
    request = request_of(group)
    most = request.at_once if isinstance(request, SearchCreate) else group.total
    under_way = sum(row.state not in ENDED and not _was_put_aside(row) for row in runs)
    while group.state == "running" and under_way < most and len(runs) < group.total:
        runs.append(_queue_next(session, group, runs, runs_folder))
        under_way += 1
    if all(row.state in ENDED for row in runs) and group.state in {"running", "stopping"}:
        group.state = "done" if group.state == "running" else "stopped"
        group.ended_at = utc_now()
    session.flush()
    tell_changed(session, group)


def _was_put_aside(row: RunRow) -> bool:
    """Say whether a person paused a trial: it waits then, and the search goes on beside it.

    One that waits for room on the disk holds its place: the next would only wait beside it.
    """
    return row.state == "paused" and row.problem is None


def tell_changed(session: Session, group: RunGroupRow) -> None:
    """Tell everyone that a group changed."""
    event = RunGroupChanged(project_id=group.project_id, group_id=group.id)
    publish(session, group.project_id, event)


def after_epoch(session: Session, row: RunRow, job: JobRow, files: FileStore) -> bool:
    """Ask a trial to stop that is not worth its time; say whether it was asked."""
    group = session.get(RunGroupRow, row.group_id) if row.group_id else None
    if group is None or row.trial is None or row.state != "running":
        return False
    request = request_of(group)
    if not isinstance(request, SearchCreate) or request.method != "optuna":
        return False
    past = {each.number: each for each in past_trials(session, group)}
    this = past.pop(row.trial["number"])
    if not should_prune(
        request, this, list(past.values()), higher_is_better=group.higher_is_better
    ):
        return False
    row.trial = {**row.trial, "pruned": True}
    row.state = "stopping"
    leases.ask_to_stop(session, files, job)
    return True


def after_run(session: Session, row: RunRow) -> None:
    """Go on with the group of a run that has ended, or was put aside."""
    group = session.get(RunGroupRow, row.group_id) if row.group_id else None
    if group is None:
        return
    session.flush()
    advance(session, group, Path(row.plan["run_folder"]).parent)


def note_pruned(session: Session, row: RunRow) -> None:
    """Say in words that the search stopped a run, and not a person."""
    if row.trial and row.trial.get("pruned"):
        curve = _curves(session, row.group_id or "", row.plan["best_by"]).get(row.id, {})
        epoch = max(curve, default=0)
        row.problem = problem("search.pruned", epoch=epoch).model_dump(mode="json")


def past_trials(session: Session, group: RunGroupRow) -> list[PastTrial]:
    """Give how the trials of a group went, in their order."""
    curves = _curves(session, group.id, group.best_by)
    return [_past(row, curves.get(row.id, {})) for row in runs_of(session, group.id)]


def _past(row: RunRow, curve: dict[int, float]) -> PastTrial:
    trial = row.trial or {}
    has_value = row.best_value is not None and math.isfinite(row.best_value)
    if row.state not in ENDED:
        return PastTrial(trial["number"], trial["values"], "open", curve=curve)
    if row.state == "done" and has_value:
        return PastTrial(trial["number"], trial["values"], "done", row.best_value, curve)
    state = "pruned" if row.state == "stopped" and curve else "failed"
    return PastTrial(trial["number"], trial["values"], state, curve=curve)  # type: ignore[arg-type]


def _curves(session: Session, group_id: str, metric: str) -> dict[str, dict[int, float]]:
    """Give the validation metric by run and epoch; epochs without one are left out."""
    found: dict[str, dict[int, float]] = defaultdict(dict)
    rows = session.execute(
        select(EpochRow.run_id, EpochRow.epoch, EpochRow.metrics)
        .join(RunRow, RunRow.id == EpochRow.run_id)
        .where(RunRow.group_id == group_id)
    )
    for run_id, epoch, metrics in rows:
        value = (metrics.get("validation") or {}).get(metric)
        if value is not None and math.isfinite(value):
            found[run_id][epoch] = float(value)
    return found


def _queue_next(
    session: Session, group: RunGroupRow, runs: list[RunRow], runs_folder: Path
) -> RunRow:
    number = len(runs) + 1
    graph = GraphDocument.model_validate(group.base["graph"])
    settings = ExperimentSettings.model_validate(group.base["settings"])
    version = session.get_one(VersionRow, settings.version_id)
    schema = DataSchema.model_validate(version.data_schema)
    request = request_of(group)
    values: dict[str, ParamValue]
    if isinstance(request, SearchCreate):
        past = past_trials(session, group)
        proposed = propose(request, number, past, higher_is_better=group.higher_is_better)
        graph, settings = with_values(graph, settings, schema, proposed)
        seed = run_seed(request, number, settings.seed)
        settings, values = settings.model_copy(update={"seed": seed}), {**proposed}
    else:
        folds = next(each for each in fold_sets(schema) if each.id == request.folds_id).folds
        fold = folds[number - 1]
        values = {"fold": fold.name}
        settings = settings.model_copy(
            update={
                "training_subset_id": fold.training_subset_id,
                "validation_subset_id": fold.validation_subset_id,
            }
        )
    analysis = analyse(graph, schema, settings)
    forecast = forecast_of(session, group.experiment_id, graph, settings)
    needs = needs_of(analysis, settings, forecast, has_gpus=bool(group.base["gpus"]))
    return queue_run(
        session,
        session.get_one(ExperimentRow, group.experiment_id),
        RunOrder(graph, settings, version, needs, runs_folder, group.base["checkpoint_seconds"]),
        parameters=analysis.parameters or 0,
        group_id=group.id,
        trial={"number": number, "values": values, "pruned": False},
    )
