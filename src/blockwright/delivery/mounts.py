"""Input folders as Kaggle lays them out, old and new.

Takes   a competition folder, a sample submission, test audio.
Gives   an input folder in which the notebook must find its files.
Source of the layouts: until about 2025 every source lay at `input/<slug>`, since then
at `input/competitions/<slug>` and `input/datasets/<owner>/<slug>`.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Literal

Layout = Literal["flat", "by_owner"]
_NOT_IN_DATASET = {"submission.ipynb", "kernel-metadata.json", "dataset-metadata.json"}


def lay_out(
    layout: Layout,
    input_folder: Path,
    *,
    competition_folder: Path,
    sample_submission: Path,
    audio: Path,
    rows: int | None = None,
) -> None:
    """Lay out an input folder.

    Args:
        layout: Where things lie.
        input_folder: Made here; must not exist.
        competition_folder: As `make_competition` made it.
        sample_submission: The csv.
        audio: Folder of the test clips; linked, not copied.
        rows: Keep only so many rows of the sample submission.
    """
    made = json.loads((competition_folder / "kernel-metadata.json").read_text(encoding="utf-8"))
    owner, dataset = made["dataset_sources"][0].split("/")
    slug = made["competition_sources"][0]
    if layout == "flat":
        competition, model = input_folder / slug, input_folder / dataset
    else:
        competition = input_folder / "competitions" / slug
        model = input_folder / "datasets" / owner / dataset
    competition.mkdir(parents=True)
    model.mkdir(parents=True)
    for file in competition_folder.iterdir():
        if file.name not in _NOT_IN_DATASET:
            shutil.copyfile(file, model / file.name)
    with (
        sample_submission.open(encoding="utf-8-sig", newline="") as source,
        (competition / "sample_submission.csv").open("w", encoding="utf-8", newline="") as goal,
    ):
        for number, line in enumerate(source):
            if rows is None or number <= rows:
                goal.write(line)
    _link_folder(audio, competition / "test")


def _link_folder(folder: Path, place: Path) -> None:
    try:
        place.symlink_to(folder.resolve(), target_is_directory=True)
    except OSError:  # Windows lets only some people make links
        shutil.copytree(folder, place)


def fingerprint(folder: Path) -> dict[str, tuple[int, int]]:
    """Give size and time of change of every file below a folder, to see whether one changed."""
    found = {}
    for place, _, names in os.walk(folder, followlinks=True):
        for name in names:
            state = (Path(place) / name).stat()
            found[os.path.relpath(Path(place) / name, folder)] = (state.st_size, state.st_mtime_ns)
    return found
