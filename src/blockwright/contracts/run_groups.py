"""Runs that belong together: a search over settings, or one run per fold."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from blockwright.contracts.base import Model
from blockwright.contracts.graph import ParamValue
from blockwright.contracts.names import Name
from blockwright.contracts.runs import RunState

# Varied like a setting: the name of a snippet that replaces what lies between the ends.
SNIPPET = "snippet"
AS_DRAWN = "as_drawn"
MOST_TRIALS = 1_000

SearchMethod = Literal["grid", "random", "optuna"]
SettingValue = bool | int | float | str
GroupState = Literal["running", "stopping", "stopped", "done"]


class VariedValues(Model):
    """A setting that takes each of some values."""

    kind: Literal["values"] = "values"
    name: str = Field(max_length=64)
    values: list[SettingValue] = Field(min_length=1, max_length=50)


class VariedRange(Model):
    """A setting that takes any value of a range, ends included."""

    kind: Literal["range"] = "range"
    name: str = Field(max_length=64)
    low: float = Field(allow_inf_nan=False)
    high: float = Field(allow_inf_nan=False)
    log: bool = Field(False, description="Equal factors are equally likely, not equal steps")


Varied = Annotated[VariedValues | VariedRange, Field(discriminator="kind")]


class SearchCreate(Model):
    """Try settings of an experiment: each trial is a run.

    grid: every combination of the values. random: so many trials by chance, none twice where
    the values are counted. optuna: so many, each proposed from how the earlier ones went.
    """

    kind: Literal["search"] = "search"
    name: Name
    method: SearchMethod
    varied: list[Varied] = Field(min_length=1, max_length=10)
    trials: int = Field(20, ge=1, le=MOST_TRIALS, description="Not for grid, which tries all")
    seed: int = Field(42, ge=0, le=2**31 - 1, description="Where the proposals begin")
    run_seeds: Literal["same", "each"] = Field(
        "same",
        description="Whether all trials train with the experiment's seed or each with its own",
    )
    prune: bool = Field(
        True, description="optuna: stop a trial that is worse than half of the others"
    )
    at_once: int = Field(1, ge=1, le=16, description="Trials that wait or run at the same time")


class FoldRunsCreate(Model):
    """Train one run per fold: each learns from the others and is judged by its own."""

    kind: Literal["folds"] = "folds"
    name: Name
    folds_id: str = Field(description="Which folds of the version; see FoldSet")


RunGroupCreate = Annotated[SearchCreate | FoldRunsCreate, Field(discriminator="kind")]


class Fold(Model):
    """One fold of a version: the subset that judges, and the rest to learn from."""

    name: str
    training_subset_id: str
    validation_subset_id: str


class FoldSet(Model):
    """Folds that together hold every row once."""

    id: str
    folds: list[Fold]


class GroupForecast(Model):
    """What a group will take, before it starts."""

    trials: int
    seconds: float | None = Field(
        None, description="One after the other, as measured or as earlier runs took"
    )


class Trial(Model):
    """One run of a group."""

    number: int = Field(description="From 1")
    run_id: str
    run_number: int
    state: RunState
    values: dict[str, ParamValue] = Field(description="What it varies; the fold of a fold run")
    value: float | None = Field(None, description="Its best validation value")
    epochs: int = Field(description="Epochs that it has trained")
    seconds: float = Field(description="What these epochs took, without waiting and starting")
    pruned: bool = False


class RunGroup(Model):
    """A search or the runs of all folds, with how each went."""

    id: str
    project_id: str
    experiment_id: str
    experiment_name: str
    kind: Literal["search", "folds"]
    name: str
    method: SearchMethod | None
    varied: list[Varied]
    state: GroupState
    total: int = Field(description="Trials in all, those not yet queued included")
    trials: list[Trial]
    best_run_id: str | None
    best_by: str
    higher_is_better: bool
    mean: float | None = Field(None, description="Of the values of all trials, when all are done")
    deviation: float | None = Field(None, description="Standard deviation over them (n - 1)")
    seconds_left: float | None = None
    can_average: bool = Field(description="Whether its models can be averaged into one")
    created_at: datetime
    ended_at: datetime | None = None
