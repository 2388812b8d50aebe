"""Images of any mode become the colours that people see, or are refused when they come in."""

from __future__ import annotations

import io
import math
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from blockwright.contracts.data import ImportReport
from blockwright.contracts.images import ImageSettings
from blockwright.contracts.problems import BlockwrightError, in_language
from blockwright.datasets.import_reports import problems_in
from blockwright.datasets.media.images import decode_image, image_facts, thumbnail_png
from blockwright.datasets.report_csv import report_csv
from tests.support.dataset_zips import import_zip, write_zip
from tests.support.tiff_files import tiff_bytes

MOST_PIXELS = 1_000_000
WHITE, BLACK, RED = (255, 255, 255), (0, 0, 0), (200, 10, 20)
ORIENTED: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    1: lambda seen: seen,
    2: np.fliplr,
    3: lambda seen: np.rot90(seen, 2),
    4: np.flipud,
    5: np.transpose,
    6: lambda seen: np.rot90(seen, -1),
    7: lambda seen: np.rot90(seen.T, 2),
    8: np.rot90,
}


def file_of(image: Image.Image, kind: str, **options: Any) -> bytes:
    content = io.BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def decoded(content: bytes, colour: str = "rgb") -> np.ndarray:
    """Decode to its own size."""
    facts = image_facts(io.BytesIO(content), "x", MOST_PIXELS)
    settings = ImageSettings.model_validate(
        {"width": facts.width, "height": facts.height, "colour": colour}
    )
    return decode_image(io.BytesIO(content), "x", settings, MOST_PIXELS)


def grey(content: bytes) -> np.ndarray:
    return decoded(content, "grayscale")[..., 0]


# --- numbers wider than a byte ------------------------------------------------------------------


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("kind", "least", "greatest"),
    [
        ("i1", -100, 100),
        ("i2", -500, 30_000),
        ("u4", 0, 4_000_000_000),
        ("i4", -2_000_000_000, 2_000_000_000),
        ("f4", -3.5, 812.25),
        ("f8", 1e-9, 1e-3),
    ],
)
def test_numbers_without_an_agreed_range_become_brightness_by_their_own(
    kind: str, least: float, greatest: float, order: str, packed: bool
) -> None:
    values = np.linspace(least, greatest, 12).reshape(3, 4).astype(kind)
    content = tiff_bytes(values, order=order, packed=packed)
    facts = image_facts(io.BytesIO(content), "scan.tif", MOST_PIXELS)
    assert (facts.black, facts.white) == pytest.approx((least, greatest))
    wanted = np.linspace(0, 255, 12).reshape(3, 4)
    assert np.abs(grey(content) - wanted).max() <= 0.51 + 255 / 200 * (kind == "i1")
    small = Image.open(io.BytesIO(thumbnail_png(io.BytesIO(content), "x", 64, MOST_PIXELS)))
    assert np.array_equal(np.asarray(small.convert("L")), grey(content))


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
def test_sixteen_bits_without_a_sign_are_divided_by_257(order: str, packed: bool) -> None:
    values = np.array([[0, 128, 129, 257], [32_896, 40_000, 65_406, 65_535]], np.uint16)
    content = tiff_bytes(values, order=order, packed=packed)
    facts = image_facts(io.BytesIO(content), "scan.tif", MOST_PIXELS)
    assert (facts.bits, facts.black, facts.white) == (16, None, None)
    assert np.array_equal(grey(content), np.rint(values / 257))
    assert np.array_equal(grey(file_of(Image.fromarray(values), "PNG")), np.rint(values / 257))


@pytest.mark.parametrize("kind", ["u2", "u4", "f4"])
@pytest.mark.parametrize("order", ["<", ">"])
def test_a_tiff_whose_zero_is_white_is_turned_round(kind: str, order: str) -> None:
    values = np.array([[0, 65_535]], kind)
    assert grey(tiff_bytes(values, order=order, zero_is_white=True)).tolist() == [[255, 0]]


