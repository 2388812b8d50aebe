"""What an import changed or will not use is remarked on, in words of the screen, by name."""

from __future__ import annotations

import csv
import io
import wave
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blockwright.contracts.data import Feature, ImportReport
from blockwright.contracts.problems import BlockwrightError, in_language
from blockwright.contracts.work import Imported
from blockwright.datasets.import_reports import problems_in
from blockwright.datasets.intake import run_import
from blockwright.datasets.report_csv import report_csv
from tests.support.dataset_zips import RecordingSink, import_files, import_plan, npy_bytes
from tests.support.media_files import png_bytes, wav_bytes


def stereo_bytes() -> bytes:
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(np.arange(1_600, dtype="<i2").tobytes())
    return content.getvalue()


def image_bytes(kind: str, image: Image.Image, **more: object) -> bytes:
    content = io.BytesIO()
    image.save(content, kind, **more)
    return content.getvalue()


def remarks(report: ImportReport) -> dict[str, str]:
    return {note.code: note.message for note in report.notes}


def lines_of_csv(folder: Path, imported: Imported, number: int = 1) -> list[tuple[str, str]]:
    text = report_csv(imported.report, problems_in(folder, number), "en")
    return [(line[0], line[1]) for line in list(csv.reader(io.StringIO(text)))[1:]]


def write_images(folder: Path) -> list[Path]:
    folder.mkdir()
    frames = [Image.new("L", (4, 4), shade) for shade in (0, 90, 200)]
    gif = image_bytes("GIF", frames[0], save_all=True, append_images=frames[1:])
    files = {
        "plain.png": png_bytes(1),
        "opaque.png": image_bytes("PNG", Image.new("RGBA", (4, 4), (9, 8, 7, 255))),
        "clear.png": image_bytes("PNG", Image.new("RGBA", (4, 4), (9, 8, 7, 40))),
        "moving.gif": gif,
        "deep.bmp": image_bytes("BMP", Image.new("RGB", (4, 4), 9)),
        "hole.gif": image_bytes("GIF", Image.new("P", (4, 4), 1), transparency=1),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in files]


def test_what_is_not_used_of_images_is_remarked_on_and_listed_by_name(tmp_path: Path) -> None:
    imported = import_files(*write_images(tmp_path / "in"), folder=tmp_path / "ds")
    assert imported.rows == 6
    assert remarks(imported.report) == {
        "media.images_blended": "2 images of file, clear.png the first, have transparent pixels."
        " The files stay as they are; in colours without opacity (RGB, grayscale) they lie over"
        " white. The csv of this report names each.",
        "media.image_first_frame": "moving.gif holds 3 frames. Only the first is used.",
    }
    assert lines_of_csv(tmp_path / "ds", imported) == [
        ("clear.png", "media.image_blended"),
        ("hole.gif", "media.image_blended"),
        ("", "media.images_blended"),
        ("", "media.image_first_frame"),
    ]


def test_recordings_whose_channels_are_averaged_are_listed_and_only_the_new_ones(
    tmp_path: Path,
) -> None:
    mono, stereo = wav_bytes(1), stereo_bytes()
    names = {"a.wav": mono, "b.wav": stereo, "c.wav": stereo + b"\0\0", "d.wav": wav_bytes(2)}
    for name, content in names.items():
        (tmp_path / name).write_bytes(content)
    first = import_files(*(tmp_path / f"{name}.wav" for name in "abc"), folder=tmp_path / "ds")
    assert remarks(first.report) == {
        "audio.some_channels_averaged": "2 recordings of file, b.wav the first, have several"
        " channels. The files stay as they are; encodings take the mean of their channels (mono)."
        " The csv of this report names each."
    }
    assert lines_of_csv(tmp_path / "ds", first) == [
        ("b.wav", "audio.channels_averaged"),
        ("c.wav", "audio.channels_averaged"),
        ("", "audio.some_channels_averaged"),
    ]
    added = import_files(tmp_path / "d.wav", folder=tmp_path / "ds2", base=tmp_path / "ds")
    assert added.rows == 4
    assert lines_of_csv(tmp_path / "ds2", added, 2) == []


