"""Asking about a file of media without ever opening it here.

Takes   bytes of a file, or the place in a file where they lie, and a question of `wire`.
Gives   facts, an npy or a PNG; or the problem with that one file, whatever it did:
        a child that crashed, hung or took too much is reported and replaced.
Never   parses a file in this process, nor believes words of the child: a problem is
        worded anew from its code, and anything malformed counts as a crash.

The child is started afresh (never forked), without this process's environment beyond
what Python needs. Its limits are in `limits`; `MediaChild.limits_held` says which hold.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import psutil
from pydantic import ValidationError

from blockwright.contracts.problems import Problem, error, problem
from blockwright.datasets.media.facts import AudioFacts, ImageFacts
from blockwright.datasets.media.limits import LimitsAvailable, ParserLimits, limits_available
from blockwright.datasets.media.wire import (
    Ask,
    AudioFactsAsk,
    ClipPreview,
    FileRange,
    FrameError,
    Hello,
    ImageFactsAsk,
    ReplyHead,
    RequestHead,
    read_frame,
    write_frame,
)
from blockwright.settings import load_settings

START_SECONDS = 120.0
_POLL_SECONDS = 0.1
MediaKind = Literal["audio_facts", "image_facts"]
_END_SECONDS = 5.0
_UNREADABLE = "an answer that cannot be read"
# After these the child is no longer what it was; a fresh one takes its place.
_SPOILS_CHILD = {"media.parser_crashed", "media.parser_memory", "media.parser_too_slow"}
# How many requests a pool holds ready for each child, and how many of their bytes in all.
_AHEAD_PER_CHILD = 4
_AHEAD_BYTES = 256 << 20
# What Python itself needs to start; credentials and addresses stay here.
_ENVIRONMENT = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMP")
_ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@dataclass(frozen=True)
class MediaRequest:
    """One question about one file; `name` is what the file is called in a problem."""

    ask: Ask
    name: str
    source: bytes | FileRange


@dataclass(frozen=True)
class MediaAnswer:
    """Facts, or an npy or PNG in `content`, as the question says."""

    facts: AudioFacts | ImageFacts | None = None
    content: bytes = b""
    preview: ClipPreview | None = None


@dataclass
class _Overrun:
    """Why a watcher ended a child, if it did."""

    of: str | None = None


class MediaChild:
    """One child process that reads files of media; use as a context manager.

    It is started at once and ready within a second; the first question waits for that.
    Threads may share it: one question is asked at a time.
    """

    def __init__(self, limits: ParserLimits | None = None) -> None:
        """Start a child under these limits, or under those of the studio's settings."""
        self._limits = limits or ParserLimits.of(load_settings({}))
        self._asking = threading.Lock()
        self._changing = threading.Lock()
        self._closed = False
        self._held: LimitsAvailable | None = None
        self._process = self._start()

    def __enter__(self) -> Self:
        """Give the child."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the process."""
        self.close()

    def close(self) -> None:
        """End the process, in the middle of a file too; whoever waits for it is told."""
        with self._changing:
            self._closed = True
            _end(self._process)

    @property
    def pid(self) -> int:
        """The id of the present process; another one after a child was replaced."""
        return self._process.pid

    @property
    def limits_held(self) -> LimitsAvailable:
        """Which limits the child said it is held to, once it is ready.

        Raises:
            BlockwrightError: `media.parser_unavailable` when it cannot be started.
        """
        with self._asking:
            return self._ready()

    def inspect(self, kind: MediaKind, data: bytes, name: str) -> AudioFacts | ImageFacts | Problem:
        """Say what a recording (`audio_facts`) or an image (`image_facts`) holds.

        Raises:
            BlockwrightError: `media.parser_unavailable` when no child can be started.
        """
        ask = AudioFactsAsk() if kind == "audio_facts" else ImageFactsAsk()
        given = self.ask(MediaRequest(ask, name, data))
        if isinstance(given, Problem):
            return given
        if given.facts is None:
            return problem("media.parser_crashed", file=name, how="no facts")
        return given.facts

    def ask(self, request: MediaRequest) -> MediaAnswer | Problem:
        """Ask one question and wait for its answer, or for the end of its limits.

        Raises:
            BlockwrightError: `media.parser_unavailable` when no child can be started.
        """
        with self._asking:
            if self._process.poll() is not None:  # it ended between two files: nobody's fault
                self._replace()
            self._ready()
            given = self._exchange(request)
            if isinstance(given, Problem) and given.code in _SPOILS_CHILD:
                self._replace()
            return given

    def _exchange(self, request: MediaRequest) -> MediaAnswer | Problem:
        data = request.source
        place = data if isinstance(data, FileRange) else None
        head = RequestHead(ask=request.ask, name=request.name, file=place)
        asked, told = _pipes(self._process)
        with _watched(self._process, self._limits, self._limits.wall_seconds) as over:
            try:
                write_frame(asked, head, data if isinstance(data, bytes) else b"")
                text, content = read_frame(told)
            except (FrameError, OSError, ValueError):  # ValueError: its pipes were closed
                text, content = b"", b""
        if over.of is not None or not text:
            return self._death(request.name, over)
        try:
            reply = ReplyHead.model_validate_json(text)
            if reply.problem is not None:
                return problem(reply.problem.code, **reply.problem.params)
        except (ValidationError, KeyError, IndexError, ValueError):
            return problem("media.parser_crashed", file=request.name, how=_UNREADABLE)
        return MediaAnswer(reply.facts, content, reply.preview)

    def _death(self, name: str, over: _Overrun) -> Problem:
        """Say of what a child died over a file."""
        limits = self._limits
        most_mb = round(limits.memory_bytes / 1e6)
        try:
            status = self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            return problem("media.parser_crashed", file=name, how=_UNREADABLE)
        how = _signal_name(-status)
        if over.of == "wall":
            seconds = round(limits.wall_seconds, 1)
            return problem("media.parser_too_slow", file=name, seconds=seconds)
        if over.of == "cpu" or how == "SIGXCPU":
            seconds = round(limits.cpu_seconds, 1)
            return problem("media.parser_too_slow", file=name, seconds=seconds)
        # Nobody here sends SIGKILL otherwise: the kernel had no memory left.
        if over.of == "memory" or (how == "SIGKILL" and not self._closed):
            return problem("media.parser_memory", file=name, most_mb=most_mb)
        return problem("media.parser_crashed", file=name, how=how)

    def _ready(self) -> LimitsAvailable:
        """Wait until the child has said hello."""
        if self._held is None:
            _, told = _pipes(self._process)
            with _watched(self._process, self._limits, START_SECONDS):
                try:
                    self._held = Hello.model_validate_json(read_frame(told)[0]).limits
                except (FrameError, OSError, ValueError) as reason:
                    _end(self._process)
                    how = _signal_name(-self._process.returncode)
                    raise error("media.parser_unavailable", how=how) from reason
        return self._held

    def _replace(self) -> None:
        with self._changing:
            _end(self._process)
            self._held = None
            if not self._closed:
                self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-P", "-B", "-m", "blockwright.datasets.media.parser"]
        try:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=Path(sys.executable).anchor,
                env={**_kept_environment(), **_ONE_THREAD},
                **_own_session(),
            )
        except OSError as reason:
            how = reason.strerror or str(reason)
            raise error("media.parser_unavailable", how=how) from reason
        with contextlib.suppress(OSError):  # gone already: the first question finds out why
            write_frame(_pipes(process)[0], self._limits)
        return process


