"""Carry out a studio file: project, data, model, run, bundle and submission.

Takes   a `StudioFile`, services with workers behind them, a place for what comes out.
Gives   model.h5, submission.csv and report.json, by the very services that the browser
        calls; `studio_file_runs` starts and follows searches and folds.
Never   does by another way what a person can do in the browser.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from blockwright.contracts.data import (
    DatasetCreate,
    FeatureChange,
    FeaturesChange,
    FeatureSetCreate,
    Version,
)
from blockwright.contracts.encodings import Normalization
from blockwright.contracts.graph import (
    AddBlock,
    AddWire,
    Edit,
    Experiment,
    ExperimentCreate,
    GraphDocument,
    Operation,
    SetParam,
    SetSetting,
)
from blockwright.contracts.invalid_input import describe_invalid_input
from blockwright.contracts.presets import PresetChoice
from blockwright.contracts.problems import BlockwrightError, Problem, error, in_language
from blockwright.contracts.run_groups import RunGroup
from blockwright.contracts.runs import BundleCreate, CompetitionCreate, DryRun, Run
from blockwright.contracts.studio import Project, ProjectCreate
from blockwright.contracts.studio_file import (
    AudioData,
    FileDataset,
    FileExperiment,
    FileSubmission,
    SampleData,
    StudioFile,
    ZipData,
)
from blockwright.contracts.subsets import SubsetChange, SubsetCreate, SubsetRule
from blockwright.contracts.training_settings import TrainingSettings
from blockwright.datasets.preprocess import PreprocessRequest, make_dataset_zip
from blockwright.datasets.sample import SAMPLE_SUBMISSION, TEST_AUDIO
from blockwright.datasets.sample_dataset import sample_dataset_zip
from blockwright.server.services import Services
from blockwright.server.studio_file_checks import (
    SAMPLE_WORD,
    check_before_data,
    given_path,
    snippet_named,
    value_wrong,
)
from blockwright.server.studio_file_runs import run_taken_out, start_group
from blockwright.server.terminal_progress import Steps
from blockwright.settings import terminal_language

RUNS_FILE = "runs.json"
_MOST_REPAIRS = 20


@dataclass
class Outcome:
    """What came of a studio file.

    Attributes:
        project: What was made in the studio.
        run: The one that is taken out: the best of a search; any of the folds.
        group: The search or the folds, if the file asks for them.
        report: Of the model file.
        dry_run: Of the submission.
    """

    project: Project
    run: Run | None = None
    group: RunGroup | None = None
    report: dict[str, Any] = field(default_factory=dict)
    dry_run: DryRun | None = None

    @property
    def averaged(self) -> bool:
        """Whether the models of all folds are taken out as one."""
        return self.group is not None and self.group.kind == "folds"


def read_studio_file(path: Path) -> StudioFile:
    """Read and validate a studio file.

    Raises:
        BlockwrightError: `studio_file.missing`, `studio_file.no_fields`, `studio_file.invalid`.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), _OneOfEachKey)  # noqa: S506 - a safe loader
        if not isinstance(content, dict):
            raise error("studio_file.no_fields", file=path.name)
        return StudioFile.model_validate(content)
    except OSError as reason:
        raise error("studio_file.missing", file=str(path)) from reason
    except (yaml.YAMLError, UnicodeDecodeError) as reason:
        told = " ".join(str(reason).split())
        raise error("studio_file.invalid", file=path.name, reason=told) from reason
    except ValidationError as reason:
        told = " ".join(
            in_language(_mistake(fault), terminal_language()).message
            for fault in reason.errors()[:5]
        )
        raise error("studio_file.invalid", file=path.name, reason=told) from reason


def _mistake(fault: Mapping[str, Any]) -> Problem:
    """Put a fault into words; of a training setting with all it may be."""
    place = fault["loc"]
    if place[:-1] == ("experiment", "settings") and place[-1] in TrainingSettings.model_fields:
        return value_wrong(str(place[-1]), "experiment.settings", fault["input"])
    return describe_invalid_input(fault)


