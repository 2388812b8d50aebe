"""Ogg and MP3 files that end too early, which a decoder plays to their end without a word.

Takes   a file that `clip_picture.read_clip` reads.
Gives   a refusal where the file itself says that sound is missing, a remark where it
        only seems so, nothing for other formats: the reader refuses those by itself.
Never   decodes: it reads headers of pages and frames.

This runs where data is brought in. It does not travel with the notebook: there a test
clip that was cut off is still predicted from what is there.

Sources: RFC 3533 (Ogg pages); ISO/IEC 11172-3 and 13818-3 (MPEG audio frame headers); the
Xing, Info and VBRI headers as LAME, FFmpeg and Fraunhofer's encoder write them.
"""

from __future__ import annotations

import struct
from typing import BinaryIO, NamedTuple

from blockwright.audio.clip_picture import ClipError, Source, opened
from blockwright.contracts.problems import Problem, problem

_OGG_HEAD_BYTES = 27
_END_OF_STREAM = 0x04
_LAYER_3 = 1
_MPEG_1 = 3
_KBITS = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBITS_LOW_RATE = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES_HZ = {
    3: (44_100, 48_000, 32_000),
    2: (22_050, 24_000, 16_000),
    0: (11_025, 12_000, 8_000),  # MPEG 2.5
}


class _Mp3Frame(NamedTuple):
    frame_bytes: int
    samples: int
    rate_hz: int
    side_bytes: int


def check_not_cut_off(source: Source) -> Problem | None:
    """Look whether an Ogg or MP3 file reaches its own end.

    Args:
        source: Path or open binary file of a clip.

    Returns:
        The remark `audio.seems_cut_off` when an Ogg file stops behind a whole page that
        is not marked as the last (a recorder that was stopped, or a saved stream), or
        an MP3 without a table of its length stops inside a frame; else None.

    Raises:
        ClipError: `audio.cut_off` when an MP3 holds fewer bytes than its Xing, Info or
            VBRI header counts; `audio.cut_off_in_page` when an Ogg file stops inside a page.
        OSError: If the file cannot be opened or read.
    """
    with opened(source) as (file, name):
        head = file.read(4)
        size_bytes = file.seek(0, 2)
        if head == b"OggS":
            return _check_ogg(file, name, size_bytes)
        first_byte = _behind_tags(file)
        first = _frame_at(file, first_byte)
        if first is not None:
            return _check_mp3(file, name, size_bytes, first_byte, first)
    return None


def _check_ogg(file: BinaryIO, name: str, size_bytes: int) -> Problem | None:
    is_ended: dict[bytes, bool] = {}  # by the serial number of a stream in the file
    position = 0
    while position < size_bytes:
        file.seek(position)
        head = file.read(_OGG_HEAD_BYTES)
        if head[:4] != b"OggS"[: len(head)]:
            break  # something else was appended
        lengths = file.read(head[26]) if len(head) == _OGG_HEAD_BYTES else b""
        if len(head) < _OGG_HEAD_BYTES or len(lengths) < head[26]:
            raise ClipError("audio.cut_off_in_page", file=name)
        position += _OGG_HEAD_BYTES + len(lengths) + sum(lengths)
        if position > size_bytes:
            raise ClipError("audio.cut_off_in_page", file=name)
        is_ended[head[14:18]] = bool(head[5] & _END_OF_STREAM)
    return None if all(is_ended.values()) else problem("audio.seems_cut_off", file=name)


def _behind_tags(file: BinaryIO) -> int:
    """Give where the first byte behind the ID3v2 tags stands."""
    position = 0
    while True:
        file.seek(position)
        head = file.read(10)
        if len(head) < 10 or head[:3] != b"ID3":
            return position
        a, b, c, d = (byte & 0x7F for byte in head[6:10])
        footer = 10 if head[5] & 0x10 else 0
        position += 10 + (a << 21 | b << 14 | c << 7 | d) + footer


def _frame_at(file: BinaryIO, position: int) -> _Mp3Frame | None:
    """Read the header of a layer III frame; None where there is none."""
    file.seek(position)
    head = file.read(4)
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    kbit_place, rate_place = head[2] >> 4, head[2] >> 2 & 3
    if layer != _LAYER_3 or version not in _RATES_HZ or not 0 < kbit_place < 15 or rate_place == 3:
        return None
    is_first = version == _MPEG_1
    rate_hz = _RATES_HZ[version][rate_place]
    kbits = (_KBITS if is_first else _KBITS_LOW_RATE)[kbit_place - 1]
    samples = 1_152 if is_first else 576
    frame_bytes = samples // 8 * 1_000 * kbits // rate_hz + (head[2] >> 1 & 1)
    is_mono = head[3] >> 6 == 3
    side_bytes = (17 if is_mono else 32) if is_first else (9 if is_mono else 17)
    return _Mp3Frame(frame_bytes, samples, rate_hz, side_bytes)


def _check_mp3(
    file: BinaryIO, name: str, size_bytes: int, first_byte: int, first: _Mp3Frame
) -> Problem | None:
    counted = _counted(file, first_byte, first)
    if counted is None:
        is_whole = _ends_with_a_frame(file, size_bytes, first_byte)
        return None if is_whole else problem("audio.seems_cut_off", file=name)
    frames, sound_bytes = counted
    there = size_bytes - first_byte
    # Encoders do not agree whether the frame of the table itself counts.
    if there + first.frame_bytes < sound_bytes:
        whole_seconds = frames * first.samples / first.rate_hz
        raise ClipError(
            "audio.cut_off",
            file=name,
            seconds=round(whole_seconds * there / sound_bytes, 2),
            whole_seconds=round(whole_seconds, 2),
        )
    return None


def _counted(file: BinaryIO, first_byte: int, first: _Mp3Frame) -> tuple[int, int] | None:
    """Give how many frames and bytes the file says it has; None where it does not say."""
    file.seek(first_byte + 4 + first.side_bytes)
    table = file.read(16)
    if len(table) == 16 and table[:4] in {b"Xing", b"Info"}:
        flags, frames, sound_bytes = struct.unpack(">III", table[4:])
        return (frames, sound_bytes) if flags & 3 == 3 else None
    file.seek(first_byte + 4 + 32)
    table = file.read(18)
    if len(table) == 18 and table[:4] == b"VBRI":
        sound_bytes, frames = struct.unpack(">II", table[10:])
        return frames, sound_bytes
    return None


def _ends_with_a_frame(file: BinaryIO, size_bytes: int, first_byte: int) -> bool:
    position = first_byte
    while (frame := _frame_at(file, position)) is not None:
        position += frame.frame_bytes
        if position > size_bytes:
            return False
    return True  # at the end, or where tags begin
