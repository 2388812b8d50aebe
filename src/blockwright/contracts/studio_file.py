"""The studio file of `blockwright run`: the whole journey in one document.

Takes   YAML, validated: an unknown field is a mistake, never ignored.
Gives   what to make a project from. Paths are relative to the file's own folder.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from blockwright.contracts.audio import SpectrogramSettings
from blockwright.contracts.base import Model
from blockwright.contracts.encodings import Normalization
from blockwright.contracts.graph import GraphDocument
from blockwright.contracts.names import Name
from blockwright.contracts.run_groups import SearchCreate
from blockwright.contracts.subsets import FoldsCreate
from blockwright.contracts.training_settings import TrainingSettings


class SampleData(Model):
    """The real recordings that come with the studio."""

    source: Literal["sample"]


class AudioData(Model):
    """A folder of recordings and a csv of their labels, preprocessed here."""

    source: Literal["audio"]
    folder: str
    labels: str = Field(description="csv with `fname,labels`, or `fname` and 0/1 columns")
    classes: str | None = Field(None, description="File that lists the classes in their order")
    spectrogram: SpectrogramSettings = Field(default_factory=SpectrogramSettings)


class ZipData(Model):
    """A zip in any form that can be brought in, such as `blockwright preprocess` makes it."""

    source: Literal["zip"]
    path: str


DataFrom = Annotated[SampleData | AudioData | ZipData, Field(discriminator="source")]


class FileFeatureSet(Model):
    """Features to bundle: those named, or all but those named."""

    name: Name
    features: list[str] | None = Field(None, min_length=1)
    all_except: list[str] | None = Field(None, min_length=1)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.features is None) == (self.all_except is None):
            msg = "give either features or all_except"
            raise ValueError(msg)
        return self


class FileSubset(Model):
    """A random share of the rows, or the rest of another subset."""

    name: Name
    share_percent: float | None = Field(None, gt=0, le=100)
    seed: int = 42
    rest_of: str | None = None

    @model_validator(mode="after")
    def _one_rule(self) -> Self:
        if (self.share_percent is None) == (self.rest_of is None):
            msg = "give either share_percent or rest_of"
            raise ValueError(msg)
        return self


class FileDataset(Model):
    """The dataset, and what is set on its draft before the version is saved."""

    name: Name = "Audio"
    from_: DataFrom = Field(alias="from")
    normalization: dict[str, Normalization] = Field(default_factory=dict)
    feature_sets: list[FileFeatureSet] = Field(default_factory=list)
    subsets: list[FileSubset] = Field(
        default_factory=list, description="Training 80 % and Validation 20 % when left out"
    )
    folds: FoldsCreate | None = Field(None, description="k folds, for `runs` of kind folds")


class FileExperiment(Model):
    """The model: a preset, a snippet fitted to the data by the canvas's own repairs, or a graph."""

    name: Name = "Experiment v1"
    preset: str | None = Field(
        None, description="A model and its settings by name, e.g. sound; `settings` go over it"
    )
    snippet: str | None = Field(None, description="Name in the catalogue, e.g. cnn_small")
    input: str | None = Field(
        None, description="Source of the Input; a preset needs it only where several suit"
    )
    target: str | None = Field(None, description="Source of the Target; likewise")
    graph: GraphDocument | None = None
    training_subset: str = "Training"
    validation_subset: str = "Validation"
    first_stage_subset: str | None = Field(
        None, description="Subset that the first epochs learn from, see `first_stage_epochs`"
    )
    settings: TrainingSettings = Field(default_factory=TrainingSettings)

    @model_validator(mode="after")
    def _one_model(self) -> Self:
        if sum(given is not None for given in (self.preset, self.snippet, self.graph)) != 1:
            msg = "give either preset, snippet or graph"
            raise ValueError(msg)
        if self.snippet is not None and not (self.input and self.target):
            msg = "a snippet needs input and target"
            raise ValueError(msg)
        return self


class FileSearch(SearchCreate):
    """Instead of one run: a search; its best trial is what comes out."""

    name: Name = "Search"


class FileFoldRuns(Model):
    """Instead of one run: one per fold; the average of their models is what comes out."""

    kind: Literal["folds"]
    name: Name = "Folds"
    folds_id: str | None = Field(
        None, description="Which folds, where the data has several; the refusal lists them"
    )


FileRuns = Annotated[FileSearch | FileFoldRuns, Field(discriminator="kind")]


class FileSubmission(Model):
    """A competition to enter; `sample` stands for the held-back clips of the studio."""

    name: str = Field(min_length=1, max_length=50)
    sample_submission: str
    test_audio: str
    kaggle_user: str = Field("your-kaggle-name", pattern=r"^[A-Za-z0-9_-]{1,64}$")
    competition_slug: str = Field("freesound-audio-tagging-2019", pattern=r"^[a-z0-9-]{3,80}$")


class FileOutputs(Model):
    """What is wanted at the end, in the folder of `--out`."""

    model_h5: bool = True
    submission: FileSubmission | None = None


class StudioFile(Model):
    """One studio file."""

    format: Literal[1]
    project: Name
    description: str = Field("", max_length=2_000)
    dataset: FileDataset
    experiment: FileExperiment
    runs: FileRuns | None = Field(None, description="A search or folds; one run when left out")
    outputs: FileOutputs = Field(default_factory=FileOutputs)
