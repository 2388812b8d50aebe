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
    Correction,
    DataSchema,
    Feature,
    FeatureSet,
    ImportOptions,
    ImportReport,
)
from blockwright.contracts.encodings import Encoding, Normalization
from blockwright.contracts.graph import ExperimentSettings, GraphDocument
from blockwright.contracts.probes import Forecast, RateTest
from blockwright.contracts.problems import Problem
from blockwright.contracts.runs import (
    BundleFile,
    Check,
    EpochMetrics,
    MachineFacts,
    RunProgress,
    SubmissionPreview,
)
from blockwright.contracts.signals import ClassCounts, LossBucket
from blockwright.contracts.subsets import Subset

PLAN_FILE = "plan.json"
EVENTS_FILE = "events.jsonl"
STOP_FILE = "stop"
LOG_FILE = "worker.log"
# Instead of a folder: load Keras, then wait for the folder at the standard input.
WARM_ARGUMENT = "--warm"
# The variable by which CUDA is told which GPUs a process sees.
CUDA_DEVICES = "CUDA_VISIBLE_DEVICES"


class FeatureStatistics(Model):
    """Normalisation of one feature, from the Training subset only."""

    normalization: Normalization
    shift: float = Field(0.0, description="Subtracted from each value")
    scale: float = Field(1.0, gt=0, description="Each value is divided by it afterwards")


class StoredArray(Model):
    """The numbers of one feature: an npy, rows first, or ragged with the row axis flattened.

    A ragged array holds all frames of all rows one after the other, shape
    (frames_of_all_rows, *rest); row r is `offsets[r]` to `offsets[r + 1]`. Its values are
    read with `variable.axis` moved into place.
    """

    path: str = Field(description="npy file")
    offsets_path: str | None = Field(None, description="npy of int64, rows + 1; given when ragged")


class DataPlan(Model):
    """Where the numbers of a frozen version lie, and how to read them.

    The version's folder holds `subsets.npz` (int64 row numbers per subset id).
    """

    data_schema: DataSchema
    version_folder: str
    columns_path: str = Field(
        description="Parquet: values of all features that are no arrays, gaps filled, corrected"
    )
    arrays: dict[str, StoredArray] = Field(description="By name of the feature")
    encodings: dict[str, Encoding] = Field(description="By name of the feature")
    statistics: dict[str, FeatureStatistics]
    vocabularies: dict[str, list[str]] = Field(
        default_factory=dict, description="Tokens of a text feature; number 2 is the first"
    )
    fills: dict[str, str | float] = Field(
        default_factory=dict, description="What gaps were filled with, as a cell, by feature"
    )
    measured_on: str | None = Field(None, description="Name of the subset that was measured")
    content_hash: str
    spectrogram: SpectrogramSettings | None = None


class SourceFile(Model):
    """One file to import, and the name that the person knows it by."""

    path: str
    name: str
    is_folder: bool = Field(False, description="A folder that was sent as a zip")


class ImportPlan(Model):
    """Read uploaded files, or a path of this machine, into a content folder.

    With `base_folder` the rows are added to those of an earlier content.
    """

    kind: Literal["import"] = "import"
    dataset_id: str
    version_id: str | None = Field(None, description="The draft that new files are added in")
    sources: list[SourceFile]
    content_folder: str
    base_folder: str | None = None
    refused_folder: str | None = Field(
        None, description="Where the report goes when no row can be taken"
    )
    options: ImportOptions = Field(default_factory=ImportOptions)


class SaveVersionPlan(Model):
    """Freeze a draft: encode, statistics from Training, subset rows, content hash.

    What is encoded from recordings and images lies in `encoded_folder`, one folder per
    settings, so that versions share it.
    """

    kind: Literal["save_version"] = "save_version"
    version_id: str
    version_number: int
    dataset_name: str
    content_folder: str
    encoded_folder: str
    version_folder: str
    features: list[Feature]
    feature_sets: list[FeatureSet]
    subsets: list[Subset]
    corrections: list[Correction] = Field(default_factory=list)
    left_out: list[int] = Field(default_factory=list, description="Rows left out by hand")


class ExportVersionPlan(Model):
    """Write a version as a zip that imports again to the same hash."""

    kind: Literal["export_version"] = "export_version"
    version_id: str
    dataset_name: str
    content_folder: str
    export_file: str
    content_hash: str
    features: list[Feature]
    feature_sets: list[FeatureSet]
    subsets: list[Subset]
    corrections: list[Correction] = Field(default_factory=list)
    left_out: list[int] = Field(default_factory=list, description="Rows left out by hand")


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
    errors_in: Literal["trained", "feature"] = Field(
        "trained",
        description="Units of the errors of predicted numbers: those learnt from, as in plans of "
        "earlier studios, or the feature's own",
    )
    resume_from: str | None = Field(
        None, description="Folder of the last epoch's checkpoint that is recorded"
    )
    start_from: str | None = Field(
        None, description="Folder of the checkpoint of another run that this one begins with"
    )
    start_with_optimizer: bool = Field(
        default=True, description="Take what the optimiser remembers from there, too"
    )
    schedule_from: int = Field(
        0, description="Epochs before the first of the learning rate's schedule"
    )
    checkpoint_seconds: float = Field(
        180.0, description="How often where it is within an epoch is kept"
    )
    engines_folder: str | None = Field(
        None, description="Where what was measured for the same model on this machine is kept"
    )
    cores: int | None = Field(
        None, ge=1, description="Its share of the cores where several trainings run at once"
    )


