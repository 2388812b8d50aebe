"""`blockwright doctor` tells what is wrong and how to mend it, in the terminal's language."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import psutil

from blockwright.datasets.media.limits import LimitsAvailable
from blockwright.server.doctor import cpu_features, examine, parsers_finding
from blockwright.settings import load_settings


def doctor(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "blockwright", "doctor", *arguments],
        env={**os.environ, "LC_ALL": "C.UTF-8", **environment},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


def test_a_fit_machine_is_told_so(tmp_path: Path) -> None:
    done = doctor("--data", str(tmp_path / "data"), "--port", "0")
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("Python", "Database: SQLite", "Free disk", "Memory", "Processor", "GPU", "Port"):
        assert name in done.stdout
    assert "tensorflow" in done.stdout.splitlines()[-3]
    assert "✗" not in done.stdout
    assert f"Memory: {psutil.virtual_memory().total / 1e9:.1f} GB" in done.stdout  # as on Home
    assert "GPU: —" not in done.stdout
    if sys.platform == "linux":
        assert "Readers of recordings and images: 6 of 6 limits hold" in done.stdout


def test_what_is_wrong_is_told_in_chinese_with_the_way_out(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    # An engine that cannot be imported: its first module raises.
    (tmp_path / "keras.py").write_text("raise ImportError('no engine here')")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = doctor(
            "--data",
            str(in_the_way),
            "--port",
            port,
            LC_ALL="zh_CN.UTF-8",
            PYTHONPATH=str(tmp_path),
            PATH="",  # no nvidia-smi to be found
        )
    assert done.returncode == 1
    assert f"! 端口: 127.0.0.1:{port}" in done.stdout
    assert "请用 --port 指定其他端口" in done.stdout
    assert "✗ 数据文件夹" in done.stdout
    assert "GPU): 无，将使用处理器" in done.stdout
    assert "请用 --data 指定你自己的文件夹" in done.stdout
    assert "模型引擎无法启动（ImportError: no engine here）" in done.stdout
    assert "工作室目前无法正常运行" in done.stdout


def test_fast_instructions_are_read_from_cpuinfo() -> None:
    assert cpu_features("flags\t\t: fpu sse2 avx2 avx512_bf16 amx_tile\n") == [
        "avx2",
        "avx512_bf16",
    ]


def test_what_is_being_looked_at_is_told_before_each_finding(tmp_path: Path) -> None:
    told: list[str] = []
    settings = load_settings({"data": tmp_path / "data", "port": 0})
    for finding in examine(settings, tell=told.append):
        assert told[-1] == finding.name
    assert len(told) == len(set(told)) > 8


def test_a_database_that_does_not_answer_is_told_by_doctor_and_serve(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for url, words in (
        (f"postgresql+psycopg://me:hidden@127.0.0.1:{port}/none", "cannot be used"),
        ("mysql://x/y", "of no kind that the studio knows"),
        ("garbage", "of no kind that the studio knows"),
    ):
        told = doctor("--data", str(tmp_path / "d"), "--port", "0", BLOCKWRIGHT_DATABASE_URL=url)
        assert told.returncode == 1
        assert words in " ".join(told.stdout.split())
        served = subprocess.run(
            [sys.executable, "-m", "blockwright", "serve", "--data", str(tmp_path / "s")],
            env={**os.environ, "LC_ALL": "C.UTF-8", "BLOCKWRIGHT_DATABASE_URL": url},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert served.returncode == 1
        assert words in served.stderr
        assert "Traceback" not in served.stderr
        assert "hidden" not in served.stderr


def test_an_address_that_is_not_this_machine_s_is_no_taken_port(tmp_path: Path) -> None:
    told = doctor("--data", str(tmp_path / "d"), "--host", "192.0.2.7")
    assert "cannot listen on port" in " ".join(told.stdout.split())
    assert "already listens" not in told.stdout


def test_limits_that_nobody_holds_are_said_aloud() -> None:
    held = LimitsAvailable(
        memory="watched",
        cpu_seconds="watched",
        open_files="none",
        written_bytes="none",
        network="none",
    )
    finding = parsers_finding(held)
    assert finding.level == "warning"
    assert finding.problem is not None
    assert finding.problem.code == "doctor.parsers_unlimited"
    assert "open_files, written_bytes, network" in finding.problem.message
