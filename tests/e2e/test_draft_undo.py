"""Changes of a draft are taken back in a real browser: by buttons, by keys, after a reload."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.data_material import write_measurements
from tests.support.data_view import Workplace

pytestmark = pytest.mark.browser


def test_changes_of_every_place_are_taken_back_step_by_step(
    workplace: Workplace, tmp_path: Path
) -> None:
    page = workplace.page
    project = workplace.project("Undo")
    version = workplace.bring_in(project, "Sizes", [write_measurements(tmp_path / "sizes.csv")])
    expect(page.get_by_role("button", name="Undo: nothing yet")).to_be_disabled()

    page.get_by_role("button", name="Missing values of size: 10 missing · undecided").click()
    page.get_by_role("menuitem", name="median").click()
    make_five_folds(page)
    subsets = page.locator(".ds-subset")
    expect(subsets).to_have_count(12)

    page.reload()
    page.get_by_role("button", name="Undo: 5 folds made").click()
    expect(subsets).to_have_count(2)
    expect(page.get_by_text("Taken back: 5 folds made.")).to_be_visible()
    page.get_by_role("heading", name="Sizes", level=1).click()
    page.keyboard.press("Control+z")
    expect(page.get_by_role("button", name="10 missing · undecided")).to_be_visible()
    expect(page.get_by_role("button", name="Undo: nothing yet")).to_be_disabled()
    assert workplace.version(version["id"])["features"] == version["features"]

    # Quick presses are all heard.
    page.keyboard.press("Control+Shift+z")
    page.keyboard.press("Control+Shift+z")
    expect(subsets).to_have_count(12)
    expect(page.get_by_role("button", name="10 missing · median")).to_be_visible()
    expect(page.get_by_role("button", name="Redo: nothing yet")).to_be_disabled()


def test_keys_belong_to_what_is_being_typed(workplace: Workplace, tmp_path: Path) -> None:
    page = workplace.page
    project = workplace.project("Typing")
    workplace.bring_in(project, "Sizes", [write_measurements(tmp_path / "sizes.csv")])
    make_five_folds(page)
    undo = page.get_by_role("button", name="Undo: 5 folds made")
    expect(undo).to_be_enabled()
    search = page.get_by_role("searchbox", name="Find a feature")
    search.fill("si")
    search.press("Control+z")
    expect(undo).to_be_enabled()


def make_five_folds(page: Page) -> None:
    """Make five folds by chance."""
    page.get_by_role("button", name="Folds").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog).to_be_hidden()
