"""What a parser of media may use, and how the platform holds it to that.

Takes   limits in plain numbers.
Gives   a process that has put itself under them, and word of which of them hold here.

Linux: memory (RLIMIT_DATA, private memory), processor time, open files and written bytes
are held by the kernel; a seccomp filter refuses sockets, other programs and every change
of a folder. macOS: processor time, open files and written bytes by the kernel; memory is
watched from outside ten times a second. Windows: memory and processor time are watched
from outside. Wall time is watched from outside everywhere. `limits_available` says which.
"""

from __future__ import annotations

import os
import sys
from typing import Literal

from pydantic import Field

from blockwright.contracts.base import Model
from blockwright.datasets.media.confinement import can_confine, confine
from blockwright.settings import Settings

if sys.platform != "win32":
    import resource

Held = Literal["kernel", "watched", "none"]
WALL_PER_CPU_SECOND = 2.5


class ParserLimits(Model):
    """How much one file may cost, and how large what it holds may be."""

    memory_bytes: int = Field(4 * 2**30, description="Private memory of the child")
    cpu_seconds: float = Field(120.0, description="Processor time for one file")
    wall_seconds: float = Field(300.0, description="Time for one file, waiting included")
    open_files: int = 64
    max_image_pixels: int = 64_000_000
    max_clip_seconds: float = 3_600.0

    @classmethod
    def of(cls, settings: Settings) -> ParserLimits:
        """Take the limits that the studio's settings name."""
        return cls(
            memory_bytes=settings.parser_memory_bytes,
            cpu_seconds=settings.parser_seconds,
            wall_seconds=settings.parser_seconds * WALL_PER_CPU_SECOND,
            max_image_pixels=settings.max_image_pixels,
            max_clip_seconds=settings.max_clip_seconds,
        )


class LimitsAvailable(Model):
    """Who holds each limit here: the kernel at once, a watcher within a moment, or nobody."""

    memory: Held
    cpu_seconds: Held
    wall_seconds: Held = "watched"
    open_files: Held
    written_bytes: Held
    network: Held

    @property
    def lacking(self) -> list[str]:
        """Names of the limits that nobody holds; `doctor` says them aloud."""
        return [name for name, held in self.model_dump().items() if held == "none"]


def limits_available() -> LimitsAvailable:
    """Say which limits this platform can hold a parser to."""
    posix: Held = "none" if sys.platform == "win32" else "kernel"
    return LimitsAvailable(
        memory="kernel" if sys.platform == "linux" else "watched",
        cpu_seconds="watched" if sys.platform == "win32" else "kernel",
        open_files=posix,
        written_bytes=posix,
        network="kernel" if can_confine() else "none",
    )


def enter_limits(limits: ParserLimits) -> LimitsAvailable:
    """Put this process under its limits, for good, and say which of them hold.

    A process that already lives under a stricter hard limit keeps that one.
    """
    available = limits_available()
    if sys.platform != "win32":
        _lower(resource.RLIMIT_CORE, 0)
        _lower(resource.RLIMIT_FSIZE, 0)
        _lower(resource.RLIMIT_NOFILE, limits.open_files)
        if sys.platform == "linux":
            _lower(resource.RLIMIT_DATA, limits.memory_bytes)
    if available.network == "kernel" and not confine():
        available = available.model_copy(update={"network": "none"})
    return available


def begin_file(limits: ParserLimits) -> None:
    """Give the next file its processor time; the kernel ends the process that needs more."""
    if sys.platform != "win32":
        times = os.times()
        used_seconds = times.user + times.system
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        until = int(used_seconds + limits.cpu_seconds) + 1  # the kernel counts whole seconds
        soft = until if hard == resource.RLIM_INFINITY else min(until, hard)
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


if sys.platform != "win32":

    def _lower(what: int, most: int) -> None:
        _, hard = resource.getrlimit(what)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (allowed, allowed))
