"""`blockwright preprocess`: every clip in the zip, or named with its reason."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

from blockwright.audio.clip_picture import clip_picture
from blockwright.contracts.audio import PRESETS, SpectrogramSettings
from blockwright.datasets import sample
from blockwright.datasets.labels import read_classes
from tests.support.dataset_zips import import_zip
from tests.support.freesound_shape import CLASSES, make_dataset_zip

SAMPLE = Path(sample.__file__).parent
SMALL = ["--mels", "32", "--size", "40", "--n-fft", "1024", "--sample-rate", "16000"]
SMALL += ["--workers", "1"]


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "blockwright", "preprocess", *map(str, arguments)]


def preprocess(*arguments: str | Path, language: str = "en_US.UTF-8") -> tuple[int, str]:
    """Give the exit status and what was said."""
    environment = {**os.environ, "LC_ALL": language, "COLUMNS": "400"}
    done = subprocess.run(
        command(*arguments), capture_output=True, text=True, check=False, env=environment
    )
    return done.returncode, done.stderr


def tone(path: Path, pitch_hz: float = 440, seconds: float = 1.0) -> None:
    time_s = np.arange(int(16_000 * seconds)) / 16_000
    soundfile.write(path, np.sin(2 * np.pi * pitch_hz * time_s) * 0.5, 16_000)


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    folder = tmp_path / "clips"
    folder.mkdir()
    for number, kind in enumerate(["wav", "flac", "ogg", "mp3"]):
        tone(folder / f"tone{number}.{kind}", 300 * (number + 1))
    return folder


def index_of(zip_path: Path) -> list[list[str]]:
    with zipfile.ZipFile(zip_path) as archive:
        return list(csv.reader(io.StringIO(archive.read("index.csv").decode())))


def test_labels_in_one_cell_every_format_and_the_same_bytes_again(
    clips: Path, tmp_path: Path
) -> None:
    labels = tmp_path / "train.csv"
    labels.write_text(
        "\ufefffname,labels,license\ntone0.wav,Hi-hat\n".replace("Hi-hat\n", "Hi-hat,CC0\n")
        + 'tone1.flac,"Bark,Fill_(with liquid)",CC0\ntone2.ogg,Bark,CC0\ntone3.mp3,Bark,CC0\n'
    )
    for out in ("a.zip", "b.zip"):
        status, said = preprocess(clips, "--labels", labels, "--out", tmp_path / out, *SMALL)
        assert status == 0, said
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert index_of(tmp_path / "a.zip") == [
        ["fname", "Bark", "Fill_(with liquid)", "Hi-hat"],
        ["clips/tone0.npy", "0", "0", "1"],
        ["clips/tone1.npy", "1", "1", "0"],
        ["clips/tone2.npy", "1", "0", "0"],
        ["clips/tone3.npy", "1", "0", "0"],
    ]
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        content = json.loads(archive.read("preprocessing.json"))
        settings = SpectrogramSettings.model_validate(content["spectrogram"])
        assert (settings.mel_bands, settings.frames, settings.max_hz) == (32, 40, 8_000)
        assert content["classes"] == ["Bark", "Fill_(with liquid)", "Hi-hat"]
        assert content["format"] == 1
        with archive.open("clips/tone1.npy") as file:
            stored = np.load(file, allow_pickle=False)
    assert stored.dtype == np.float32
    np.testing.assert_array_equal(stored, clip_picture(clips / "tone1.flac", settings))


def test_class_columns_and_the_order_of_a_sample_submission(clips: Path, tmp_path: Path) -> None:
    labels = tmp_path / "train.csv"
    labels.write_text("fname,Bark,Hi-hat\ntone0.wav,1,0\ntone1.flac,0,1\ntone2.ogg,0,maybe\n")
    submission = tmp_path / "sample_submission.csv"
    submission.write_text("fname,Hi-hat,Zither,Bark\nx.wav,0,0,0\n")
    status, said = preprocess(
        *(clips, "--labels", labels, "--classes", submission, "--out", tmp_path / "d.zip", *SMALL)
    )
    assert status == 3
    assert "maybe" in said
    assert "tone3.mp3 has no row in the labels" in said
    assert index_of(tmp_path / "d.zip") == [
        ["fname", "Hi-hat", "Zither", "Bark"],
        ["clips/tone0.npy", "0", "0", "1"],
        ["clips/tone1.npy", "1", "0", "0"],
    ]


def test_every_clip_that_is_left_out_is_named(clips: Path, tmp_path: Path) -> None:
    (clips / "broken.ogg").write_bytes(b"OggS and nothing more")
    (clips / "empty.wav").write_bytes(b"")
    (clips / "page.wav").write_text("<html>")
    (clips / "gone.wav").symlink_to(clips / "nowhere")
    tone(tmp_path / "outside.wav")
    names = ["tone0.wav", "broken.ogg", "empty.wav", "page.wav", "gone.wav"]
    names += ["missing.wav", "../outside.wav", "tone0.wav"]
    labels = tmp_path / "train.csv"
    labels.write_text("fname,labels\n" + "".join(f"{name},Bark\n" for name in names) + "a,b,c\n")
    status, said = preprocess(clips, "--labels", labels, "--out", tmp_path / "d.zip", *SMALL)
    assert status == 3
    for name in names[1:]:
        assert name in said
    assert "Line 10 of train.csv has 3 cells" in " ".join(said.split())
    assert "1 clip of 1 class" in said
    assert "8 were not taken" in said
    assert len(index_of(tmp_path / "d.zip")) == 2
    status, said = preprocess(
        *(clips, "--labels", labels, "--out", tmp_path / "e.zip", *SMALL), language="zh_CN.UTF-8"
    )
    assert "missing.wav 有标签" in said


@pytest.mark.parametrize(
    ("labels", "arguments", "words"),
    [
        ("fname,labels\nnowhere.wav,Bark\n", [], "Of 1 clip with labels, none is in"),
        ("fname,labels\n", [], "has no rows"),
        ("fname,license\ntone0.wav,CC0\n", [], "neither a column"),
        ("fname,labels\ntone0.wav,Bark\n", ["--fmax", "9000", *SMALL], "--fmax) is 9000 Hz"),
        (
            "fname,labels\ntone0.wav,Bark\n",
            ["--fit", "squash"],
            "“--fit” must be one of these: crop, pad, resize, variable",
        ),
        (
            "fname,labels\ntone0.wav,Bark\n",
            ["--clip-normalization", "loud"],
            "“--clip-normalization” must be one of these: none, standardize, min_max",
        ),
        (
            "fname,labels\ntone0.wav,Bark\n",
            ["--trim-silence-db", "0"],
            "“--trim-silence-db” is out of range",
        ),
        ("fname,labels\ntone0.wav,Bark\n", ["--preset", "best"], "no preset “best”"),
        ("fname,labels\ntone0.wav,Bark\n", ["--fit", "variable"], "--fit crop, --fit pad or"),
        ("fname,labels\ntone0.wav,Bark\n", ["--preset", "tagging_128"], "--fit crop, --fit pad"),
        ("fname,Bark,Age\ntone0.wav,1,0\ntone1.flac,0,7\n", [], "whether it is a class"),
        ("fname,labels\ntone0.wav,Bark\n", ["--hop", "0"], "“--hop” is out of range"),
        ("fname,labels\ntone0.wav,Bark\n", ["--fmin", "nan"], "“--fmin” is out of range"),
        ("fname,labels\ntone0.wav,Bark\n", ["--classes", "CLASSES"], "which the list of classes"),
    ],
)
def test_nothing_is_written_when_it_makes_no_sense(
    clips: Path, tmp_path: Path, labels: str, arguments: list[str], words: str
) -> None:
    (tmp_path / "train.csv").write_text(labels)
    (tmp_path / "classes.txt").write_text("Meow\n")
    given = [str(tmp_path / "classes.txt") if word == "CLASSES" else word for word in arguments]
    out = tmp_path / "out" / "d.zip"
    status, said = preprocess(clips, "--labels", tmp_path / "train.csv", "--out", out, *given)
    assert status == 1
    assert words in said
    assert not out.parent.exists() or list(out.parent.iterdir()) == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_no_half_zip(tmp_path: Path, how: signal.Signals) -> None:
    labels = SAMPLE / "train_curated.csv"
    out = tmp_path / "out" / "d.zip"
    process = subprocess.Popen(
        command(SAMPLE / "audio", "--labels", labels, "--out", out),
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    while not list(tmp_path.glob("out/.d.zip.*.tmp")):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(how)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said.decode()
    assert list(out.parent.iterdir()) == []


def test_stems_that_meet_keep_their_suffix(tmp_path: Path) -> None:
    folder = tmp_path / "clips"
    folder.mkdir()
    tone(folder / "a.wav")
    tone(folder / "a.flac", 600)
    (tmp_path / "t.csv").write_text("fname,labels\na.wav,x\na.flac,y\n")
    out = tmp_path / "d.zip"
    assert preprocess(folder, "--labels", tmp_path / "t.csv", "--out", out, *SMALL)[0] == 0
    assert [row[0] for row in index_of(out)[1:]] == ["clips/a.wav.npy", "clips/a.flac.npy"]


def test_eighty_classes_in_the_shape_of_the_original_come_in_whole(tmp_path: Path) -> None:
    source = make_dataset_zip(tmp_path / "competition", clips=12)
    imported = import_zip(source, tmp_path / "ds")
    assert imported.report.problem_count == 0
    assert imported.rows == 12
    fname, *labels = imported.features
    assert (fname.name, fname.shape) == ("fname", [256, 256])
    assert fname.spectrogram == SpectrogramSettings()
    assert [feature.name for feature in labels] == CLASSES
    assert {feature.type for feature in labels} == {"binary"}
    assert any("(" in name for name in CLASSES)
    assert any("-" in name for name in CLASSES)
    stored = np.load(tmp_path / "ds" / "tensor_0.npy", mmap_mode="r", allow_pickle=False)
    assert stored.shape == (12, 256, 256)
    assert float(stored.max()) == 0.0
    assert float(stored.min()) >= -80.001


def test_clips_one_folder_off_are_told_in_one_line_with_where_they_are(
    clips: Path, tmp_path: Path
) -> None:
    labels = tmp_path / "t.csv"
    labels.write_text("fname,labels\ntone0.wav,Bark\ntone1.flac,Meow\n")
    (clips / "notes").mkdir()
    for given in (clips / "notes", tmp_path):
        status, said = preprocess(given, "--labels", labels, "--out", tmp_path / "d.zip")
        assert status == 1
        told, fix = [each for each in said.splitlines() if each.strip()]
        assert "Of 2 clips with labels, none is in the folder" in told
        assert told.endswith(f"but tone0.wav lies in {clips}.")
        assert f"Give {clips} as the folder." in fix


def test_a_csv_of_one_class_per_line_orders_as_a_text_file_does(tmp_path: Path) -> None:
    for name in ("order.csv", "order.txt"):
        (tmp_path / name).write_text("owl\nant\n\ndog\n")
        assert read_classes(tmp_path / name) == ["owl", "ant", "dog"]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    shutil.copy(SAMPLE / "train_curated.csv", tmp_path / "t.csv")
    status, said = preprocess(
        tmp_path / "nowhere", "--labels", tmp_path / "t.csv", "--out", tmp_path / "d.zip"
    )
    assert status == 1
    assert "is not a folder" in said


def test_a_place_that_cannot_be_written_is_told_before_the_work(
    clips: Path, tmp_path: Path
) -> None:
    labels = tmp_path / "train.csv"
    labels.write_text("fname,labels\ntone0.wav,Bark\n")
    for out, words in (
        (tmp_path, "is a folder or a device"),
        (Path(os.devnull), "is a folder or a device"),
        (labels / "o.zip", "cannot be written"),
    ):
        status, said = preprocess(clips, "--labels", labels, "--out", out, *SMALL)
        assert status == 1
        assert words in said
        assert "Traceback" not in said
    assert not Path(os.devnull).is_file()


def test_a_slip_in_a_column_of_classes_costs_its_row_and_not_the_class(
    clips: Path, tmp_path: Path
) -> None:
    labels = tmp_path / "train.csv"
    rows = "tone0.wav,1,0\ntone1.flac,0,1\ntone3.mp3,0,1\ntone2.ogg,0,2\n"
    labels.write_text("fname,Bark,Rain\n" + rows)
    out = tmp_path / "d.zip"
    status, said = preprocess(clips, "--labels", labels, "--out", out, *SMALL)
    assert status == 3
    assert "tone2.ogg: Column Rain holds 0 and 1, but this cell holds “2”" in said
    assert index_of(out)[0] == ["fname", "Bark", "Rain"]
    assert len(index_of(out)) == 4


def test_labels_that_are_all_empty_are_told_so(clips: Path, tmp_path: Path) -> None:
    labels = tmp_path / "train.csv"
    labels.write_text("fname,labels\ntone0.wav,\n")
    status, said = preprocess(clips, "--labels", labels, "--out", tmp_path / "d.zip", *SMALL)
    assert status == 1
    assert "is empty in every row" in said


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
def test_ctrl_c_twice_while_the_workers_start_leaves_no_process(tmp_path: Path) -> None:
    process = subprocess.Popen(
        command(
            *(SAMPLE / "audio", "--labels", SAMPLE / "train_curated.csv"),
            *("--out", tmp_path / "out" / "d.zip", "--workers", "2"),
        ),
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    while not list(tmp_path.glob("out/.d.zip.*.tmp")):
        assert process.poll() is None
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    time.sleep(0.05)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)  # ends only when no worker holds the pipe any more
    assert process.returncode in {130, -signal.SIGINT}
    assert b"Traceback" not in said


def test_a_clip_that_is_silent_where_it_was_cropped_is_named(clips: Path, tmp_path: Path) -> None:
    late = np.zeros(16_000 * 3)
    late[-8_000:] = np.sin(np.arange(8_000) / 5)
    soundfile.write(clips / "late.wav", late, 16_000)
    labels = tmp_path / "train.csv"
    labels.write_text("fname,labels\ntone0.wav,Bark\nlate.wav,Bark\n")
    status, said = preprocess(clips, "--labels", labels, "--out", tmp_path / "d.zip", *SMALL)
    assert status == 0
    assert "silent in the part that was kept: 1, the first late.wav" in said


def test_a_preset_with_single_settings_changed(clips: Path, tmp_path: Path) -> None:
    labels = tmp_path / "train.csv"
    labels.write_text("fname,labels\ntone1.flac,Bark\n")
    out = tmp_path / "d.zip"
    status, said = preprocess(
        *(clips, "--labels", labels, "--out", out, "--preset", "speech_16k", "--fit", "pad"),
        *("--trim-silence-db", "60", "--clip-normalization", "standardize", "--size", "130"),
    )
    assert status == 0, said
    with zipfile.ZipFile(out) as archive:
        content = json.loads(archive.read("preprocessing.json"))
        with archive.open("clips/tone1.npy") as file:
            stored = np.load(file, allow_pickle=False)
    settings = SpectrogramSettings.model_validate(content["spectrogram"])
    assert settings == PRESETS["speech_16k"].model_copy(
        update={
            "fit": "pad",
            "trim_silence_db": 60,
            "clip_normalization": "standardize",
            "frames": 130,
        }
    )
    assert stored.shape == (64, 130)
    np.testing.assert_array_equal(stored, clip_picture(clips / "tone1.flac", settings))
    status, _ = preprocess(
        *(clips, "--labels", labels, "--out", out, "--preset", "tutorial_256"),
        *("--sample-rate", "8000"),
    )
    assert status == 0
    with zipfile.ZipFile(out) as archive:
        made = json.loads(archive.read("preprocessing.json"))["spectrogram"]
    assert (made["sample_rate_hz"], made["max_hz"], made["mel_bands"]) == (8_000, 4_000, 256)


def test_a_recording_that_seems_cut_off_is_taken_and_told(clips: Path, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(size=4 * 16_000) * 0.2  # fills more than one page
    soundfile.write(clips / "long.ogg", noise, 16_000)
    whole = (clips / "long.ogg").read_bytes()
    (clips / "stopped.ogg").write_bytes(whole[: whole.rfind(b"OggS")])
    (clips / "torn.ogg").write_bytes(whole[: len(whole) // 2])
    mp3 = (clips / "tone3.mp3").read_bytes()
    (clips / "torn.mp3").write_bytes(mp3[: len(mp3) // 2])
    labels = tmp_path / "train.csv"
    names = ["tone0.wav", "stopped.ogg", "torn.ogg", "torn.mp3"]
    labels.write_text("fname,labels\n" + "".join(f"{name},Bark\n" for name in names))
    status, said = preprocess(clips, "--labels", labels, "--out", tmp_path / "d.zip", *SMALL)
    assert status == 3
    assert "stopped.ogg may be cut off" in said
    assert "torn.ogg is cut off: it stops in the middle of an Ogg page" in said
    assert "torn.mp3 is cut off" in said
    assert [row[0] for row in index_of(tmp_path / "d.zip")[1:]] == [
        "clips/tone0.npy",
        "clips/stopped.npy",
    ]


def test_bands_that_stay_empty_are_told(clips: Path, tmp_path: Path) -> None:
    labels = tmp_path / "train.csv"
    labels.write_text("fname,labels\ntone0.wav,Bark\n")
    narrow = ["--mels", "256", "--size", "40", "--n-fft", "256"]
    status, said = preprocess(clips, "--labels", labels, "--out", tmp_path / "d.zip", *narrow)
    assert status == 0, said
    assert "Of 256 mel bands, 1" in said
    assert "Take a longer window (--n-fft) or fewer bands (--mels)." in said