def _kept_environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    if "PYTHONPATH" in kept:  # the child begins in another folder
        parts = kept["PYTHONPATH"].split(os.pathsep)
        kept["PYTHONPATH"] = os.pathsep.join(str(Path(part).absolute()) for part in parts if part)
    return kept


def _own_session() -> dict[str, Any]:
    """Keep Ctrl+C in the terminal from the child: only the one that asks ends it."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def _pipes(process: subprocess.Popen[bytes]) -> tuple[Any, Any]:
    return process.stdin, process.stdout


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in _pipes(process):
        with contextlib.suppress(OSError):  # bytes that the dead child did not take
            pipe.close()


def _signal_name(number: int) -> str:
    if number <= 0:
        return f"exit status {-number}"
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


@contextmanager
def _watched(
    process: subprocess.Popen[bytes], limits: ParserLimits, wall_seconds: float
) -> Iterator[_Overrun]:
    """Kill the child when the time is over, or what the kernel does not hold here is exceeded."""
    over, done = _Overrun(), threading.Event()
    arguments = (process, limits, time.monotonic() + wall_seconds, over, done)
    watcher = threading.Thread(target=_watch, args=arguments, daemon=True)
    watcher.start()
    try:
        yield over
    finally:
        done.set()
        watcher.join()


def _watch(
    process: subprocess.Popen[bytes],
    limits: ParserLimits,
    until: float,
    over: _Overrun,
    done: threading.Event,
) -> None:
    available = limits_available()
    must_look = "watched" in {available.memory, available.cpu_seconds}
    begun_seconds = _used(process)[1] if must_look else 0.0
    while not done.wait(_POLL_SECONDS if must_look else max(0.0, until - time.monotonic())):
        if must_look:
            memory_bytes, cpu_seconds = _used(process)
            if memory_bytes > limits.memory_bytes:
                over.of = "memory"
            elif cpu_seconds - begun_seconds > limits.cpu_seconds:
                over.of = "cpu"
        if time.monotonic() >= until:
            over.of = "wall"
        if over.of is not None:
            process.kill()
            return


def _used(process: subprocess.Popen[bytes]) -> tuple[int, float]:
    """Give the memory in bytes and the processor time in seconds of a process."""
    try:
        seen = psutil.Process(process.pid)
        times = seen.cpu_times()
        return int(seen.memory_info().rss), float(times.user + times.system)
    except psutil.Error:
        return 0, 0.0


class MediaPool:
    """Several children at once, answers in order; use as a context manager."""

    def __init__(self, processes: int | None = None, limits: ParserLimits | None = None) -> None:
        """Start the children: one per core that this process may use, unless told."""
        self._count = processes or _cores()
        self._children = [MediaChild(limits) for _ in range(self._count)]
        self._free: queue.SimpleQueue[MediaChild] = queue.SimpleQueue()
        for child in self._children:
            self._free.put(child)
        self._threads = ThreadPoolExecutor(self._count, thread_name_prefix="media")

    def __enter__(self) -> Self:
        """Give the pool."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the children; what is still under way is given up."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for child in self._children:
            child.close()
        self._threads.shutdown(wait=True)

    @property
    def pids(self) -> list[int]:
        """The ids of the present processes."""
        return [child.pid for child in self._children]

    def map(self, requests: Iterable[MediaRequest]) -> Iterator[MediaAnswer | Problem]:
        """Answer questions in their order, all children at work, few requests held at a time.

        Raises:
            BlockwrightError: `media.parser_unavailable` when no child can be started.
        """
        waiting: deque[tuple[Future[MediaAnswer | Problem], int]] = deque()
        held_bytes = 0
        left = iter(requests)
        request = next(left, None)
        try:
            while request is not None or waiting:
                while request is not None and (
                    not waiting
                    or (len(waiting) < _AHEAD_PER_CHILD * self._count and held_bytes < _AHEAD_BYTES)
                ):
                    size = len(request.source) if isinstance(request.source, bytes) else 0
                    waiting.append((self._threads.submit(self._ask, request), size))
                    held_bytes += size
                    request = next(left, None)
                future, size = waiting.popleft()
                yield future.result()
                held_bytes -= size
        finally:
            for future, _ in waiting:
                future.cancel()

    def _ask(self, request: MediaRequest) -> MediaAnswer | Problem:
        child = self._free.get()
        try:
            return child.ask(request)
        finally:
            self._free.put(child)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
