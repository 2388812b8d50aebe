"""What was measured of a training before it is queued: by a forecast, and by its own runs.

Takes   an experiment's graph and settings, in a transaction.
Gives   the forecast made of exactly these, corrected by the newest run of exactly these as soon
        as that has an epoch: what a run took says more than two steps before it.
Never   imports Keras.

Neighbours: `probe_service` lets forecasts be made, `needs` takes their memory for the queue.
"""

from __future__ import annotations

import hashlib
import json
from statistics import fmean

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from blockwright.contracts.graph import ExperimentSettings, GraphDocument
from blockwright.contracts.probes import UNMEASURED_SETTINGS, Forecast
from blockwright.contracts.runs import EpochMetrics
from blockwright.graph.schedules import split_settings
from blockwright.store.run_history import pace_under_way, seconds_per_epoch
from blockwright.store.tables import EpochRow, ProbeRow, RunRow

# Older ones say less: data, machine and studio change.
LOOKED_AT_RUNS = 10
LOOKED_AT_EPOCHS = 20


def probe_key(graph: GraphDocument, settings: ExperimentSettings) -> str:
    """Hash what a probe depends on: blocks, wires and the settings that change a step."""
    unmeasured = set(UNMEASURED_SETTINGS)
    if settings.first_stage_subset_id is not None:  # how many epochs go through which rows
        unmeasured.discard("epochs")
    content = {
        "blocks": [block.model_dump(mode="json", exclude={"position"}) for block in graph.blocks],
        "wires": [[wire.source, wire.target] for wire in graph.wires],
        "settings": settings.model_dump(mode="json", exclude=unmeasured),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def forecast_of(
    session: Session, experiment_id: str, graph: GraphDocument, settings: ExperimentSettings
) -> Forecast | None:
    """Give what a run of an experiment with this graph and these settings will take.

    None when no forecast was made of them.
    """
    key = probe_key(graph, settings)
    forecast = _newest_forecast(session, experiment_id, key)
    if forecast is None:
        return None
    run = _newest_run(session, experiment_id, key)
    if run is None:
        return forecast
    rows = {each["id"]: each["rows"] for each in run.plan["data"]["data_schema"]["subsets"]}
    stages = split_settings(settings)
    learnt = sum(stage.epochs * rows.get(stage.training_subset_id, 0) for stage in stages)
    return corrected(
        forecast,
        _epochs_of(session, run.id),
        training_rows=learnt / settings.epochs,
        validate_every=settings.validate_every,
        alike=len(stages) == 1,
    ).model_copy(update={"corrected_by_run": run.number})


def expected_seconds(
    session: Session,
    experiment_id: str,
    graph: GraphDocument,
    settings: ExperimentSettings,
    *,
    epochs: int | None = None,
    trained_seconds: float = 0.0,
) -> float | None:
    """Give how long a run takes: as measured, else as others of the experiment take.

    The others are, in this order: the newest run with an epoch, one that is in its first
    epoch now, and the newest forecast of other settings.

    Args:
        session: Of the database.
        experiment_id: What is trained.
        graph: Of the run.
        settings: Of the run.
        epochs: That are still to be trained; by default all of them.
        trained_seconds: That the time limit counts already.

    Returns:
        Seconds, at most those that the time limit leaves; None when there is none of them.
    """
    left = settings.epochs if epochs is None else epochs

    def whole(each: float, *, start: float = 0.0) -> float:
        return start + _within_limit(left * each, each, settings, trained_seconds)

    forecast = forecast_of(session, experiment_id, graph, settings)
    if forecast is not None:
        return whole(forecast.seconds_per_epoch, start=forecast.start_seconds)
    each = seconds_per_epoch(session, experiment_id) or pace_under_way(session, experiment_id)
    if each is not None:
        return whole(each)
    other = _newest_forecast(session, experiment_id)
    return None if other is None else whole(other.seconds_per_epoch, start=other.start_seconds)


def _within_limit(
    seconds: float, each: float, settings: ExperimentSettings, trained_seconds: float
) -> float:
    """Give the seconds that a run trains: the time limit ends it, not before its first epoch."""
    limit = settings.time_limit_minutes * 60
    if limit <= 0:
        return seconds
    left = max(0.0, limit - trained_seconds)
    return min(seconds, left if trained_seconds > 0 else max(left, each))


def corrected(
    forecast: Forecast,
    epochs: list[EpochMetrics],
    *,
    training_rows: float,
    validate_every: int,
    alike: bool = True,
) -> Forecast:
    """Give a forecast as the epochs of a run say it.

    Args:
        forecast: As it was made of a few steps.
        epochs: Of one run, at least one, the oldest first. The first one also built the
            programs, so that only its speed and memory say something.
        training_rows: That an epoch learns from, in the mean.
        validate_every: Epochs from one validation to the next: only whole rounds tell the mean.
        alike: All epochs learn from the same rows; where a first stage has others, only the
            speed of the epochs says something of the whole run.
    """
    signals = [epoch.signals for epoch in epochs if epoch.signals is not None]
    speeds = [each.examples_per_second for each in signals if each.examples_per_second]
    speed = speeds[-1] if speeds else forecast.examples_per_second
    later = min(len(epochs) - 1, LOOKED_AT_EPOCHS) // validate_every * validate_every
    if later and alike:
        seconds = fmean(epoch.seconds for epoch in epochs[-later:]) + forecast.save_seconds
    else:
        more = training_rows / speed - training_rows / forecast.examples_per_second
        seconds = max(0.0, forecast.seconds_per_epoch + more)
    return forecast.model_copy(
        update={
            "examples_per_second": speed,
            "seconds_per_epoch": seconds,
            "memory_bytes": max(
                (each.memory_bytes for each in signals), default=forecast.memory_bytes
            ),
        }
    )


def _newest_forecast(
    session: Session, experiment_id: str, key: str | None = None
) -> Forecast | None:
    """Give the newest forecast of an experiment: with the hash `key`, or of any settings."""
    query = select(ProbeRow.result).where(
        ProbeRow.experiment_id == experiment_id,
        ProbeRow.kind == "forecast",
        ProbeRow.state == "ready",
    )
    if key is not None:
        query = query.where(ProbeRow.key == key)
    result = session.scalar(query.order_by(ProbeRow.created_at.desc(), ProbeRow.id).limit(1))
    return None if result is None else Forecast.model_validate(result)


def _newest_run(session: Session, experiment_id: str, key: str) -> RunRow | None:
    rows = session.scalars(
        select(RunRow)
        .where(
            RunRow.experiment_id == experiment_id,
            exists().where(EpochRow.run_id == RunRow.id),
        )
        .order_by(RunRow.created_at.desc(), RunRow.id)
        .limit(LOOKED_AT_RUNS)
    )
    return next((row for row in rows if _key_of(row) == key), None)


def _key_of(row: RunRow) -> str:
    graph = GraphDocument.model_validate(row.plan["graph"])
    return probe_key(graph, ExperimentSettings.model_validate(row.plan["settings"]))


def _epochs_of(session: Session, run_id: str) -> list[EpochMetrics]:
    rows = session.scalars(
        select(EpochRow.metrics).where(EpochRow.run_id == run_id).order_by(EpochRow.epoch)
    )
    return [EpochMetrics.model_validate(metrics) for metrics in rows]