def test_a_picture_of_one_number_is_black() -> None:
    assert not grey(tiff_bytes(np.full((2, 3), 7.5, np.float32))).any()


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 1e300])
def test_pixels_that_are_no_numbers_are_refused_when_they_come_in(number: float) -> None:
    values = np.array([[0, 1], [2, number]], np.float64)
    with pytest.raises(BlockwrightError, match=r"odd\.tif holds pixels that are not num") as told:
        image_facts(io.BytesIO(tiff_bytes(values)), "odd.tif", MOST_PIXELS)
    assert told.value.problem.code == "media.image_not_finite"


# --- colours ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        *((mode, "PNG") for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")),
        *((mode, "TIFF") for mode in ("CMYK", "YCbCr", "LAB", "I;16B", "I", "F")),
        ("CMYK", "JPEG"),
    ],
)
def test_an_image_of_any_mode_comes_in_and_can_be_encoded(mode: str, kind: str) -> None:
    content = file_of(Image.new(mode, (8, 6)), kind)
    facts = image_facts(io.BytesIO(content), "x", MOST_PIXELS)
    assert (facts.width, facts.height) == (8, 6)
    assert decoded(content).shape == (6, 8, 3)


@pytest.mark.parametrize(
    ("mode", "kind"), [("CMYK", "TIFF"), ("CMYK", "JPEG"), ("YCbCr", "TIFF"), ("RGB", "GIF")]
)
def test_colours_stay_what_they_were(mode: str, kind: str) -> None:
    content = file_of(Image.new("RGB", (8, 8), RED).convert(mode), kind)
    assert np.abs(decoded(content)[4, 4].astype(int) - RED).max() <= 3


def test_lab_becomes_the_colour_it_means() -> None:
    # L = 40, a = 67, b = 50, which Pillow keeps as 102, 128 + 67, 128 + 50: a red.
    content = file_of(Image.new("LAB", (8, 8), (102, 195, 178)), "TIFF")
    red, green, blue = decoded(content)[4, 4].astype(int)
    assert red > 150
    assert green < 40
    assert blue < 60


def test_a_picture_of_two_colours_is_black_and_white() -> None:
    two = Image.new("1", (8, 8), 1)
    two.putpixel((0, 0), 0)
    assert decoded(file_of(two, "PNG"))[0, :2].tolist() == [list(BLACK), list(WHITE)]


def clear_palette() -> Image.Image:
    image = Image.new("P", (8, 8), 1)
    image.putpalette([*RED, *BLACK, 0, 255, 0])
    image.putpixel((0, 0), 0)
    image.info["transparency"] = 0
    return image


def half_clear() -> Image.Image:
    image = Image.new("RGBA", (8, 8), (*BLACK, 255))
    image.putpixel((0, 0), (*RED, 0))
    return image


@pytest.mark.parametrize(
    "image",
    [clear_palette(), half_clear(), half_clear().convert("LA")],
    ids=["P", "RGBA", "LA"],
)
def test_transparent_pixels_lie_over_white_unless_alpha_is_wanted(image: Image.Image) -> None:
    content = file_of(image, "PNG")
    assert decoded(content)[0, :2].tolist() == [list(WHITE), list(BLACK)]
    assert grey(content)[0, :2].tolist() == [255, 0]
    assert decoded(content, "rgba")[0, :2, 3].tolist() == [0, 255]


def test_one_of_the_wide_numbers_may_be_transparent() -> None:
    values = np.array([[500, 65_535], [0, 500]], np.uint16)
    content = file_of(Image.fromarray(values), "PNG", transparency=500)
    assert decoded(content, "rgba")[..., 3].tolist() == [[0, 255], [255, 0]]
    assert grey(content).tolist() == [[255, 255], [0, 255]]


@pytest.mark.parametrize("orientation", ORIENTED)
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_an_image_stands_as_its_orientation_says(kind: str, orientation: int) -> None:
    seen = np.kron(np.arange(6, dtype=np.uint8).reshape(2, 3) * 50, np.ones((16, 16), np.uint8))
    exif = Image.Exif()
    exif[0x112] = orientation
    content = file_of(Image.fromarray(seen), kind, exif=exif)
    wanted = ORIENTED[orientation](seen)
    assert grey(content).shape == wanted.shape
    assert np.abs(grey(content)[8::16, 8::16].astype(int) - wanted[8::16, 8::16]).max() <= 4


