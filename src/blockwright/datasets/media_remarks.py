"""What will not be used of recordings and images that were taken: told when they come in.

Takes   the facts that the import measured of a column.
Gives   one remark for all files of a kind, and one for each file by its name.
Never   changes a file: what is left out is left out when the file is encoded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from blockwright.contracts.data import RowProblem
from blockwright.contracts.problems import Problem, problem
from blockwright.datasets.folder import ROWS_FILE, read_content

MediaKind = Literal["audio", "image"]


@dataclass(frozen=True)
class _Remark:
    """Which files are meant, and the codes that tell of all of them and of each."""

    fact: str
    is_meant: pl.Expr
    of_all: str
    of_each: str


_REMARKS: Mapping[MediaKind, tuple[_Remark, ...]] = {
    "image": (
        _Remark("transparent", pl.col("transparent"), "data.images_blended", "data.image_blended"),
        _Remark(
            "frames", pl.col("frames") > 1, "data.images_first_frame", "data.image_first_frame"
        ),
        _Remark(
            "mode",
            pl.col("mode").str.starts_with("I;16"),
            "data.images_sixteen_bit",
            "data.image_sixteen_bit",
        ),
    ),
    "audio": (
        _Remark(
            "channels",
            pl.col("channels") > 1,
            "data.recordings_averaged",
            "data.recording_averaged",
        ),
        _Remark(
            "seems_cut_off",
            pl.col("seems_cut_off"),
            "data.recordings_seem_cut_off",
            "audio.seems_cut_off",
        ),
    ),
}


def media_remarks(column: str, kind: MediaKind, facts: pl.DataFrame) -> list[Problem]:
    """Tell of the files of a column together, each kind of remark at most once."""
    remarks = [(each, _meant(each, facts)) for each in _REMARKS[kind]]
    return [
        problem(each.of_all, column=column, count=len(rows)) for each, rows in remarks if len(rows)
    ]


def remarks_by_file(folder: Path, rows_taken: int) -> Iterator[RowProblem]:
    """Tell of each file that the last import brought into a content folder.

    Args:
        folder: The content folder.
        rows_taken: How many rows that import took; they are the last ones.
    """
    content = read_content(folder)
    first_row = content.rows - rows_taken
    for column, stored in content.media.items():
        facts = pl.read_parquet(folder / stored.facts_file)[first_row:]
        names = pl.read_parquet(folder / ROWS_FILE, columns=[column])[first_row:].to_series()
        for each in _REMARKS[stored.kind]:
            for row in _meant(each, facts):
                name = str(names[row])
                value = facts[each.fact][row]
                told = problem(each.of_each, file=name, column=column, **{each.fact: value})
                yield RowProblem(item=name, problem=told)


def _meant(remark: _Remark, facts: pl.DataFrame) -> list[int]:
    """Give the places of the files that are meant; an older import may not have measured it."""
    if remark.fact not in facts.columns:
        return []
    return facts.select(remark.is_meant.fill_null(value=False)).to_series().arg_true().to_list()
