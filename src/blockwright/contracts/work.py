"""What passes between the server and a worker: plans in, events out, as files.

A worker is started with the path of a job folder. It reads `plan.json`, appends
one JSON line per event to `events.jsonl`, and looks for a file named `stop`.
It never opens the database and never speaks HTTP, so it can run anywhere that
sees the folder.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from blockwright.contracts.audio import SpectrogramSettings
from blockwright.contracts.base import Model
from blockwright.contracts.data import (
    DataSchema,
    Feature,
    FeatureSet,
    ImportReport,
    Normalization,
    Subset,
)
from blockwright.contracts.graph import ExperimentSettings, GraphDocument
from blockwright.contracts.problems import Problem
from blockwright.contracts.runs import (
    BundleFile,
    Check,
    EpochMetrics,
    MachineFacts,
    RunProgress,
    SubmissionPreview,
)

PLAN_FILE = "plan.json"
EVENTS_FILE = "events.jsonl"
STOP_FILE = "stop"
LOG_FILE = "worker.log"


class FeatureStatistics(Model):
    """Normalisation of one tensor or numeric feature, from the Training subset only."""

    normalization: Normalization
    shift: float = Field(0.0, description="Subtracted from each value")
    scale: float = Field(1.0, gt=0, description="Each value is divided by it afterwards")


class DataPlan(Model):
    """Where the numbers of a frozen version lie, and how to read them.

    `folder` holds `rows.parquet`, one `<feature file>` per tensor feature, and
    the version's `subsets.npz` (int64 row numbers per subset id).
    """

    data_schema: DataSchema
    tensors_folder: str
    version_folder: str
    tensor_files: dict[str, str] = Field(
        description="Tensor feature name to file name (.npy, rows first)"
    )
    statistics: dict[str, FeatureStatistics]
    content_hash: str
    spectrogram: SpectrogramSettings | None = None


class ImportPlan(Model):
    """Read an uploaded file into a dataset folder."""

    kind: Literal["import"] = "import"
    dataset_id: str
    source_path: str
    source_name: str
    dataset_folder: str


class SaveVersionPlan(Model):
    """Freeze a draft: statistics from Training, subset rows, content hash."""

    kind: Literal["save_version"] = "save_version"
    version_id: str
    version_number: int
    dataset_name: str
    dataset_folder: str
    version_folder: str
    features: list[Feature]
    feature_sets: list[FeatureSet]
    subsets: list[Subset]


class TrainPlan(Model):
    """Train a graph on a frozen version."""

    kind: Literal["train"] = "train"
    run_id: str
    run_folder: str
    graph: GraphDocument
    settings: ExperimentSettings
    data: DataPlan
    best_by: str
    higher_is_better: bool
    metric_names: list[str]
    resume_from: str | None = Field(None, description="Folder of the checkpoint to go on from")


class BundlePlan(Model):
    """Make a bundle from a checkpoint."""

    kind: Literal["bundle"] = "bundle"
    bundle_id: str
    bundle_folder: str
    checkpoint_folder: str
    train: TrainPlan
    experiment_name: str
    epoch: int
    machine: MachineFacts | None = Field(None, description="What the run was made on")


class CompetitionPlan(Model):
    """Make the folder that goes to Kaggle, bundle included."""

    kind: Literal["competition"] = "competition"
    competition_id: str
    folder: str
    bundle: BundlePlan
    name: str
    kaggle_user: str
    competition_slug: str
    sample_submission_path: str
    test_audio_path: str


class DryRunPlan(Model):
    """Execute the notebook of a competition folder."""

    kind: Literal["dry_run"] = "dry_run"
    dry_run_id: str
    competition_id: str
    competition_folder: str
    work_folder: str
    sample_submission_path: str
    test_audio_path: str
    labels_path: str | None = None


Plan = Annotated[
    ImportPlan | SaveVersionPlan | TrainPlan | BundlePlan | CompetitionPlan | DryRunPlan,
    Field(discriminator="kind"),
]


class PlanFile(Model):
    """The content of plan.json."""

    job_id: str
    attempt: int
    plan: Plan


# --- events ---


class Heartbeat(Model):
    """The worker is alive; written every few seconds by a thread of its own."""

    type: Literal["heartbeat"] = "heartbeat"


class Progress(Model):
    """How far a job of known size is."""

    type: Literal["progress"] = "progress"
    done_units: float
    total_units: float
    unit: str
    rate: float | None = None
    seconds_left: float | None = None


class TrainStarted(Model):
    """The model is built and the first batch is next."""

    type: Literal["train_started"] = "train_started"
    machine: MachineFacts
    parameters: int
    note: Problem | None = Field(
        None, description="A remark that stopped nothing, e.g. that a damaged checkpoint was passed"
    )


class TrainStep(Model):
    """Somewhere within an epoch; at most a few per second."""

    type: Literal["train_step"] = "train_step"
    progress: RunProgress


class CheckpointWritten(Model):
    """One checkpoint folder, fsynced and renamed into place."""

    folder: str = Field(description="Name within the run's checkpoints folder")
    epoch: int
    bytes: int
    sha256: str
    is_best: bool


class TrainEpoch(Model):
    """An epoch is done and its checkpoint, if any, is durable on disk."""

    type: Literal["train_epoch"] = "train_epoch"
    metrics: EpochMetrics
    checkpoint: CheckpointWritten
    removed_checkpoints: list[str] = Field(default_factory=list, description="Folder names let go")


class Imported(Model):
    """An import ended well."""

    type: Literal["imported"] = "imported"
    report: ImportReport
    rows: int
    bytes: int
    features: list[Feature]


class VersionSaved(Model):
    """A version is frozen."""

    type: Literal["version_saved"] = "version_saved"
    content_hash: str
    data: DataPlan
    features: list[Feature]


class BundleMade(Model):
    """A bundle's files are on disk, reloaded and compared."""

    type: Literal["bundle_made"] = "bundle_made"
    files: list[BundleFile]


class CompetitionMade(Model):
    """A competition folder is on disk."""

    type: Literal["competition_made"] = "competition_made"
    files: list[BundleFile]
    test_clips: int
    classes: int


class DryRunEnded(Model):
    """The notebook was executed and its output checked."""

    type: Literal["dry_run_ended"] = "dry_run_ended"
    passed: bool
    checks: list[Check]
    seconds: float
    seconds_per_clip: float
    projected_seconds: float
    local_score: float | None
    preview: SubmissionPreview | None
    log_tail: str


class Finished(Model):
    """The last line of a job that ended by itself."""

    type: Literal["finished"] = "finished"
    outcome: Literal["done", "stopped", "failed"]
    problem: Problem | None = None


WorkerEvent = Annotated[
    Heartbeat
    | Progress
    | TrainStarted
    | TrainStep
    | TrainEpoch
    | Imported
    | VersionSaved
    | BundleMade
    | CompetitionMade
    | DryRunEnded
    | Finished,
    Field(discriminator="type"),
]


class EventLine(Model):
    """One line of events.jsonl."""

    attempt: int
    at: float = Field(description="Seconds since the epoch, by the worker's clock")
    event: WorkerEvent
