"""Settings of sound in a real browser: what stands in a box is what counts."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.support.data_material import spare_dogs, write_recordings
from tests.support.data_view import Workplace, expect_reason

pytestmark = pytest.mark.browser


def test_a_number_out_of_range_is_moved_into_it_and_applied_as_shown(
    workplace: Workplace, tmp_path: Path
) -> None:
    page = workplace.page
    project = workplace.project("Boxes")
    archive = write_recordings(tmp_path / "dogs.zip", spare_dogs(2))
    version = workplace.bring_in(project, "Dogs", [archive])
    page.get_by_role("button", name="fname", exact=True).click()
    drawer = page.get_by_role("dialog", name="fname")

    type_and_leave(drawer, "Window (n_fft)", "999999")
    expect(box(drawer, "Window (n_fft)")).to_have_value("16384")
    expect(drawer.get_by_text("Allowed are 32 to 16,384: 999,999 became 16,384.")).to_be_visible()
    type_and_leave(drawer, "Dynamic range", "0")
    expect(box(drawer, "Dynamic range")).to_have_value("20 dB")
    type_and_leave(drawer, "Highest (fmax)", "10")
    expect(box(drawer, "Highest (fmax)")).to_have_value("100 Hz")
    before = box(drawer, "Hop").input_value()
    type_and_leave(drawer, "Hop", "")
    expect(box(drawer, "Hop")).to_have_value(before)

    # Straight from the box to the button: what the button applies is what the box shows.
    box(drawer, "Frames").fill("100000")
    drawer.get_by_role("button", name="Apply").click()
    expect(drawer.get_by_text("These are the settings of the draft.")).to_be_visible()
    expect(box(drawer, "Frames")).to_have_value("4096")
    kept = workplace.version(version["id"])["features"][0]["encoding"]["spectrogram"]
    assert (kept["fft_samples"], kept["frames"], kept["max_hz"]) == (16_384, 4_096, 100)
    assert (kept["dynamic_range_db"], str(kept["hop_samples"])) == (20, before)


def test_settings_that_contradict_each_other_cannot_be_applied_and_say_so(
    workplace: Workplace, tmp_path: Path
) -> None:
    page = workplace.page
    archive = write_recordings(tmp_path / "dogs.zip", spare_dogs(2))
    workplace.bring_in(workplace.project("Crossed"), "Dogs", [archive])
    page.get_by_role("button", name="fname", exact=True).click()
    drawer = page.get_by_role("dialog", name="fname")
    apply = drawer.get_by_role("button", name="Apply")
    expect_reason(apply, "These are the settings of the draft")

    type_and_leave(drawer, "Lowest (fmin)", "500")
    expect(apply).to_be_enabled()
    type_and_leave(drawer, "Highest (fmax)", "200")
    expect_reason(apply, "A setting is out of its range")


def box(drawer: Locator, name: str) -> Locator:
    """Give the box of a number; its slider has the same name and comes first."""
    return drawer.get_by_label(name).last


def type_and_leave(drawer: Locator, name: str, typed: str) -> None:
    """Type into a box and go on to the next field."""
    box(drawer, name).fill(typed)
    box(drawer, name).press("Tab")
