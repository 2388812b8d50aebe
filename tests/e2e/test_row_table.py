"""What a person sees of rows: sound settings, filters, corrections."""

from __future__ import annotations

import io
import math
import struct
import wave
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.data_view import Workplace
from tests.support.dataset_zips import write_zip

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


def test_sound_settings_are_seen_on_a_real_clip_before_they_are_applied(
    workplace: Workplace, tmp_path: Path
) -> None:
    clips: dict[str, bytes | str] = {
        f"clips/{hz}.wav": tone(hz, hz / 400) for hz in (440, 880, 1_320)
    }
    index = "fname,label\n" + "".join(f"{name},{place}\n" for place, name in enumerate(clips))
    archive = write_zip(tmp_path / "tones.zip", {"index.csv": index, **clips})
    page = workplace.page
    workplace.bring_in(workplace.project("Tones"), "Tones", [archive])
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
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_role("button", name="Encoding of fname")).not_to_contain_text("256")


def test_rows_are_filtered_sorted_and_corrected(workplace: Workplace, tmp_path: Path) -> None:
    kinds = ("cat", "dog", "owl")
    lines = ["kind,weight", *(f"{kinds[row % 3]},{row}.5" for row in range(90))]
    table = tmp_path / "animals.csv"
    table.write_text("\n".join(lines), encoding="utf-8")
    page = workplace.page
    workplace.bring_in(workplace.project("Animals"), "Animals", [table])
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
    opened = page.get_by_role("row", selected=True)
    expect(opened.get_by_role("button", name="Row 90, details")).to_be_visible()
    drawer = page.get_by_role("dialog", name="Row 90")
    drawer.get_by_role("button", name="Correct kind").click()
    page.get_by_role("option", name="cat").click()
    drawer.get_by_role("button", name="Save").click()
    expect(drawer.get_by_text("corrected", exact=True)).to_be_visible()
    expect(page.get_by_text("29 of 90 rows")).to_be_visible()
    # The row in the drawer is not among those shown any more.
    expect(opened).to_have_count(0)
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_text("30 of 90 rows")).to_be_visible()
