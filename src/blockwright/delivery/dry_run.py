"""Execute a competition's notebook here, in a place that looks like Kaggle's.

Takes   a `DryRunPlan`: the competition folder, the sample submission, test clips.
Gives   submission.csv and its checks: the whole notebook under today's layout of the
        input folder, and a few clips under the old one.
Never   stops at the first thing that is wrong: every check is told.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import keras
import numpy as np

from blockwright.audio.clip_picture import ClipError
from blockwright.contracts.runs import Check
from blockwright.contracts.sink import EventSink, Outcome
from blockwright.contracts.work import DryRunEnded, DryRunPlan, Progress
from blockwright.delivery.mounts import Layout, fingerprint, lay_out
from blockwright.delivery.notebook_run import NotebookRun, run_notebook
from blockwright.delivery.preprocessing import clip_inputs
from blockwright.delivery.sample_submission import SampleSubmission, read_sample_submission
from blockwright.delivery.submission_checks import (
    Submission,
    check,
    check_submission,
    local_score,
    preview,
    read_submission,
)
from blockwright.evaluation.predictions import predict_windows
from blockwright.store.files import fsync_file

NOTEBOOK_FILE = "submission.ipynb"
SUBMISSION_FILE = "submission.csv"
LOG_FILE = "notebook.log"
COMPARED_CLIPS = 5
SHORT_RUN_CLIPS = 3
MAX_DIFFERENCE = 1e-5
LOG_TAIL_CHARACTERS = 4_000
# Worth knowing, but no reason to hold a submission back.
REMARKS = {"check.clips_unreadable"}
_PROGRESS = re.compile(r"(\d+)/(\d+) clips, ([\d.]+) s per clip, (\d+) s left")
_UNREADABLE = re.compile(r"^cannot read (.+?): ", re.MULTILINE)


@dataclass(frozen=True)
class CompetitionLimits:
    """What a competition allows: clips to predict in all, hours on a CPU."""

    clips: int | None
    cpu_hours: float


# Rules of the competition: 3,361 hidden clips and the 1,120 public ones, 4 hours on a CPU.
# Elsewhere a CPU notebook may run 9 hours, over as many clips as the sample names.
LIMITS = {"freesound-audio-tagging-2019": CompetitionLimits(3_361 + 1_120, 4.0)}
USUAL_LIMITS = CompetitionLimits(None, 9.0)


@dataclass
class _Attempt:
    """One execution under one layout."""

    run: NotebookRun
    submission: Submission | None
    unchanged: bool
    seconds_per_clip: float = 0.0
    unreadable: list[str] = field(default_factory=list)


def run_dry_run(plan: DryRunPlan, sink: EventSink) -> Outcome:
    """Execute the notebook and check what it writes.

    Raises:
        BlockwrightError: If the sample submission cannot be read.
    """
    work = Path(plan.work_folder)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    sample = read_sample_submission(Path(plan.sample_submission_path), "sample_submission.csv")
    total = len(sample.names)
    sink.emit(Progress(done_units=0, total_units=total, unit="clips"))
    full = _attempt(plan, "by_owner", None, sink)
    if full.run.stopped:
        return "stopped"
    short = None
    if full.submission is not None:
        shutil.copyfile(_output(plan, "by_owner") / SUBMISSION_FILE, work / SUBMISSION_FILE)
        fsync_file(work / SUBMISSION_FILE)
        short = _attempt(plan, "flat", SHORT_RUN_CLIPS, sink)
        if short.run.stopped:
            return "stopped"
    (work / LOG_FILE).write_text(full.run.log, encoding="utf-8")
    sink.emit(_result(plan, sample, full, short))
    return "done"


def _result(
    plan: DryRunPlan, sample: SampleSubmission, full: _Attempt, short: _Attempt | None
) -> DryRunEnded:
    """Judge what the notebook did under both layouts."""
    total = len(sample.names)
    checks = [_ran_check(full)]
    if full.submission is not None and short is not None:
        checks += check_submission(full.submission, sample)
        checks += [_agreement(plan, full.submission), _unreadable_check(full, total)]
        checks.append(_layouts_check(short, sample.names[:SHORT_RUN_CLIPS]))
    checks += _isolation(full)
    projected, time_check = _projection(plan, full, total)
    checks.append(time_check)
    return DryRunEnded(
        passed=all(item.passed or item.code in REMARKS for item in checks),
        checks=checks,
        seconds=full.run.seconds,
        seconds_per_clip=full.seconds_per_clip,
        projected_seconds=projected,
        local_score=_score(plan, full),
        preview=preview(full.submission) if full.submission else None,
        log_tail=full.run.log[-LOG_TAIL_CHARACTERS:],
    )


class _Clock:
    """Reads the notebook's own progress lines."""

    def __init__(self, sink: EventSink | None) -> None:
        self._sink = sink
        self.seconds_per_clip = 0.0

    def listen(self, text: str) -> None:
        """Take in what the notebook printed; hand progress on where someone waits for it."""
        for done, total, seconds, left in _PROGRESS.findall(text):
            self.seconds_per_clip = float(seconds)
            if self._sink is not None:
                self._sink.emit(
                    Progress(
                        done_units=int(done),
                        total_units=int(total),
                        unit="clips",
                        rate=1 / self.seconds_per_clip if self.seconds_per_clip else None,
                        seconds_left=float(left),
                    )
                )


