"""The notebook in a guarded kernel: finds its files, hears what the studio hears, stays inside."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from blockwright.audio.clip_picture import clip_picture
from blockwright.contracts.work import DryRunEnded, DryRunPlan, WorkerEvent
from blockwright.datasets.sample import TEST_AUDIO, TEST_LABELS
from blockwright.delivery.dry_run import run_dry_run
from blockwright.delivery.notebook_run import NotebookRun, run_notebook
from tests.support.competition_folder import (
    SPECTROGRAM,
    write_competition_folder,
    write_sample_submission,
)

# Sorted otherwise than the columns, with signs that csv and Python treat specially.
CLASSES = ["rain", "dog", "b (x)-y", "q\"{}'"]
NAMES = [f"mix3_{number:03d}.ogg" for number in (7, 2, 30, 11, 4)]


class Listener:
    """An event sink in memory."""

    def __init__(self) -> None:
        self.events: list[WorkerEvent] = []

    def emit(self, event: WorkerEvent) -> None:
        self.events.append(event)

    def stop_requested(self) -> bool:
        return False

    def ended(self) -> DryRunEnded:
        (event,) = [item for item in self.events if isinstance(item, DryRunEnded)]
        return event


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("competition")
    write_competition_folder(place / "kaggle", CLASSES)
    write_sample_submission(place / "sample_submission.csv", sorted(CLASSES), NAMES)
    return place


def _dry_run(folder: Path, work: Path, **changes: Any) -> DryRunEnded:
    values: dict[str, Any] = {
        "dry_run_id": "dry_1",
        "competition_id": "cmp_1",
        "competition_folder": str(folder / "kaggle"),
        "work_folder": str(work),
        "sample_submission_path": str(folder / "sample_submission.csv"),
        "test_audio_path": str(TEST_AUDIO),
        "labels_path": str(TEST_LABELS),
    }
    sink = Listener()
    assert run_dry_run(DryRunPlan(**{**values, **changes}), sink) == "done"
    return sink.ended()


def test_a_dry_run_passes_every_check(folder: Path, tmp_path: Path) -> None:
    ended = _dry_run(folder, tmp_path / "dry")

    assert {check.code: check.passed for check in ended.checks} == dict.fromkeys(
        [
            "check.notebook_ran",
            "check.rows_as_in_sample",
            "check.columns_as_in_sample",
            "check.values_between_0_and_1",
            "check.no_missing_values",
            "check.agrees_with_studio",
            "check.all_clips_read",
            "check.both_layouts_found",
            "check.no_network",
            "check.input_unchanged",
            "check.no_other_programs",
            "check.time_limit",
        ],
        True,
    )
    assert ended.passed
    assert ended.local_score is not None
    with (tmp_path / "dry" / "submission.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["fname", *sorted(CLASSES)]
    assert [row[0] for row in rows[1:]] == NAMES
    assert ended.preview is not None
    assert ended.preview.total_rows == len(NAMES)
    assert "5/5 clips" in ended.log_tail


def test_a_clip_that_cannot_be_read_is_named(folder: Path, tmp_path: Path) -> None:
    audio = tmp_path / "test"
    audio.mkdir()
    for name in NAMES:
        (audio / name).write_bytes((TEST_AUDIO / name).read_bytes())
    (audio / NAMES[2]).write_bytes(b"no sound at all")

    ended = _dry_run(folder, tmp_path / "dry", test_audio_path=str(audio))

    assert not ended.passed
    assert ended.checks[0].code == "check.notebook_stopped"
    assert "1 of 5 clips cannot be read" in ended.log_tail
    assert f"cannot read {NAMES[2]}" in ended.log_tail


def _run_code(code: str, tmp_path: Path) -> NotebookRun:
    cell = {
        "cell_type": "code", "id": "a", "metadata": {}, "source": code,
        "execution_count": None, "outputs": [],
    }  # fmt: skip
    document = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    (tmp_path / "input").mkdir()
    (tmp_path / "input" / "given.txt").write_text("as it was")
    (tmp_path / "n.ipynb").write_text(json.dumps(document))
    return run_notebook(
        tmp_path / "n.ipynb",
        input_folder=tmp_path / "input",
        output_folder=tmp_path / "working",
        read_only=[tmp_path / "input"],
        on_text=lambda _text: None,
        stop_requested=lambda: False,
    )


MISCHIEF = """
import os, socket, subprocess, urllib.request
from pathlib import Path
given = Path(os.environ["BLOCKWRIGHT_INPUT"]) / "given.txt"

def tried(act):
    try:
        act()
    except (OSError, ImportError) as reason:
        print(type(reason).__name__)
    else:
        print("allowed")

tried(lambda: urllib.request.urlopen("http://192.0.2.1/", timeout=1))
tried(lambda: socket.create_connection(("example.org", 80), timeout=1))
tried(lambda: given.write_text("changed"))
tried(lambda: given.unlink())
tried(lambda: (given.parent / "new").mkdir())
tried(lambda: subprocess.run(["true"]))
tried(lambda: __import__("blockwright"))
print("end")
"""


def test_network_writing_and_the_studio_itself_are_refused_and_counted(tmp_path: Path) -> None:
    run = _run_code(MISCHIEF, tmp_path)

    assert run.failure is None
    assert "allowed" not in run.log
    assert run.log.strip().endswith("end")
    assert run.refused_kinds("network") == ["192.0.2.1", "example.org"]
    assert len(run.refused_kinds("write")) == 3
    assert len(run.refused_kinds("process")) == 1
    assert (tmp_path / "input" / "given.txt").read_text() == "as it was"


NOT_A_NUMBER = """
import keras
MODEL = lambda batch, training: keras.ops.full((len(batch), {classes}), float("nan"))
"""


def test_predictions_that_are_no_numbers_are_not_written(folder: Path, tmp_path: Path) -> None:
    document = json.loads((folder / "kaggle" / "submission.ipynb").read_text())
    for cell in document["cells"]:
        if "MODEL = keras.models" in cell["source"]:
            cell["source"] += NOT_A_NUMBER.format(classes=len(CLASSES))
    broken = tmp_path / "broken"
    broken.mkdir()
    for file in (folder / "kaggle").iterdir():
        (broken / file.name).write_bytes(file.read_bytes())
    (broken / "submission.ipynb").write_text(json.dumps(document))

    ended = _dry_run(folder, tmp_path / "dry", competition_folder=str(broken))

    assert not ended.passed
    assert "not a number; nothing was written" in ended.checks[0].message
    assert not (tmp_path / "dry" / "submission.csv").exists()


def test_the_notebooks_preprocessing_is_the_studios_own(folder: Path, tmp_path: Path) -> None:
    code = (
        "import sys, json; from types import SimpleNamespace; import numpy as np\n"
        "sys.modules['blockwright'] = None; sys.path.insert(0, sys.argv[1])\n"
        "from blockwright_audio import clip_picture\n"
        "settings = SimpleNamespace(**json.loads(sys.argv[2]))\n"
        "np.save(sys.argv[4], np.stack([clip_picture(p, settings) for p in sys.argv[5:]]))\n"
    )
    clips = [str(TEST_AUDIO / name) for name in NAMES]
    settings = json.dumps(SPECTROGRAM.model_dump())
    command = [sys.executable, "-I", "-c", code, str(folder / "kaggle"), settings, "-"]
    subprocess.run([*command, str(tmp_path / "there.npy"), *clips], check=True, timeout=120)

    here = np.stack([clip_picture(clip, SPECTROGRAM) for clip in clips])
    np.testing.assert_array_equal(np.load(tmp_path / "there.npy"), here)
