"""What a submission must be before it may leave."""

from __future__ import annotations

from pathlib import Path

import pytest

from blockwright.delivery.sample_submission import SampleSubmission
from blockwright.delivery.submission_checks import (
    check_submission,
    local_score,
    preview,
    read_submission,
)

SAMPLE = SampleSubmission("fname", ["a", "b"], ["x.wav", "y.wav"])
GOOD = "fname,a,b\nx.wav,0.25,1\ny.wav,0,0.5\n"


def _found(folder: Path, text: str):
    path = folder / "submission.csv"
    path.write_text(text)
    return read_submission(path)


def test_a_submission_like_the_sample_passes(tmp_path: Path) -> None:
    found = _found(tmp_path, GOOD)
    assert all(check.passed for check in check_submission(found, SAMPLE))
    shown = preview(found)
    assert shown.columns == ["fname", "a", "b"]
    assert shown.rows[0] == ["x.wav", 0.25, 1.0]
    assert (shown.total_rows, shown.total_columns) == (2, 3)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("fname,a,b\ny.wav,0,0.5\nx.wav,0.25,1\n", "check.rows_as_in_sample"),
        ("fname,a,b\nx.wav,0,0.5\n", "check.rows_as_in_sample"),
        ("fname,b,a\nx.wav,0.25,1\ny.wav,0,0.5\n", "check.columns_as_in_sample"),
        ("fname,a,b\nx.wav,nan,1\ny.wav,0,0.5\n", "check.no_missing_values"),
        ("fname,a,b\nx.wav,oops,1\ny.wav,0,0.5\n", "check.no_missing_values"),
        ("fname,a,b\nx.wav,0.1\ny.wav,0,0.5\n", "check.no_missing_values"),
        ("fname,a,b\nx.wav,1.1,1\ny.wav,0,0.5\n", "check.values_between_0_and_1"),
        ("fname,a,b\nx.wav,inf,1\ny.wav,0,0.5\n", "check.values_between_0_and_1"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, code: str) -> None:
    checks = {
        check.code: check.passed for check in check_submission(_found(tmp_path, text), SAMPLE)
    }
    assert checks[code] is False


def test_known_labels_give_a_score(tmp_path: Path) -> None:
    labels = tmp_path / "test_labels.csv"
    labels.write_text('fname,labels\nx.wav,"a,b"\ny.wav,a\nz.wav,a\n')
    assert local_score(_found(tmp_path, GOOD), labels) == pytest.approx((1 + 1 + 0.5) / 3)
