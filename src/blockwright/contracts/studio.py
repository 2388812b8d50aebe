"""Projects, jobs, uploads, the machine, and live events."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from blockwright.contracts.base import Model
from blockwright.contracts.names import Name, Words
from blockwright.contracts.probes import ProbeKind
from blockwright.contracts.problems import Problem
from blockwright.contracts.runs import EpochMetrics, Run, RunProgress, RunState


class ProjectCreate(Model):
    """A new project."""

    name: Name
    description: Words = Field("", max_length=2_000)


class ProjectChange(Model):
    """Another name or description."""

    name: Name
    description: Words = Field("", max_length=2_000)


class Project(Model):
    """Everything about one problem."""

    id: str
    owner_id: str
    name: str
    description: str
    created_at: datetime
    changed_at: datetime
    dataset_count: int
    version_count: int
    experiment_count: int
    running_count: int
    best_metric: str | None = None
    best_value: float | None = None


JobKind = Literal[
    "import",
    "save_version",
    "export_version",
    "train",
    "forecast",
    "rate_test",
    "bundle",
    "competition",
    "dry_run",
]
JobState = Literal["queued", "running", "paused", "done", "failed", "cancelled", "interrupted"]


class Job(Model):
    """Work that a worker process does."""

    id: str
    project_id: str
    kind: JobKind
    subject_id: str = Field(
        description="The dataset, version, run, bundle or competition it is for"
    )
    state: JobState
    attempt: int
    done: float = Field(0.0, ge=0, le=1, description="Share that is done")
    rate: float | None = Field(None, description="In `unit` per second")
    unit: str = Field("", description="What is counted: files, rows, clips, bytes")
    done_units: float = 0
    total_units: float = 0
    seconds_left: float | None = None
    problem: Problem | None = None
    queue_place: int | None = None
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None


class Upload(Model):
    """A resumable upload (tus 1.0)."""

    id: str
    file_name: str
    bytes: int
    received_bytes: int
    complete: bool
    is_folder: bool = Field(False, description="A whole folder, sent as a zip")


class SystemInfo(Model):
    """The machine and the studio, for the foot of Home."""

    version: str
    data_folder: str
    cores: int
    memory_bytes: int
    memory_free_bytes: int
    disk_free_bytes: int
    database: Literal["sqlite", "postgresql"]
    local_paths_allowed: bool


class Finding(Model):
    """One line of `blockwright doctor`."""

    name: str
    level: Literal["ok", "warning", "error"]
    value: str | Problem = Field(description="A name or number as it is, or words of the catalogue")
    problem: Problem | None = None


# --- live events: each arrives as one Server-Sent Event, its `type` as the event name ---


class JobChanged(Model):
    """A job moved on."""

    type: Literal["job_changed"] = "job_changed"
    job: Job


class RunChanged(Model):
    """A run changed its state, gained a checkpoint, or ended."""

    type: Literal["run_changed"] = "run_changed"
    run: Run


class RunStepped(Model):
    """A run is somewhere within an epoch. Not kept: only the newest matters."""

    type: Literal["run_stepped"] = "run_stepped"
    run_id: str
    project_id: str
    state: RunState
    progress: RunProgress


class LossCurveGrew(Model):
    """There is more of a run's loss batch by batch. Not kept: only the newest matters."""

    type: Literal["loss_curve_grew"] = "loss_curve_grew"
    run_id: str
    project_id: str


class EpochEnded(Model):
    """A run finished an epoch."""

    type: Literal["epoch_ended"] = "epoch_ended"
    run_id: str
    project_id: str
    metrics: EpochMetrics


class DatasetChanged(Model):
    """A dataset or one of its versions changed."""

    type: Literal["dataset_changed"] = "dataset_changed"
    project_id: str
    dataset_id: str


class ExperimentChanged(Model):
    """An experiment was edited."""

    type: Literal["experiment_changed"] = "experiment_changed"
    project_id: str
    experiment_id: str
    revision: int


class ProbeChanged(Model):
    """A forecast or a test of learning rates began, ended or failed."""

    type: Literal["probe_changed"] = "probe_changed"
    project_id: str
    experiment_id: str
    kind: ProbeKind


class CompetitionChanged(Model):
    """A competition folder or its dry run changed."""

    type: Literal["competition_changed"] = "competition_changed"
    project_id: str
    competition_id: str


class RunGroupChanged(Model):
    """A search or the runs of folds began, went on or ended."""

    type: Literal["run_group_changed"] = "run_group_changed"
    project_id: str
    group_id: str


class BundleChanged(Model):
    """A bundle became ready or failed."""

    type: Literal["bundle_changed"] = "bundle_changed"
    project_id: str
    bundle_id: str


LiveEvent = Annotated[
    JobChanged
    | RunChanged
    | RunStepped
    | LossCurveGrew
    | EpochEnded
    | DatasetChanged
    | ExperimentChanged
    | ProbeChanged
    | CompetitionChanged
    | BundleChanged
    | RunGroupChanged,
    Field(discriminator="type"),
]
