"""What a person sees of rows: sound settings, a thousand columns, filters, corrections."""

from __future__ import annotations

import io
import math
import struct
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.test_bringing_in_data import add_dataset, open_datasets
from tests.support.dataset_zips import write_zip
from tests.support.session import make_project, sign_in
from tests.support.studio import running_studio

pytestmark = pytest.mark.browser

RATE_HZ = 16_000


def tone(hz: float, seconds: float) -> bytes:
    """Give a wav of one falling tone."""
    count = int(RATE_HZ * seconds)
    samples = [
        int(20_000 * (1 - n / count) * math.sin(math.tau * hz * n / RATE_HZ)) for n in range(count)
    ]
    file = io.BytesIO()
    with wave.open(file, "wb") as clip:
        clip.setnchannels(1)
        clip.setsampwidth(2)
        clip.setframerate(RATE_HZ)
        clip.writeframes(struct.pack(f"<{count}h", *samples))
    return file.getvalue()


@contextmanager
def dataset_open(
    browser: Browser, folder: Path, name: str, entries: dict[str, bytes | str]
) -> Iterator[Page]:
    """Import files in a studio of their own and give the window that shows them."""
    archive = write_zip(folder / "dataset.zip", entries)
    with running_studio(folder / "data") as studio, sign_in(studio) as client:
        project = make_project(client)
        add_dataset(client, project["id"], name, archive.read_bytes())
        page = open_datasets(browser, studio, client, project["id"])
        expect(page.get_by_role("grid")).to_be_visible(timeout=60_000)
        yield page
        page.context.close()


def test_sound_settings_are_seen_on_a_real_clip_before_they_are_applied(
    browser: Browser, tmp_path: Path
) -> None:
    clips: dict[str, bytes | str] = {
        f"clips/{hz}.wav": tone(hz, hz / 400) for hz in (440, 880, 1_320)
    }
    index = "fname,label\n" + "".join(f"{name},{place}\n" for place, name in enumerate(clips))
    with dataset_open(browser, tmp_path, "Tones", {"index.csv": index.encode(), **clips}) as page:
        page.get_by_role("button", name="fname", exact=True).click()
        drawer = page.get_by_role("dialog", name="fname")
        picture = drawer.get_by_role("img", name="Spectrogram of 440.wav")
        expect(picture).to_be_visible()
        before = picture.get_attribute("src")
        drawer.get_by_role("radio", name="Original tutorial 256 × 256").click()
        expect(picture).not_to_have_attribute("src", before or "")
        expect(drawer.get_by_text("every 15.7 ms, looks at 58.0 ms")).to_be_visible()
        drawer.get_by_role("button", name="Next clip").click()
        expect(drawer.get_by_role("img", name="Spectrogram of 880.wav")).to_be_visible()
        expect(page.get_by_role("button", name="Encoding of fname")).not_to_contain_text("256")
        drawer.get_by_role("button", name="Apply").click()
        expect(page.get_by_role("button", name="Encoding of fname")).to_contain_text("256 bands")
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_role("button", name="Encoding of fname")).not_to_contain_text("256")


def test_a_thousand_columns_are_drawn_only_where_they_are_seen_and_bundled_by_a_pattern(
    browser: Browser, tmp_path: Path
) -> None:
    names = [f"label_{place:03d}" for place in range(998)]
    lines = [",".join(["id", "size", *names])]
    for row in range(120):
        ones = ("1" if (row + place) % 17 == 0 else "0" for place in range(998))
        lines.append(",".join([f"row {row}", str(row * 1.5), *ones]))
    with dataset_open(browser, tmp_path, "Wide", {"index.csv": "\n".join(lines).encode()}) as page:
        grid = page.get_by_role("grid")
        expect(grid).to_have_attribute("aria-colcount", "1001")
        expect(grid).to_have_attribute("aria-rowcount", "121")
        assert page.get_by_role("columnheader").count() < 30
        assert page.get_by_role("row").count() < 60
        page.get_by_role("button", name="New feature set").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Find a feature").fill("label_9*")
        dialog.get_by_label("Select all").check()
        expect(dialog.get_by_role("status")).to_have_text("98 of 1000 chosen")
        dialog.get_by_label("Feature set name").fill("labels")
        dialog.get_by_role("button", name="Create").click()
        expect(page.get_by_role("columnheader", name="labels", exact=True)).to_be_visible()
        grid.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("End")
        expect(page.get_by_role("columnheader", name="label_899")).to_be_visible()


def test_rows_are_filtered_sorted_and_corrected(browser: Browser, tmp_path: Path) -> None:
    kinds = ("cat", "dog", "owl")
    lines = ["kind,weight", *(f"{kinds[row % 3]},{row}.5" for row in range(90))]
    with dataset_open(
        browser, tmp_path, "Animals", {"index.csv": "\n".join(lines).encode()}
    ) as page:
        page.get_by_role("columnheader", name="kind").hover()
        page.get_by_role("button", name="Filter by kind").click()
        page.get_by_role("combobox", name="Value").fill("owl")
        page.get_by_role("option", name="owl").click()
        page.get_by_role("button", name="Filter rows").click()
        expect(page.get_by_text("30 of 90 rows")).to_be_visible()
        page.get_by_role("columnheader", name="weight").hover()
        for _ in ("lowest first", "highest first"):
            page.get_by_role("button", name="Sort by weight").click()
        expect(page.get_by_role("row").nth(1)).to_contain_text("89.5")
        page.get_by_role("button", name="Row 90, details").click()
        drawer = page.get_by_role("dialog", name="Row 90")
        drawer.get_by_role("button", name="Correct kind").click()
        page.get_by_role("option", name="cat").click()
        drawer.get_by_role("button", name="Save").click()
        expect(drawer.get_by_text("corrected", exact=True)).to_be_visible()
        expect(page.get_by_text("29 of 90 rows")).to_be_visible()
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_text("30 of 90 rows")).to_be_visible()
