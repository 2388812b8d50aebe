"""Clips of any length, from recordings to a submission: real worker, real files, no stand-in."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest

from blockwright.audio.clip_picture import clip_spectrogram, tiles
from blockwright.compiler.build import BuiltModel, build_model
from blockwright.contracts.runs import EpochMetrics
from blockwright.contracts.work import (
    EVENTS_FILE,
    PLAN_FILE,
    BundlePlan,
    CompetitionPlan,
    DataPlan,
    DryRunEnded,
    DryRunPlan,
    EventLine,
    Finished,
    Plan,
    PlanFile,
    TrainEpoch,
    TrainPlan,
    WorkerEvent,
)
from blockwright.datasets.reader import VersionReader
from blockwright.delivery.bundle import make_bundle
from blockwright.delivery.competition import make_competition
from blockwright.delivery.dry_run import run_dry_run
from blockwright.evaluation.predictions import predict_rows, read_inputs
from blockwright.training.checkpoint_files import read_checkpoint
from blockwright.training.checkpoints import load_weights
from blockwright.training.metrics import lwlrap
from tests.support.clips_version import SPECTROGRAM, TILE, clip_names, clips_version, train_plan
from tests.support.competition_folder import write_sample_submission
from tests.support.dataset_zips import RecordingSink
from tests.support.graphs import block, graph

PATIENCE_SECONDS = 300.0


def start_worker(job: Path, plan: Plan, attempt: int) -> subprocess.Popen[bytes]:
    job.mkdir(parents=True)
    plan_file = PlanFile(job_id="job_clips", attempt=attempt, plan=plan)
    (job / PLAN_FILE).write_text(plan_file.model_dump_json())
    return subprocess.Popen([sys.executable, "-m", "blockwright.jobs.worker", str(job)])


def events_of(job: Path) -> list[WorkerEvent]:
    lines = (job / EVENTS_FILE).read_bytes().splitlines(keepends=True)
    whole = [line for line in lines if line.endswith(b"\n")]
    return [EventLine.model_validate_json(line).event for line in whole]


def epochs_of(job: Path) -> list[EpochMetrics]:
    if not (job / EVENTS_FILE).exists():
        return []
    return [event.metrics for event in events_of(job) if isinstance(event, TrainEpoch)]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(scope="module")
def data(place: Path) -> DataPlan:
    return clips_version(place)


@pytest.fixture(scope="module")
def trained(place: Path, data: DataPlan) -> TrainPlan:
    """Train two epochs in a worker, without a break."""
    plan = train_plan(data, place / "whole")
    worker = start_worker(place / "whole" / "job", plan, 1)
    assert worker.wait(PATIENCE_SECONDS) == 0
    assert events_of(place / "whole" / "job")[-1] == Finished(outcome="done")
    return plan


def checkpoint(plan: TrainPlan, epoch: int) -> Path:
    return Path(plan.run_folder) / "checkpoints" / f"epoch_{epoch}"


def model_of(plan: TrainPlan, epoch: int) -> BuiltModel:
    built = build_model(plan.graph, plan.data.data_schema, seed=plan.settings.seed)
    load_weights(checkpoint(plan, epoch), built.model)
    return built


def by_hand(plan: TrainPlan, model: keras.Model, rows: np.ndarray) -> np.ndarray:
    """Predict rows from the recordings themselves: nothing of the reader or the loop."""
    numbers = plan.data.statistics["clip"]
    files = clips_by_row(plan)
    outputs = []
    for row in rows:
        windows = tiles(clip_spectrogram(files[row], SPECTROGRAM), TILE, TILE // 2)
        normal = (windows - np.float32(numbers.shift)) / np.float32(numbers.scale)
        outputs.append(np.mean(np.asarray(model(normal, training=False)), axis=0))
    return np.stack(outputs)


def clips_by_row(plan: TrainPlan) -> list[Path]:
    """Give the recordings by row number."""
    folder = Path(plan.data.version_folder).parent / "clips"
    names = clip_names(plan.data.data_schema.rows)
    return [folder / f"{Path(name).stem}.wav" for name in names]


def test_the_version_holds_whole_clips_longer_and_shorter_than_a_tile(data: DataPlan) -> None:
    (clip,) = [source for source in data.data_schema.sources if source.name == "clip"]
    assert clip.variable is not None
    offsets = np.load(data.arrays["clip"].offsets_path or "")
    lengths = np.diff(offsets)
    assert lengths.min() < TILE < 3 * TILE < lengths.max()


def test_labels_in_one_cell_know_how_many_rows_have_several(data: DataPlan) -> None:
    (labels,) = [source for source in data.data_schema.sources if source.name == "labels"]
    truth = VersionReader(data).read("labels", np.arange(data.data_schema.rows))
    assert labels.several_true_rows == (truth.sum(axis=1) > 1).sum() > 0


def test_a_validation_value_is_that_of_the_mean_over_the_tiles_of_each_row(
    place: Path, trained: TrainPlan
) -> None:
    reader = VersionReader(trained.data)
    rows = reader.row_numbers("sub_validation")
    truth = reader.read("labels", rows)
    for told in epochs_of(place / "whole" / "job"):
        if not checkpoint(trained, told.epoch).exists():
            continue
        outputs = by_hand(trained, model_of(trained, told.epoch).model, rows)
        clipped = np.clip(outputs, 1e-7, 1 - 1e-7)
        loss = -np.mean(truth * np.log(clipped) + (1 - truth) * np.log(1 - clipped))
        picked = outputs > 0.5
        assert told.validation["loss"] == pytest.approx(loss, abs=1e-5)
        assert told.validation["lwlrap"] == pytest.approx(lwlrap(outputs, truth), abs=1e-6)
        hits = (picked & (truth > 0)).sum()
        assert told.validation["recall"] == pytest.approx(hits / truth.sum(), abs=1e-6)


def test_a_report_predicts_as_the_validation_did(trained: TrainPlan) -> None:
    reader = VersionReader(trained.data)
    rows = reader.row_numbers("sub_validation")
    built = model_of(trained, 2)
    expected = by_hand(trained, built.model, rows)
    for batch_size in (2, 32):
        outputs = predict_rows(built, reader, rows, batch_size=batch_size)
        np.testing.assert_allclose(outputs, expected, atol=1e-5)


def test_a_run_that_was_killed_goes_on_to_the_same_bits(
    place: Path, data: DataPlan, trained: TrainPlan
) -> None:
    # Many epochs, so that the kill falls into the middle of one, whichever it is.
    settings = trained.settings.model_copy(update={"epochs": 40})
    plan = train_plan(data, place / "broken").model_copy(update={"settings": settings})
    first = place / "broken" / "job_1"
    worker = start_worker(first, plan, 1)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not epochs_of(first):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    worker.send_signal(signal.SIGKILL)
    worker.wait(PATIENCE_SECONDS)
    before = epochs_of(first)
    assert before[0].validation == epochs_of(place / "whole" / "job")[0].validation
    last = before[-1].epoch
    assert last < 40

    # Beyond the epoch that was cut off, and beyond the second, which the whole run knows.
    goal = last + 2
    plan = plan.model_copy(
        update={
            "settings": settings.model_copy(update={"epochs": goal}),
            "resume_from": str(checkpoint(plan, last)),
        }
    )
    second = place / "broken" / "job_2"
    assert start_worker(second, plan, 2).wait(PATIENCE_SECONDS) == 0
    whole = train_plan(data, place / "unbroken")
    whole = whole.model_copy(update={"settings": plan.settings})
    unbroken = place / "unbroken" / "job"
    assert start_worker(unbroken, whole, 1).wait(PATIENCE_SECONDS) == 0

    one, other = read_checkpoint(checkpoint(plan, goal)), read_checkpoint(checkpoint(whole, goal))
    assert one.weights.keys() == other.weights.keys()
    for name in one.weights:
        np.testing.assert_array_equal(one.weights[name], other.weights[name])
    for name in one.optimizer:
        np.testing.assert_array_equal(one.optimizer[name], other.optimizer[name])
    told = {epoch.epoch: epoch for epoch in epochs_of(unbroken)}
    for epoch in epochs_of(second):
        assert epoch.training == told[epoch.epoch].training
        assert epoch.validation == told[epoch.epoch].validation


@pytest.fixture(scope="module")
def bundle_plan(place: Path, trained: TrainPlan) -> BundlePlan:
    return BundlePlan(
        bundle_id="bun_clips",
        bundle_folder=str(place / "bundle"),
        checkpoint_folder=str(checkpoint(trained, 2)),
        train=trained,
        experiment_name="Clips",
        epoch=2,
    )


def test_a_bundle_says_how_clips_are_cut_and_its_readme_repeats_its_outputs(
    bundle_plan: BundlePlan, tmp_path: Path
) -> None:
    assert make_bundle(bundle_plan, RecordingSink()) == "done"
    folder = Path(bundle_plan.bundle_folder)
    made = json.loads((folder / "preprocessing.json").read_text(encoding="utf-8"))
    assert made["spectrogram"]["fit"] == "variable"
    assert made["spectrogram"]["clip_normalization"] == "min_max"
    assert made["inputs"][0]["variable"] == {"axis": 1, "tile": TILE, "overlap": TILE // 2}
    assert made["inputs"][0]["features"][0]["normalization"] == "standardize"
    rows, outputs = np.load(folder / "sample_rows.npy"), np.load(folder / "sample_outputs.npy")
    assert len(rows) > len(outputs) == rows.max() + 1

    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert f"tiles of {TILE} along axis 1" in readme
    snippet = readme.split("```python\n")[1].split("```")[0]
    done = subprocess.run(
        [sys.executable, "-I", "-c", snippet],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads((folder / "run.json").read_text(encoding="utf-8"))["validation"]
    reader = VersionReader(bundle_plan.train.data)
    validation = reader.row_numbers("sub_validation")
    expected = by_hand(bundle_plan.train, model_of(bundle_plan.train, 2).model, validation)
    truth = reader.read("labels", validation)
    assert report["metrics"]["lwlrap"] == pytest.approx(lwlrap(expected, truth), abs=1e-6)


def test_the_notebook_predicts_clips_of_any_length_as_the_studio_does(
    place: Path, bundle_plan: BundlePlan
) -> None:
    train = bundle_plan.train
    reader = VersionReader(train.data)
    rows = reader.row_numbers("sub_validation")
    audio, files = place / "test", clips_by_row(train)
    audio.mkdir()
    for row in rows:
        (audio / files[row].name).write_bytes(files[row].read_bytes())
    classes = next(s.classes for s in train.data.data_schema.sources if s.name == "labels") or []
    names = [files[row].name for row in rows]
    write_sample_submission(place / "sample_submission.csv", classes[::-1], names)
    folder = place / "competition" / "kaggle"
    plan = CompetitionPlan(
        competition_id="cmp_clips",
        folder=str(folder),
        bundle=bundle_plan.model_copy(update={"bundle_folder": str(folder)}),
        name="Clips",
        kaggle_user="someone",
        competition_slug="clips",
        sample_submission_path=str(place / "sample_submission.csv"),
        test_audio_path=str(audio),
    )
    assert make_competition(plan, RecordingSink()) == "done"

    sink = RecordingSink()
    dry_run = DryRunPlan(
        dry_run_id="dry_clips",
        competition_id="cmp_clips",
        competition_folder=str(folder),
        work_folder=str(place / "dry"),
        sample_submission_path=plan.sample_submission_path,
        test_audio_path=str(audio),
    )
    assert run_dry_run(dry_run, sink) == "done"
    ended = sink.last(DryRunEnded)
    assert isinstance(ended, DryRunEnded)
    assert ended.passed, [check for check in ended.checks if not check.passed]
    with (place / "dry" / "submission.csv").open(newline="") as file:
        found = list(csv.reader(file))
    assert found[0] == ["fname", *classes[::-1]]
    values = np.array([[float(cell) for cell in row[1:]] for row in found[1:]])
    expected = predict_rows(model_of(train, 2), reader, rows)[:, ::-1]
    np.testing.assert_allclose(values, expected, atol=1e-5)


def test_a_second_input_of_fixed_size_goes_with_every_tile(data: DataPlan) -> None:
    classes = next(s.classes for s in data.data_schema.sources if s.name == "labels") or []
    blocks = {
        "sound": block("sound", "input", source="clip"),
        "flat": block("flat", "flatten"),
        "place": block("place", "input", source="n"),
        "both": block("both", "concatenate"),
        "dense": block("dense", "dense", nodes=len(classes), activation="sigmoid"),
        "target": block("target", "target", source="labels", loss="binary_crossentropy"),
    }
    wires = ("sound>flat", "flat>both", "place>both", "both>dense", "dense>target")
    built = build_model(graph(list(blocks.values()), *wires), data.data_schema, seed=3)
    assert sorted(built.input_sources) == ["clip", "n"]
    reader, rows = VersionReader(data), np.array([5, 0, 17], dtype=np.int64)
    inputs, owners = read_inputs(built, reader, rows)
    outputs = np.asarray(built.model(inputs, training=False))
    expected = np.stack([outputs[owners == place].mean(axis=0) for place in range(len(rows))])
    np.testing.assert_allclose(predict_rows(built, reader, rows), expected, atol=1e-6)
    number = inputs[built.input_sources.index("n")]
    assert number.ravel().tolist() == rows[owners].tolist()
