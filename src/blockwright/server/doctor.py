"""`blockwright doctor`: is this machine fit for the studio, and if not, what to do.

Takes   settings. Gives findings, each with a problem when something is not well.
Never   imports the model engine here: a process of its own tries it, so that a
        crash of its native code is a finding too.
"""

from __future__ import annotations

import os
import platform
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path

import psutil
from rich.console import Console

from blockwright.contracts.problems import (
    BlockwrightError,
    Language,
    Problem,
    in_language,
    problem,
)
from blockwright.contracts.studio import Finding
from blockwright.datasets.media.child import MediaChild
from blockwright.datasets.media.limits import LimitsAvailable, ParserLimits
from blockwright.server.guard import LOOPBACK_NAMES
from blockwright.server.pages import UI_FOLDER
from blockwright.server.serve import listen, prepare_data_folder
from blockwright.settings import Settings
from blockwright.store.database import WAL_SAFE_SQLITE, require_database

GB = 10**9  # as the pages count
OLDEST_PYTHON = (3, 11)
LEAST_DISK_BYTES = 2 * GB
GOOD_DISK_BYTES = 10 * GB
LEAST_MEMORY_BYTES = 3 * GB
GOOD_MEMORY_BYTES = 7 * GB
ENGINE_SECONDS = 120
# Instructions that make training on a CPU faster, as /proc/cpuinfo names them.
FAST_FEATURES = ("avx2", "avx512f", "avx512_bf16", "amx_bf16")

_SUMMARIES = {
    "ok": "doctor.all_ok",
    "warning": "doctor.all_warning",
    "error": "doctor.all_error",
}
_MARKS = {"ok": "✓", "warning": "!", "error": "✗"}


def examine(
    settings: Settings, *, tell: Callable[[str], None] = lambda _: None
) -> Iterator[Finding]:
    """Look at one thing after the other; `tell` hears the code of each name before it is looked at.

    The engine takes seconds to start: it is tried while the rest is looked at, and comes last.
    """
    checks: dict[str, Callable[[Settings], Finding]] = {
        "doctor.python": _python,
        "doctor.database": _database,
        "doctor.data_folder": _data_folder,
        "doctor.disk": _disk,
        "doctor.memory": _memory,
        "doctor.processor": _processor,
        "doctor.gpu": _gpu,
        "doctor.port": _port,
        "doctor.pages": _pages,
        "doctor.parsers": _parsers,
    }
    with ThreadPoolExecutor(1) as beside:
        engine = beside.submit(_engine)
        for name, check in checks.items():
            tell(name)
            yield check(settings)
        tell("doctor.engine")
        yield engine.result()


def doctor_in_terminal(settings: Settings, language: Language) -> int:
    """Print each finding as it is made; give the exit status, 1 when something must be mended.

    What is being looked at shows on stderr while it lasts, when that is a terminal.
    """
    worst = "ok"
    status = Console(stderr=True).status("")

    def tell(name: str) -> None:
        words = in_language(problem(name), language).message
        status.update(in_language(problem("doctor.looking", name=words), language).message)
        status.start()

    try:
        for finding in examine(settings, tell=tell):
            status.stop()  # while it shows, it would lead stdout to stderr
            _print(finding, language)
            if finding.level == "error" or worst == "ok":
                worst = finding.level
    finally:
        status.stop()
    summary = in_language(problem(_SUMMARIES[worst]), language)
    sys.stdout.write(f"\n{summary.message} {summary.fix}".rstrip() + "\n")
    return 1 if worst == "error" else 0


def _print(finding: Finding, language: Language) -> None:
    name = in_language(problem(finding.name), language).message
    value = finding.value
    if isinstance(value, Problem):
        value = in_language(value, language).message
    sys.stdout.write(f"{_MARKS[finding.level]} {name}: {value}\n")
    if finding.problem is not None:
        words = in_language(finding.problem, language)
        sys.stdout.write(f"    {words.message}\n    {words.fix}\n")
    sys.stdout.flush()


def _well(name: str, value: str | Problem) -> Finding:
    return Finding(name=name, level="ok", value=value)


def _ill(name: str, value: str | Problem, item: Problem) -> Finding:
    return Finding(name=name, level="error", value=value, problem=item)


def _weak(name: str, value: str | Problem, item: Problem) -> Finding:
    return Finding(name=name, level="warning", value=value, problem=item)


def _python(_settings: Settings) -> Finding:
    version = platform.python_version()
    if sys.version_info[:2] < OLDEST_PYTHON:
        return _ill("doctor.python", version, problem("doctor.python_old", version=version))
    return _well("doctor.python", f"{version} ({sys.executable})")


def _database(settings: Settings) -> Finding:
    if settings.database_url is not None:
        kind = settings.database_url.partition(":")[0]
        try:
            require_database(settings.database_url)
        except BlockwrightError as reason:
            return _ill("doctor.database", kind, reason.problem)
        return _well("doctor.database", kind)
    version = sqlite3.sqlite_version
    safe = sqlite3.sqlite_version_info >= WAL_SAFE_SQLITE
    journal = "write-ahead log" if safe else "rollback journal"
    return _well("doctor.database", f"SQLite {version}, {journal}")


