"""A folder of recordings becomes a dataset zip of log-mel spectrograms.

Takes   audio files, their labels, and the settings of the spectrogram.
Gives   `dataset.zip` with `clips/<name>.npy`, `index.csv` (fname and one 0/1 column per
        class) and `preprocessing.json`; the same input gives the same bytes.
Never   leaves a half-written zip, or a clip out without naming it.
"""

from __future__ import annotations

import csv
import io
import json
import os
import secrets
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from blockwright.audio.clip_picture import empty_mel_bands
from blockwright.contracts.audio import SpectrogramSettings
from blockwright.contracts.data import RowProblem
from blockwright.contracts.problems import (
    BlockwrightError,
    ParameterValue,
    Problem,
    error,
    problem,
)
from blockwright.datasets.all_cores import Picture, pictures
from blockwright.datasets.folder import disk_full_told
from blockwright.datasets.labels import ClipLabels, read_labels
from blockwright.store.files import fsync_folder
from blockwright.version import __version__

AUDIO_SUFFIXES = {".wav", ".flac", ".ogg", ".mp3"}
CLIPS_FOLDER = "clips"
INDEX_FILE = "index.csv"
PREPROCESSING_FILE = "preprocessing.json"
# The earliest moment that a zip can name: equal input must give equal bytes.
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class PreprocessRequest:
    """What to make of what. `workers` None takes all cores."""

    audio_folder: Path
    labels_file: Path
    out_file: Path
    settings: SpectrogramSettings
    classes_file: Path | None = None
    workers: int | None = None


@dataclass
class PreprocessReport:
    """What came of it: `problems` names every clip that is not in the zip."""

    clips: int = 0
    classes: list[str] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)


class PreprocessStopped(Exception):  # noqa: N818 (no error: it was asked for)
    """The making of a zip was stopped on request."""


def make_dataset_zip(
    request: PreprocessRequest,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
    on_problem: Callable[[RowProblem], None] = lambda _item: None,
    stop_requested: Callable[[], bool] = lambda: False,
) -> PreprocessReport:
    """Make a dataset zip.

    Args:
        request: Where the clips and labels are, where the zip goes, and the settings.
        on_progress: Called with the number of clips done and of all clips.
        on_problem: Called with each problem of the report as it is met.
        stop_requested: Asked after each clip.

    Returns:
        What is in the zip and what is not.

    Raises:
        BlockwrightError: `audio.no_fixed_size`, `data.no_audio_folder`, `data.labels_…`,
            `data.out_is_no_file`, `data.out_not_writable`, `data.no_clip_taken`,
            `data.disk_full`; then no zip is written.
        PreprocessStopped: When a stop was requested; no zip is written either.
    """
    if request.settings.fit == "variable":
        raise error("audio.no_fixed_size")
    if not request.audio_folder.is_dir():
        raise error("data.no_audio_folder", folder=str(request.audio_folder))
    labels = read_labels(request.labels_file, request.classes_file)
    _require_writable(request.out_file)
    report = PreprocessReport(
        classes=labels.classes, problems=list(labels.problems), notes=list(labels.notes)
    )
    if empty := empty_mel_bands(request.settings):
        bands = request.settings.mel_bands
        report.notes.append(problem("data.empty_mel_bands", count=empty, bands=bands))
    there = _clips_that_are_there(request.audio_folder, labels, report)
    if labels.clips and not there:
        raise _none_there(request.audio_folder, labels.clips)
    for item in report.problems:
        on_problem(item)
    _note_unlabelled(request.audio_folder, labels, report)
    on_progress(0, len(there))
    with (
        disk_full_told(request.out_file.parent),
        _whole_file(request.out_file) as making,
        zipfile.ZipFile(making, "w", zipfile.ZIP_STORED) as archive,
    ):
        begun = _Zip(archive, labels, report)
        for done, (place, member, made) in enumerate(_made(request, labels, there), start=1):
            left_out = begun.take(place, member, made)
            if left_out is not None:
                on_problem(left_out)
            on_progress(done, len(there))
            if stop_requested():
                raise PreprocessStopped
        begun.finish(request.settings)
    return report


@dataclass
class _Zip:
    """A dataset zip being written, and what is told about it."""

    archive: zipfile.ZipFile
    labels: ClipLabels
    report: PreprocessReport
    taken: list[tuple[str, frozenset[str]]] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)

    def take(self, place: int, member: str, made: Picture | Problem) -> RowProblem | None:
        """Write a clip's picture; give back why there is none."""
        clip = self.labels.clips[place]
        if isinstance(made, Problem):
            self.report.problems.append(RowProblem(item=clip, problem=made))
            return self.report.problems[-1]
        _write(self.archive, member, made.content, zipfile.ZIP_STORED)
        self.taken.append((member, self.labels.true_classes[place]))
        if made.is_silent:
            self.silent.append(clip)
        if made.remark is not None:
            self.report.notes.append(made.remark)
        return None

    def finish(self, settings: SpectrogramSettings) -> None:
        """Write what stands beside the clips. Raises `data.no_clip_taken`."""
        if not self.taken:
            raise error("data.no_clip_taken", clips=len(self.labels.clips))
        classes = self.labels.classes
        _write(self.archive, INDEX_FILE, _index(self.taken, classes), zipfile.ZIP_DEFLATED)
        described = _settings_json(settings, classes)
        _write(self.archive, PREPROCESSING_FILE, described, zipfile.ZIP_DEFLATED)
        self.report.clips = len(self.taken)
        if self.silent:
            self.report.notes.append(
                problem("data.clips_silent", count=len(self.silent), file=self.silent[0])
            )


