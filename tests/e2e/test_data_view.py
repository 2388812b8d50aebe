"""Understanding data in a real browser: recordings, audio settings, health, gaps, many columns."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browser import save_picture
from tests.support.data_material import FOLDS, write_clips, write_measurements, write_wide_table
from tests.support.data_view import (
    API,
    MINUTE_MS,
    Workplace,
    drop_files,
    shown_clips,
)

pytestmark = pytest.mark.browser


def test_raw_recordings_dropped_with_their_labels_are_heard_set_and_frozen(
    workplace: Workplace, pictures: Path, tmp_path: Path
) -> None:
    clips = write_clips(tmp_path)
    page = workplace.page
    workplace.project("Raw recordings")
    drop_recordings(page, [clips.zip_file, clips.labels_file])

    grid = page.get_by_role("grid")
    expect(grid).to_have_attribute("aria-rowcount", str(clips.rows + 1))
    play = grid.get_by_role("button", name=re.compile("^Play ")).first
    name = (play.get_attribute("aria-label") or "").removeprefix("Play ")
    play.click()
    expect(grid.get_by_role("button", name=f"Pause {name}")).to_be_visible()

    grid.get_by_role("button", name="fname", exact=True).click()
    drawer = page.get_by_role("dialog", name="fname")
    change_settings_and_see(drawer)
    save_picture(page, pictures, "sound-settings")
    drawer.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("button", name="Encoding of fname")).to_contain_text(
        "Log-mel, 63 bands"
    )
    drawer.get_by_role("button", name="Close").click()

    page.get_by_role("button", name="Save version").click()
    expect(page.get_by_role("heading", name="Version 1 is frozen")).to_be_visible(timeout=MINUTE_MS)
    expect(page.get_by_role("button", name="New feature set")).to_have_count(0)
    expect(page.get_by_role("button", name="Encoding of fname")).to_have_count(0)
    expect(page.get_by_text("Log-mel, 63 bands")).to_be_visible()


def drop_recordings(page: Page, files: list[Path]) -> None:
    """Drop a zip of recordings and their table together; wait for the draft."""
    page.get_by_role("button", name="New dataset").first.click()
    dialog = page.get_by_role("dialog", name="New dataset")
    drop_files(page, dialog.get_by_text("Drop files or a folder here, or choose them."), files)
    dialog.get_by_role("button", name="Next").click()
    dialog.get_by_label("Name", exact=True).fill("Clips")
    dialog.get_by_role("button", name="Done").click()
    expect(page.get_by_role("columnheader", name="fname")).to_be_visible(timeout=MINUTE_MS)
    expect(page.get_by_role("columnheader", name="labels")).to_be_visible()


def change_settings_and_see(drawer: Locator) -> None:
    """Choose a preset, then move one control: the picture and its axes follow, nothing is kept."""
    picture = drawer.get_by_role("img", name=re.compile("^Spectrogram of "))
    expect(drawer.get_by_role("img", name=re.compile("^Waveform of "))).to_be_visible()
    before, axis = picture.get_attribute("src"), drawer.get_by_text("16k", exact=True)
    expect(axis).to_be_visible()
    drawer.get_by_role("radio", name="Speech 16 kHz").click()
    expect(picture).not_to_have_attribute("src", before or "")
    expect(axis).to_have_count(0)
    expect(drawer.get_by_label("Highest (fmax)").last).to_have_value("8000 Hz")

    before = picture.get_attribute("src")
    bands = drawer.get_by_role("slider", name="Mel bands")
    start = drawer.get_by_label("Mel bands").last.input_value()
    bands.press("ArrowLeft")
    expect(picture).not_to_have_attribute("src", before or "")
    expect(drawer.get_by_label("Mel bands").last).not_to_have_value(start)
    expect(drawer.get_by_role("radio", name="Custom")).to_be_checked()
    drawer.get_by_label("Mel bands").last.fill("63")
    expect(drawer.get_by_text("Only this preview has changed so far.")).to_be_visible()
    expect(drawer.page.get_by_role("button", name="Encoding of fname")).not_to_contain_text("63")


def test_what_is_wrong_with_data_is_found_and_leads_to_exactly_those_rows(
    workplace: Workplace, pictures: Path, tmp_path: Path
) -> None:
    clips = write_clips(tmp_path)
    page = workplace.page
    project = workplace.project("Health")
    version = workplace.bring_in(project, "Clips", [clips.zip_file, clips.labels_file])
    divide_by_folds(workplace, version)
    page.reload()
    health = page.get_by_role("region", name="Data health")

    leads_to(page, health, "have the same content on both sides", clips.leaked)
    save_picture(page, pictures, "data-health")
    leads_to(page, health, "1 recording of fname is silent", clips.silent)
    leads_to(page, health, "1 class of labels has fewer than 10 examples: rooster", clips.rare)
    health.get_by_role("button", name="All rows").click()
    expect(page.get_by_role("grid")).to_have_attribute("aria-rowcount", str(clips.rows + 1))

    health.get_by_text(re.compile(r"^\d+ checks passed$")).click()
    expect(health.get_by_text("Every file could be read")).to_be_visible()


def divide_by_folds(workplace: Workplace, version: dict[str, list[dict[str, str]]]) -> None:
    """Let Validation hold the last fold, where the copy stands, and Training all others."""
    folds = [str(fold) for fold in range(1, FOLDS + 1)]
    for subset, values in zip(version["subsets"], (folds[:-1], folds[-1:]), strict=True):
        rule = {"kind": "fold", "feature": "fold", "values": values}
        address = f"{API}/versions/{version['id']}/subsets/{subset['id']}"
        wanted = {"name": subset["name"], "rule": rule}
        workplace.client.put(address, json=wanted).raise_for_status()


def leads_to(page: Page, health: Locator, words: str, names: frozenset[str]) -> None:
    """Show the rows of a finding; its words tell by themselves what can be done."""
    line = health.get_by_role("listitem").filter(has_text=words)
    message = line.get_by_role("button").first
    expect(message).to_have_attribute("aria-expanded", "false")
    message.press("Enter")
    expect(message).to_have_attribute("aria-expanded", "true")
    expect(line.get_by_role("paragraph")).to_be_visible()
    line.get_by_role("button", name="Show rows").click()
    grid = page.get_by_role("grid")
    expect(grid).to_have_attribute("aria-rowcount", str(len(names) + 1))
    plays = grid.get_by_role("button", name=re.compile("^Play "))
    expect(plays).to_have_count(len(names))
    assert shown_clips(page) == names


def test_a_choice_at_the_column_settles_its_gaps(workplace: Workplace, tmp_path: Path) -> None:
    page = workplace.page
    project = workplace.project("Gaps")
    workplace.bring_in(project, "Gaps", [write_measurements(tmp_path / "sizes.csv")])
    health = page.get_by_role("region", name="Data health")
    finding = health.get_by_text("10 rows have no value in size")
    expect(finding).to_be_visible()

    page.get_by_role("button", name="Missing values of size: 10 missing · undecided").click()
    page.get_by_role("menuitem", name="median").click()

    expect(finding).to_have_count(0)
    expect(page.get_by_role("button", name="10 missing · median")).to_be_visible()
    page.get_by_role("button", name="Save version").click()
    expect(page.get_by_role("heading", name="Version 1 is frozen")).to_be_visible(timeout=MINUTE_MS)


def test_a_thousand_columns_are_searched_bundled_and_scrolled(
    workplace: Workplace, tmp_path: Path
) -> None:
    page = workplace.page
    project = workplace.project("Many columns")
    version = workplace.bring_in(project, "Wide", [write_wide_table(tmp_path / "wide.csv")])
    grid = page.get_by_role("grid")
    expect(grid).to_have_attribute("aria-colcount", "1001")

    page.get_by_role("searchbox", name="Find a feature").fill("label_49")
    expect(grid).to_have_attribute("aria-colcount", str(1 + 9))
    page.get_by_role("searchbox", name="Find a feature").fill("")

    scroll_to_the_far_corner(page)
    bundle(page, "labels", "label_*", "499 of 1,000 chosen")
    bundle(page, "bands", "band_", "500 of 1,000 chosen")
    for name in ("labels", "bands"):
        expect(page.get_by_role("columnheader", name=name, exact=True)).to_be_visible()
    sets = {each["name"]: each for each in workplace.version(version["id"])["feature_sets"]}
    assert {name: len(each["features"]) for name, each in sets.items()} == {
        "labels": 499,
        "bands": 500,
    }


def bundle(page: Page, name: str, pattern: str, counted: str) -> None:
    """Make a feature set of all features that fit a pattern."""
    page.get_by_role("button", name="New feature set").click()
    dialog = page.get_by_role("dialog", name="New feature set")
    dialog.get_by_role("searchbox", name="Find a feature").fill(pattern)
    dialog.get_by_label("Select all").check()
    expect(dialog.get_by_role("status")).to_have_text(counted)
    dialog.get_by_label("Feature set name").fill(name)
    dialog.get_by_role("button", name="Create").click()
    expect(dialog).to_be_hidden()


def scroll_to_the_far_corner(page: Page) -> None:
    """Only what is in sight is drawn, wherever one scrolls, by wheel or by key."""
    grid = page.get_by_role("grid")
    last_column = grid.get_by_role("columnheader", name="label_498")
    for share in (0.5, 1.0):
        grid.evaluate(
            "(grid, share) => grid.scrollTo(grid.scrollWidth * share, grid.scrollHeight * share)",
            share,
        )
        expect(grid).to_have_attribute("aria-busy", "false", timeout=MINUTE_MS)
        assert grid.get_by_role("gridcell").count() < 1_000
    expect(last_column).to_be_in_viewport()
    expect(grid.get_by_role("button", name="Row 400, details")).to_be_in_viewport()
    grid.focus()
    page.keyboard.press("Control+Home")
    page.keyboard.press("Home")
    expect(grid.get_by_role("button", name="Row 1, details")).to_be_in_viewport()
    expect(last_column).to_have_count(0)
    page.keyboard.press("End")
    expect(last_column).to_be_in_viewport()
