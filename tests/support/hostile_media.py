"""Files of numbers, tables, images and sound that lie or are damaged; the same at every run.

Each case is bytes under a name and what must come of it: `refused` with one of its codes,
`read`, or `either` (damage that may or may not matter). Made at run time, never kept. Run
as a module, this file has every case read, and prints a line of JSON for each.
"""

from __future__ import annotations

import io
import json
import random
import struct
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
import soundfile
from PIL import Image

from blockwright.contracts.audio import SpectrogramSettings
from blockwright.contracts.images import ImageSettings
from blockwright.contracts.problems import BlockwrightError, Problem
from blockwright.datasets.csv_head import TableLimits
from blockwright.datasets.media.child import MediaPool, MediaRequest
from blockwright.datasets.media.limits import ParserLimits
from blockwright.datasets.media.wire import (
    AudioFactsAsk,
    ImageFactsAsk,
    PixelsAsk,
    SpectrogramAsk,
)
from blockwright.datasets.npy import read_array
from tests.support.hostile_archives import read_table
from tests.support.memory import peak_mb
from tests.support.tiff_files import tiff_bytes

Kind = Literal["npy", "csv", "image", "audio"]
Expected = Literal["refused", "read", "either"]
LIMITS = ParserLimits(memory_bytes=1 << 30, cpu_seconds=5, wall_seconds=60)
SMALL = ImageSettings(width=32, height=24)
SPECTROGRAM = SpectrogramSettings(
    sample_rate_hz=8_000, fft_samples=256, hop_samples=128, mel_bands=16, max_hz=4_000, frames=32
)


@dataclass(frozen=True)
class Case:
    kind: Kind
    name: str
    expected: Expected
    make: Callable[[], bytes]
    codes: frozenset[str] = frozenset()


def case(kind: Kind, name: str, data: bytes | Callable[[], bytes], *codes: str) -> Case:
    """Give a case that is read when it has no code, else refused with one of them."""
    make = data if callable(data) else lambda: data
    return Case(kind, name, "refused" if codes else "read", make, frozenset(codes))


