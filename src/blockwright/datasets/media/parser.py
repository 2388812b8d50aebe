"""The inside of a media child: one file at a time comes in, an answer goes out.

Run as `python -m blockwright.datasets.media.parser`. Takes frames of `wire` on its
standard input, first of all its limits. Ends when that input ends, in the middle of a
file too: so it never outlives the process that asks. Ctrl+C does not reach it.
"""

from __future__ import annotations

import io
import os
import queue
import signal
import stat
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from blockwright.audio import clip_picture
from blockwright.audio.clip_facts import clip_facts, clip_overview
from blockwright.audio.clip_picture import ClipError
from blockwright.audio.cut_off import check_not_cut_off
from blockwright.contracts.problems import BlockwrightError, error, problem
from blockwright.datasets.media.facts import AudioFacts
from blockwright.datasets.media.images import decode_image, image_facts, thumbnail_png
from blockwright.datasets.media.limits import ParserLimits, begin_file, enter_limits
from blockwright.datasets.media.previews import Place, preview_clip
from blockwright.datasets.media.wire import (
    MAX_BODY_BYTES,
    AudioFactsAsk,
    FileRange,
    FrameError,
    Hello,
    ImageFactsAsk,
    OverviewAsk,
    PixelsAsk,
    PreviewAsk,
    ReplyHead,
    RequestHead,
    SpectrogramAsk,
    ThumbnailAsk,
    WaveformAsk,
    read_frame,
    write_frame,
)

Answer = tuple[ReplyHead, list[bytes | memoryview]]
Frames = queue.SimpleQueue[tuple[bytes, bytes]]


def main() -> None:
    """Answer until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asked, told = _own_pipes()
    head, _ = read_frame(asked)
    limits = ParserLimits.model_validate_json(head)
    # This process reads nothing but what it is asked to, so the limit is the module's.
    clip_picture.MAX_CLIP_SECONDS = int(limits.max_clip_seconds)
    write_frame(told, Hello(limits=enter_limits(limits)))
    frames: Frames = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(asked, frames), daemon=True).start()
    while True:
        head, body = frames.get()
        request = RequestHead.model_validate_json(head)
        begin_file(limits)
        reply, content = answer(request, body, limits)
        del body
        write_frame(told, reply, *content)


def _own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep the two pipes for ourselves: what a library prints must not be taken for an answer."""
    asked = os.fdopen(os.dup(0), "rb")
    told = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.close(nothing)
    return asked, told


def _listen(asked: BinaryIO, frames: Frames) -> None:
    while True:
        try:
            frames.put(read_frame(asked))
        except FrameError:
            os._exit(0)  # whoever asked is gone; a decoder under way is not waited for


def answer(request: RequestHead, body: bytes, limits: ParserLimits) -> Answer:
    """Answer one question; whatever the file does to its decoder becomes a problem."""
    name = request.name
    try:
        with _source(request.file, body, name) as stream:
            return _answer(request, stream, limits)
    except BlockwrightError as reason:
        wrong = reason.problem
    except ClipError as reason:
        wrong = problem(reason.code, **{**reason.params, "file": name})
    except MemoryError:
        wrong = problem("media.parser_memory", file=name, most_mb=round(limits.memory_bytes / 1e6))
    except Exception as reason:  # noqa: BLE001 - decoders of damaged files raise anything
        told = f"{type(reason).__name__}: {reason}"[:200]
        wrong = problem("media.parser_failed", file=name, reason=told)
    return ReplyHead(problem=wrong), []


@contextmanager
def _source(file: FileRange | None, body: bytes, name: str) -> Iterator[BinaryIO]:
    if file is None:
        yield _NamedBytes(body, name)
        return
    path = Path(file.path)
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would be waited for
            raise error("media.cannot_open", file=name, reason="not a regular file")
        opened = path.open("rb", buffering=0)
    except OSError as reason:
        why = reason.strerror or str(reason)
        raise error("media.cannot_open", file=name, reason=why) from reason
    with opened, io.BufferedReader(_Window(opened, file, name)) as stream:
        yield stream


class _NamedBytes(io.BytesIO):
    """Bytes that know what they are called."""

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self.name = name


class _Window(io.RawIOBase):
    """Part of a file as a file of its own."""

    def __init__(self, file: io.FileIO, part: FileRange, name: str) -> None:
        super().__init__()
        self.name = name
        self._file = file
        self._begin = part.offset
        size = os.fstat(file.fileno()).st_size
        self._end = size if part.length is None else min(size, part.offset + part.length)
        self._at = part.offset

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        base = {os.SEEK_SET: self._begin, os.SEEK_CUR: self._at, os.SEEK_END: self._end}[whence]
        if base + offset < self._begin:
            msg = "before the beginning"
            raise ValueError(msg)
        self._at = base + offset
        return self._at - self._begin

    def readinto(self, buffer: Any, /) -> int:
        wanted = memoryview(buffer)[: max(0, self._end - self._at)]
        self._file.seek(self._at)
        count = self._file.readinto(wanted) or 0
        self._at += count
        return count


def _answer(request: RequestHead, stream: BinaryIO, limits: ParserLimits) -> Answer:
    ask, name, max_pixels = request.ask, request.name, limits.max_image_pixels
    match ask:
        case AudioFactsAsk():
            seems_cut_off = check_not_cut_off(stream) is not None
            facts = asdict(clip_facts(stream, name))
            return ReplyHead(facts=AudioFacts(**facts, seems_cut_off=seems_cut_off)), []
        case ImageFactsAsk():
            return ReplyHead(facts=image_facts(stream, name, max_pixels)), []
        case SpectrogramAsk():
            picture = clip_picture.clip_spectrogram if ask.whole_clip else clip_picture.clip_picture
            return npy_answer(picture(stream, ask.settings), name)
        case WaveformAsk():
            return npy_answer(clip_picture.clip_waveform(stream, ask.settings), name)
        case OverviewAsk():
            return npy_answer(clip_overview(stream, name, ask.columns), name)
        case PreviewAsk():
            told, outline, drawn = preview_clip(stream, _place(request.file), ask)
            content = npy_answer(outline, name)[1] + npy_answer(drawn, name)[1]
            return ReplyHead(preview=told), content
        case PixelsAsk():
            return npy_answer(decode_image(stream, name, ask.settings, max_pixels), name)
        case ThumbnailAsk():
            return ReplyHead(), [thumbnail_png(stream, name, ask.max_side_pixels, max_pixels)]


def _place(file: FileRange | None) -> Place | None:
    return None if file is None else (file.path, file.offset, file.length)


def npy_answer(array: npt.NDArray[Any], name: str) -> Answer:
    """Give an array as an npy, without copying its numbers.

    Raises:
        BlockwrightError: `media.result_too_large`.
    """
    if array.nbytes >= MAX_BODY_BYTES - 1_024:
        raise error(
            "media.result_too_large",
            file=name,
            size_mb=round(array.nbytes / 1e6),
            most_mb=round(MAX_BODY_BYTES / 1e6),
        )
    header = io.BytesIO()
    whole = np.ascontiguousarray(array)
    described = np.lib.format.header_data_from_array_1_0(whole)
    np.lib.format.write_array_header_1_0(header, described)
    return ReplyHead(), [header.getvalue(), whole.reshape(-1).view(np.uint8).data]


if __name__ == "__main__":
    try:
        main()
    except (FrameError, BrokenPipeError):  # whoever asked went away
        sys.exit(0)
