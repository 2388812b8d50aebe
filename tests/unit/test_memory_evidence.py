"""What tells that a worker died for want of memory."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from blockwright.jobs.memory_evidence import KERNEL_COUNTS, kernel_kills, log_tells


def test_the_kernel_counts_what_it_killed(tmp_path: Path) -> None:
    counts = tmp_path / "vmstat"
    counts.write_text("pgfault 12\noom_kill 3\noom_kill_other 9\n")
    assert kernel_kills(counts) == 3
    assert kernel_kills(tmp_path / "not_linux") == 0


@pytest.mark.skipif(sys.platform != "linux", reason="NO KERNEL COUNTS: only Linux has them")
def test_this_kernel_has_such_a_count() -> None:
    assert "\noom_kill " in KERNEL_COUNTS.read_text("ascii")


@pytest.mark.parametrize(
    ("printed", "is_memory"),
    [
        (b"terminate called after throwing an instance of 'std::bad_alloc'\n", True),
        (b"memory allocation of 1520 bytes failed\n", True),
        (b"terminate called after throwing\n  what():  could not create a primitive\n", True),
        (b"Cannot allocate memory\n" + b"epoch 1\n" * 2_000, False),  # long ago
        (b"Segmentation fault\n", False),
    ],
)
def test_the_last_words_of_a_worker_tell(tmp_path: Path, printed: bytes, is_memory: bool) -> None:
    (tmp_path / "worker.log").write_bytes(printed)
    assert log_tells(tmp_path) is is_memory


def test_a_worker_without_a_log_tells_nothing(tmp_path: Path) -> None:
    assert not log_tells(tmp_path)