def test_numbers_that_are_rounded_are_remarked_on(tmp_path: Path) -> None:
    for name, kind in (("a.npy", "f8"), ("b.npy", "f4"), ("c.npy", "f8")):
        (tmp_path / name).write_bytes(npy_bytes(np.ones((3, 2), kind)))
    table = tmp_path / "index.csv"
    table.write_text("clip\na.npy\nb.npy\nc.npy\n")
    files = [table, *(tmp_path / f"{name}.npy" for name in "abc")]
    imported = import_files(*files, folder=tmp_path / "ds")
    assert remarks(imported.report) == {
        "data.arrays_rounded": "2 arrays of clip hold float64 numbers;"
        " they are kept as the nearest 32-bit floats."
    }


def evidence_of(features: list[Feature]) -> dict[str, str]:
    return {feature.name: feature.evidence.message for feature in features if feature.evidence}


def test_evidence_counts_no_row_that_was_not_taken(tmp_path: Path) -> None:
    for number in range(6):
        (tmp_path / f"{number}.wav").write_bytes(wav_bytes(number))
    lines = "".join(f"{n}.wav,{n % 2},{n}.5,{'ab'[n % 2]}\n" for n in range(6))
    table = tmp_path / "table.csv"
    table.write_text(f"clip,y,x,word\n{lines}lost.wav,1,9.5,c\n")
    imported = import_files(
        table, *(tmp_path / f"{n}.wav" for n in range(6)), folder=tmp_path / "ds"
    )
    assert imported.rows == 6
    assert evidence_of(imported.features) == {
        "clip": "The 6 cells of clip are paths, most of them of .wav files.",
        "y": "All 6 filled cells of y are 0 or 1.",
        "x": "All 6 filled cells of x are numbers.",
        "word": "The 6 filled cells of word hold 2 different words.",
    }


def test_where_there_is_no_table_nothing_speaks_of_cells_or_paths(tmp_path: Path) -> None:
    for number in range(3):
        place = tmp_path / "in" / ("dog" if number else "cat")
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number}.wav").write_bytes(wav_bytes(number))
    imported = import_files(tmp_path / "in", folder=tmp_path / "ds")
    assert evidence_of(imported.features) == {
        "folder": "folder is the folder that each file lies in; there are 2 different ones.",
        "file": "Each row is a file of its own: 3 files, mostly .wav.",
    }
    (tmp_path / "notimg.png").write_text("not an image\n")
    with pytest.raises(BlockwrightError) as refused:
        run_import(import_plan(tmp_path / "notimg.png", folder=tmp_path / "none"), RecordingSink())
    told = refused.value.problem
    assert told.message == (
        "No row could be taken; 1 was found. The first that failed is notimg.png: notimg.png"
        " is not a png, jpeg, webp, bmp, gif or tiff image: by its first bytes it is plain text."
        " It was not taken."
    )
    assert told.fix == "To mend that one: Save it as png or jpeg, or take it out."
    chinese = in_language(told, "zh")
    assert "从文件开头看，类型为 纯文本" in chinese.message
    assert chinese.fix == "对于这一行：请另存为 png 或 jpeg，或把它移除。"


def test_a_damaged_image_is_told_without_words_of_its_decoder(tmp_path: Path) -> None:
    (tmp_path / "good.png").write_bytes(png_bytes(1))
    (tmp_path / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"nothing that a png holds" * 9)
    imported = import_files(tmp_path / "good.png", tmp_path / "torn.png", folder=tmp_path / "ds")
    (told,) = imported.report.problems
    assert told.problem.message == (
        "torn.png is a damaged image: it cannot be decoded. It was not taken."
    )
