"""The data view in a narrow window: the list is folded, rows and subsets are one press away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.data_material import write_measurements
from tests.support.data_view import API, MINUTE_MS, Workplace, choose_in, open_window
from tests.support.datasets_api import upload

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def phone(browser: Browser, workplace: Workplace) -> Iterator[Page]:
    """A window as wide as a telephone."""
    page = open_window(browser, workplace.studio, workplace.client, **PHONE)
    yield page
    page.context.close()


def test_rows_are_in_the_first_screen_and_subsets_one_press_away(
    workplace: Workplace, phone: Page, tmp_path: Path
) -> None:
    project = workplace.project("Narrow")
    for name in ("First", "Second"):
        workplace.bring_in(project, name, [write_measurements(tmp_path / f"{name}.csv")])
    phone.goto(workplace.page.url)
    grid = phone.get_by_role("grid")
    expect(grid).to_be_visible(timeout=MINUTE_MS)
    place = grid.bounding_box()
    assert place is not None
    assert place["y"] < PHONE["height"] / 2

    expect(phone.get_by_role("link", name="First")).to_be_hidden()
    phone.get_by_role("button", name="2 datasets").click()
    phone.get_by_role("link", name="First").click()
    expect(phone.get_by_role("heading", name="First", level=1)).to_be_visible()
    expect(phone.get_by_role("link", name="First")).to_be_hidden()

    new_subset = phone.get_by_role("button", name="New subset")
    expect(new_subset).not_to_be_in_viewport()
    phone.get_by_role("button", name="Subsets", exact=True).click()
    expect(new_subset).to_be_in_viewport()

    new_subset.click()
    dialog = phone.get_by_role("dialog", name="New subset")
    choose_in(dialog, "Rows", "By condition")
    value = dialog.get_by_label("Value", exact=True).bounding_box()
    assert value is not None
    assert value["width"] > PHONE["width"] / 3  # wide enough to read what is typed


def test_failed_imports_are_one_line_and_leave_together(
    workplace: Workplace, tmp_path: Path
) -> None:
    project = workplace.project("Failures")
    workplace.bring_in(project, "Good", [write_measurements(tmp_path / "good.csv")])
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    for name in ("One", "Two", "Three"):
        wanted = {"name": name, "upload_ids": [upload(workplace.client, empty)]}
        workplace.client.post(f"{API}/projects/{project}/datasets", json=wanted).raise_for_status()
    page = workplace.page
    page.reload()
    page.get_by_text("3 imports failed").click(timeout=MINUTE_MS)
    expect(page.get_by_role("link", name="Two", exact=True)).to_be_visible()
    page.get_by_role("button", name="Remove all").click()
    expect(page.get_by_text("imports failed")).to_have_count(0)
    expect(page.get_by_text("3 datasets are in the bin.")).to_be_visible()
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_text("3 imports failed")).to_be_visible()
