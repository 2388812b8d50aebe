"""Files of media, tables and numbers that lie are refused by name, and kill nobody."""

from __future__ import annotations

import collections
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from blockwright.contracts.problems import catalogue
from tests.support.hostile_media import LIMITS

LEAST = {"npy": 60, "csv": 60, "image": 200, "audio": 200}
MOST_SECONDS = 10.0
# Python, numpy and polars take half of it before the first file is opened.
MOST_PEAK_MB = 700
# What the child maps beside the private memory that is limited: its libraries.
LIBRARIES_MB = 150


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Have every case read by a process of its own and its children."""
    command = [sys.executable, "-m", "tests.support.hostile_media"]
    root = Path(__file__).parents[2]
    done = subprocess.run(
        command, cwd=root, capture_output=True, text=True, timeout=180, check=False
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def read(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [case for case in told if "kind" in case]


def test_there_are_as_many_of_each_kind_as_promised(read: list[dict[str, Any]]) -> None:
    counts = collections.Counter(case["kind"] for case in read)
    assert {kind: counts[kind] >= least for kind, least in LEAST.items()} == dict.fromkeys(
        LEAST, True
    )


def test_each_file_is_refused_with_its_reason_or_read(read: list[dict[str, Any]]) -> None:
    wrong = [case for case in read if not _as_expected(case)]
    assert wrong == []


def _as_expected(case: dict[str, Any]) -> bool:
    codes = [code for code in case["codes"] if code is not None]
    if case["expected"] == "either":
        return True
    if case["expected"] == "read":
        return codes == []
    is_refused = len(codes) == len(case["codes"])
    return is_refused and (not case["wanted"] or set(codes) <= set(case["wanted"]))


def test_every_reason_has_words_and_none_is_a_surprise(read: list[dict[str, Any]]) -> None:
    codes = {code for case in read for code in case["codes"] if code is not None}
    assert codes <= set(catalogue())
    # Nothing of what is known today crashes, hangs or fills a child.
    assert not any(code.startswith("media.parser_") for code in codes)


def test_no_file_takes_long_or_fills_the_memory(told: list[dict[str, Any]]) -> None:
    *read, children = told
    assert [case for case in read if case["seconds"] > MOST_SECONDS] == []
    assert read[-1]["peak_mb"] <= MOST_PEAK_MB
    assert children["children_peak_mb"] <= LIMITS.memory_bytes / 2**20 + LIBRARIES_MB
