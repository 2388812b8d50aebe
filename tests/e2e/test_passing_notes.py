"""What is told of a change goes when it is no longer true: errors, and what was done last."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.browser import save_picture
from tests.support.data_view import MINUTE_MS, Workplace, subset_line

pytestmark = pytest.mark.browser


def test_an_error_goes_with_the_next_change_and_a_word_on_the_draft_with_the_draft(
    workplace: Workplace, tmp_path: Path, pictures: Path
) -> None:
    page = workplace.page
    table = tmp_path / "animals.csv"
    rows = [f"animal {n},{n / 2 if n != 3 else ''}" for n in range(40)]
    table.write_text("\n".join(["name,weight", *rows]) + "\n", encoding="utf-8")
    workplace.bring_in(workplace.project("Passing notes"), "Animals", [table])

    subset_line(page, "Training").get_by_role("button").click()
    page.get_by_role("menuitem", name="Remove").click()
    refused = page.get_by_role("alert").filter(has_text="Training")
    expect(refused).to_be_visible()
    page.get_by_role("button", name="Normalization of weight").click()
    page.get_by_role("menuitem", name="Standardize").click()
    told = page.get_by_text("Normalization of weight changed.")
    expect(told).to_be_visible()
    expect(refused).to_have_count(0)

    page.get_by_role("button", name="Missing values of weight").first.click()
    page.get_by_role("menuitem", name="mean").click()
    page.get_by_role("button", name="Save version").click()
    expect(page.get_by_role("heading", name="Version 1 is frozen")).to_be_visible(timeout=MINUTE_MS)
    expect(told).to_have_count(0)

    # The gap is filled now, with a mark, and the feature tells with what.
    expect(page.get_by_role("grid").get_by_text("filled", exact=True)).to_have_count(1)
    page.get_by_role("grid").get_by_role("button", name="weight", exact=True).click()
    drawer = page.get_by_role("dialog", name="weight")
    expect(drawer.get_by_text("(mean of Training)")).to_be_visible()
    expect(drawer.get_by_text("From the rows of Training.")).to_be_visible()
    save_picture(page, pictures, "measured")