def _data_folder(settings: Settings) -> Finding:
    try:
        prepare_data_folder(settings.data)
    except BlockwrightError as reason:
        return _ill("doctor.data_folder", str(settings.data), reason.problem)
    return _well("doctor.data_folder", str(settings.data))


def _disk(settings: Settings) -> Finding:
    folder = settings.data
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    value = f"{free / GB:.1f} GB"
    wrong = problem("doctor.disk_small", free_gigabytes=round(free / GB, 1))
    if free < LEAST_DISK_BYTES:
        return _ill("doctor.disk", value, wrong)
    return (
        _weak("doctor.disk", value, wrong)
        if free < GOOD_DISK_BYTES
        else _well("doctor.disk", value)
    )


def _memory(_settings: Settings) -> Finding:
    memory = psutil.virtual_memory()
    value = problem(
        "doctor.memory_amount",
        gigabytes=f"{memory.total / GB:.1f}",
        free_gigabytes=f"{memory.available / GB:.1f}",
    )
    wrong = problem("doctor.memory_small", gigabytes=round(memory.total / GB, 1))
    if memory.total < LEAST_MEMORY_BYTES:
        return _ill("doctor.memory", value, wrong)
    return (
        _weak("doctor.memory", value, wrong)
        if memory.total < GOOD_MEMORY_BYTES
        else _well("doctor.memory", value)
    )


def cpu_features(cpuinfo: str) -> list[str]:
    """Give the fast instructions that /proc/cpuinfo names.

    >>> cpu_features("flags : fpu avx2 amx_bf16")
    ['avx2', 'amx_bf16']
    """
    words = set(cpuinfo.split())
    return [name for name in FAST_FEATURES if name in words]


def _processor(_settings: Settings) -> Finding:
    cpuinfo = Path("/proc/cpuinfo")
    known = cpuinfo.is_file()
    found = cpu_features(cpuinfo.read_text(encoding="utf-8")) if known else []
    cores = os.cpu_count() or 1
    value = f"{cores} × {platform.machine()}" + (f", {', '.join(found)}" if found else "")
    if known and platform.machine() == "x86_64" and "avx2" not in found:
        return _weak("doctor.processor", value, problem("doctor.processor_slow"))
    return _well("doctor.processor", value)


def _gpu(_settings: Settings) -> Finding:
    command = shutil.which("nvidia-smi")
    if command is None:
        return _well("doctor.gpu", problem("doctor.gpu_none"))
    done = subprocess.run(  # noqa: S603
        [command, "--query-gpu=name,memory.total", "--format=csv,noheader"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    if done.returncode != 0:
        reason = (done.stderr or done.stdout).strip()[:200]
        return _weak("doctor.gpu", "nvidia-smi", problem("doctor.gpu_silent", reason=reason))
    return _well("doctor.gpu", "; ".join(done.stdout.split("\n")).strip("; "))


def _port(settings: Settings) -> Finding:
    value = f"{settings.host}:{settings.port}"
    try:
        listener: socket.socket = listen(settings.host, settings.port)
    except BlockwrightError as reason:
        return _weak("doctor.port", value, reason.problem)
    listener.close()
    if settings.host not in LOOPBACK_NAMES:
        asked = problem("server.network_not_allowed", host=settings.host)
        return _weak("doctor.port", value, asked)
    return _well("doctor.port", value)


def _parsers(settings: Settings) -> Finding:
    """Start a reader of media and hear which of its limits this machine holds."""
    try:
        with MediaChild(ParserLimits.of(settings)) as child:
            held = child.limits_held
    except BlockwrightError as reason:
        return _ill("doctor.parsers", "—", reason.problem)
    return parsers_finding(held)


def parsers_finding(held: LimitsAvailable) -> Finding:
    """Judge which limits a reader of media is held to."""
    limits = len(type(held).model_fields)
    value = problem("doctor.parsers_held", held=limits - len(held.lacking), limits=limits)
    if held.lacking:
        lacking = ", ".join(held.lacking)
        return _weak("doctor.parsers", value, problem("doctor.parsers_unlimited", limits=lacking))
    return _well("doctor.parsers", value)


def _pages(_settings: Settings) -> Finding:
    if not (UI_FOLDER / "index.html").is_file():
        return _ill("doctor.pages", "—", problem("server.ui_missing"))
    return _well("doctor.pages", str(UI_FOLDER))


def _engine() -> Finding:
    names = [name for name in ("keras", "tensorflow-cpu", "tensorflow", "jax") if _version(name)]
    value = ", ".join(f"{name} {_version(name)}" for name in names) or "—"
    program = "import keras; keras.ops.add(1, 1); print(keras.backend.backend())"
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    try:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            timeout=ENGINE_SECONDS,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        reason = f"> {ENGINE_SECONDS} s"
        return _ill("doctor.engine", value, problem("doctor.engine_broken", reason=reason))
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        reason = lines[-1][:300]
        return _ill("doctor.engine", value, problem("doctor.engine_broken", reason=reason))
    return _well("doctor.engine", f"{value}; {done.stdout.strip()}")


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None
