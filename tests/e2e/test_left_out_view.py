"""Rows are left out of a draft, one by one or the copies at once, and come back."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.data_view import Workplace

pytestmark = pytest.mark.browser


def test_copies_are_left_out_at_once_and_taken_back(workplace: Workplace, tmp_path: Path) -> None:
    words = ["owl", "cat", "dog", "cow", "dog", "cat", "dog", "elk"]
    table = tmp_path / "words.csv"
    table.write_text("\n".join(["word", *words]), encoding="utf-8")
    page = workplace.page
    version = workplace.bring_in(workplace.project("Words"), "Words", [table])
    health = page.get_by_role("region", name="Data health")
    health.get_by_role("button", name="Show rows: 5 rows are equal").click()
    expect(page.get_by_text("5 of 8 rows")).to_be_visible()
    cells = page.get_by_role("rowheader")
    expect(cells).to_have_text(["2", "6", "3", "5", "7"])

    page.get_by_role("button", name="Leave out the copies").click()
    expect(page.get_by_text("3 rows left out.")).to_be_visible()
    expect(page.get_by_text("3 rows are left out by hand")).to_be_visible()
    expect(health.get_by_text("equal to another row")).to_have_count(0)
    expect(cells.filter(has_text="left out")).to_have_count(3)
    page.get_by_role("status").get_by_role("button", name="Undo").click()
    expect(cells.filter(has_text="left out")).to_have_count(0)
    page.get_by_role("button", name="Redo: 3 rows left out").click()
    expect(cells.filter(has_text="left out")).to_have_count(3)

    page.get_by_role("combobox", name="Rows shown").click()
    page.get_by_role("option", name="Rows left out").click()
    expect(page.get_by_text("3 of 8 rows")).to_be_visible()
    page.get_by_role("button", name="Row 6, details").click()
    drawer = page.get_by_role("dialog", name="Row 6")
    expect(drawer.get_by_text("it is in no subset")).to_be_visible()
    drawer.get_by_role("button", name="Take it back").click()
    expect(drawer.get_by_role("button", name="Leave out this row")).to_be_visible()
    drawer.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Take these 2 rows back").click()
    expect(page.get_by_text("2 rows taken back.")).to_be_visible()
    assert workplace.version(version["id"])["usage"]["left_out_rows"] == 0


def test_why_a_version_is_not_saved_is_in_sight_where_the_button_was_pressed(
    workplace: Workplace, tmp_path: Path
) -> None:
    table = tmp_path / "words.csv"
    table.write_text("\n".join(["word", *(f"word {n}" for n in range(40))]), encoding="utf-8")
    page = workplace.page
    workplace.bring_in(workplace.project("All left out"), "Words", [table])
    page.get_by_role("searchbox", name="Find in rows").fill("word")
    page.get_by_role("button", name="Leave out these 40 rows").click()
    expect(page.get_by_text("40 rows left out.")).to_be_visible()

    wide = page.viewport_size
    assert wide is not None
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="Save version").click()
    why = page.get_by_role("alert").filter(has_text="Subset Training would hold no row")
    expect(why).to_be_in_viewport()
    expect(why).to_contain_text("take rows back that are left out")
    page.set_viewport_size(wide)  # others look through the same window
