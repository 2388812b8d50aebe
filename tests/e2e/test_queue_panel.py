"""The queue of trainings in the header: seen from everywhere, ordered by keys and mouse, left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.browser import picture_every_look, save_picture
from tests.support.data_view import open_window
from tests.support.session import sign_in
from tests.support.small_training import petal_experiment, petal_version, start_run
from tests.support.studio import running_studio

pytestmark = pytest.mark.browser

MINUTE_MS = 60_000


@pytest.fixture
def window(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """A studio in which one long training runs and three wait."""
    with running_studio(tmp_path / "data") as studio, sign_in(studio) as client:
        project_id = petal_version(client, tmp_path)["project_id"]
        for name in ("Long", "Apple", "Birch", "Cedar"):
            experiment = petal_experiment(client, project_id, name, epochs=100_000)
            start_run(client, experiment["id"])
        page = open_window(browser, studio, client)
        page.goto(f"{studio.base_url}/projects/{project_id}/datasets")
        yield page
        page.context.close()


def waiting(page: Page) -> Locator:
    return page.get_by_role("list", name="Waiting, the next one first").get_by_role("listitem")


def expect_order(page: Page, *names: str) -> None:
    expect(waiting(page)).to_have_count(len(names))
    for place, name in enumerate(names):
        expect(waiting(page).nth(place).get_by_role("link")).to_have_text(f"{name}, run 1")
        expect(waiting(page).nth(place).locator(".queue-place")).to_have_text(str(place + 1))


def test_the_order_of_the_queue_is_changed_and_kept(
    window: Page, browser: Browser, pictures: Path
) -> None:
    opener = window.get_by_role("button", name="Queue of trainings: 1 running, 3 waiting")
    expect(opener).to_be_visible(timeout=MINUTE_MS)
    opener.click()
    expect(window.get_by_role("list", name="Running").get_by_role("link")).to_have_text(
        "Long, run 1"
    )
    expect_order(window, "Apple", "Birch", "Cedar")

    up = window.get_by_role("button", name="Move Cedar up")
    up.focus()
    window.keyboard.press("Enter")
    expect_order(window, "Apple", "Cedar", "Birch")
    expect(up).to_be_focused()
    expect(
        window.get_by_role("status").filter(has_text="Cedar is now at place 2.")
    ).to_be_attached()
    window.keyboard.press("Enter")
    expect_order(window, "Cedar", "Apple", "Birch")
    expect(up).to_be_disabled()
    expect(window.get_by_role("button", name="Move Cedar down")).to_be_focused()

    waiting(window).nth(2).drag_to(waiting(window).nth(1))
    expect_order(window, "Cedar", "Birch", "Apple")
    save_picture(window, pictures, "queue")

    window.reload()
    window.get_by_role("button", name="Queue of trainings").click()
    expect_order(window, "Cedar", "Birch", "Apple")

    window.get_by_role("button", name="Take Birch out of the queue").click()
    expect_order(window, "Cedar", "Apple")
    picture_every_look(
        browser, window.context.storage_state(), {"queue-header": window.url}, pictures
    )