def _output(plan: DryRunPlan, layout: Layout) -> Path:
    return Path(plan.work_folder) / layout / "working"


def _attempt(plan: DryRunPlan, layout: Layout, rows: int | None, sink: EventSink) -> _Attempt:
    """Lay out the input, execute the notebook, read what it wrote."""
    place = Path(plan.work_folder) / layout
    input_folder = place / "input"
    lay_out(
        layout,
        input_folder,
        competition_folder=Path(plan.competition_folder),
        sample_submission=Path(plan.sample_submission_path),
        audio=Path(plan.test_audio_path),
        rows=rows,
    )
    before = fingerprint(input_folder)
    clock = _Clock(sink if rows is None else None)
    run = run_notebook(
        Path(plan.competition_folder) / NOTEBOOK_FILE,
        input_folder=input_folder,
        output_folder=_output(plan, layout),
        read_only=[input_folder, Path(plan.test_audio_path)],
        on_text=clock.listen,
        stop_requested=sink.stop_requested,
    )
    written = _output(plan, layout) / SUBMISSION_FILE
    usable = run.failure is None and written.is_file()
    return _Attempt(
        run=run,
        submission=read_submission(written) if usable else None,
        unchanged=fingerprint(input_folder) == before,
        seconds_per_clip=clock.seconds_per_clip,
        unreadable=_UNREADABLE.findall(run.log),
    )


def _agreement(plan: DryRunPlan, found: Submission) -> Check:
    """Predict some clips with the studio's own functions and compare."""
    folder = Path(plan.competition_folder)
    made = json.loads((folder / "preprocessing.json").read_text(encoding="utf-8"))
    classes = json.loads((folder / "classes.json").read_text(encoding="utf-8"))
    model = keras.models.load_model(folder / "model.h5", compile=False)
    columns = [classes.index(name) for name in found.header[1:] if name in classes]
    files = {file.name: file for file in Path(plan.test_audio_path).rglob("*")}
    largest, compared = 0.0, 0
    for place, name in enumerate(found.names):
        try:
            inputs = clip_inputs(files[Path(name).name], made)
        except (ClipError, KeyError, OSError):
            continue  # told by check.all_clips_read
        outputs = predict_windows(model, inputs)[columns]
        largest = max(largest, float(np.max(np.abs(outputs - found.values[place]))))
        compared += 1
        if compared == COMPARED_CLIPS:
            break
    return check(
        "check.agrees_with_studio",
        passed=compared > 0 and largest <= MAX_DIFFERENCE,
        clips=compared,
        difference=f"{largest:.1e}",
    )


def _ran_check(full: _Attempt) -> Check:
    if full.submission is not None:
        return check("check.notebook_ran", passed=True)
    reason = full.run.failure or "submission.csv was not written"
    return check("check.notebook_stopped", passed=False, reason=reason)


def _layouts_check(short: _Attempt, names: list[str]) -> Check:
    if short.submission is not None and short.submission.names == names:
        return check("check.both_layouts_found", passed=True)
    return check("check.both_layouts_missed", passed=False, reason=short.run.failure or "–")


def _unreadable_check(full: _Attempt, total: int) -> Check:
    if not full.unreadable:
        return check("check.all_clips_read", passed=True, total=total)
    return check(
        "check.clips_unreadable",
        passed=False,
        unreadable=len(full.unreadable),
        total=total,
        names=", ".join(full.unreadable[:5]),
    )


def _isolation(full: _Attempt) -> list[Check]:
    network = full.run.refused_kinds("network")
    writes = full.run.refused_kinds("write")
    processes = full.run.refused_kinds("process")
    return [
        check("check.no_network", passed=not network, attempts=len(network)),
        check(
            "check.input_unchanged",
            passed=full.unchanged and not writes,
            attempts=len(writes),
        ),
        check("check.no_other_programs", passed=not processes, attempts=len(processes)),
    ]


def _projection(plan: DryRunPlan, full: _Attempt, total: int) -> tuple[float, Check]:
    made = json.loads(
        (Path(plan.competition_folder) / "kernel-metadata.json").read_text(encoding="utf-8")
    )
    limits = LIMITS.get(made["competition_sources"][0], USUAL_LIMITS)
    clips = max(total, limits.clips or total)
    start = max(0.0, full.run.seconds - full.seconds_per_clip * total)
    projected = start + full.seconds_per_clip * clips
    return projected, check(
        "check.time_limit",
        passed=projected <= limits.cpu_hours * 3600,
        clips=clips,
        minutes=round(projected / 60, 1),
        limit_hours=limits.cpu_hours,
    )


def _score(plan: DryRunPlan, full: _Attempt) -> float | None:
    if plan.labels_path is None or full.submission is None:
        return None
    try:
        return local_score(full.submission, Path(plan.labels_path))
    except (KeyError, UnicodeDecodeError, csv.Error):
        return None  # a labels file of another make gives no score and stops nothing