def _made(
    request: PreprocessRequest, labels: ClipLabels, there: list[int]
) -> Iterator[tuple[int, str, Picture | Problem]]:
    """Give each clip's place among the labels, its name in the zip, and its picture."""
    clips = [labels.clips[place] for place in there]
    paths = [request.audio_folder / clip for clip in clips]
    made = pictures(paths, request.settings, request.workers, request.out_file.parent)
    with closing(made):
        yield from zip(there, _member_names(clips), made, strict=True)


def _clips_that_are_there(folder: Path, labels: ClipLabels, report: PreprocessReport) -> list[int]:
    there: list[int] = []
    for place, clip in enumerate(labels.clips):
        path = PurePosixPath(clip.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or not (folder / clip).is_file():
            missing = problem("data.clip_missing", file=clip, folder=str(folder))
            report.problems.append(RowProblem(item=clip, problem=missing))
        else:
            there.append(place)
    return there


def _none_there(folder: Path, clips: list[str]) -> BlockwrightError:
    """Say in one sentence that no clip is there, and where the first one lies, if near by."""
    first = PurePosixPath(clips[0].replace("\\", "/"))
    told: dict[str, ParameterValue] = {
        "clips": len(clips),
        "folder": str(folder),
        "first": str(first),
    }
    near_by = [
        folder.resolve().parent,
        *sorted(each for each in folder.rglob("*") if each.is_dir()),
    ]
    for elsewhere in near_by:
        if ".." not in first.parts and not first.is_absolute() and (elsewhere / first).is_file():
            return error("data.clips_elsewhere", **told, elsewhere=str(elsewhere))
    return error("data.no_clip_there", **told)


def _note_unlabelled(folder: Path, labels: ClipLabels, report: PreprocessReport) -> None:
    labelled = {PurePosixPath(clip.replace("\\", "/")).as_posix() for clip in labels.clips}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix.lower() in AUDIO_SUFFIXES and path.is_file() and name not in labelled:
            report.notes.append(problem("data.clip_without_labels", file=name))


def _member_names(clips: list[str]) -> list[str]:
    """Give each clip a name in the zip: without its suffix, unless two would be the same."""
    plain = [PurePosixPath(clip.replace("\\", "/")) for clip in clips]
    stems = Counter(path.with_suffix("").as_posix().casefold() for path in plain)
    names = [
        path if stems[path.with_suffix("").as_posix().casefold()] > 1 else path.with_suffix("")
        for path in plain
    ]
    return [f"{CLIPS_FOLDER}/{name.as_posix()}.npy" for name in names]


def _index(taken: list[tuple[str, frozenset[str]]], classes: list[str]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["fname", *classes])
    for member, true in taken:
        writer.writerow([member, *(int(name in true) for name in classes)])
    return text.getvalue().encode()


def _settings_json(settings: SpectrogramSettings, classes: list[str]) -> bytes:
    content = {
        "format": 1,
        "made_by": f"blockwright {__version__}",
        "spectrogram": settings.model_dump(mode="json"),
        "classes": classes,
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def _write(archive: zipfile.ZipFile, name: str, content: bytes, method: int) -> None:
    entry = zipfile.ZipInfo(name, _ZIP_TIME)
    entry.compress_type = method
    entry.external_attr = 0o644 << 16
    entry.create_system = 3  # the same on every platform
    archive.writestr(entry, content)


def _require_writable(goal: Path) -> None:
    """Refuse at once what could not be written after all the work."""
    if goal.exists() and not goal.is_file():  # a folder; or a device, which must not be replaced
        raise error("data.out_is_no_file", path=str(goal))
    try:
        goal.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=goal.parent):
            pass
    except OSError as reason:
        why = reason.strerror or str(reason)
        raise error("data.out_not_writable", path=str(goal), reason=why) from reason


@contextmanager
def _whole_file(goal: Path) -> Iterator[Path]:
    """Give a path to write to, which takes the place of `goal` when all went well."""
    making = goal.with_name(f".{goal.name}.{secrets.token_hex(4)}.tmp")
    try:
        yield making
        with making.open("rb+") as file:
            os.fsync(file.fileno())
        making.replace(goal)
        fsync_folder(goal.parent)
    except BaseException:  # an interrupt, too, must leave no half zip
        making.unlink(missing_ok=True)
        raise
