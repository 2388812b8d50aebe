"""What is measured on an experiment before it runs: a forecast, and a test of learning rates."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from blockwright.contracts.base import Model
from blockwright.contracts.problems import Problem

ProbeKind = Literal["forecast", "rate_test"]
ProbeState = Literal["none", "measuring", "ready", "failed"]

# What a probe does not depend on: another value of these leaves what was measured as it is.
UNMEASURED_SETTINGS = frozenset(
    {
        "epochs",
        "time_limit_minutes",
        "learning_rate",
        "schedule",
        "warmup",
        "warmup_unit",
        "lowest_rate",
        "peak_at",
        "decay_per_epoch",
        "drop_every",
        "drop_to",
        "best_by",
        "early_stopping_epochs",
        "shuffle",
        "seed",
    }
)


class Forecast(Model):
    """What a run of an experiment takes, measured on a few real steps."""

    batch_size: int
    examples_per_second: float
    start_seconds: float = Field(
        description="What is done once: building the model and the programs of its steps"
    )
    seconds_per_epoch: float = Field(
        description="Training of all rows, validation when it is due, saving"
    )
    save_seconds: float = Field(0.0, description="Of these: writing the checkpoint")
    memory_bytes: int = Field(description="The most that the worker needs for itself")
    memory_per_row_bytes: float = Field(
        0.0, description="What each more row of a batch takes; 0 when too little to be seen"
    )
    memory_free_bytes: int = Field(description="What the machine could give it then")
    disk_bytes: int = Field(description="All checkpoints that are kept at the same time")
    largest_batch: int | None = Field(
        None, description="Rows per step that would still fit, by the growth of the memory"
    )
    beside_training: bool = Field(
        default=False, description="Measured while a training had the machine too"
    )
    corrected_by_run: int | None = Field(
        None, description="Number of the run whose epochs say speed, time and memory since"
    )


class RateStep(Model):
    """One step of a test of learning rates."""

    rate: float
    loss: float
    smoothed: float


class RateTest(Model):
    """The loss while the learning rate grows from tiny to too large, on weights of its own."""

    points: list[RateStep]
    low: float | None = Field(None, description="From here on the loss falls")
    high: float | None = Field(None, description="Up to here it is safe")
    suggested: float | None = Field(None, description="Null when the loss did not fall")


class Probe(Model):
    """A probe of an experiment as it is now."""

    experiment_id: str
    kind: ProbeKind
    state: ProbeState
    job_id: str | None = None
    forecast: Forecast | None = None
    rate_test: RateTest | None = None
    problem: Problem | None = None
    measured_at: datetime | None = None
