"""How well the preset for sounds predicts recordings of folds that it never saw.

.venv/bin/python benchmarks/quality.py FOLDER … [--without mixup] [--inner] [--set epochs=60]

A FOLDER holds `index.csv` (a file name, `label` or `labels`, `fold`) and its recordings, as
a person would bring it in: it is zipped, imported with the proposals of the studio, and for
each fold a version is saved whose Training is the other folds and whose Validation is this
one. The experiment is the preset with nothing changed. Told is what the last epoch says of
the fold, so no checkpoint, no length and no setting is chosen by it; beside it a linear model
on the mean, spread and percentiles of each band, whose strength is chosen by the training
folds. `--inner` is how settings are chosen: it learns from each fold alone and judges by the
next, so that no model of two folds is ever judged by the third.
"""

from __future__ import annotations

import argparse
import csv
import statistics
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from rich.console import Console
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import label_ranking_average_precision_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from blockwright.audio.clip_picture import FloatArray, clip_spectrogram
from blockwright.contracts.audio import PRESETS
from blockwright.contracts.data import DatasetCreate, FeatureChange, FeaturesChange, Version
from blockwright.contracts.encodings import SpectrogramEncoding
from blockwright.contracts.graph import (
    AddWire,
    Edit,
    ExperimentCreate,
    Operation,
    ParamValue,
    RemoveBlock,
    SetSetting,
    Wire,
)
from blockwright.contracts.presets import PresetChoice
from blockwright.contracts.runs import Run
from blockwright.contracts.studio import Project, ProjectCreate
from blockwright.contracts.subsets import SubsetChange, SubsetRule
from blockwright.server.in_process import open_studio, working
from blockwright.server.services import Services
from blockwright.server.terminal_progress import Steps, steps_in_terminal
from blockwright.settings import Settings

# What the recipe is without one of its parts.
PARTS: dict[str, dict[str, ParamValue]] = {
    "mixup": {"mixup": 0.0},
    "masks": {"time_masks": 0, "frequency_masks": 0},
    "schedule": {"schedule": "constant", "warmup": 0.0},
    "adamw": {"optimizer": "adam"},
    "smoothing": {"label_smoothing": 0.0},
    "maximum": {},  # of the model
    "trim": {},  # of the sound settings
}
# Means of the picture alone, as in `CNN small`.
WITHOUT_MAXIMUM = (
    RemoveBlock(block_id="maximum"),
    RemoveBlock(block_id="both"),
    AddWire(wire=Wire(id="average-dropout", source="average", target="dropout")),
)
PERCENTILES = (10, 50, 90)
STRENGTHS = (0.01, 0.03, 0.1, 0.3, 1.0)


@dataclass(frozen=True)
class Clips:
    """A folder's index: names, targets (rows, classes) of 0 and 1, folds."""

    folder: Path
    names: list[str]
    targets: FloatArray
    folds: list[str]
    target: str

    @property
    def metric(self) -> str:
        """Give the name of the number that is told."""
        return "accuracy" if self.target == "label" else "lwlrap"