def damaged(
    kind: Kind, name: str, whole: Callable[[], bytes], cuts: int, flips: int
) -> Iterator[Case]:
    """Give a file cut at every so many bytes, and with bits turned round."""
    for number in range(cuts):

        def cut(number: int = number) -> bytes:
            return whole()[: len(whole()) * number // cuts]

        yield Case(kind, f"cut {number} of {cuts} {name}", "either", cut)
    for number in range(flips):

        def flip(number: int = number) -> bytes:
            luck = random.Random(number)
            content = bytearray(whole())
            # Half of the blows fall on the beginning, where sizes and counts stand.
            reach = min(len(content), 64) if number % 2 else len(content)
            for _ in range(luck.choice((1, 1, 2, 8))):
                content[luck.randrange(reach)] ^= 1 << luck.randrange(8)
            return bytes(content)

        yield Case(kind, f"flipped {number} {name}", "either", flip)


# --- numbers ----------------------------------------------------------------------------------


def npy_text(text: str, data: bytes = b"", version: tuple[int, int] = (1, 0)) -> bytes:
    raw = text.encode("latin1") + b"\n"
    length = struct.pack("<H" if version == (1, 0) else "<I", len(raw))
    return b"\x93NUMPY" + bytes(version) + length + raw + data


def npy_told(shape: str, descr: str = "'<f4'", data: bytes = b"\0" * 16) -> bytes:
    return npy_text(f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}", data)


@cache
def honest_npy() -> bytes:
    content = io.BytesIO()
    np.save(content, np.arange(48, dtype="f4").reshape(8, 6), allow_pickle=False)
    return content.getvalue()


def numbers() -> Iterator[Case]:
    broken, words = "data.npy_corrupt", "data.npy_not_numbers"
    yield case("npy", "honest.npy", honest_npy)
    shapes = ["(2000000000,)", "(10**18,)", "(100000000000000,)", "(-4,)", "(4, -1, -1)", "(4.0,)"]
    shapes += ["('4',)", "None", "[4]", "(1,)*9", f"({'1,' * 100})", "(True, 4)[0]", "(" * 90]
    shapes += [
        "(9223372036854775807, 9223372036854775807)",
        f"(4, {'9' * 4_000})",
        "(2, 3)",
        "(5,)",
    ]
    for shape in shapes:
        yield case("npy", f"shape {shape[:40]}", npy_told(shape), broken)
    yield case("npy", "no rows at all", npy_told("(0, 10000000000000)", data=b""), "data.npy_empty")
    yield case("npy", "empty", npy_told("(0,)", data=b""), "data.npy_empty")
    for descr in ["'|O'", "'<U4'", "'|S16'", "'<c8'", "'<M8[s]'", "'|V16'", "[('a', '<f4')]"]:
        yield case("npy", f"type {descr}", npy_told("(4,)", descr), words, broken)
    for descr in ["'nonsense'", "7", "[]", "__import__('os').system('true')", "'<f4,' * 9"]:
        yield case("npy", f"type {descr}", npy_told("(4,)", descr), broken, words)
    deep = "(" * 400 + ")" * 400
    yield case("npy", "deep header", npy_text(f"{{'descr': {deep}}}"), broken)
    yield case("npy", "very deep header", npy_text("[" * 9_000), broken)
    yield case("npy", "long header", npy_told(f"(4,){' ' * 20_000}"), broken)
    claims = b"\x93NUMPY\2\0" + struct.pack("<I", 0xFFFF_FFF0) + b" " * 1_000
    yield case("npy", "header of 4 GiB", claims, broken)
    bomb = b"\x93NUMPY\2\0" + struct.pack("<I", 40 << 20)
    yield case("npy", "header of 40 MiB", lambda: bomb + b" " * (40 << 20), broken)
    for version in ((3, 0), (0, 0), (9, 9)):
        yield case("npy", f"version {version}", npy_text("{}", version=version), broken)
    yield case("npy", "not a dict", npy_text("[1, 2]"), broken)
    yield case("npy", "too many keys", npy_text("{'descr': '<f4', 'x': 1}"), broken)
    yield case("npy", "trailing bytes", npy_told("(4,)", data=b"\0" * 17), broken)
    for name, value in {"nan": np.nan, "inf": np.inf}.items():
        data = np.array([1, value, 2, 3], "<f4").tobytes()
        yield case("npy", name, npy_told("(4,)", data=data), "data.npy_not_finite")
    wide = np.array([1e300, 1], "<f8").tobytes()
    yield case("npy", "beyond float32", npy_told("(2,)", "'<f8'", wide), "data.npy_not_finite")
    many = 70 << 20  # as float32 four times as much
    yield case(
        "npy", "swells", lambda: npy_told(f"({many},)", "'|u1'", bytes(many)), "data.npy_too_large"
    )
    yield from damaged("npy", "n.npy", honest_npy, cuts=10, flips=60)


# --- tables -----------------------------------------------------------------------------------


def tables() -> Iterator[Case]:
    yield case("csv", "honest.csv", b"fname,a\nx.npy,1\n")
    yield case(
        "csv",
        "wide",
        lambda: b",".join(b"c%d" % n for n in range(300_000)) + b"\n",
        "data.index_too_wide",
    )
    yield case(
        "csv", "open quote", b'fname,a\n"x.npy,1\n' + b"y,1\n" * 300_000, "data.index_unreadable"
    )
    yield case(
        "csv",
        "long cell",
        lambda: b"fname,a\nx," + b"y" * (3 << 20) + b"\n",
        "data.index_unreadable",
    )
    yield case("csv", "long name", lambda: b"f" * (3 << 20) + b",a\nx,1\n", "data.index_unreadable")
    yield case("csv", "long", lambda: b"fname,a\n" + b"x,1\n" * 200_000, "data.index_too_long")
    yield case(
        "csv", "quotes", lambda: b"fname,a\n" + b'"' * 999_999 + b"\n", "data.index_unreadable"
    )
    yield case("csv", "not UTF-8", b"fname,\xff\nx,1\n", "data.table_not_utf8")
    yield case("csv", "UTF-16", "fname,a\nx,1\n".encode("utf-16"), "data.table_other_encoding")
    yield case("csv", "binary", bytes(range(128, 256)) * 100, "data.table_not_utf8")
    yield case("csv", "nothing", b"", "data.index_empty")
    yield case("csv", "names only", b"fname,a\n", "data.index_no_rows")
    yield case("csv", "doubled names", b"a,a\n1,2\n", "data.index_duplicate_column")
    yield case("csv", "unnamed", b"a,,b\n1,2,3\n", "data.index_column_without_name")
    yield Case("csv", "ragged", "either", lambda: b"a,b\n" + b"1,2,3\n" * 1_000)
    yield Case("csv", "nul", "either", lambda: b"a,b\n1,\0\n")
    yield Case("csv", "carriage returns", "either", lambda: b"a,b\r1,2\r" * 10)
    yield Case("csv", "formulas", "either", lambda: b"a,b\n=cmd|'/c calc'!A0,@x\n")
    whole = b'fname,a,"b ""x"""\n' + b'x.npy,1,"two\nlines"\ny.npy,0,z\n' * 4
    yield from damaged("csv", "t.csv", lambda: whole, cuts=10, flips=60)


# --- images -----------------------------------------------------------------------------------


@cache
def noise(mode: str = "RGB", size: tuple[int, int] = (64, 48)) -> Image.Image:
    values = np.random.default_rng(7).integers(0, 256, (size[1], size[0], 4), dtype=np.uint8)
    return Image.fromarray(values).convert("RGB" if mode == "F" else mode).convert(mode)


@cache
def drawn(kind: str, mode: str = "RGB", **options: Any) -> bytes:
    content = io.BytesIO()
    noise(mode).save(content, format=kind, **options)
    return content.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, *chunks: bytes, bits: int = 8, colour: int = 2) -> bytes:
    head = chunk(b"IHDR", struct.pack(">2I5B", width, height, bits, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IEND", b"")


def black_png(width: int, height: int) -> bytes:
    line = b"\0" * (1 + (width + 7) // 8)
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(line) for _ in range(height)) + packer.flush()
    return png(width, height, chunk(b"IDAT", packed), bits=1, colour=0)


def gif_of(frames: int, side: int) -> bytes:
    content = io.BytesIO()
    rest = (Image.new("L", (side, side), n % 256) for n in range(1, frames))
    first = Image.new("L", (side, side))
    first.save(content, format="GIF", save_all=True, append_images=rest)
    return content.getvalue()


def tiff(*tags: tuple[int, int, int, int], rest: bytes = b"", following: int = 0) -> bytes:
    body = struct.pack("<2sHIH", b"II", 42, 8, len(tags))
    body += b"".join(struct.pack("<HHII", *tag) for tag in sorted(tags))
    return body + struct.pack("<I", following) + rest


def grey_tiff(width: int, height: int, *more: tuple[int, int, int, int], **rest: Any) -> bytes:
    given = {tag[0]: tag for tag in more}
    usual = [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
    ]
    usual += [
        (273, 4, 1, 8),
        (277, 3, 1, 1),
        (278, 4, 1, height),
        (279, 4, 1, width * height & 0xFFFF_FFFF),
    ]
    return tiff(*{**{tag[0]: tag for tag in usual}, **given}.values(), **rest)


def webp_told(width: int, height: int) -> bytes:
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x12\0\0\0" + size + b"ANIM\6\0\0\0" + b"\0" * 6
    return b"RIFF" + struct.pack("<I", len(body)) + body


def bmp_told(width: int, height: int, bits: int = 24, packing: int = 0, data: bytes = b"") -> bytes:
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, packing, 0, 0, 0, 0, 0)
    palette = b"\0\0\0\0" * 256 if bits == 8 else b""
    return (
        struct.pack("<2sIHHI", b"BM", 54 + len(data), 0, 0, 54 + len(palette))
        + info
        + palette
        + data
    )


def jpeg_told(width: int, height: int) -> bytes:
    whole = bytearray(drawn("JPEG"))
    place = whole.index(b"\xff\xc0") + 5
    whole[place : place + 4] = struct.pack(">HH", height, width)
    return bytes(whole)


def images() -> Iterator[Case]:
    large, cut, broken = (
        "media.image_too_many_pixels",
        "media.image_cut_off",
        "media.image_damaged",
    )
    both = (cut, broken)
    for kind in ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF"):
        yield case("image", f"honest.{kind.lower()}", lambda kind=kind: drawn(kind))
        yield from damaged(
            "image", f"d.{kind.lower()}", lambda kind=kind: drawn(kind), cuts=8, flips=24
        )
    for kind, mode in [("PNG", "1"), ("PNG", "L"), ("PNG", "LA"), ("PNG", "P"), ("PNG", "RGBA")]:
        yield case("image", f"{mode}.png", lambda kind=kind, mode=mode: drawn(kind, mode))
    for kind, mode in [("JPEG", "L"), ("JPEG", "CMYK"), ("TIFF", "CMYK"), ("WEBP", "RGBA")]:
        yield case("image", f"{mode}.{kind}", lambda kind=kind, mode=mode: drawn(kind, mode))
    yield case("image", "numbers.tif", lambda: drawn("TIFF", "F"))
    for number in (np.nan, np.inf):
        values = np.array([[0, 1], [2, number]], np.float32)
        given = tiff_bytes(values, packed=True)
        yield case("image", f"{number}.tif", given, "media.image_not_finite")
    yield case("image", "photo.png", lambda: drawn("JPEG"))  # the suffix is wrong, the image is not
    foreign = {
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
        "svg with a head": b"<?xml version='1.0'?><!DOCTYPE svg><svg/>",
        "html": b"<!DOCTYPE html><script>alert(1)</script>",
        "psd": b"8BPS\0\1" + b"\0" * 6 + struct.pack(">HIIHH", 3, 9_999, 9_999, 8, 3),
        "pdf": b"%PDF-1.7\n",
        "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9999 9999\n",
        "fits": b"SIMPLE  =                    T".ljust(2_880),
        "ico": b"\0\0\1\0\1\0" + b"\0" * 30,
        "zip": b"PK\3\4" + b"\0" * 40,
        "wav": b"RIFF\0\0\0\0WAVEfmt ",
        "nothing": b"",
        "a byte": b"\x89",
        "zeros": b"\0" * 4_096,
        "text": b"push graphic-context\nviewbox 0 0 640 480\n",
        "xpm": b'/* XPM */ static char *x[] = {"9 9 1 1", "a c #000"};',
        "ppm": b"P6 60000 60000 255\n",
        "jpeg 2000": b"\0\0\0\x0cjP  \r\n\x87\n",
    }
    for kind, data in foreign.items():
        yield case("image", f"{kind} as.png", data, "media.not_image")
    yield case("image", "13000² px.png", lambda: black_png(13_000, 13_000), large)
    yield case("image", "8001 × 8000.png", lambda: black_png(8_001, 8_000), large)
    yield case("image", "8000 × 8000.png", lambda: black_png(8_000, 8_000))
    for side in (65_535, 1 << 30, (1 << 31) - 1):
        yield case("image", f"{side}² told.png", png(side, side), large, broken)
    yield case("image", "0 × 0.png", png(0, 0), *both)
    yield case("image", "no pixels.png", png(64, 64), *both)
    bomb = chunk(b"zTXt", b"x\0\0" + zlib.compress(b"\0" * 80_000_000, 9))
    yield case("image", "text of 80 MB.png", lambda: png(8, 8, bomb), *both)
    profile = chunk(b"iCCP", b"x\0\0" + zlib.compress(b"\0" * 80_000_000, 9))
    yield case("image", "profile of 80 MB.png", lambda: png(8, 8, profile), *both)
    extra = chunk(b"IDAT", zlib.compress(b"\0" * 50_000_000, 9))
    yield Case("image", "more than its pixels.png", "either", lambda: png(8, 8, extra))
    yield case("image", "chunk of 2 GB.png", png(8, 8, b"\x7f\xff\xff\xffIDAT"), *both)
    yield Case(
        "image", "10 000 chunks.png", "either", lambda: png(8, 8, chunk(b"tEXt", b"a\0b") * 10_000)
    )
    yield case("image", "401 frames.gif", lambda: gif_of(401, 1_000))
    yield case("image", "65535² told.gif", b"GIF89a\xff\xff\xff\xff\0\0\0", large, broken)
    yield case("image", "no frame.gif", b"GIF89a\x08\0\x08\0\0\0\0;", *both)
    frame = b"GIF89a\x08\0\x08\0\x80\0\0" + b"\0" * 6 + b",\0\0\0\0\xff\xff\xff\xff\0\x02\x00;"
    yield case("image", "frame beyond its screen.gif", frame, large, *both)
    yield Case(
        "image",
        "endless extensions.gif",
        "either",
        lambda: b"GIF89a\x08\0\x08\0\0\0\0" + b"!\xfe\1a\0" * 200_000,
    )
    for side in (16_384, 1 << 24):
        yield case("image", f"{side}² told.webp", webp_told(side, side), large, broken)
    for width, height in ((65_000, 65_000), ((1 << 31) - 1, 1), (-5, 8), (8, -(1 << 31)), (0, 0)):
        yield case("image", f"{width} × {height} told.bmp", bmp_told(width, height), large, *both)
    runs = b"\xff\x01" * 2_000
    yield Case("image", "runs.bmp", "either", lambda: bmp_told(8_000, 8_000, 8, 1, runs))
    yield case("image", "odd depth.bmp", bmp_told(8, 8, 5), broken)
    yield case("image", "65500² told.jpg", lambda: jpeg_told(65_500, 65_500), large)
    # libjpeg takes an end that is told too early for the end, and leaves the rest grey.
    yield Case("image", "8000² told.jpg", "either", lambda: jpeg_told(8_000, 8_000))
    yield case("image", "no size.jpg", lambda: jpeg_told(0, 0), *both)
    yield case("image", "only markers.jpg", b"\xff\xd8" + b"\xff\xe1\0\2" * 50_000, *both)
    yield case("image", "200000² told.tif", grey_tiff(200_000, 200_000), large)
    yield case("image", "zero strips.tif", grey_tiff(64, 64, (273, 4, 0, 0)), *both)
    yield case("image", "strip beyond.tif", grey_tiff(64, 64, (273, 4, 1, 1 << 31)), *both)
    yield case("image", "strips of 4 GB.tif", grey_tiff(64, 64, (279, 4, 0xFFFF_FFFF, 8)), *both)
    yield case("image", "half a strip.tif", grey_tiff(64, 64, rest=b"\0" * 64), *both)
    yield Case("image", "loop.tif", "either", lambda: grey_tiff(8, 8, rest=b"\0" * 64, following=8))
    yield case("image", "no tags.tif", tiff(), broken)
    for packing in (5, 7, 8, 32_773, 34_925, 50_000, 9_999):
        squeezed = grey_tiff(8_000, 8_000, (259, 3, 1, packing), rest=b"\x78\x9c" + b"\0" * 500)
        yield Case("image", f"packing {packing}.tif", "refused", lambda data=squeezed: data)
    yield case("image", "255 samples.tif", grey_tiff(64, 64, (277, 3, 1, 255)), broken)
    yield case("image", "9 exif.jpg", lambda: with_exif(b"II*\0\xff\xff\xff\xff"))
    yield case("image", "exif loop.jpg", lambda: with_exif(tiff((34_665, 4, 1, 8), following=8)))


def with_exif(data: bytes) -> bytes:
    return drawn("JPEG", exif=b"Exif\0\0" + data)


# --- sound ------------------------------------------------------------------------------------


@cache
def sound(kind: str, subtype: str | None = None, channels: int = 1, seconds: float = 0.5) -> bytes:
    samples = np.random.default_rng(7).normal(0, 0.1, (int(8_000 * seconds), channels))
    content = io.BytesIO()
    soundfile.write(content, samples, 8_000, format=kind, subtype=subtype)
    return content.getvalue()


def wav(
    data: bytes = b"\0\0" * 800,
    *,
    encoding: int = 1,
    channels: int = 1,
    rate_hz: int = 8_000,
    bits: int = 16,
    align: int | None = None,
    told: int | None = None,
    extra: bytes = b"",
    before: bytes = b"",
    mark: bytes = b"RIFF",
) -> bytes:
    align = channels * bits // 8 if align is None else align
    per_second = min(rate_hz * align, 0xFFFF_FFFF)
    form = struct.pack("<HHIIHH", encoding, channels, rate_hz, per_second, align, bits) + extra
    body = b"WAVE" + before + b"fmt " + struct.pack("<I", len(form)) + form
    body += b"data" + struct.pack("<I", len(data) if told is None else told) + data
    return mark + struct.pack("<I", len(body) & 0xFFFF_FFFF) + body


def extensible(encoding: int) -> bytes:
    tail = b"\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71"
    extra = struct.pack("<HHIH", 22, 16, 4, encoding) + tail
    return wav(encoding=0xFFFE, extra=extra)


def xing(frames: int) -> bytes:
    """Give an mp3 whose first frame claims so many frames."""
    whole = bytearray(sound("MP3"))
    for mark in (b"Xing", b"Info"):
        place = whole.find(mark)
        if place >= 0:
            whole[place + 8 : place + 12] = struct.pack(">I", frames)
    return bytes(whole)


def flac_told(**lies: int) -> bytes:
    whole = bytearray(sound("FLAC"))
    numbers = int.from_bytes(whole[18:26], "big")
    rate_hz, channels = numbers >> 44, numbers >> 41 & 7
    bits, samples = numbers >> 36 & 31, numbers & (1 << 36) - 1
    told = {"rate_hz": rate_hz, "channels": channels, "bits": bits, "samples": samples} | lies
    numbers = told["rate_hz"] << 44 | told["channels"] << 41 | told["bits"] << 36 | told["samples"]
    whole[18:26] = numbers.to_bytes(8, "big")
    return bytes(whole)


def sounds() -> Iterator[Case]:
    unread, encoded = "audio.cannot_decode", "audio.wav_encoding"
    for kind, subtype in [
        *(("WAV", "PCM_16"), ("WAV", "PCM_U8"), ("WAV", "PCM_24"), ("WAV", "PCM_32")),
        *(("WAV", "ULAW"), ("WAV", "ALAW")),
        *(("WAV", "FLOAT"), ("WAV", "DOUBLE"), ("FLAC", "PCM_24"), ("WAVEX", "PCM_16")),
        *(
            ("RF64", "PCM_16"),
            ("FLAC", "PCM_16"),
            ("OGG", "VORBIS"),
            ("OGG", "OPUS"),
            ("MP3", None),
        ),
    ]:
        yield case(
            "audio", f"honest {subtype}.{kind.lower()}", lambda k=kind, s=subtype: sound(k, s)
        )
    yield case("audio", "eight channels.wav", lambda: sound("WAV", "PCM_16", 8))
    yield case(
        "audio", "nine channels.wav", lambda: sound("WAV", "PCM_16", 9), "audio.too_many_channels"
    )
    yield case(
        "audio",
        "255 channels.wav",
        lambda: wav(b"\0\0" * 255 * 8, channels=255),
        "audio.too_many_channels",
    )
    for subtype in ("IMA_ADPCM", "MS_ADPCM", "GSM610", "G721_32"):
        yield case("audio", f"{subtype}.wav", lambda s=subtype: sound("WAV", s), encoded)
    # CVE-2022-33065 and its incomplete mending: samples per block times channels overflows.
    for align, channels in ((0, 1), (0xFFFF, 0xFFFF), (1, 255), (0x8000, 2)):
        overflow = wav(encoding=0x11, channels=channels, bits=4, align=align, extra=b"\2\0\xff\xff")
        yield case("audio", f"IMA {align} {channels}.wav", overflow, encoded)
    yield case("audio", "ADPCM in disguise.wav", extensible(0x11), encoded)
    for encoding in (0, 2, 0x31, 0x55, 0x161, 0xFFFF):
        yield case("audio", f"encoding {encoding:x}.wav", wav(encoding=encoding), encoded)
    for encoding in (6, 7):  # 16 bits of what has 8
        made = wav(encoding=encoding)
        yield Case("audio", f"encoding {encoding:x}.wav", "either", lambda made=made: made)
    for told in (5_000, 1 << 30, 0x7FFF_0000 - 1):
        yield case("audio", f"data of {told}.wav", wav(told=told), "audio.cut_off")
    for told in (0, 0xFFFF_FFFF, 0x8000_0000, 1):
        yield Case("audio", f"told {told:x}.wav", "either", lambda told=told: wav(told=told))
    for rate_hz in (0, 192_001, 0x7FFF_FFFF, 0xFFFF_FFFF):
        yield case(
            "audio", f"{rate_hz} Hz.wav", wav(rate_hz=rate_hz), "audio.sample_rate_too_high", unread
        )
    yield case(
        "audio", "an hour and a bit.wav", wav(b"\x80" * 3_700, rate_hz=1, bits=8), "audio.too_long"
    )
    yield case("audio", "0 channels.wav", wav(channels=0, align=2), unread)
    for bits, align in ((0, 0), (1, 1), (64, 8), (16, 0), (16, 1), (255, 2), (24, 1)):
        name = f"{bits} bits in {align}.wav"
        yield Case("audio", name, "either", lambda b=bits, a=align: wav(bits=b, align=a))
    two = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8_000, 16_000, 2, 16)
    yield case("audio", "two formats.wav", wav(before=two), unread)
    yield case("audio", "chunk of 4 GB.wav", wav(before=b"LIST\xff\xff\xff\xff"), unread)
    yield case("audio", "no format.wav", b"RIFF\x0c\0\0\0WAVEdata\4\0\0\0\0\0\0\0", unread)
    yield case("audio", "no data.wav", wav()[:36], unread)
    yield Case("audio", "10 000 chunks.wav", "either", lambda: wav(before=b"junk\0\0\0\0" * 10_000))
    for name, value in {"NaN": np.nan, "infinite": np.inf}.items():
        data = np.array([0, value, 0.5] * 100, "<f4").tobytes()
        yield case("audio", f"{name}.wav", wav(data, encoding=3, bits=32), "audio.not_finite")
    huge = np.array([1e38, -1e38] * 100, "<f4").tobytes()
    yield Case("audio", "1e38.wav", "either", lambda: wav(huge, encoding=3, bits=32))
    doubles = np.array([1e300, 0.0] * 100, "<f8").tobytes()
    yield case("audio", "beyond float32.wav", wav(doubles, encoding=3, bits=64), "audio.not_finite")
    for samples in (1 << 30, (1 << 36) - 1):
        yield case(
            "audio",
            f"{samples} samples.flac",
            lambda n=samples: flac_told(samples=n),
            "audio.too_long",
            "audio.cut_off",
            unread,
        )
    yield case(
        "audio",
        "655350 Hz.flac",
        lambda: flac_told(rate_hz=655_350),
        "audio.sample_rate_too_high",
        unread,
    )
    yield case(
        "audio", "0 Hz.flac", lambda: flac_told(rate_hz=0), unread, "audio.sample_rate_too_high"
    )
    yield Case("audio", "1 bit.flac", "either", lambda: flac_told(bits=0))
    for frames in (1, 1 << 20, 0x7FFF_FFFF, 0xFFFF_FFFF):
        yield Case("audio", f"{frames} frames.mp3", "either", lambda n=frames: xing(n))
    yield case("audio", "tag of 256 MB.mp3", b"ID3\4\0\0\x7f\x7f\x7f\x7f" + b"\0" * 500, unread)
    yield Case("audio", "sync only.mp3", "refused", lambda: b"\xff\xfb" * 4_000)
    pages = b"OggS\0\2" + b"\0" * 20 + b"\xff" * 256
    yield case("audio", "pages only.ogg", pages, unread, "audio.cut_off_in_page")
    foreign = {
        "aiff": b"FORM\0\0\0\4AIFF",
        "au": b".snd" + b"\0" * 40,
        "caf": b"caff\0\1\0\0",
        "mp4": b"\0\0\0\x18ftypM4A ",
        "w64": b"riff\x2e\x91\xcf\x11" + b"\0" * 40,
        "midi": b"MThd\0\0\0\6",
        "png": b"\x89PNG\r\n\x1a\n",
        "text": b"this is not sound",
        "zeros": b"\0" * 4_096,
        "avi": b"RIFF\0\0\0\0AVI LIST",
        "xi": b"Extended Instrument: ",
    }
    for kind, data in foreign.items():
        yield case("audio", f"{kind} as.wav", data, "audio.not_audio")
    yield case("audio", "nothing.wav", b"", "audio.empty")
    for kind in ("WAV", "FLAC", "OGG", "MP3"):
        yield from damaged("audio", f"d.{kind.lower()}", lambda k=kind: sound(k), cuts=8, flips=30)


