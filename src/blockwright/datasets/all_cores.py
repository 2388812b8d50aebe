"""Clips become pictures on all cores; a clip that kills its process is found out and named.

This module is what each worker process imports, so it imports little.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np

from blockwright.audio.clip_picture import ClipError, clip_picture
from blockwright.contracts.audio import SpectrogramSettings
from blockwright.contracts.problems import Problem, problem

_AHEAD_PER_WORKER = 32


def _picture_bytes(path: Path, settings: SpectrogramSettings) -> bytes | Problem:
    """Make one clip's npy, in a worker process."""
    try:
        content = io.BytesIO()
        np.save(content, clip_picture(path, settings), allow_pickle=False)
        return content.getvalue()
    except ClipError as reason:
        return problem(reason.code, **reason.params)
    except OSError as reason:
        why = reason.strerror or str(reason)
        return problem("audio.cannot_open", file=path.name, reason=why)


def pictures(
    paths: list[Path], settings: SpectrogramSettings, workers: int | None
) -> Iterator[bytes | Problem]:
    """Give each clip's npy, or why there is none, in order, with a bounded number ahead."""
    count = max(1, min(workers or os.cpu_count() or 1, len(paths)))
    ahead = count * _AHEAD_PER_WORKER
    pool = _pool(count)
    try:
        for start in range(0, len(paths), ahead):
            batch = paths[start : start + ahead]
            given = 0
            try:
                with _interrupts_held():
                    begun = pool.map(partial(_picture_bytes, settings=settings), batch)
                for made in begun:
                    yield made
                    given += 1
            except BrokenProcessPool:  # a clip killed its worker; find out which
                yield from _one_by_one(batch[given:], settings)
                pool = _pool(count)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


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


def _one_by_one(paths: list[Path], settings: SpectrogramSettings) -> Iterator[bytes | Problem]:
    """Try each clip in a process of its own, so that only the one that kills it is lost."""
    for path in paths:
        with _pool(1) as alone:
            try:
                with _interrupts_held():
                    begun = alone.submit(_picture_bytes, path, settings)
                yield begun.result()
            except BrokenProcessPool:
                yield problem("audio.decoder_crashed", file=path.name)