@pytest.mark.parametrize("orientation", ORIENTED)
def test_wide_numbers_are_turned_too(orientation: int) -> None:
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    wanted = ORIENTED[orientation](np.rint(values / 5 * 255))
    assert np.array_equal(grey(tiff_bytes(values, orientation=orientation)), wanted)


@pytest.mark.parametrize(
    "tags",
    {
        "no tags at all": b"nonsense",
        "words": struct.pack("<4sIHHHI4sI", b"II*\0", 8, 1, 0x112, 2, 4, b"six\0", 0),
        "endless": struct.pack("<4sIHHHIfI", b"II*\0", 8, 1, 0x112, 11, 1, math.inf, 0),
        "no number": struct.pack("<4sIHHHIfI", b"II*\0", 8, 1, 0x112, 11, 1, math.nan, 0),
        "beyond the end": struct.pack("<4sIHHHIII", b"II*\0", 8, 1, 0x112, 5, 1, 1 << 30, 0),
        "cut off": struct.pack("<4sIHH", b"II*\0", 8, 9, 0x112),
    }.items(),
    ids=lambda case: case[0],
)
def test_an_orientation_that_is_none_leaves_the_image_as_it_is(tags: tuple[str, bytes]) -> None:
    seen = np.kron(np.arange(6, dtype=np.uint8).reshape(2, 3) * 50, np.ones((16, 16), np.uint8))
    content = file_of(Image.fromarray(seen), "JPEG", exif=b"Exif\0\0" + tags[1])
    assert grey(content).shape == seen.shape


# --- what the import says of it -----------------------------------------------------------------


def imported(tmp_path: Path, files: dict[str, bytes]) -> tuple[ImportReport, str]:
    """Import a folder of images; gives the report and its csv in English."""
    source = write_zip(tmp_path / "scans.zip", dict(files))
    report = import_zip(source, tmp_path / "content").report
    return report, report_csv(report, problems_in(tmp_path / "content", 1), "en")


def test_the_import_says_of_one_image_what_became_of_its_numbers(tmp_path: Path) -> None:
    values = np.array([[-3.5, 0, 812.25]], np.float32)
    deep = file_of(Image.fromarray(np.array([[0, 65_535]], np.uint16)), "PNG")
    plain = file_of(Image.new("RGB", (3, 3)), "PNG")
    files = {"a/scan.tif": tiff_bytes(values), "a/deep.png": deep, "b/plain.png": plain}
    report, csv = imported(tmp_path, files)
    assert (report.rows_taken, report.problem_count) == (3, 0)
    own, bits = sorted(report.notes, key=lambda note: note.code, reverse=True)
    assert own.code == "media.image_own_range"
    assert "scan.tif holds numbers" in own.message
    assert "-3.5 became black (0), 812.25 white (255)" in own.message
    assert "-3.5 为黑（0），812.25 为白（255）" in in_language(own, "zh").message
    assert bits.code == "media.image_bits_lost"
    assert "deep.png has 16 bits per channel" in bits.message
    assert csv.count("scan.tif") == csv.count("deep.png") == 1


def test_many_such_images_are_one_remark_and_a_line_of_the_csv_each(tmp_path: Path) -> None:
    files = {f"a/{number}.tif": tiff_bytes(np.array([[0, number]], "<f4")) for number in (1, 2, 3)}
    files["b/none.tif"] = tiff_bytes(np.array([[0, np.nan]], np.float32))
    report, csv = imported(tmp_path, files)
    assert [item.problem.code for item in report.problems] == ["media.image_not_finite"]
    (note,) = report.notes
    assert note.code == "media.images_own_range"
    assert note.params["files"] == 3
    for number in (1, 2, 3):
        assert f"a/{number}.tif" in csv
        assert f"0 became black (0), {number} white (255)" in csv