def cases() -> list[Case]:
    return [each for family in (numbers(), tables(), images(), sounds()) for each in family]


# --- reading ----------------------------------------------------------------------------------


def read_here(item: Case, data: bytes) -> str | None:
    """Read numbers or a table in this process; give the code of its refusal."""
    try:
        if item.kind == "npy":
            read_array(io.BytesIO(data), item.name, len(data))
        else:
            limits = TableLimits(max_rows=100_000, max_columns=16_384)
            read_table(data, item.name, limits)
    except BlockwrightError as reason:
        return reason.problem.code
    return None


def questions(item: Case, data: bytes) -> list[MediaRequest]:
    if item.kind == "image":
        asks = [ImageFactsAsk(), PixelsAsk(settings=SMALL)]
    else:
        asks = [AudioFactsAsk(), SpectrogramAsk(settings=SPECTROGRAM)]
    return [MediaRequest(ask, item.name, data) for ask in asks]


def tell(item: Case, codes: list[str | None], seconds: float) -> None:
    """Print what came of a case; of two answers the last one counts, and both are told."""
    print(
        json.dumps(
            {
                "kind": item.kind,
                "name": item.name,
                "expected": item.expected,
                "wanted": sorted(item.codes),
                "codes": codes,
                "seconds": seconds,
                "peak_mb": peak_mb(),
            }
        ),
        flush=True,
    )


def main() -> None:
    """Have every case read, two processes at a time where that is a child's work."""
    everything = cases()
    for item in everything:
        if item.kind in {"npy", "csv"}:
            data, begun = item.make(), time.monotonic()
            try:
                code = read_here(item, data)
            except Exception as reason:  # noqa: BLE001 - the test tells of it
                code = f"raised {type(reason).__name__}: {reason}"[:300]
            tell(item, [code], time.monotonic() - begun)
    asked = [(item, item.make()) for item in everything if item.kind in {"image", "audio"}]
    with MediaPool(2, LIMITS) as pool:
        answers = pool.map(each for item, data in asked for each in questions(item, data))
        for item, _ in asked:
            begun = time.monotonic()
            both = [next(answers), next(answers)]
            codes = [each.code if isinstance(each, Problem) else None for each in both]
            tell(item, codes, time.monotonic() - begun)
        print(json.dumps({"children_peak_mb": max(peak_mb(pid) for pid in pool.pids)}))


if __name__ == "__main__":
    sys.exit(main())
