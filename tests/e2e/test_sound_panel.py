"""One choice of sound's normalisation, one way to apply settings, pictures that tell the truth."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Locator, Page, expect

from tests.support.browser import save_picture
from tests.support.data_view import MINUTE_MS, Workplace, choose_in, expect_reason
from tests.support.dataset_zips import write_zip
from tests.support.encoding_data import RATE_HZ, wav_bytes

pytestmark = pytest.mark.browser

CLIPS = 12
SECONDS = 2.0


def loud_second_half(hertz: float) -> bytes:
    """Give a clip of two seconds of which the first is silent."""
    sound = wav_bytes(SECONDS, hertz)
    silence = b"\0" * (2 * RATE_HZ)
    return sound[:44] + silence + sound[44 + len(silence) :]


@pytest.fixture
def page(workplace: Workplace, tmp_path: Path) -> Page:
    """A draft of clips alone, which are half silent."""
    clips = {f"{n:02}.wav": loud_second_half(300.0 + 100.0 * n) for n in range(CLIPS)}
    project_id = workplace.project("Sound panel")
    workplace.bring_in(project_id, "Tones", [write_zip(tmp_path / "tones.zip", clips)])
    return workplace.page


def opened(page: Page, name: str = "file") -> Locator:
    page.get_by_role("grid").get_by_role("button", name=name, exact=True).click()
    return page.get_by_role("dialog", name=name)


def normalization_in_head(page: Page) -> Locator:
    return page.get_by_role("button", name="Normalization of file")


def test_head_and_panel_tell_the_same_normalisation(page: Page, pictures: Path) -> None:
    drawer = opened(page)
    drawer.get_by_role("radio", name="Each clip").click()
    drawer.get_by_role("button", name="Apply").click()
    expect(normalization_in_head(page)).to_contain_text("Standardize, each clip")
    save_picture(page, pictures, "sound-normalization")

    normalization_in_head(page).click()
    page.get_by_role("menuitem", name=re.compile("^Min-max by Training|^Min-max from 0")).click()
    expect(normalization_in_head(page)).to_contain_text("Min-max")
    expect(normalization_in_head(page)).not_to_contain_text("each clip")
    expect(drawer.get_by_role("radio", name="Min-max")).to_be_checked()
    expect(drawer.get_by_role("radio", name="The dataset")).to_be_checked()
    expect_reason(drawer.get_by_role("button", name="Apply"), "These are the settings of the draft")

    normalization_in_head(page).click()
    page.get_by_role("menuitem", name=re.compile("^Min-max, each clip")).click()
    expect(drawer.get_by_role("radio", name="Each clip")).to_be_checked()
    drawer.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Save version").click()
    expect(page.get_by_role("heading", name="Version 1 is frozen")).to_be_visible(timeout=MINUTE_MS)
    expect(page.get_by_role("columnheader", name="file")).to_contain_text("Min-max, each clip")


def test_a_waveform_is_tried_first_and_is_as_long_as_the_clips(page: Page) -> None:
    drawer = opened(page)
    choose_in(drawer, "Becomes", "Waveform")
    expect(drawer.get_by_label("Samples").last).to_have_value(str(int(SECONDS * RATE_HZ)))
    encoding = page.get_by_role("button", name="Encoding of file")
    expect(encoding).to_contain_text("Log-mel")
    drawer.get_by_label("Samples").last.fill("16000")
    expect(drawer).to_contain_text("Of longer ones only the first 1.00 s are used.")
    drawer.get_by_role("button", name="Apply").click()
    expect(encoding).to_contain_text("Waveform")
    axis = page.get_by_role("grid").locator(".dt-spec .x[data-at='1']").first
    expect(axis).to_have_text("2.0 s")


def test_pictures_of_trimmed_clips_have_the_seconds_that_are_left(page: Page) -> None:
    drawer = opened(page)
    drawer.get_by_role("switch", name=re.compile("silence", re.IGNORECASE)).click()
    drawer.get_by_role("button", name="Apply").click()
    drawer.get_by_role("button", name="Close").click()
    picture = page.get_by_role("grid").locator(".dt-spec").first
    expect(picture.locator(".x[data-at='0']")).to_have_text("1.0")
    expect(picture.locator(".x[data-at='1']")).to_have_text("2.0 s")


def test_who_leaves_settings_that_are_not_applied_is_asked(page: Page, pictures: Path) -> None:
    encoding = page.get_by_role("button", name="Encoding of file")
    drawer = opened(page)
    choose_in(drawer, "Becomes", "Waveform")
    drawer.get_by_role("button", name="Close").click()
    question = page.get_by_role("dialog", name="Apply the changes to file?")
    expect(question).to_be_visible()
    save_picture(page, pictures, "sound-not-applied")
    question.get_by_role("button", name="Back to the settings").click()
    expect(drawer.get_by_role("combobox", name="Becomes")).to_have_value("Waveform")

    page.get_by_role("button", name="Row 1, details", exact=True).click()
    question.get_by_role("button", name="Discard").click()
    row = page.get_by_role("dialog", name="Row 1")
    expect(row).to_be_visible()
    expect(encoding).to_contain_text("Log-mel")
    # Of clips alone there are no further values to tell.
    expect(row.get_by_text("No feature is called")).to_have_count(0)

    drawer = opened(page)
    choose_in(drawer, "Becomes", "Waveform")
    drawer.get_by_role("button", name="Close").click()
    question.get_by_role("button", name="Apply").click()
    expect(encoding).to_contain_text("Waveform")
    expect(drawer).to_have_count(0)


def test_who_leaves_by_a_link_or_saves_is_asked_about_settings_not_applied(
    page: Page, pictures: Path
) -> None:
    encoding = page.get_by_role("button", name="Encoding of file")
    question = page.get_by_role("dialog", name="Apply the changes to file?")
    page.get_by_role("link", name="Modeling").click()
    page.get_by_role("link", name="Datasets").click()
    drawer = opened(page)
    address = page.url
    # A dialog lies over the drawer, which stays.
    page.get_by_role("button", name="New dataset").click()
    making = page.get_by_role("dialog", name="New dataset")
    making.get_by_role("button", name="Cancel").click()
    expect(making).to_be_hidden()
    choose_in(drawer, "Becomes", "Waveform")
    page.get_by_role("link", name="Modeling").click()
    expect(question).to_be_visible()
    save_picture(page, pictures, "sound-left-by-link")
    question.get_by_role("button", name="Back to the settings").click()
    expect(page).to_have_url(address)
    expect(drawer.get_by_role("combobox", name="Becomes")).to_have_value("Waveform")

    page.go_back()
    question.get_by_role("button", name="Back to the settings").click()
    expect(page).to_have_url(address)
    expect(drawer.get_by_role("combobox", name="Becomes")).to_have_value("Waveform")

    # The drawer leaves the button in sight.
    page.get_by_role("button", name="Save version").click()
    question.get_by_role("button", name="Back to the settings").click()
    expect(page.get_by_role("button", name="Save version")).to_be_enabled()

    page.get_by_role("link", name="Modeling").click()
    question.get_by_role("button", name="Discard").click()
    expect(page).to_have_url(re.compile("/modeling"))
    page.go_back()
    expect(encoding).to_contain_text("Log-mel")

    drawer = opened(page)
    choose_in(drawer, "Becomes", "Waveform")
    page.get_by_role("link", name="Modeling").click()
    question.get_by_role("button", name="Apply").click()
    expect(page).to_have_url(re.compile("/modeling"))
    page.go_back()
    expect(encoding).to_contain_text("Waveform")

    # What is discarded to save the version is not told of the frozen one either.
    drawer = opened(page)
    choose_in(drawer, "Becomes", "Log-mel spectrogram")
    page.get_by_role("button", name="Save version").click()
    question.get_by_role("button", name="Discard").click()
    expect(page.get_by_role("heading", name="Version 1 is frozen")).to_be_visible(timeout=MINUTE_MS)
    expect(drawer.get_by_role("combobox", name="Becomes")).to_have_value("Waveform")


def test_who_closes_the_tab_is_asked_while_settings_are_not_applied(page: Page) -> None:
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", answer)
    drawer = opened(page)
    choose_in(drawer, "Becomes", "Waveform")
    page.evaluate("location.reload()")
    expect(page.get_by_role("button", name="Encoding of file")).to_contain_text("Log-mel")
    assert asked == ["beforeunload"]
    opened(page)
    page.evaluate("location.reload()")
    expect(page.get_by_role("button", name="Encoding of file")).to_be_visible()
    assert asked == ["beforeunload"]
    page.remove_listener("dialog", answer)
