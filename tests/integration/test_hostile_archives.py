"""An archive made to deceive is refused with a reason, or what is honest in it comes in."""

from __future__ import annotations

import collections
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from blockwright.contracts.problems import catalogue

LEAST = {
    "traversal": 40,
    "links": 16,
    "bombs": 24,
    "doubles": 16,
    "methods": 8,
    "truncated": 100,
    "flipped": 1_000,
}
MOST_SECONDS = 5.0
# Python, numpy and polars take half of it before the first archive is opened.
MOST_PEAK_MB = 300


@pytest.fixture(scope="module")
def taken_in(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Take in every case in a process of its own, so that its memory is only theirs."""
    work = tmp_path_factory.mktemp("archives")
    command = [sys.executable, "-m", "tests.support.hostile_archives", str(work)]
    root = Path(__file__).parents[2]
    done = subprocess.run(
        command, cwd=root, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_there_are_as_many_of_each_family_as_promised(taken_in: list[dict[str, Any]]) -> None:
    counts = collections.Counter(case["family"] for case in taken_in)
    assert {family: counts[family] >= least for family, least in LEAST.items()} == dict.fromkeys(
        LEAST, True
    )


def test_each_is_refused_with_a_reason_or_read_correctly(taken_in: list[dict[str, Any]]) -> None:
    wrong = [
        case
        for case in taken_in
        if case["came"] != case["expected"]
        and not (case["expected"] == "either" and case["came"] in {"refused", "read", "damaged"})
    ]
    assert wrong == []


def test_every_reason_is_the_one_meant_and_has_words(taken_in: list[dict[str, Any]]) -> None:
    assert [case for case in taken_in if "other_code" in case] == []
    told = {case["code"] for case in taken_in if case["came"] == "refused"}
    told |= {code for case in taken_in for code in case.get("members", [])}
    assert told <= set(catalogue())


def test_the_whole_import_agrees(taken_in: list[dict[str, Any]]) -> None:
    imported = [case for case in taken_in if "imported" in case]
    assert len(imported) >= 300
    assert [case for case in imported if not _agrees(case)] == []


def _agrees(case: dict[str, Any]) -> bool:
    if case["came"] == "refused":
        return bool(case["imported"] == case["code"])
    if case["came"] == "read":
        return bool(case["imported"] == "2 rows")
    return case["imported"] in {"1 rows", "2 rows"} or case["imported"] in catalogue()


def test_nothing_is_written_outside_the_staging_folder(taken_in: list[dict[str, Any]]) -> None:
    assert [case for case in taken_in if case["outside"]] == []


def test_no_archive_takes_long_or_fills_the_memory(taken_in: list[dict[str, Any]]) -> None:
    assert [case for case in taken_in if case["seconds"] > MOST_SECONDS] == []
    assert taken_in[-1]["peak_mb"] <= MOST_PEAK_MB
