"""What is told before a run and after it: the forecast, a rate that suits, the worst classes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import save_picture
from tests.support.data_view import open_window
from tests.support.session import sign_in
from tests.support.small_training import petal_experiment, petal_version
from tests.support.studio import running_studio

pytestmark = pytest.mark.browser

# A worker loads Keras first, which takes long on a machine that does something else.
PATIENCE_MS = 240_000
F1_COLUMN = 4


def test_a_run_is_forecast_its_rate_found_and_its_classes_are_told(
    browser: Browser, pictures: Path, tmp_path: Path
) -> None:
    with running_studio(tmp_path / "data") as studio, sign_in(studio) as client:
        project_id = petal_version(client, tmp_path)["project_id"]
        experiment = petal_experiment(client, project_id)
        page = open_window(browser, studio, client)
        page.goto(f"{studio.base_url}/projects/{project_id}/modeling/{experiment['id']}")
        forecast_comes_by_itself(page, pictures)
        rate_is_found_and_set(page, pictures)
        worst_class_comes_first(page, pictures)
        page.context.close()


def forecast_comes_by_itself(page: Page, pictures: Path) -> None:
    """It is measured without being asked for, and tells time and memory with their units."""
    told = page.locator(".forecast")
    expect(told).to_contain_text(re.compile(r"\d (ms|s) per epoch"), timeout=PATIENCE_MS)
    expect(told).to_contain_text(re.compile(r"\d (MB|GB) memory"))
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled()
    save_picture(page, pictures, "forecast")


def rate_is_found_and_set(page: Page, pictures: Path) -> None:
    """The button of the test puts the rate it names into the field."""
    page.get_by_role("tab", name="Settings").click()
    page.get_by_role("button", name="Find a rate").click()
    dialog = page.get_by_role("dialog", name="Test of learning rates")
    dialog.get_by_role("button", name="Start the test").click()
    curve = dialog.get_by_role("img", name="Smoothed loss by learning rate")
    expect(curve).to_be_visible(timeout=PATIENCE_MS)
    assert (curve.locator("path").last.get_attribute("d") or "").startswith("M")
    save_picture(page, pictures, "rate-test")
    setter = dialog.get_by_role("button", name="Set Learning rate to")
    rate = setter.inner_text().rpartition(" ")[2]
    assert float(rate) != 0.001, "the rate that the experiment has already would prove nothing"
    setter.click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("textbox", name="Learning rate", exact=True)).to_have_value(rate)


def worst_class_comes_first(page: Page, pictures: Path) -> None:
    """A run with the found rate; then a table of its classes beside its charts."""
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="Done")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("button", name=re.compile("^Metrics, ")).click()
    page.get_by_role("menuitemcheckbox", name="Per class").click()
    page.keyboard.press("Escape")
    table = page.get_by_role("region", name="Numbers of Per class").get_by_role("table")
    expect(table.get_by_role("columnheader", name="F1")).to_have_attribute("aria-sort", "ascending")
    rows = table.locator("tbody").get_by_role("row")
    expect(rows).to_have_count(3)
    cells = [rows.nth(place).get_by_role("cell").all_inner_texts() for place in range(3)]
    assert {line[0] for line in cells} == {"rose", "lily", "iris"}
    scores = [float(line[F1_COLUMN]) for line in cells if line[F1_COLUMN] != "–"]
    assert scores == sorted(scores), cells
    table.scroll_into_view_if_needed()
    save_picture(page, pictures, "classes")
