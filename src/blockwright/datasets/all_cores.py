"""Clips become pictures on all cores; a clip that kills its process is found out and named.

Each process has one thread. Pictures come back through files in a scratch folder that are
written over again and again: a pipe between two processes copies each picture four times,
and the pages of a new file cost more than what is written on them.

This module is what each worker process imports, so it imports little.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import tempfile
import threading
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from numpy.lib import format as npy

from blockwright.audio.clip_picture import ClipError, clip_picture
from blockwright.audio.cut_off import check_not_cut_off
from blockwright.contracts.audio import SpectrogramSettings
from blockwright.contracts.problems import Problem, problem

# Clips handed over at a time, and chunks begun ahead of the one that is waited for.
_CHUNK_CLIPS = 16
_CHUNK_BYTES = 4 * 1024 * 1024
_AHEAD_PER_WORKER = 3


@dataclass(frozen=True)
class Picture:
    """One clip's npy. `remark`: what to tell about the clip although it was taken."""

    content: bytes
    is_silent: bool
    remark: Problem | None


@dataclass(frozen=True)
class _Written:
    """A picture whose bytes stand in the chunk's file, behind those before it."""

    content_bytes: int
    is_silent: bool
    remark: Problem | None


_Chunk = tuple[list[Path], Path]


def _write_chunk(chunk: _Chunk, settings: SpectrogramSettings) -> list[_Written | Problem]:
    """Make the pictures of some clips, in a worker process.

    Raises:
        OSError: When the scratch file cannot be written.
    """
    clips, file = chunk
    with file.open("r+b") as out:
        return [_write_picture(clip, settings, out) for clip in clips]


def _write_picture(clip: Path, settings: SpectrogramSettings, out: BinaryIO) -> _Written | Problem:
    try:
        remark = check_not_cut_off(clip)
        picture = clip_picture(clip, settings)
    except ClipError as reason:
        return problem(reason.code, **reason.params)
    except OSError as reason:
        why = reason.strerror or str(reason)
        return problem("audio.cannot_open", file=clip.name, reason=why)
    start = out.tell()
    # What numpy.save writes, without its copy.
    npy.write_array_header_1_0(out, npy.header_data_from_array_1_0(picture))
    out.write(picture.data)
    is_silent = bool(picture.min() == picture.max())
    return _Written(out.tell() - start, is_silent, remark)


def pictures(
    paths: list[Path],
    settings: SpectrogramSettings,
    workers: int | None,
    scratch_folder: Path | None = None,
) -> Generator[Picture | Problem]:
    """Give each clip's npy, or why there is none, in order, with a bounded number ahead.

    Args:
        paths: The clips.
        settings: What to make of each.
        workers: Processes; all cores when None.
        scratch_folder: Where pictures lie until they are given, a few MB for each
            process; the system's own place when None.

    Raises:
        OSError: When the scratch folder cannot be written, e.g. as the disk is full.
    """
    count = max(1, min(workers or os.cpu_count() or 1, len(paths)))
    with tempfile.TemporaryDirectory(prefix=".pictures.", dir=scratch_folder) as scratch:
        waiting: deque[tuple[_Chunk, Future[list[_Written | Problem]]]] = deque()
        pool = _pool(count)
        try:
            files = [Path(scratch) / str(number) for number in range(count * _AHEAD_PER_WORKER)]
            for file in files:
                file.touch()
            for chunk in _chunks(paths, settings, files):
                try:
                    waiting.append((chunk, _begin(pool, chunk, settings)))
                except BrokenProcessPool:
                    pool = _pool(count)
                    waiting.append((chunk, _begin(pool, chunk, settings)))
                if len(waiting) == len(files):  # the first one's file is the next chunk's
                    yield from _finished(*waiting.popleft(), settings)
            while waiting:
                yield from _finished(*waiting.popleft(), settings)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _chunks(
    paths: list[Path], settings: SpectrogramSettings, files: list[Path]
) -> Iterator[_Chunk]:
    picture_bytes = 4 * settings.mel_bands * settings.frames
    clips = max(1, min(_CHUNK_CLIPS, _CHUNK_BYTES // picture_bytes, len(paths) // len(files)))
    for start, file in zip(range(0, len(paths), clips), itertools.cycle(files), strict=False):
        yield paths[start : start + clips], file


def _begin(
    pool: ProcessPoolExecutor, chunk: _Chunk, settings: SpectrogramSettings
) -> Future[list[_Written | Problem]]:
    with _interrupts_held():
        return pool.submit(_write_chunk, chunk, settings)


def _finished(
    chunk: _Chunk, begun: Future[list[_Written | Problem]], settings: SpectrogramSettings
) -> Iterator[Picture | Problem]:
    """Give what came of a chunk; of one whose process died, clip by clip."""
    clips, file = chunk
    try:
        yield from _read_back(begun.result(), file)
    except BrokenProcessPool:  # some clip killed its worker; find out which
        for clip in clips:
            yield from _alone(clip, file, settings)


def _alone(clip: Path, file: Path, settings: SpectrogramSettings) -> Iterator[Picture | Problem]:
    """Try a clip in a process of its own, so that only the one that kills it is lost."""
    with _pool(1) as alone:
        try:
            made = _begin(alone, ([clip], file), settings).result()
        except BrokenProcessPool:
            made = [problem("audio.decoder_crashed", file=clip.name)]
    yield from _read_back(made, file)


def _read_back(made: list[_Written | Problem], file: Path) -> Iterator[Picture | Problem]:
    with file.open("rb") as pictures_file:
        for item in made:
            if isinstance(item, Problem):
                yield item
            else:
                content = pictures_file.read(item.content_bytes)
                yield Picture(content, item.is_silent, item.remark)


def _pool(workers: int) -> ProcessPoolExecutor:
    spawn = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=spawn, initializer=_begin_worker)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Start processes that Ctrl+C does not reach: only the one that the person started ends them.

    They inherit the mask, so they are deaf from their first instruction on.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Leave nothing behind when the process that waits for the pictures was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
