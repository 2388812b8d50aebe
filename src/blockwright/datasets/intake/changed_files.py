"""Remarks on files with which nothing is wrong: told one by one, and once per column.

Takes   the facts of a recording or image that was found good, or that the data had already.
Gives   remarks on it, where something of it is changed, is not used, or may be missing.
Never   holds more than the first remark of each kind in memory: the others wait in files.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from blockwright.contracts.base import Model
from blockwright.contracts.data import RowProblem
from blockwright.contracts.problems import ParameterValue, Problem, problem
from blockwright.datasets.intake.under_way import StagingFolder
from blockwright.datasets.media.facts import AudioFacts, ImageFacts

PICTURE_BITS = 8
# The remark on many files of a column, by the remark on one.
_OF_MANY = {
    "media.image_own_range": "media.images_own_range",
    "media.image_bits_lost": "media.images_bits_lost",
    "media.image_blended": "media.images_blended",
    "media.image_first_frame": "media.images_first_frame",
    "audio.seems_cut_off": "audio.some_seem_cut_off",
    "audio.channels_averaged": "audio.some_channels_averaged",
    "data.file_already_there": "data.files_already_there",
    "data.file_already_there_as": "data.files_already_there_as",
}


@dataclass
class _Told:
    """One kind of remark on a column: the first, how many, and where all of them lie."""

    first: RowProblem
    path: Path
    files: int = 0


class ChangedFiles:
    """The remarks of one import, in the order in which they came."""

    def __init__(self, staging: StagingFolder) -> None:
        """Begin with none."""
        self._staging = staging
        self._told: dict[tuple[str, str], _Told] = {}

    def note(self, column: str, file: str, remark: Problem) -> None:
        """Keep what is to be told of a file."""
        item = RowProblem(item=file, problem=remark)
        key = column, remark.code
        if key not in self._told:
            self._told[key] = _Told(item, self._staging.new_path())
        told = self._told[key]
        told.files += 1
        with told.path.open("a", encoding="utf-8") as lines:
            lines.write(f"{item.model_dump_json()}\n")

    def in_short(self) -> list[Problem]:
        """Give one remark for each column and kind of change."""
        return [
            told.first.problem
            if told.files == 1
            else problem(_OF_MANY[code], column=column, files=told.files, file=told.first.item)
            for (column, code), told in self._told.items()
        ]

    def one_by_one(self) -> Iterator[str]:
        """Give a remark, as a line of JSON, for each file that `in_short` does not name itself."""
        for told in self._told.values():
            if told.files > 1:
                with told.path.open(encoding="utf-8") as lines:
                    yield from lines


def remarks_on(facts: Model, file: str) -> Iterator[Problem]:
    """Say what of a file is not as it was, is not used, or may be missing."""
    if isinstance(facts, AudioFacts):
        if facts.channels > 1:
            yield problem("audio.channels_averaged", file=file, channels=facts.channels)
        if facts.seems_cut_off:
            yield problem("audio.seems_cut_off", file=file)
    if not isinstance(facts, ImageFacts):
        return
    if facts.transparent:
        yield problem("media.image_blended", file=file)
    if facts.frames > 1:
        yield problem("media.image_first_frame", file=file, frames=facts.frames)
    if facts.black is not None and facts.white is not None:
        black, white = _rounded(facts.black), _rounded(facts.white)
        yield problem("media.image_own_range", file=file, black=black, white=white)
    elif facts.bits > PICTURE_BITS:
        yield problem("media.image_bits_lost", file=file, bits=facts.bits)


def _rounded(number: float) -> ParameterValue:
    """Round to what a person reads; whole numbers without a point."""
    return int(number) if number.is_integer() and abs(number) < 1e15 else float(f"{number:.6g}")
