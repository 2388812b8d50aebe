"""What a submission must be before it may leave: one check, one record.

Takes   submission.csv as a notebook wrote it, and the sample submission.
Gives   checks with codes of the catalogue, a preview, a score when labels are known.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from blockwright.contracts.problems import catalogue, worded
from blockwright.contracts.runs import Check, SubmissionPreview
from blockwright.delivery.sample_submission import SampleSubmission
from blockwright.training.metrics import lwlrap

PREVIEW_ROWS = 8
PREVIEW_COLUMNS = 8


def check(code: str, *, passed: bool, **params: str | int | float) -> Check:
    """Make a check from its catalogue entry."""
    message = worded(catalogue()[code]["en"]["message"], params)
    return Check(code=code, passed=passed, params=params, message=message)


@dataclass(frozen=True)
class Submission:
    """A submission as read back: text that is no number is NaN."""

    header: list[str]
    names: list[str]
    values: npt.NDArray[np.float64]


def read_submission(path: Path) -> Submission:
    """Read submission.csv; rows of another length are filled with NaN."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.reader(file) if row]
    header = rows[0] if rows else []
    values = np.full((max(0, len(rows) - 1), max(0, len(header) - 1)), np.nan)
    for place, row in enumerate(rows[1:]):
        for column, text in enumerate(row[1 : len(header)]):
            values[place, column] = _number(text)
    return Submission(header, [row[0] for row in rows[1:]], values)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def check_submission(found: Submission, sample: SampleSubmission) -> list[Check]:
    """Compare a submission with the sample it must look like."""
    missing = int(np.isnan(found.values).sum())
    inside = not missing and bool(((found.values >= 0) & (found.values <= 1)).all())
    return [
        check(
            "check.rows_as_in_sample",
            passed=found.names == sample.names,
            found=len(found.names),
            expected=len(sample.names),
        ),
        check(
            "check.columns_as_in_sample",
            passed=found.header == [sample.key_column, *sample.classes],
            found=len(found.header),
            expected=len(sample.classes) + 1,
        ),
        check("check.values_between_0_and_1", passed=inside, **_range(found)),
        check("check.no_missing_values", passed=missing == 0, missing=missing),
    ]


def _range(found: Submission) -> dict[str, float]:
    if np.isnan(found.values).all():
        return {"smallest": 0.0, "largest": 0.0}
    return {
        "smallest": round(float(np.nanmin(found.values)), 6),
        "largest": round(float(np.nanmax(found.values)), 6),
    }


def preview(found: Submission) -> SubmissionPreview:
    """Give the first rows and columns."""
    return SubmissionPreview(
        columns=found.header[: PREVIEW_COLUMNS + 1],
        rows=[
            [name, *(0.0 if np.isnan(v) else float(v) for v in values[:PREVIEW_COLUMNS])]
            for name, values in zip(
                found.names[:PREVIEW_ROWS], found.values[:PREVIEW_ROWS], strict=True
            )
        ],
        total_rows=len(found.names),
        total_columns=len(found.header),
    )


def local_score(found: Submission, labels_file: Path) -> float | None:
    """Give the lwlrap of the clips whose labels are known; null when there is none."""
    with labels_file.open(newline="", encoding="utf-8-sig") as file:
        labels = {row["fname"]: row["labels"].split(",") for row in csv.DictReader(file)}
    places = [place for place, name in enumerate(found.names) if name in labels]
    scores = found.values[places]
    if not places or np.isnan(scores).any():
        return None
    column = {name: place for place, name in enumerate(found.header[1:])}
    truth = np.zeros(scores.shape)
    for row, place in enumerate(places):
        for label in labels[found.names[place]]:
            if label in column:
                truth[row, column[label]] = 1.0
    return lwlrap(scores, truth) if truth.any() else None