class _OneOfEachKey(yaml.SafeLoader):
    """A safe loader that refuses a key given twice, where YAML would keep only the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Give the mapping. Raises `yaml.YAMLError` for a doubled key."""
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                told = f"“{key}” is given twice"
                raise yaml.MarkedYAMLError(problem=told, problem_mark=key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


class StudioFileRun:
    """One carrying out of a studio file."""

    def __init__(self, wanted: StudioFile, base: Path, services: Services, steps: Steps) -> None:
        """Use `services`; relative paths of the file start at `base`."""
        self._wanted = wanted
        self._base = base
        self._services = services
        self._steps = steps
        self.has_made_something = False

    def prepare(self) -> tuple[Project, Experiment]:
        """Do everything up to the experiment that is ready to run."""
        check_before_data(self._wanted, self._base)
        owner_id = self._services.projects.local_owner()
        project = self._services.projects.create(
            owner_id,
            ProjectCreate(name=self._wanted.project, description=self._wanted.description),
        )
        self.has_made_something = True
        self._save_version(project)
        return project, self._make_experiment(project)

    def carry_out(self, out: Path) -> Outcome:
        """Do everything, and write what is wanted into `out`."""
        out.mkdir(parents=True, exist_ok=True)
        project, experiment = self.prepare()
        outcome = Outcome(project)
        self._train(experiment, outcome, out)
        self._bundle(outcome, out)
        if self._wanted.outputs.submission is not None:
            self._submit(self._wanted.outputs.submission, outcome, out)
        return outcome

    # --- data ---

    def _dataset_zip(self, wanted: FileDataset) -> Path:
        given = wanted.from_
        if isinstance(given, ZipData):
            return self._path(given.path)
        with self._steps.step("Preprocess") as bar:
            if isinstance(given, SampleData):
                return sample_dataset_zip(self._services.files, bar.count)
            return self._preprocess(given)

    def _preprocess(self, given: AudioData) -> Path:
        goal = self._services.files.local_path("preprocessed/dataset.zip")
        request = PreprocessRequest(
            audio_folder=self._path(given.folder),
            labels_file=self._path(given.labels),
            out_file=goal,
            settings=given.spectrogram,
            classes_file=self._path(given.classes) if given.classes else None,
        )
        report = make_dataset_zip(request)
        if report.problems:
            raise BlockwrightError(report.problems[0].problem)
        return goal

    def _save_version(self, project: Project) -> None:
        wanted, services = self._wanted.dataset, self._services
        path = self._dataset_zip(wanted)
        with self._steps.step("Upload"):
            upload = services.uploads.add_file(path, path.name, owner_id=project.owner_id)
        dataset = services.imports.create(
            project.id, DatasetCreate(name=wanted.name, upload_ids=[upload.id])
        )
        self._steps.follow_job("Import", services, dataset.job_id)
        draft = services.versions.get(services.datasets.get(dataset.id).versions[0].id)
        for name, normalization in wanted.normalization.items():
            self._normalize(draft, name, normalization)
        for feature_set in wanted.feature_sets:
            left_out = set(feature_set.all_except or [])
            everything = [feature.name for feature in draft.features]
            chosen = feature_set.features or [n for n in everything if n not in left_out]
            services.drafts.add_feature_set(
                draft.id, FeatureSetCreate(name=feature_set.name, features=chosen)
            )
        self._set_subsets(draft, wanted)
        if wanted.folds is not None:
            services.drafts.add_folds(draft.id, wanted.folds)
        saving = services.versions.save(draft.id)
        self._steps.follow_job("Save version", services, saving.job_id)

    def _normalize(self, draft: Version, name: str, normalization: Normalization) -> None:
        found = next((feature for feature in draft.features if feature.name == name), None)
        if found is None:
            raise error("data.feature_not_found", name=name)
        if not hasattr(found.encoding, "normalization"):
            raise error("data.feature_not_normalizable", name=name)
        encoding = found.encoding.model_copy(update={"normalization": normalization})
        change = FeaturesChange(names=[name], change=FeatureChange(encoding=encoding))
        self._services.drafts.change_features(draft.id, change)

    def _set_subsets(self, draft: Version, wanted: FileDataset) -> None:
        drafts = self._services.drafts
        ids = {subset.name: subset.id for subset in draft.subsets}
        for subset in wanted.subsets:
            if subset.rest_of is not None:
                rule = SubsetRule(kind="rest", of=[_named(ids, subset.rest_of)])
            else:
                share = subset.share_percent or 100.0
                rule = SubsetRule(kind="random", share_percent=share, seed=subset.seed)
            if subset.name in ids:
                change = SubsetChange(name=subset.name, rule=rule)
                drafts.change_subset(draft.id, ids[subset.name], change)
            else:
                added = drafts.add_subset(draft.id, SubsetCreate(name=subset.name, rule=rule))
                ids = {item.name: item.id for item in added.subsets}

    # --- model ---

    def _make_experiment(self, project: Project) -> Experiment:
        wanted, experiments = self._wanted.experiment, self._services.experiments
        preset = (
            PresetChoice(name=wanted.preset, input=wanted.input, target=wanted.target)
            if wanted.preset is not None
            else None
        )
        create = ExperimentCreate(name=wanted.name, preset=preset)
        experiment = experiments.create(project.id, create)
        operations: list[Operation] = [
            SetSetting(name=name, value=value)
            for name, value in wanted.settings.model_dump(exclude_unset=True).items()
        ]
        operations += self._subset_settings(experiment, wanted)
        if preset is None:
            operations += _blocks(wanted)
        edit = Edit(base_revision=experiment.revision, operations=operations)
        experiment = experiments.edit(experiment.id, edit)
        if wanted.snippet is not None:
            experiment = self._fit(experiment)
        for found in experiment.analysis.problems:
            if found.severity == "error":
                raise BlockwrightError(found.problem)
        return experiment

    def _subset_settings(self, experiment: Experiment, wanted: FileExperiment) -> list[Operation]:
        subsets = {s.name: s.id for s in experiment.data.subsets} if experiment.data else {}
        names = {
            "training_subset_id": wanted.training_subset,
            "validation_subset_id": wanted.validation_subset,
            "first_stage_subset_id": wanted.first_stage_subset,
        }
        return [
            SetSetting(name=setting, value=_named(subsets, name))
            for setting, name in names.items()
            if name is not None
        ]

    def _fit(self, experiment: Experiment) -> Experiment:
        """Take the repairs that the canvas offers, one by one, until no error has one."""
        for _ in range(_MOST_REPAIRS):
            repairs = [
                found.repair
                for found in experiment.analysis.problems
                if found.severity == "error" and found.repair is not None
            ]
            if not repairs:
                break
            edit = Edit(base_revision=experiment.revision, operations=repairs[0].operations)
            experiment = self._services.experiments.edit(experiment.id, edit)
        return experiment

    def _train(self, experiment: Experiment, outcome: Outcome, out: Path) -> None:
        services, wanted = self._services, self._wanted.runs
        if wanted is None:
            started = services.runs.create(experiment.id)
            outcome.run = self._steps.follow_run("Train", services, started.id)
            return
        folds_made = self._wanted.dataset.folds is not None
        group = start_group(services, experiment.id, wanted, folds_made=folds_made)
        outcome.group = self._steps.follow_group("Train", services, group.id)
        told = outcome.group.model_dump_json(indent=2)
        (out / RUNS_FILE).write_text(f"{told}\n", encoding="utf-8")
        outcome.run = run_taken_out(services, outcome.group)

    # --- what comes out ---

    def _bundle(self, outcome: Outcome, out: Path) -> None:
        assert outcome.run is not None  # noqa: S101 - the bundle comes after the run
        delivery = self._services.delivery
        wanted = BundleCreate(run_id=outcome.run.id, averaged=outcome.averaged)
        bundle = delivery.create_bundle(wanted)
        self._steps.follow_job("Make the model file", self._services, bundle.job_id)
        facts = delivery.bundle_file(bundle.id, "run.json").read_text(encoding="utf-8")
        outcome.report = json.loads(facts)
        if self._wanted.outputs.model_h5:
            shutil.copyfile(delivery.bundle_file(bundle.id, "model.h5"), out / "model.h5")

    def _submit(self, wanted: FileSubmission, outcome: Outcome, out: Path) -> None:
        assert outcome.run is not None  # noqa: S101 - as above
        delivery = self._services.delivery
        sample = wanted.sample_submission
        audio = wanted.test_audio
        competition = delivery.create_competition(
            outcome.project.id,
            CompetitionCreate(
                name=wanted.name,
                run_id=outcome.run.id,
                averaged=outcome.averaged,
                sample_submission_path=str(
                    SAMPLE_SUBMISSION if sample == SAMPLE_WORD else self._path(sample)
                ),
                test_audio_path=str(TEST_AUDIO if audio == SAMPLE_WORD else self._path(audio)),
                kaggle_user=wanted.kaggle_user,
                competition_slug=wanted.competition_slug,
            ),
        )
        self._steps.follow_job("Enter the competition", self._services, competition.job_id)
        dry_run = delivery.start_dry_run(competition.id).dry_run
        self._steps.follow_job("Dry run", self._services, dry_run.job_id if dry_run else None)
        outcome.dry_run = delivery.competition(competition.id).dry_run
        if outcome.dry_run is None or outcome.dry_run.state != "passed":
            checks = outcome.dry_run.checks if outcome.dry_run else []
            failed = [check.message for check in checks if not check.passed]
            raise error("studio_file.dry_run_failed", checks="; ".join(failed) or "–")
        shutil.copyfile(delivery.submission(competition.id), out / "submission.csv")

    def _path(self, given: str) -> Path:
        return given_path(self._base, given)


def _blocks(wanted: FileExperiment) -> list[Operation]:
    graph = wanted.graph or snippet_named(wanted.snippet or "")
    blocks = [AddBlock(block=block) for block in graph.blocks]
    wires = [AddWire(wire=wire) for wire in graph.wires]
    return [*blocks, *wires, *(_sources(graph, wanted) if wanted.graph is None else [])]


def _sources(graph: GraphDocument, wanted: FileExperiment) -> list[Operation]:
    ends = {"input": wanted.input, "target": wanted.target}
    return [
        SetParam(block_id=block.id, name="source", value=ends[block.kind])
        for block in graph.blocks
        if block.kind in ends
    ]


def _named(ids: dict[str, str], name: str) -> str:
    if name not in ids:
        raise error("studio_file.subset_unknown", name=name, known=", ".join(ids))
    return ids[name]
