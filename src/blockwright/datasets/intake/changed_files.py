"""Files that were taken, but not quite as they are: told one by one, and once per column.

Takes   the facts of a recording or image that was found good.
Gives   a remark on it, where something of it is changed or may be missing.
"""

from __future__ import annotations

from collections import defaultdict

from blockwright.contracts.base import Model
from blockwright.contracts.data import RowProblem
from blockwright.contracts.problems import ParameterValue, Problem, problem
from blockwright.datasets.media.facts import AudioFacts, ImageFacts

PICTURE_BITS = 8
# The remark on many files of a column, by the remark on one.
_OF_MANY = {
    "media.image_own_range": "media.images_own_range",
    "media.image_bits_lost": "media.images_bits_lost",
    "audio.seems_cut_off": "audio.some_seem_cut_off",
}


class ChangedFiles:
    """The remarks of one import, in the order in which they came."""

    def __init__(self) -> None:
        """Begin with none."""
        self._remarks: defaultdict[tuple[str, str], list[RowProblem]] = defaultdict(list)

    def note(self, column: str, file: str, remark: Problem) -> None:
        """Keep what is to be told of a file."""
        self._remarks[column, remark.code].append(RowProblem(item=file, problem=remark))

    def in_short(self) -> list[Problem]:
        """Give one remark for each column and kind of change."""
        return [
            files[0].problem
            if len(files) == 1
            else problem(_OF_MANY[code], column=column, files=len(files), file=files[0].item)
            for (column, code), files in self._remarks.items()
        ]

    def one_by_one(self) -> list[RowProblem]:
        """Give a remark for each file that `in_short` does not name by itself."""
        many = (files for files in self._remarks.values() if len(files) > 1)
        return [each for files in many for each in files]


def remark_on(facts: Model, file: str) -> Problem | None:
    """Say what of a file is not as it was, or may be missing."""
    if isinstance(facts, AudioFacts):
        return problem("audio.seems_cut_off", file=file) if facts.seems_cut_off else None
    if not isinstance(facts, ImageFacts):
        return None
    if facts.black is not None and facts.white is not None:
        black, white = _told(facts.black), _told(facts.white)
        return problem("media.image_own_range", file=file, black=black, white=white)
    if facts.bits > PICTURE_BITS:
        return problem("media.image_bits_lost", file=file, bits=facts.bits)
    return None


def _told(number: float) -> ParameterValue:
    """Round to what a person reads; whole numbers without a point."""
    return int(number) if number.is_integer() and abs(number) < 1e15 else float(f"{number:.6g}")
