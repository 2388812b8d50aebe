"""`blockwright run` from recordings to submission.csv, and what the studio keeps of it."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
import yaml
from rich.console import Console

from blockwright.contracts.problems import BlockwrightError
from blockwright.contracts.runs import BundleCreate, CompetitionCreate
from blockwright.contracts.studio_file import StudioFile
from blockwright.server.in_process import open_studio, working
from blockwright.server.run_command import run_in_terminal
from blockwright.server.studio_file import StudioFileRun
from blockwright.server.terminal_progress import steps_in_terminal
from blockwright.settings import Settings
from tests.support.small_studio_file import write_studio_file


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    given = [str(write_studio_file(folder / "files"))]
    done = subprocess.run(
        [sys.executable, "-m", "blockwright", "run", *given, "--out", str(folder / "out")],
        capture_output=True,
        text=True,
        timeout=540,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "class frequency lwlrap" in done.stdout
    # The output is a pipe: lines of each step instead of bars.
    assert "Train: begins\n" in done.stdout
    assert re.search(
        r"^Train: (.*\n)*Train: epoch 2/2, lwlrap 0\.\d{3}, took \d+\.\d s$", done.stdout, re.M
    )
    return folder / "out"


def test_the_report_has_scores_beside_guessing_and_what_repeats_the_run(out: Path) -> None:
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert {"precision", "recall", "lwlrap", "roc_auc"} <= set(report["validation"]["metrics"])
    assert set(report["validation"]["baselines"]) == {"random_lwlrap", "class_frequency_lwlrap"}
    assert report["reloaded_in_clean_process"]["largest_difference"] <= 1e-5
    assert len(report["data_hash"]) == 64
    assert report["machine"]["backend"]
    assert all(check["passed"] for check in report["checks"])


def test_the_submission_has_the_samples_rows_and_columns(out: Path) -> None:
    with (out / "submission.csv").open(newline="") as file:
        found = list(csv.reader(file))
    with (out.parent / "files" / "sample_submission.csv").open(newline="") as file:
        sample = list(csv.reader(file))
    assert found[0] == sample[0]
    assert [row[0] for row in found] == [row[0] for row in sample]
    assert all(0 <= float(value) <= 1 for row in found[1:] for value in row[1:])


LOADER = """
import sys
sys.modules["blockwright"] = None
import keras, numpy as np
model = keras.models.load_model(sys.argv[1] + "/model.h5")
outputs = model.predict(np.load(sys.argv[1] + "/sample_inputs.npy"), verbose=0)
print(np.abs(outputs - np.load(sys.argv[1] + "/sample_outputs.npy")).max())
"""


def test_the_bundle_loads_with_nothing_but_keras_and_predicts_the_same(out: Path) -> None:
    (bundle,) = [item for item in (out / "studio" / "bundles").iterdir() if item.is_dir()]
    done = subprocess.run(
        [sys.executable, "-I", "-c", LOADER, str(bundle)],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    assert float(done.stdout.strip().splitlines()[-1]) <= 1e-5
    assert (out / "model.h5").read_bytes() == (bundle / "model.h5").read_bytes()
    made = json.loads((bundle / "preprocessing.json").read_text())
    assert made["spectrogram"]["mel_bands"] == 32
    numbers = made["inputs"][0]["features"][0]
    assert numbers["normalization"] == "standardize"
    assert numbers["scale"] != 1.0
    inputs = np.load(bundle / "sample_inputs.npy")
    assert inputs.shape[1:] == (32, 64)


def test_the_services_tell_of_what_was_made(out: Path) -> None:
    with open_studio(Settings(data=out / "studio")) as services:
        owner_id = services.projects.local_owner()
        (project,) = services.projects.list_all(owner_id)
        run = services.runs.list_all(project.id).runs[0]
        (bundle,) = services.delivery.bundles(project.id)
        (competition,) = services.delivery.competitions(project.id)

        assert services.delivery.create_bundle(BundleCreate(run_id=run.id)) == bundle
        assert bundle.state == "ready"
        with zipfile.ZipFile(services.delivery.bundle_zip(bundle.id)) as archive:
            assert len(archive.namelist()) == len(bundle.files)
        with zipfile.ZipFile(services.delivery.competition_zip(competition.id)) as archive:
            assert "kaggle/submission.ipynb" in archive.namelist()
            assert "kaggle/blockwright_audio.py" in archive.namelist()
        assert competition.dry_run is not None
        assert competition.dry_run.state == "passed"
        assert competition.dry_run.done_clips == 3
        assert (
            services.delivery.submission(competition.id).read_bytes()
            == (out / "submission.csv").read_bytes()
        )


def test_test_audio_comes_as_a_zip_too(out: Path) -> None:
    files = out.parent / "files"
    packed = out.parent / "test_audio.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for clip in (files / "test").iterdir():
            archive.write(clip, f"audio_test/{clip.name}")
        archive.writestr("audio_test/of_no_use.wav", b"not named by the sample")
        archive.writestr("test_labels.csv", "fname,labels\nmix3_009.ogg,dog\n")
    settings = Settings(data=out / "studio")
    with open_studio(settings) as services, working(services, settings):
        owner_id = services.projects.local_owner()
        (project,) = services.projects.list_all(owner_id)
        run = services.runs.list_all(project.id).runs[0]
        uploads = [
            services.uploads.add_file(path, path.name, owner_id=owner_id).id
            for path in (files / "sample_submission.csv", packed)
        ]
        made = services.delivery.create_competition(
            project.id,
            CompetitionCreate(
                name="声音",
                run_id=run.id,
                sample_submission_upload_id=uploads[0],
                test_audio_upload_id=uploads[1],
            ),
        )
        while services.delivery.competition(made.id).state == "preparing":
            time.sleep(0.2)
        found = services.delivery.competition(made.id)
    assert found.problem is None
    assert found.state == "ready"
    extracted = out / "studio" / "competitions" / made.id / "test_audio"
    assert {file.name for file in extracted.iterdir()} == {
        *(clip.name for clip in (files / "test").iterdir()),
        "test_labels.csv",
    }


def _refused(out: Path, code: str, **changes: object) -> BlockwrightError:
    files = out.parent / "files"
    with open_studio(Settings(data=out / "studio")) as services:
        (project,) = services.projects.list_all(services.projects.local_owner())
        run = services.runs.list_all(project.id).runs[0]
        values = {
            "name": "Again",
            "run_id": run.id,
            "sample_submission_path": str(files / "sample_submission.csv"),
            "test_audio_path": str(files / "test"),
        }
        with pytest.raises(BlockwrightError) as caught:
            services.delivery.create_competition(
                project.id, CompetitionCreate.model_validate({**values, **changes})
            )
        assert caught.value.problem.code == code
        return caught.value


def test_what_is_given_is_checked_before_anything_is_queued(out: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("fname,dog,Meow\nmix3_009.ogg,0,0\n")
    told = _refused(out, "delivery.classes_differ", sample_submission_path=str(other))
    assert "Only in the sample: Meow." in told.problem.message
    told = _refused(out, "delivery.test_clips_missing", test_audio_path=str(tmp_path))
    assert "mix3_009.ogg" in told.problem.message
    told = _refused(out, "delivery.path_not_found", test_audio_path=str(tmp_path / "nowhere"))
    assert "no file or folder" in told.problem.message
    _refused(out, "delivery.path_not_found", test_audio_path="~nobody-of-this-name/test")
    _refused(out, "delivery.path_not_absolute", test_audio_path="freesound/test")
    _refused(out, "delivery.give_test_audio", test_audio_path=None)
    _refused(out, "delivery.run_not_found", run_id="run_0")


@pytest.mark.parametrize("audio", ["", "nowhere"])
def test_a_wrong_sample_is_named_before_any_clip_is_looked_for(
    out: Path, tmp_path: Path, audio: str
) -> None:
    curated = tmp_path / "train_curated.csv"
    curated.write_text("fname,labels\nnot_there.wav,dog\n")
    told = _refused(
        out,
        "delivery.sample_without_classes",
        sample_submission_path=str(curated),
        test_audio_path=str(tmp_path / audio),
    )
    assert "train_curated.csv" in told.problem.message
    assert "fname, labels" in told.problem.message


def test_nothing_is_said_to_be_kept_of_a_refused_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_studio_file(tmp_path / "files")
    wanted = yaml.safe_load(path.read_text(encoding="utf-8"))
    rates = {"kind": "values", "name": "learning_rate", "values": [0.01, 5000]}
    wanted["runs"] = {"kind": "search", "method": "grid", "varied": [rates]}
    path.write_text(yaml.safe_dump(wanted), encoding="utf-8")
    with pytest.raises(BlockwrightError) as caught:
        run_in_terminal(path, tmp_path / "out", Settings(), data=None)
    assert caught.value.problem.code == "studio_file.value_wrong"
    assert "What was made is kept" not in capsys.readouterr().out


def test_what_was_made_before_it_stopped_is_said_to_be_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_studio_file(tmp_path / "files")
    wanted = yaml.safe_load(path.read_text(encoding="utf-8"))
    wanted["dataset"]["normalization"] = {"nothing": "standardize"}
    path.write_text(yaml.safe_dump(wanted), encoding="utf-8")
    with pytest.raises(BlockwrightError):
        run_in_terminal(path, tmp_path / "out", Settings(), data=None)
    assert "What was made is kept; to see it: blockwright serve" in capsys.readouterr().out


def test_a_preset_by_name_brings_its_settings_and_those_of_the_file_go_over_them(
    tmp_path: Path,
) -> None:
    path = write_studio_file(tmp_path / "files")
    wanted = yaml.safe_load(path.read_text(encoding="utf-8"))
    wanted["experiment"] = {"preset": "sound", "settings": {"batch_size": 8, "epochs": 20}}
    settings = Settings(data=tmp_path / "studio")
    with (
        open_studio(settings) as services,
        working(services, settings),
        steps_in_terminal(Console(file=io.StringIO())) as steps,
    ):
        file = StudioFile.model_validate(wanted)
        _, experiment = StudioFileRun(file, path.parent, services, steps).prepare()
    assert experiment.analysis.can_run
    assert (experiment.settings.batch_size, experiment.settings.epochs) == (8, 20)
    assert experiment.settings.mixup > 0
    (target,) = [block for block in experiment.graph.blocks if block.kind == "target"]
    assert target.params["source"] == "labels"
