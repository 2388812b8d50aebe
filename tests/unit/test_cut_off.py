"""A recording that stops too early is told, although a decoder plays it without a word."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from blockwright.audio.clip_picture import ClipError, read_clip
from blockwright.audio.cut_off import check_not_cut_off
from blockwright.datasets import sample

CLIPS = sorted((Path(sample.__file__).parent / "audio").glob("*.ogg"))
RATES_HZ = [8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000]


def sound(kind: str, rate_hz: int = 44_100, channels: int = 1, **more: str) -> bytes:
    held = io.BytesIO()
    noise = np.random.default_rng(0).normal(size=(3 * rate_hz, channels)) * 0.2
    soundfile.write(held, noise, rate_hz, format=kind, **more)  # type: ignore[arg-type]
    return held.getvalue()


def without_table(mp3: bytes) -> bytes:
    """Take the frame out that counts the others, as encoders for streams write none."""
    first = max(mp3.find(b"Xing"), mp3.find(b"Info"))
    assert first > 0
    return mp3[mp3.find(mp3[:2], first) :]


def said(content: bytes) -> str | None:
    """Give the code of what is said; the file always begins well enough to be decoded."""
    assert len(read_clip(io.BytesIO(content), 16_000)) > 0
    try:
        remark = check_not_cut_off(io.BytesIO(content))
    except ClipError as reason:
        return reason.code
    return remark.code if remark else None


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("kind", ["OGG", "MP3"])
def test_a_whole_file_is_left_in_peace(kind: str, rate_hz: int, channels: int) -> None:
    content = sound(kind, rate_hz, channels)
    assert said(content) is None
    assert said(content + b"TAG" + bytes(125)) is None
    if kind == "MP3":
        assert said(without_table(content)) is None
        tag = b"ID3\x04\0\0" + bytes([0, 0, 2, 0]) + bytes(256)
        assert said(tag + content) is None


@pytest.mark.parametrize("bitrate_mode", ["CONSTANT", "AVERAGE", "VARIABLE"])
def test_every_kind_of_bit_rate(bitrate_mode: str) -> None:
    content = sound("MP3", bitrate_mode=bitrate_mode)
    assert said(content) is None
    assert said(content[: len(content) // 3]) == "audio.cut_off"


def test_the_recordings_that_come_with_the_studio_are_whole() -> None:
    assert [clip.name for clip in CLIPS if check_not_cut_off(clip) is not None] == []


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_an_mp3_with_fewer_bytes_than_it_counts_says_how_much_is_there(rate_hz: int) -> None:
    content = sound("MP3", rate_hz)
    with pytest.raises(ClipError) as caught:
        check_not_cut_off(io.BytesIO(content[: len(content) // 2]))
    assert caught.value.code == "audio.cut_off"
    assert caught.value.params["whole_seconds"] == pytest.approx(3, abs=0.3)
    assert caught.value.params["seconds"] == pytest.approx(1.5, abs=0.2)


def test_vbri_counts_too() -> None:
    stream = without_table(sound("MP3", 44_100))
    table = stream[:36] + b"VBRI" + bytes(6) + struct.pack(">II", 2 * len(stream), 230)
    frame_bytes = stream.find(stream[:2], 4)
    with pytest.raises(ClipError) as caught:
        check_not_cut_off(io.BytesIO(table.ljust(frame_bytes, b"\0") + stream))
    assert caught.value.params["whole_seconds"] == pytest.approx(6, abs=0.1)


def test_an_mp3_without_a_table_that_stops_inside_a_frame_is_remarked_on() -> None:
    content = without_table(sound("MP3"))
    assert said(content[: len(content) // 2 - 11]) == "audio.seems_cut_off"


def test_an_ogg_that_stops_inside_a_page_is_refused() -> None:
    content = sound("OGG")
    assert content.count(b"OggS") > 5
    for cut in (len(content) // 2, len(content) - 1, content.rfind(b"OggS") + 20):
        assert said(content[:cut]) == "audio.cut_off_in_page"


def test_an_ogg_without_its_end_mark_is_taken_with_a_remark() -> None:
    content = sound("OGG")
    streamed = content[: content.rfind(b"OggS")]
    remark = check_not_cut_off(io.BytesIO(streamed))
    assert remark is not None
    assert remark.code == "audio.seems_cut_off"
    assert len(read_clip(io.BytesIO(streamed), 16_000)) > 8_000


def test_other_formats_are_left_to_the_reader(tmp_path: Path) -> None:
    for content in (b"", b"\xff", b"ID3", b"text", sound("WAV"), sound("FLAC")[:5_000]):
        assert check_not_cut_off(io.BytesIO(content)) is None
    with pytest.raises(OSError, match="nowhere"):
        check_not_cut_off(tmp_path / "nowhere.ogg")