def read_clips(folder: Path) -> Clips:
    """Read `index.csv`."""
    with (folder / "index.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    target = "label" if "label" in rows[0] else "labels"
    cells = [row[target].split(",") for row in rows]
    classes = sorted({label for cell in cells for label in cell})
    hot = np.array([[name in cell for name in classes] for cell in cells], dtype=np.float32)
    return Clips(folder, [r["fname"] for r in rows], hot, [r["fold"] for r in rows], target)


def splits(clips: Clips, *, inner: bool) -> list[tuple[list[str], str]]:
    """Give folds to learn from and the fold to judge by."""
    folds = sorted(set(clips.folds))
    if inner:
        return [([one], other) for one, other in zip(folds, [*folds[1:], folds[0]], strict=True)]
    return [([each for each in folds if each != left], left) for left in folds]


# --- the linear model ---


def linear_score(clips: Clips, features: FloatArray, learn: list[str], judge: str) -> float:
    """Give what a linear model on band statistics reaches."""
    folds = np.array(clips.folds)
    inner = [(fold, other) for fold in learn for other in learn if fold != other]

    def score(training: list[str], testing: str, strength: float) -> float:
        known, asked = np.isin(folds, training), folds == testing
        linear = LogisticRegression(C=strength, max_iter=5_000)
        truth = clips.targets[asked]
        if clips.metric == "accuracy":
            one = make_pipeline(StandardScaler(), linear)
            one.fit(features[known], clips.targets[known].argmax(axis=1))
            return float(one.score(features[asked], truth.argmax(axis=1)))
        several = make_pipeline(StandardScaler(), OneVsRestClassifier(linear))
        several.fit(features[known], clips.targets[known].astype(int))
        said = several.predict_proba(features[asked])
        weights = truth.sum(axis=1)
        return float(label_ranking_average_precision_score(truth > 0, said, sample_weight=weights))

    def inner_score(strength: float) -> float:
        return sum(score([one], other, strength) for one, other in inner)

    best = max(STRENGTHS, key=inner_score) if inner else STRENGTHS[2]
    return score(learn, judge, best)


def band_statistics(clips: Clips) -> FloatArray:
    """Give mean, spread and percentiles of each band of each clip, shape (clips, numbers)."""
    rows = []
    for name in clips.names:
        bands = clip_spectrogram(clips.folder / "audio" / name, PRESETS["tagging_128"])
        percentiles = np.percentile(bands, PERCENTILES, axis=1)
        rows.append(np.concatenate([bands.mean(axis=1), bands.std(axis=1), *percentiles]))
    return np.stack(rows).astype(np.float32)


# --- the studio ---


def bring_in(clips: Clips, services: Services, steps: Steps, place: Path) -> tuple[Project, str]:
    """Import a folder; give its project and the draft's id."""
    zipped = place / f"{clips.folder.name}.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.write(clips.folder / "index.csv", "index.csv")
        for name in clips.names:
            archive.write(clips.folder / "audio" / name, f"audio/{name}")
    owner = services.projects.local_owner()
    project = services.projects.create(owner, ProjectCreate(name=clips.folder.name))
    upload = services.uploads.add_file(zipped, zipped.name, owner_id=owner)
    wanted = DatasetCreate(name="Recordings", upload_ids=[upload.id])
    dataset = services.imports.create(project.id, wanted)
    steps.follow_job("Import", services, dataset.job_id)
    return project, services.datasets.get(dataset.id).versions[0].id


def save_folds(
    draft: Version, learn: list[str], judge: str, services: Services, steps: Steps
) -> None:
    """Save a version that learns from some folds and is judged by another."""
    for name, values in (("Training", learn), ("Validation", [judge])):
        subset = next(item for item in draft.subsets if item.name == name)
        rule = SubsetRule(kind="fold", feature="fold", values=values)
        services.drafts.change_subset(draft.id, subset.id, SubsetChange(name=name, rule=rule))
    saving = services.versions.save(draft.id)
    steps.follow_job("Save version", services, saving.job_id)


def keep_silence(draft: Version, services: Services) -> None:
    """Let the recordings of a draft keep what is silent at their ends."""
    for feature in draft.features:
        if isinstance(feature.encoding, SpectrogramEncoding):
            whole = feature.encoding.spectrogram.model_copy(update={"trim_silence_db": None})
            change = FeatureChange(
                encoding=feature.encoding.model_copy(update={"spectrogram": whole})
            )
            services.drafts.change_features(
                draft.id, FeaturesChange(names=[feature.name], change=change)
            )


def changes(given: argparse.Namespace) -> list[Operation]:
    """Give what is changed of the experiment that the preset gives."""
    settings = {key: value for part in given.without for key, value in PARTS[part].items()}
    settings |= {name: yaml.safe_load(value) for name, value in map(_named_value, given.set)}
    found: list[Operation] = [SetSetting(name=key, value=value) for key, value in settings.items()]
    return [*found, *WITHOUT_MAXIMUM] if "maximum" in given.without else found


def train(
    preset: PresetChoice,
    project: Project,
    changed: list[Operation],
    services: Services,
    steps: Steps,
) -> Run:
    """Train the preset, with these changes, on the newest version."""
    name = f"Experiment v{len(services.experiments.list_all(project.id)) + 1}"
    made = services.experiments.create(project.id, ExperimentCreate(name=name, preset=preset))
    if changed:
        edit = Edit(base_revision=made.revision, operations=changed)
        services.experiments.edit(made.id, edit)
    return steps.follow_run(name, services, services.runs.create(made.id).id)


def measure(clips: Clips, given: argparse.Namespace, place: Path, console: Console) -> None:
    """Train on every split and tell."""
    settings = Settings(data=place / "studio")
    changed = changes(given)
    features = band_statistics(clips)
    found, linear = [], []
    with (
        open_studio(settings) as services,
        working(services, settings),
        steps_in_terminal(console) as steps,
    ):
        project, version_id = bring_in(clips, services, steps, place)
        if "trim" in given.without:
            keep_silence(services.versions.get(version_id), services)
        for learn, judge in splits(clips, inner=given.inner):
            if given.folds and judge not in given.folds:
                continue
            draft = services.versions.get(version_id)
            if draft.state == "frozen":
                draft = services.versions.new_draft(version_id)
                version_id = draft.id
            save_folds(draft, learn, judge, services, steps)
            preset = PresetChoice(name="sound", target=clips.target)
            run = train(preset, project, changed, services, steps)
            found.append(run.epochs[-1].validation[clips.metric])
            linear.append(linear_score(clips, features, learn, judge))
            console.print(
                f"{clips.folder.name} {'+'.join(learn)} to {judge}: {clips.metric} "
                f"{found[-1]:.3f} (linear {linear[-1]:.3f}), {run.settings.epochs} epochs in "
                f"{sum(epoch.seconds for epoch in run.epochs):.0f} s"
            )
    told = " ".join([clips.folder.name, *(f"without {p}" for p in given.without), *given.set])
    console.print(
        f"{told}: mean {clips.metric} {statistics.mean(found):.3f}, "
        f"linear {statistics.mean(linear):.3f}"
    )


def _named_value(given: str) -> tuple[str, str]:
    name, _, value = given.partition("=")
    return name, value


def main() -> None:
    """Measure each folder."""
    parser = argparse.ArgumentParser(description="Accuracy or lwlrap of the preset for sounds")
    parser.add_argument("folder", type=Path, nargs="+")
    parser.add_argument("--without", choices=PARTS, action="append", default=[])
    parser.add_argument(
        "--inner", action="store_true", help="learn from each fold, judge by the next"
    )
    parser.add_argument("--folds", nargs="+", help="judge by these alone")
    parser.add_argument("--set", action="append", default=[], metavar="SETTING=VALUE")
    given = parser.parse_args()
    console = Console()
    for folder in given.folder:
        with tempfile.TemporaryDirectory() as place:
            measure(read_clips(folder), given, Path(place), console)


if __name__ == "__main__":
    main()
