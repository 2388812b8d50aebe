"""Home and the frame around every view: projects, undo, language, theme, a lost connection."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import new_context
from tests.support.studio import Studio, running_studio, start_studio

MINUTE_MS = 60_000

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """One studio for what does not end it."""
    with running_studio(tmp_path_factory.mktemp("home") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def home(browser: Browser, studio: Studio) -> Iterator[Page]:
    """One signed-in window at 1440 × 900."""
    context = new_context(browser)
    page = context.new_page()
    page.goto(studio.address)
    yield page
    context.close()


def make_project(page: Page, name: str, description: str = "") -> None:
    page.get_by_role("button", name="New project").click()
    dialog = page.get_by_role("dialog", name="New project")
    dialog.get_by_label("Project name").fill(name)
    dialog.get_by_label("Description (optional)").fill(description)
    dialog.get_by_role("button", name="Create").click()
    expect(dialog).to_be_hidden()


def test_an_empty_studio_says_what_it_is_for_and_where_to_begin(home: Page) -> None:
    expect(home.get_by_role("heading", name="Build a model from your own data")).to_be_visible()
    expect(home.get_by_role("button", name="Use the sample data")).to_be_visible()
    expect(home.get_by_text("Everything stays on this machine.")).to_be_visible()


def test_a_new_project_is_open_in_the_list_and_a_click_opens_another(home: Page) -> None:
    make_project(home, "Bearings", "Line 4")
    make_project(home, "Birds")
    projects = home.get_by_role("complementary", name="Projects")

    expect(projects.get_by_role("button", name="Birds", expanded=True)).to_be_visible()
    projects.get_by_role("button", name="Bearings", expanded=False).click()

    expect(projects.get_by_text("Line 4")).to_be_visible()
    expect(projects.get_by_role("button", name="Birds", expanded=False)).to_be_visible()
    expect(home.get_by_role("heading", name="Bearings", level=1)).to_be_visible()


def test_own_files_go_into_the_project_that_is_open(home: Page) -> None:
    """The dialog of the import is open at once, and the address asks for it only once."""
    make_project(home, "Whales")
    home.get_by_role("complementary", name="Projects").get_by_role("link", name="Open").wait_for()
    opened = home.get_by_role("link", name="Open").get_attribute("href")

    home.get_by_role("link", name="Use my own files").click()
    dialog = home.get_by_role("dialog", name="New dataset")
    expect(dialog.get_by_role("tab", name="Upload files")).to_be_visible()
    expect(home).to_have_url(re.compile(rf"{opened}$"))

    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
    home.reload()
    expect(home.get_by_role("button", name="New dataset").first).to_be_visible()
    expect(dialog).to_be_hidden()
    home.get_by_role("banner").get_by_role("link").first.click()
    expect(home.get_by_role("button", name="New project")).to_be_visible()


def test_a_project_is_renamed_binned_and_brought_back(home: Page) -> None:
    make_project(home, "Misspelt")
    projects = home.get_by_role("complementary", name="Projects")
    projects.get_by_role("button", name="More").click()
    home.get_by_role("menuitem", name="Rename").click()
    dialog = home.get_by_role("dialog", name="Rename project")
    dialog.get_by_label("Project name").fill("Pumps")
    dialog.get_by_role("button", name="Save").click()
    expect(projects.get_by_role("button", name="Pumps")).to_be_visible()

    projects.get_by_role("button", name="More").click()
    home.get_by_role("menuitem", name="Move to bin").click()
    expect(projects.get_by_role("button", name="Pumps")).to_be_hidden()
    expect(projects.get_by_role("status")).to_contain_text("“Pumps” is in the bin.")

    projects.get_by_role("button", name="Undo").click()
    expect(projects.get_by_role("button", name="Pumps")).to_be_visible()


def test_language_and_theme_are_kept_and_reach_into_a_project(
    browser: Browser, studio: Studio, home: Page
) -> None:
    context = browser.new_context(storage_state=home.context.storage_state(), locale="en-GB")
    page = context.new_page()
    page.goto(studio.base_url)
    page.get_by_role("button", name="Language").click()
    page.get_by_role("menuitemradio", name="简体中文").click()
    expect(page.get_by_role("button", name="新建项目")).to_be_visible()
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")

    page.get_by_role("link", name="打开").click()
    expect(page.get_by_role("link", name="数据集", exact=True)).to_have_attribute(
        "aria-current", "page"
    )
    page.get_by_role("banner").get_by_role("button", name=re.compile("其他项目")).click()
    page.get_by_role("menuitemradio", name="深色").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    context.close()


def test_a_narrow_window_needs_no_sideways_scrolling(
    browser: Browser, studio: Studio, home: Page
) -> None:
    context = browser.new_context(
        storage_state=home.context.storage_state(), viewport={"width": 390, "height": 844}
    )
    page = context.new_page()
    page.goto(studio.base_url)
    expect(page.get_by_role("button", name="New project")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_role("link", name="Open").first.click()
    expect(page.get_by_role("link", name="Deployment", exact=True)).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    context.close()


def test_an_unknown_address_says_so(studio: Studio, home: Page) -> None:
    home.goto(f"{studio.base_url}/nothing/here")
    expect(home.get_by_role("heading", name="There is no such page")).to_be_visible()
    home.get_by_role("link", name="Go to the projects").click()
    expect(home.get_by_role("button", name="New project")).to_be_visible()


def test_two_windows_hear_of_each_other(browser: Browser, studio: Studio, home: Page) -> None:
    """What changes in one window is in the other without a reload."""
    home.goto(studio.base_url)
    make_project(home, "Shared")
    home.get_by_role("link", name="Open").first.click()
    home.get_by_role("link", name="Modeling", exact=True).click()
    context = browser.new_context(storage_state=home.context.storage_state(), locale="en-GB")
    other = context.new_page()
    other.goto(studio.base_url)
    card = other.get_by_role("complementary", name="Projects")
    expect(card.get_by_role("definition").nth(1)).to_have_text("0")

    home.get_by_role("button", name="New experiment").first.click()
    home.get_by_role("dialog").get_by_role("button", name="Create").click()

    expect(card.get_by_role("definition").nth(1)).to_have_text("1", timeout=10_000)
    context.close()


def test_a_studio_that_is_gone_is_told_and_its_return_noticed(
    browser: Browser, tmp_path: Path
) -> None:
    first = start_studio(tmp_path / "data")
    port = first.base_url.rsplit(":", 1)[1]
    context = new_context(browser)
    page = context.new_page()
    page.goto(first.address)
    make_project(page, "Kept")
    first.kill()
    lost = page.get_by_role("status").filter(has_text="The studio does not answer.")
    expect(lost).to_be_visible(timeout=15_000)

    again = start_studio(tmp_path / "data", "--port", port)
    try:
        expect(lost).to_be_hidden(timeout=MINUTE_MS)
        expect(page.get_by_role("button", name="Kept")).to_be_visible()
    finally:
        context.close()
        again.stop()


def test_a_view_asked_for_while_the_studio_is_gone_comes_by_itself(
    browser: Browser, tmp_path: Path
) -> None:
    first = start_studio(tmp_path / "data")
    port = first.base_url.rsplit(":", 1)[1]
    context = new_context(browser)
    page = context.new_page()
    page.goto(first.address)
    make_project(page, "Patient")
    page.get_by_role("link", name="Open").first.click()
    expect(page.get_by_role("button", name="New dataset").first).to_be_visible()
    first.kill()
    page.get_by_role("link", name="Modeling", exact=True).click()
    lost = page.get_by_role("status").filter(has_text="The studio does not answer.")
    expect(lost).to_be_visible(timeout=15_000)
    expect(page.get_by_text("This page could not be shown")).to_be_hidden()

    again = start_studio(tmp_path / "data", "--port", port)
    try:
        expect(page.get_by_role("button", name="New experiment").first).to_be_visible(
            timeout=MINUTE_MS
        )
        expect(page).to_have_url(re.compile(r"/modeling"))
    finally:
        context.close()
        again.stop()


def test_the_form_of_a_competition_ends_with_its_button(studio: Studio, home: Page) -> None:
    home.goto(studio.base_url)
    make_project(home, "Contest")
    home.get_by_role("link", name="Open").first.click()
    home.get_by_role("link", name="Evaluation", exact=True).click()
    expect(home).to_have_url(re.compile("/evaluation"))
    home.goto(f"{home.url.split('?')[0]}/competitions")
    form = home.locator("form")
    create = form.get_by_role("button", name="Create")
    expect(create).to_be_disabled()
    expect(create.locator("xpath=preceding-sibling::*")).to_have_text("Train a model first")
    expect(form.get_by_label("Folder on this machine")).to_be_visible()
    last, button = form.get_by_role("region").last.bounding_box(), create.bounding_box()
    assert last and button
    assert 0 < button["y"] - (last["y"] + last["height"]) < 40
    assert abs(button["x"] + button["width"] - last["x"] - last["width"]) < 1
