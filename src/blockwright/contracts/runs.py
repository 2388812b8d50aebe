"""Runs, their metrics and checkpoints, and what is made from them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from blockwright.contracts.base import Model
from blockwright.contracts.engine import EngineChoice
from blockwright.contracts.graph import ExperimentSettings, ParamValue
from blockwright.contracts.problems import Problem
from blockwright.contracts.signals import EpochSignals

RunState = Literal[
    "queued",
    "starting",
    "running",
    "recovering",
    "pausing",
    "paused",
    "stopping",
    "stopped",
    "done",
    "failed",
    "interrupted",
]
SubsetRole = Literal["training", "validation"]


class RunProgress(Model):
    """Where a run is now; times in seconds."""

    epoch: int = Field(description="The epoch in progress, from 1; 0 before the first")
    step: int
    steps_per_epoch: int
    examples_per_second: float | None = None
    seconds_left: float | None = None
    seconds_of_all_epochs: float | None = Field(
        None, description="Left for all epochs, where the time limit ends the run before; else null"
    )


class EpochMetrics(Model):
    """All metrics at the end of one epoch, over the whole subset."""

    epoch: int = Field(ge=1)
    seconds: float
    training: dict[str, float]
    validation: dict[str, float]
    signals: EpochSignals | None = Field(None, description="Null in runs of an older studio")


class Checkpoint(Model):
    """Weights and optimiser state at the end of one epoch, on disk with its checksum."""

    id: str
    run_id: str
    epoch: int
    is_best: bool
    bytes: int
    sha256: str
    created_at: datetime


class MachineFacts(Model):
    """What the run was made with and on, so that its numbers can be reproduced."""

    backend: str
    versions: dict[str, str]
    cores: int
    memory_bytes: int
    device: str
    precision: str
    engine: EngineChoice | None = None


class Interruption(Model):
    """A worker was lost and the run went on by itself."""

    at: datetime
    problem: Problem = Field(description="What happened")
    epoch: int | None = Field(None, description="In which the run went on; None until it has")
    step: int = Field(0, description="Steps of that epoch that did not have to be repeated")


class Hint(Model):
    """What the curves of a run say, and what a person could try."""

    problem: Problem
    setting: str | None = Field(None, description="Name of the setting that it is about")
    more_epochs: bool = Field(default=False, description="Going on with this run would help")


class RunTrial(Model):
    """Which run of its group one is, and what it varies."""

    number: int
    values: dict[str, ParamValue]
    pruned: bool = False


class RunOrigin(Model):
    """The run, and its epoch, that another run went on from."""

    run_id: str
    number: int
    epoch: int


class ErrorUnits(Model):
    """In which units the errors of a run that predicts numbers are counted.

    `real` are those of the feature itself; `normalized` what the model learns from.
    """

    target: str = Field(description="The feature, or the feature set, that is predicted")
    several: bool = Field(description="It holds several features, each with a unit of its own")
    errors: Literal["real", "normalized"] = Field(
        description="Mean absolute error, root mean squared error and error in per cent; "
        "normalized in runs of an older studio only"
    )
    loss: Literal["real", "normalized"]


class RunFollowUp(Model):
    """Train further, as a new run; what is not given stays as it was."""

    start: Literal["best", "last", "anew"] = Field(
        "last", description="Which checkpoint to begin with; anew: none"
    )
    epochs: int = Field(ge=1, le=100_000, description="How many more")
    settings: dict[str, ParamValue] = Field(
        default_factory=dict, description="By name; those of the model and the data stay"
    )


class FollowUpOutlook(Model):
    """What a run that trains further would carry on, and what would begin anew."""

    first_epoch: int = Field(description="Counted on from the run before")
    last_epoch: int
    settings: ExperimentSettings
    changeable: list[str] = Field(description="Names of the settings that may be other")
    weight_features: list[str] = Field(
        description="Features with a number for each row, which can say how much it counts"
    )
    keeps_optimizer: bool = Field(
        description="What the optimizer remembers is taken over; otherwise it begins anew"
    )
    keeps_schedule: bool = Field(
        description="The learning rate goes on as if the run had been planned longer; otherwise "
        "its schedule begins with the new epochs"
    )
    warnings: list[Problem] = Field(
        default_factory=list, description="What is allowed, but seldom meant"
    )


class Run(Model):
    """One training of an experiment."""

    id: str
    project_id: str
    experiment_id: str
    experiment_name: str
    number: int = Field(description="1 for the first run of its experiment")
    state: RunState
    queue_place: int | None = Field(None, description="1 is next; only while queued")
    settings: ExperimentSettings
    loss: str = Field(description="Name of the loss, e.g. binary_crossentropy")
    target: str = Field("", description="The feature, or the feature set, that it learns to tell")
    metric_names: list[str] = Field(description="Metrics of this run, loss first")
    error_units: ErrorUnits | None = Field(None, description="Null unless it predicts numbers")
    best_by: str = Field(description="The metric that picks the best checkpoint")
    higher_is_better: bool
    progress: RunProgress
    epochs: list[EpochMetrics] = Field(description="Empty in lists of many projects")
    best_epoch: int | None = None
    best_value: float | None = None
    checkpoints: list[Checkpoint]
    problem: Problem | None = None
    continues: RunOrigin | None = Field(None, description="What this run began with, if not anew")
    interruptions: list[Interruption] = Field(default_factory=list, description="Oldest first")
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    parameters: int
    data_hash: str
    dataset_name: str
    version_number: int
    machine: MachineFacts | None = None
    can_continue: bool
    hints: list[Hint] = Field(
        default_factory=list, description="The most important first; empty in lists without epochs"
    )
    group_id: str | None = Field(None, description="The search or fold runs that it is of")
    trial: RunTrial | None = None


class RunList(Model):
    """Runs of one project, newest first; the best one of comparable runs is named."""

    runs: list[Run]
    best_run_id: str | None = Field(
        None, description="Of those comparable to the newest run that has a value"
    )
    best_run_ids: list[str] = Field(
        default_factory=list,
        description="The best of each set of comparable runs: same target, same measure, same "
        "units. The set of the newest run first",
    )


class BundleCreate(Model):
    """Ask for a bundle of a checkpoint; the best one by default."""

    run_id: str
    checkpoint_id: str | None = None
    format: Literal["h5"] = "h5"
    averaged: bool = Field(
        default=False, description="The average of the best models of all folds of the run's group"
    )


class BundleFile(Model):
    """One file of a bundle."""

    name: str
    bytes: int
    sha256: str


class Bundle(Model):
    """A downloadable model with everything needed to use it elsewhere."""

    id: str
    run_id: str
    experiment_name: str
    epoch: int
    group_id: str | None = Field(None, description="The fold runs whose models it averages")
    state: Literal["making", "ready", "failed"]
    files: list[BundleFile]
    job_id: str | None = None
    problem: Problem | None = None
    created_at: datetime


class CompetitionCreate(Model):
    """Enter a competition with a run's best checkpoint.

    The sample submission and the test audio come by upload or, in local mode,
    by a path on this machine.
    """

    name: str = Field(min_length=1, max_length=50)
    run_id: str
    averaged: bool = Field(
        default=False, description="The average of the best models of all folds of the run's group"
    )
    sample_submission_upload_id: str | None = None
    sample_submission_path: str | None = None
    test_audio_upload_id: str | None = None
    test_audio_path: str | None = None
    kaggle_user: str = Field("your-kaggle-name", pattern=r"^[A-Za-z0-9_-]{1,64}$")
    competition_slug: str = Field("freesound-audio-tagging-2019", pattern=r"^[a-z0-9-]{3,80}$")


class Check(Model):
    """One check of a dry run."""

    code: str = Field(description="Catalogue code, e.g. check.rows_as_in_sample")
    passed: bool
    params: dict[str, str | int | float] = Field(default_factory=dict)
    message: str = Field(description="The check in English")


class SubmissionPreview(Model):
    """The first rows and columns of submission.csv."""

    columns: list[str]
    rows: list[list[str | float]]
    total_rows: int
    total_columns: int


class DryRun(Model):
    """One execution of the notebook on this machine, laid out like Kaggle's."""

    id: str
    state: Literal["queued", "running", "passed", "failed"]
    job_id: str
    done_clips: int = 0
    total_clips: int = 0
    checks: list[Check] = Field(default_factory=list)
    seconds: float | None = None
    seconds_per_clip: float | None = None
    projected_seconds: float | None = Field(
        None, description="For the whole hidden test set of the competition"
    )
    local_score: float | None = Field(
        None, description="lwlrap, when the labels of the test clips are known"
    )
    preview: SubmissionPreview | None = None
    log_tail: str = ""
    problem: Problem | None = None


class Competition(Model):
    """A competition tied to a project: its folder, notebook and dry run."""

    id: str
    project_id: str
    name: str
    run_id: str
    experiment_name: str
    epoch: int
    state: Literal["preparing", "ready", "failed"]
    job_id: str | None
    test_clips: int
    classes: int
    files: list[BundleFile]
    dry_run: DryRun | None = None
    problem: Problem | None = None
    created_at: datetime
    validation_score: float | None = None