class ForecastPlan(Model):
    """Measure what a run would take, on a few of its steps."""

    kind: Literal["forecast"] = "forecast"
    probe_id: str
    train: TrainPlan
    beside_training: bool = Field(
        default=False, description="A training has the machine at the same time"
    )


class RateTestPlan(Model):
    """Find the learning rates that suit an experiment."""

    kind: Literal["rate_test"] = "rate_test"
    probe_id: str
    train: TrainPlan


class AveragedModel(Model):
    """One of the models whose outputs a bundle averages."""

    run_id: str
    fold: str
    epoch: int
    checkpoint_folder: str
    value: float | None = Field(None, description="Its best value, on its own fold")


class BundlePlan(Model):
    """Make a bundle from a checkpoint, or from the average of the models of all folds."""

    kind: Literal["bundle"] = "bundle"
    bundle_id: str
    bundle_folder: str
    checkpoint_folder: str
    train: TrainPlan
    experiment_name: str
    epoch: int
    machine: MachineFacts | None = Field(None, description="What the run was made on")
    averaged: list[AveragedModel] = Field(
        default_factory=list, description="All models of the average; none for a single one"
    )


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
    ImportPlan
    | SaveVersionPlan
    | ExportVersionPlan
    | TrainPlan
    | ForecastPlan
    | RateTestPlan
    | BundlePlan
    | CompetitionPlan
    | DryRunPlan,
    Field(discriminator="kind"),
]


class PlanFile(Model):
    """The content of plan.json."""

    job_id: str
    attempt: int
    plan: Plan
    gpus: list[str] | None = Field(
        None, description="Those that it sees, as CUDA names them; null leaves that as it is"
    )


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
    epoch: int = Field(1, description="The epoch that training begins or goes on in")
    step: int = Field(0, description="Steps of that epoch that are done already")
    note: Problem | None = Field(
        None, description="A remark that stopped nothing, e.g. that a damaged checkpoint was passed"
    )


class TrainStep(Model):
    """Somewhere within an epoch; at most a few per second."""

    type: Literal["train_step"] = "train_step"
    progress: RunProgress


class TrainLosses(Model):
    """More of the loss batch by batch; from the first of these steps on, what was told is void."""

    type: Literal["train_losses"] = "train_losses"
    epoch: int
    steps_per_epoch: int
    buckets: list[LossBucket] = Field(min_length=1)


class TrainRemark(Model):
    """Something to know of a run that stopped nothing."""

    type: Literal["train_remark"] = "train_remark"
    note: Problem


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
    classes: ClassCounts | None = Field(
        None, description="Null where there are no classes, or the epoch was not validated"
    )
    removed_checkpoints: list[str] = Field(default_factory=list, description="Folder names let go")


class TrainSaved(Model):
    """Where a run is within an epoch is durable on disk."""

    type: Literal["train_saved"] = "train_saved"
    epoch: int
    step: int


class ForecastMade(Model):
    """What a run would take."""

    type: Literal["forecast_made"] = "forecast_made"
    forecast: Forecast


class RateTestMade(Model):
    """Which learning rates let the loss fall."""

    type: Literal["rate_test_made"] = "rate_test_made"
    rate_test: RateTest


class ImportRefused(Model):
    """No row of an import could be taken; the reasons, before it ends as failed."""

    type: Literal["import_refused"] = "import_refused"
    report: ImportReport


class Imported(Model):
    """An import ended well.

    `feature_sets` and `subsets` are given when the files carried them: the export of a version.
    """

    type: Literal["imported"] = "imported"
    report: ImportReport
    rows: int
    bytes: int
    features: list[Feature]
    feature_sets: list[FeatureSet] = Field(default_factory=list)
    subsets: list[Subset] | None = None
    corrections: list[Correction] = Field(default_factory=list)
    left_out: list[int] = Field(default_factory=list, description="Rows left out by hand")


class VersionSaved(Model):
    """A version is frozen."""

    type: Literal["version_saved"] = "version_saved"
    content_hash: str
    data: DataPlan
    features: list[Feature]
    left_out_rows: int = 0
    bytes: int = Field(0, description="Bytes written for this version alone")


class VersionExported(Model):
    """The export of a version lies ready."""

    type: Literal["version_exported"] = "version_exported"
    bytes: int


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
    | TrainRemark
    | TrainLosses
    | TrainEpoch
    | TrainSaved
    | ForecastMade
    | RateTestMade
    | ImportRefused
    | Imported
    | VersionSaved
    | VersionExported
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
