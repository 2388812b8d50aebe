"""The competition's sample submission: which rows and columns are wanted, in which order.

Takes   a csv file from outside.
Gives   its names and classes, or a problem that says what is wrong with it.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from blockwright.contracts.problems import error

MAX_ROWS = 5_000_000
MAX_COLUMNS = 16_384
_SHOWN = 10


@dataclass(frozen=True)
class SampleSubmission:
    """Rows and columns of the submission that is wanted."""

    key_column: str
    classes: list[str]
    names: list[str]


def read_sample_submission(path: Path, shown_name: str) -> SampleSubmission:
    """Read and check a sample submission.

    Raises:
        BlockwrightError: `delivery.sample_not_csv`, `delivery.sample_empty`,
            `delivery.sample_column_twice`, `delivery.sample_row_twice`,
            `delivery.sample_row_name`, `delivery.sample_too_large`.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.reader(file)
            header = next(rows, [])
            names = []
            for row in rows:
                if row:
                    names.append(row[0])
                if len(names) > MAX_ROWS or len(header) > MAX_COLUMNS:
                    raise error("delivery.sample_too_large", file=shown_name)
    except (UnicodeDecodeError, csv.Error) as reason:
        raise error("delivery.sample_not_csv", file=shown_name) from reason
    if len(header) < 2 or not names:
        raise error("delivery.sample_empty", file=shown_name)
    _check_once(header, "delivery.sample_column_twice", shown_name)
    _check_once(names, "delivery.sample_row_twice", shown_name)
    for name in names:
        if not _is_plain(name):
            raise error("delivery.sample_row_name", file=shown_name, name=name[:200])
    return SampleSubmission(header[0], header[1:], names)


def check_classes(sample: SampleSubmission, model_classes: list[str], shown_name: str) -> None:
    """Compare the columns with the model's classes, as sets.

    Raises:
        BlockwrightError: `delivery.classes_differ`, naming what one side lacks, or
            `delivery.sample_without_classes` where no column is a class of the model.
    """
    if not set(sample.classes) & set(model_classes):
        raise error(
            "delivery.sample_without_classes",
            file=shown_name,
            columns=_shown([sample.key_column, *sample.classes]),
            expected=_shown(model_classes),
        )
    lacking = [name for name in sample.classes if name not in set(model_classes)]
    surplus = [name for name in model_classes if name not in set(sample.classes)]
    if lacking or surplus:
        raise error(
            "delivery.classes_differ",
            file=shown_name,
            columns=len(sample.classes),
            classes=len(model_classes),
            lacking=_shown(lacking),
            surplus=_shown(surplus),
        )


def clips_missing_in(folder: Path, names: list[str]) -> list[str]:
    """Give the names for which no file lies below a folder."""
    there = {file.name for file in folder.rglob("*") if file.is_file()}
    return [name for name in names if PurePosixPath(name).name not in there]


def missing_clips_problem(missing: list[str], total: int, place: str) -> Exception:
    """Give the error that names the clips which are not there."""
    return error(
        "delivery.test_clips_missing",
        missing=len(missing),
        total=total,
        place=place,
        examples=_shown(missing[:3]),
    )


def _check_once(values: list[str], code: str, shown_name: str) -> None:
    value, count = Counter(values).most_common(1)[0]
    if count > 1:
        raise error(code, file=shown_name, name=value[:200], count=count)


def _is_plain(name: str) -> bool:
    path = PurePosixPath(name)
    return (
        bool(path.name)
        and not path.is_absolute()
        and ".." not in path.parts
        and not any(sign in name for sign in "\\\0\n\r:")
    )


def _shown(names: list[str]) -> str:
    """Join a few names; a dash for none, the number of the rest at the end."""
    rest = len(names) - _SHOWN
    shown = ", ".join(names[:_SHOWN]) or "–"
    return f"{shown} (+{rest})" if rest > 0 else shown
