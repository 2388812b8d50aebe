"""Datasets as the API tells them: features, feature sets, subsets, versions, rows."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from blockwright.contracts.audio import SpectrogramSettings
from blockwright.contracts.base import Model
from blockwright.contracts.problems import Problem

FeatureType = Literal["tensor", "numeric", "binary", "categorical", "text"]
Normalization = Literal["none", "standardize", "min_max"]


def _without_control_characters(given: str) -> str:
    """Refuse what cannot be seen; PostgreSQL cannot keep a NUL at all."""
    if any(unicodedata.category(each) == "Cc" and each not in "\t\r\n" for each in given):
        code, text = "server.input_control_characters", "characters that cannot be seen"
        raise PydanticCustomError(code, text)
    return given


_Seen = AfterValidator(_without_control_characters)
Words = Annotated[str, _Seen]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120), _Seen]


class Histogram(Model):
    """Counts of values in bins of equal width, or of the most frequent words."""

    counts: list[int]
    minimum: float | None = None
    median: float | None = None
    maximum: float | None = None
    labels: list[str] | None = Field(
        None, description="One word per count, for words instead of numbers"
    )


class Feature(Model):
    """One column and how it becomes numbers."""

    name: str
    type: FeatureType
    shape: list[int] = Field(description="Shape of one encoded value, without the row axis")
    normalization: Normalization = "none"
    classes: list[str] | None = Field(None, description="Words of a categorical feature, in order")
    histogram: Histogram
    missing_rows: int = 0
    spectrogram: SpectrogramSettings | None = Field(
        None, description="Given when the tensor is a spectrogram that carried its settings"
    )


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


class SubsetRule(Model):
    """A random share of the rows, the same for the same seed."""

    kind: Literal["random", "rest", "all"]
    share_percent: float = Field(100.0, gt=0, le=100)
    seed: int = 42
    of: str | None = Field(
        None, description="For `rest`: the id of the subset whose rows are left out"
    )


class Subset(Model):
    """Rows chosen by a rule."""

    id: str
    name: str
    rule: SubsetRule
    rows: int


class VersionSummary(Model):
    """A state of a dataset: one draft, any number of frozen ones."""

    id: str
    dataset_id: str
    number: int = Field(ge=1)
    state: Literal["draft", "saving", "frozen"]
    rows: int
    content_hash: str | None = None
    saved_at: datetime | None = None
    run_count: int = 0


class Version(VersionSummary):
    """A version with everything one sees of it."""

    project_id: str
    dataset_name: str
    features: list[Feature]
    feature_sets: list[FeatureSet]
    subsets: list[Subset]
    bytes: int
    job_id: str | None = Field(None, description="The job that is saving it")


class RowProblem(Model):
    """One file or row that was not taken, or was changed."""

    item: str = Field(description="File name or row, as the person knows it")
    problem: Problem


class ImportReport(Model):
    """What came in and what did not, and why."""

    files_found: int
    rows_found: int
    rows_taken: int
    problems: list[RowProblem] = Field(
        description="At most 1,000; problem_count has the full number"
    )
    problem_count: int
    notes: list[Problem] = Field(default_factory=list, description="Remarks that stopped nothing")


class Dataset(Model):
    """Files brought in at one time."""

    id: str
    project_id: str
    name: str
    state: Literal["importing", "ready", "failed"]
    created_at: datetime
    rows: int
    bytes: int
    versions: list[VersionSummary]
    job_id: str | None = None
    report: ImportReport | None = None
    problem: Problem | None = None


class DatasetCreate(Model):
    """A new dataset from an upload that is complete."""

    name: Name
    upload_id: str


class DatasetRename(Model):
    """Another name for a dataset."""

    name: Name


class FeatureChange(Model):
    """Another normalisation for one feature of a draft."""

    normalization: Normalization


class FeatureSetCreate(Model):
    """Features to bundle under one name."""

    name: Name
    features: list[str] = Field(min_length=1)


class SubsetCreate(Model):
    """A new subset of a draft."""

    name: Name
    rule: SubsetRule


class SubsetChange(Model):
    """Another name or rule for a subset of a draft; other subsets that lean on it follow."""

    name: Name
    rule: SubsetRule


class Row(Model):
    """One row as shown: the value of each feature, a tensor as the name of its file."""

    index: int
    values: dict[str, str | float | None]
    subset_ids: list[str]


class RowPage(Model):
    """Rows from `offset`, in file order."""

    offset: int
    total: int
    rows: list[Row]


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


class DataSchema(Model):
    """What a graph may lean on: the sources and subsets of one version."""

    version_id: str
    version_number: int
    dataset_name: str
    rows: int
    sources: list[DataSource]
    subsets: list[Subset]
