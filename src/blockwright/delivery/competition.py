"""Make the folder that goes to Kaggle: model, preprocessing, notebook, metadata.

Takes   a `CompetitionPlan`: a bundle's plan, a sample submission, test audio
        (a folder of this machine or an uploaded zip).
Gives   one flat folder that Kaggle's own client takes as a dataset and as a notebook.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path, PurePosixPath

from blockwright.audio import clip_picture
from blockwright.contracts.problems import error
from blockwright.contracts.sink import EventSink, Outcome
from blockwright.contracts.work import CompetitionMade, CompetitionPlan, Progress
from blockwright.datasets.archive import READ_ERRORS, Archive, ArchiveLimits
from blockwright.delivery.bundle import fill_bundle
from blockwright.delivery.competition_readme import competition_readme
from blockwright.delivery.deliverables import finished_folder, list_files, write_json
from blockwright.delivery.kaggle_metadata import dataset_metadata, kernel_metadata
from blockwright.delivery.notebook import make_notebook, notebook_text
from blockwright.delivery.preprocessing import require_spectrogram
from blockwright.delivery.sample_submission import (
    SampleSubmission,
    check_classes,
    clips_missing_in,
    missing_clips_problem,
    read_sample_submission,
)
from blockwright.delivery.test_audio import LABELS_FILE, extracted_audio
from blockwright.settings import Settings

NOTEBOOK_FILE = "submission.ipynb"
PREPROCESSING_MODULE = "blockwright_audio.py"
SAMPLE_NAME = "sample_submission.csv"


def make_competition(plan: CompetitionPlan, sink: EventSink) -> Outcome:
    """Make the folder of one competition.

    Raises:
        BlockwrightError: `delivery.classes_differ`, `delivery.test_clips_missing`,
            `delivery.needs_spectrogram`, or what making the bundle raises.
    """
    require_spectrogram(plan.bundle.train)
    sample = read_sample_submission(Path(plan.sample_submission_path), SAMPLE_NAME)
    audio = Path(plan.test_audio_path)
    if audio.is_file():
        audio = _extract(audio, extracted_audio(Path(plan.folder)), sample, sink)
    missing = clips_missing_in(audio, sample.names)
    if missing:
        raise missing_clips_problem(missing, len(sample.names), audio.name)
    with finished_folder(Path(plan.folder)) as folder:
        if not fill_bundle(plan.bundle, folder, sink):
            return "stopped"
        classes = json.loads((folder / "classes.json").read_text(encoding="utf-8"))
        check_classes(sample, classes, SAMPLE_NAME)
        _add_notebook(plan, folder)
    sink.emit(
        CompetitionMade(
            files=list_files(Path(plan.folder)),
            test_clips=len(sample.names),
            classes=len(sample.classes),
        )
    )
    return "done"


def _add_notebook(plan: CompetitionPlan, folder: Path) -> None:
    shutil.copyfile(Path(clip_picture.__file__), folder / PREPROCESSING_MODULE)
    metadata = dataset_metadata(plan)
    settings = {
        "name": plan.name,
        "bundle_id": plan.bundle.bundle_id,
        "dataset": metadata["id"],
    }
    notebook = notebook_text(make_notebook(settings))
    (folder / NOTEBOOK_FILE).write_text(notebook, encoding="utf-8")
    write_json(folder / "kernel-metadata.json", kernel_metadata(plan, NOTEBOOK_FILE))
    write_json(folder / "dataset-metadata.json", metadata)
    (folder / "README.md").write_text(competition_readme(plan), encoding="utf-8")


def _extract(archive_path: Path, goal: Path, sample: SampleSubmission, sink: EventSink) -> Path:
    """Take the clips that the sample names out of a zip, each under the sample's own name."""
    settings = Settings()
    limits = ArchiveLimits(
        entries=settings.max_archive_entries, expanded_bytes=settings.max_expanded_bytes
    )
    wanted = {PurePosixPath(name).name: name for name in [*sample.names, LABELS_FILE]}
    shutil.rmtree(goal, ignore_errors=True)
    goal.mkdir(parents=True)
    with Archive(archive_path, "test audio", limits) as archive:
        entries = [
            (n, wanted[PurePosixPath(n).name])
            for n in archive.names
            if PurePosixPath(n).name in wanted
        ]
        for number, (entry, name) in enumerate(entries):
            target = goal / name
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                with archive.open(entry) as source, target.open("wb") as file:
                    shutil.copyfileobj(source, file)
            except READ_ERRORS as reason:
                raise error("delivery.test_clip_damaged", name=name) from reason
            if number % 100 == 0:
                sink.emit(Progress(done_units=number, total_units=len(entries), unit="clips"))
    return goal
