"""The queue of trainings in the header: seen from everywhere, ordered by keys and mouse, left."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.support.browser import picture_every_look, save_picture
from tests.support.data_view import open_window
from tests.support.session import API, sign_in
from tests.support.small_training import (
    PATIENCE_SECONDS,
    petal_experiment,
    petal_version,
    start_run,
)
from tests.support.studio import running_studio

pytestmark = pytest.mark.browser

MINUTE_MS = 60_000


@pytest.fixture
def window(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """A studio in which one long training runs and three wait; one more experiment is measured."""
    with running_studio(tmp_path / "data") as studio, sign_in(studio) as client:
        project_id = petal_version(client, tmp_path)["project_id"]
        measure(client, petal_experiment(client, project_id, "Dove")["id"])
        for name in ("Long", "Apple", "Birch", "Cedar"):
            experiment = petal_experiment(client, project_id, name, epochs=100_000)
            start_run(client, experiment["id"])
        page = open_window(browser, studio, client)
        page.goto(f"{studio.base_url}/projects/{project_id}/datasets")
        yield page
        page.context.close()


def measure(client: httpx.Client, experiment_id: str) -> None:
    """Forecast a run of an experiment."""
    address = f"{API}/experiments/{experiment_id}/probes/forecast"
    client.post(address)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while client.get(address).json()["state"] != "ready":
        assert time.monotonic() < deadline
        time.sleep(0.3)


def waiting(page: Page) -> Locator:
    return page.get_by_role("list", name="Waiting, the next one first").get_by_role("listitem")


def expect_order(page: Page, *names: str) -> None:
    expect(waiting(page)).to_have_count(len(names))
    for place, name in enumerate(names):
        expect(waiting(page).nth(place).get_by_role("link")).to_have_text(f"{name}, run 1")
        expect(waiting(page).nth(place).locator(".queue-place")).to_have_text(str(place + 1))


@contextlib.contextmanager
def kept(window: Page) -> Iterator[None]:
    """Wait until the studio has kept an order: it is shown before."""
    with window.expect_response(lambda reply: reply.request.method == "PUT"):
        yield


def leaves_at_once(window: Page) -> None:
    """What was told to leave is out of sight before the studio has answered."""
    held: list[Route] = []
    window.route("**/stop", lambda route: held.append(route))  # noqa: PLW0108  # a builtin is refused
    window.get_by_role("button", name="Take Birch, run 1 (Petals) out of the queue").click()
    expect_order(window, "Cedar", "Apple")
    expect(window.get_by_role("button", name="Take Apple, run 1 (Petals) out")).to_be_focused()
    held.pop().continue_()
    expect(window.get_by_role("button", name="Queue of trainings: 1 running, 2")).to_be_attached()
    expect_order(window, "Cedar", "Apple")


def test_the_forecast_counts_the_runs_before_it(window: Page, pictures: Path) -> None:
    forecast = window.locator(".forecast")
    window.get_by_role("link", name="Modeling").click()
    window.get_by_role("link", name="Dove").click()
    expect(forecast).to_contain_text(re.compile("takes .*, after 4 other runs"), timeout=MINUTE_MS)
    save_picture(window, pictures, "forecast-queued")


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

    up = window.get_by_role("button", name="Move Cedar, run 1 (Petals) up")
    up.focus()
    with kept(window):
        window.keyboard.press("Enter")
    expect_order(window, "Apple", "Cedar", "Birch")
    expect(up).to_be_focused()
    expect(
        window.get_by_role("status").filter(has_text="Cedar, run 1 (Petals) is now at place 2.")
    ).to_be_attached()
    with kept(window):
        window.keyboard.press("Enter")
    expect_order(window, "Cedar", "Apple", "Birch")
    expect(up).to_be_disabled()
    expect(window.get_by_role("button", name="Move Cedar, run 1 (Petals) down")).to_be_focused()

    with kept(window):
        waiting(window).nth(2).drag_to(waiting(window).nth(1))
    expect_order(window, "Cedar", "Birch", "Apple")
    save_picture(window, pictures, "queue")

    window.reload()
    window.get_by_role("button", name="Queue of trainings").click()
    expect_order(window, "Cedar", "Birch", "Apple")

    names = [
        tool.get_attribute("aria-label") for tool in waiting(window).get_by_role("button").all()
    ]
    assert len(set(names)) == len(names) == 9
    leaves_at_once(window)
    picture_every_look(
        browser, window.context.storage_state(), {"queue-header": window.url}, pictures
    )
