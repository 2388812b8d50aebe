"""Datasets as the API tells them: features, feature sets, versions, rows."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from blockwright.contracts.audio import SpectrogramSettings
from blockwright.contracts.base import Model
from blockwright.contracts.encodings import (
    Encoding,
    FeatureType,
    MissingChoice,
    Normalization,
    SpectrogramEncoding,
    TensorEncoding,
)
from blockwright.contracts.names import Name
from blockwright.contracts.problems import Problem
from blockwright.contracts.subsets import DataUsage, RowQuery, Subset


class Histogram(Model):
    """Counts of values in bins of equal width, or of the most frequent words."""

    counts: list[int]
    minimum: float | None = None
    median: float | None = None
    maximum: float | None = None
    mean: float | None = None
    labels: list[str] | None = Field(
        None, description="One word per count, for words instead of numbers"
    )
    distinct: int | None = Field(None, description="How many different words there are")


class TypeOffer(Model):
    """A type that a column may be meant as, though another was proposed."""

    type: FeatureType
    encoding: Encoding
    evidence: Problem = Field(description="What speaks for it, in words")


class Feature(Model):
    """One column and how it becomes numbers."""

    name: str
    column: str = Field(description="Its name in the files; `name` may be another")
    type: FeatureType
    shape: list[int] = Field(
        description="Shape of one encoded value, without the row axis; empty when unknown yet"
    )
    encoding: Encoding
    evidence: Problem | None = Field(None, description="Why this type is proposed, in words")
    offers: list[TypeOffer] = Field(
        default_factory=list, description="What else its column may be meant as"
    )
    classes: list[str] | None = Field(
        None, description="Words of a categorical or multi-label feature, in order"
    )
    histogram: Histogram
    missing_rows: int = 0
    missing: MissingChoice | None = Field(
        None, description="What happens to rows without a value; nothing without a choice"
    )

    @property
    def spectrogram(self) -> SpectrogramSettings | None:
        """The settings of its spectrogram, if it is one."""
        if isinstance(self.encoding, TensorEncoding | SpectrogramEncoding):
            return self.encoding.spectrogram
        return None


class FeatureSet(Model):
    """Several features under one name, used as one input or one target."""

    id: str
    name: str
    features: list[str]
    shape: list[int]
    kind: Literal["binary", "numeric"] = Field(
        description="binary: every feature holds 0 or 1, so each is a class of its own"
    )
    several_true_rows: int = Field(0, description="Rows in which more than one class is true")
    counts: list[int] = Field(description="How often each class is true, in feature order")


class VersionSummary(Model):
    """A state of a dataset: one draft, any number of frozen ones."""

    id: str
    dataset_id: str
    number: int = Field(ge=1)
    state: Literal["importing", "draft", "saving", "frozen"]
    rows: int
    content_hash: str | None = None
    saved_at: datetime | None = None
    run_count: int = 0
    bytes: int = Field(0, description="Bytes on disk that are freed when it alone is deleted")
    binned_at: datetime | None = None


DraftChangeKind = Literal[
    "feature_renamed",
    "type",
    "encoding",
    "missing",
    "class_order",
    "set_added",
    "set_renamed",
    "set_removed",
    "subset_added",
    "subset_changed",
    "subset_removed",
    "folds_added",
    "correction",
    "rows_left_out",
    "rows_taken_back",
]


class DraftChange(Model):
    """One change of a draft, told so that a person knows what an undo takes back."""

    kind: DraftChangeKind
    name: str = Field("", description="The feature, feature set or subset; the first of several")
    count: int = Field(1, ge=1, description="How many of them")
    row: int | None = Field(
        None, description="Of a correction the row; of rows left out or taken back the first"
    )


class DraftStep(DraftChange):
    """A change of a draft that an undo takes back or a redo makes again."""

    step: int = Field(description="Its place among the changes that were kept")


class Measured(Model):
    """What was measured of a feature when its version was saved."""

    feature: str
    filled_with: str | float | None = Field(None, description="What its gaps hold, as a cell")
    normalization: Normalization = "none"
    shift: float = Field(0.0, description="Subtracted from each value")
    scale: float = Field(1.0, description="Each value is divided by it afterwards")


class Version(VersionSummary):
    """A version with everything one sees of it."""

    project_id: str
    dataset_name: str
    features: list[Feature]
    feature_sets: list[FeatureSet]
    subsets: list[Subset]
    usage: DataUsage
    revision: int = Field(1, description="Goes up with every change of what it holds")
    correction_count: int = Field(0, description="Values that were corrected by hand")
    measured: list[Measured] = Field(
        default_factory=list, description="Of a frozen version: features with something to tell"
    )
    measured_on: str | None = Field(None, description="The subset whose rows were measured")
    undo: DraftStep | None = Field(None, description="The change that an undo takes back")
    redo: DraftStep | None = Field(None, description="The change that a redo makes again")
    export_ready: bool = Field(False, description="A file to download lies ready")
    export_bytes: int = Field(0, description="Its size")
    job_id: str | None = Field(None, description="The job that imports, saves or exports it")
    problem: Problem | None = Field(
        None, description="Why its last job failed, until the next change or job"
    )


class RowProblem(Model):
    """One file or row that was not taken, or was changed."""

    item: str = Field(description="File name or row, as the person knows it")
    problem: Problem


class ImportReport(Model):
    """What came in and what did not, and why."""

    at: datetime | None = Field(None, description="When it ended; unknown of the oldest ones")
    files_found: int
    rows_found: int
    rows_taken: int
    rows_there: int = Field(0, description="Of added files: rows that the data had already")
    problems: list[RowProblem] = Field(
        description="At most 1,000; problem_count has the full number"
    )
    problem_count: int
    notes: list[Problem] = Field(default_factory=list, description="Remarks that stopped nothing")
    delimiter: str | None = Field(None, description="What separates the cells of the csv")

    @property
    def rows_lost(self) -> int:
        """Rows that could not be taken."""
        return self.rows_found - self.rows_there - self.rows_taken


class Dataset(Model):
    """Files brought in at one time, and added later."""

    id: str
    project_id: str
    name: str
    state: Literal["importing", "ready", "failed"]
    created_at: datetime
    binned_at: datetime | None = None
    rows: int
    bytes: int = Field(
        description="Bytes on disk: files as they came, all that was encoded, versions, exports"
    )
    binned_bytes: int = Field(
        0, description="Bytes that are freed when all of its versions in the bin are deleted"
    )
    versions: list[VersionSummary]
    job_id: str | None = None
    report: ImportReport | None = Field(
        None, description="Of the last import, also when no row of it could be taken"
    )
    problem: Problem | None = None


class ImportOptions(Model):
    """How files are read, where looking at them may not be enough."""

    delimiter: Literal["auto", ",", ";", "\t", "|"] = "auto"
    table: str | None = Field(
        None,
        min_length=1,
        max_length=4_000,
        description="Name of the table that makes the rows, where several came",
    )


class FilesGiven(Model):
    """Files to read: complete uploads, or a path of this machine in local mode."""

    upload_ids: list[str] = Field(default_factory=list, max_length=10_000)
    local_path: str | None = Field(None, description="A file or folder of this machine")
    options: ImportOptions = Field(default_factory=ImportOptions)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if bool(self.upload_ids) == (self.local_path is not None):
            code, text = "data.files_or_path", "give either upload_ids or local_path"
            raise PydanticCustomError(code, text)
        return self


class ImportAgain(Model):
    """What is read in another way when an import is done again; the rest stays as it was."""

    delimiter: Literal["auto", ",", ";", "\t", "|"] | None = None
    table: str | None = Field(None, min_length=1, max_length=4_000)


class DatasetCreate(FilesGiven):
    """A new dataset."""

    name: Name


class DatasetRename(Model):
    """Another name for a dataset."""

    name: Name


class FeatureChange(Model):
    """What changes of a feature of a draft; what is left out stays."""

    name: Name | None = None
    type: FeatureType | None = None
    encoding: Encoding | None = None
    missing: MissingChoice | None = None
    missing_undecided: bool = Field(False, description="True takes back the choice on gaps")


class FeaturesChange(Model):
    """The same change for many features of a draft."""

    names: list[str] = Field(min_length=1)
    change: FeatureChange


class FeaturesChanges(Model):
    """Changes of features that belong together: one step of undo."""

    changes: list[FeaturesChange] = Field(min_length=1, max_length=16_384)


class ClassOrderFromFile(Model):
    """Class order from a file such as sample_submission.csv, uploaded."""

    feature: str
    upload_id: str


class FeatureSetCreate(Model):
    """Features to bundle under one name."""

    name: Name
    features: list[str] = Field(min_length=1)


class FeatureSetRename(Model):
    """Another name for a feature set."""

    name: Name


class MediaFacts(Model):
    """What is known of one recording or image."""

    file: str
    bytes: int
    seconds: float | None = None
    sample_rate_hz: int | None = None
    channels: int | None = None
    peak: float | None = None
    rms_db: float | None = None
    width: int | None = None
    height: int | None = None
    mode: str | None = None


class Row(Model):
    """One row as shown: the value of each feature, a tensor or file by its name."""

    index: int
    values: dict[str, str | float | None]
    subset_ids: list[str]
    media: dict[str, MediaFacts] = Field(default_factory=dict)
    source: str = Field("", description="The file that it came from")
    source_line: int | None = Field(
        None,
        description="Its line there; the first is 1, and a csv's first line names the columns. "
        "Of a Parquet file or an array its row. None where the file itself is the row",
    )
    corrected: list[str] = Field(
        default_factory=list, description="Features whose value was corrected by hand"
    )
    filled: list[str] = Field(
        default_factory=list,
        description="Features that have no value here: what is told filled the gap on saving",
    )
    left_out: Literal["by_hand", "missing_value"] | None = Field(
        None, description="Why it is in no subset and counts for nothing; null when it is in use"
    )


class RowPage(Model):
    """Rows from `offset` of those that the query chose."""

    offset: int
    total: int = Field(description="Rows that the query chose")
    rows: list[Row]


class Correction(Model):
    """Another value of one feature in one row; null takes the correction back."""

    row: int = Field(ge=0)
    feature: str
    value: str | float | None = None
    restore: bool = Field(False, description="True gives back the value of the files")


class LeftOutChange(Model):
    """Rows to leave out of a draft, or to take back: single ones, or all that a query shows."""

    rows: list[int] = Field(default_factory=list, max_length=10_000)
    query: RowQuery | None = Field(None, description="Its page and order do not matter")
    copies_only: bool = Field(
        False, description="Of rows that a finding holds to be equal, the first stays"
    )
    take_back: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.rows) == (self.query is not None):
            raise PydanticCustomError("data.rows_or_query", "give either rows or a query")
        return self


class PreviewRequest(Model):
    """One row of a feature, encoded by settings that are not kept yet."""

    feature: str
    encoding: Encoding


class Preview(Model):
    """A clip as settings would make it: drawings with the axes they need."""

    seconds: float
    sample_rate_hz: int
    waveform: list[list[float]] = Field(description="Lowest and highest sample per column, -1 to 1")
    picture_png_base64: str
    shape: list[int]
    minimum: float
    maximum: float
    first_second: float = Field(0.0, description="Where the picture begins within the clip")
    shown_seconds: float = Field(description="How much of the clip the picture shows")
    picture_seconds: float = Field(
        description="Length of the picture: longer than what it shows where that is repeated or "
        "continued with silence"
    )
    empty_bands: int = Field(0, description="Mel bands too narrow to hold anything")
    milliseconds: float


Severity = Literal["bad", "warn", "info"]


class Finding(Model):
    """Something about the data that is worth a look."""

    id: str
    severity: Severity
    feature: str | None = None
    rows: int = Field(description="Rows that it leads to; 0 when it leads to something else")
    leads_to: Literal["rows", "feature", "import_report"] = Field(
        "rows",
        description="What there is to see: its rows; the feature, when no row has what it is "
        "about; the report, when its rows were not taken",
    )
    copies: int = Field(
        0, description="How many of its rows equal an earlier one of them; listed beside it"
    )
    words: Problem


class HealthReport(Model):
    """What was looked at, and what was found."""

    rows: int
    checks: list[str] = Field(description="Ids of everything that was looked at")
    findings: list[Finding]


class ChangedCell(Model):
    """One value that is another now, as it is written."""

    row: int = Field(description="In the later version")
    before: str | None
    after: str | None


class FeatureComparison(Model):
    """What is different about one feature."""

    name: str
    change: Literal["added", "removed", "changed"]
    before: Feature | None = None
    after: Feature | None = None
    changed_values: int = 0
    cells: list[ChangedCell] = Field(
        default_factory=list,
        description="The first changed values; at most 20 over all features together",
    )


class SubsetComparison(Model):
    """What is different about one subset."""

    name: str
    change: Literal["added", "removed", "changed"]
    rows_before: int = 0
    rows_after: int = 0
    rows_entered: int = 0
    rows_left: int = 0


class VersionComparison(Model):
    """What changed from one version to another."""

    before: VersionSummary
    after: VersionSummary
    rows_added: int
    rows_removed: int
    rows_left_out: int = Field(0, description="Rows in use before that were left out by hand")
    rows_taken_back: int = 0
    values_changed: int
    features: list[FeatureComparison]
    feature_sets_added: list[str]
    feature_sets_removed: list[str]
    subsets: list[SubsetComparison]
    same_content: bool = Field(description="Both hash to the same")


class VariableLength(Model):
    """A source whose values have different lengths along one axis."""

    axis: int = Field(ge=0, description="Axis of the value, without the row axis")
    tile: int = Field(ge=1, description="Length of a training crop and of a prediction tile")
    overlap: int = Field(ge=0, description="What two neighbouring tiles share")


class DataSource(Model):
    """One thing an Input or a Target can point at: a feature or a feature set."""

    name: str
    kind: Literal["tensor", "numeric", "binary", "categorical", "multi_label", "vector"]
    shape: list[int]
    classes: list[str] | None = Field(
        None, description="Class names in order, for targets with classes"
    )
    several_true_rows: int = 0
    features: list[str] = Field(description="The features behind it, in order")
    variable: VariableLength | None = Field(
        None, description="Given when values differ in length; `shape` holds one tile"
    )
    is_spectrogram: bool = Field(default=False, description="A picture of sound: bands by frames")


class DataSchema(Model):
    """What a graph may lean on: the sources and subsets of one version."""

    version_id: str
    version_number: int
    dataset_name: str
    rows: int
    sources: list[DataSource]
    subsets: list[Subset]
