"""A person watches a run whose worker is killed: it goes on by itself, its curves unbroken."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import new_context, picture_every_look, save_picture
from tests.support.session import API, sign_in
from tests.support.studio import running_studio
from tests.support.tiny_run import make_tiny_studio

EPOCHS = 120
MINUTE_MS = 60_000
PATIENCE_SECONDS = 180


def prepare(folder: Path) -> tuple[str, str]:
    """Make a studio's data folder with one experiment; gives its project and itself."""
    studio = make_tiny_studio(folder)
    experiment = studio.experiment(epochs=EPOCHS, learning_rate=0.002)
    studio.database.close()
    (folder / "studio.db").rename(folder / "studio.sqlite")
    return studio.project_id, experiment


@pytest.mark.browser
def test_a_run_survives_its_killed_worker_before_ones_eyes(
    browser: Browser, pictures: Path, tmp_path: Path
) -> None:
    project, experiment = prepare(tmp_path / "data")
    with running_studio(tmp_path / "data") as studio, sign_in(studio) as client:
        context = new_context(browser)
        context.add_cookies(cookies_of(client, studio.base_url))
        page = context.new_page()
        page.set_default_timeout(20_000)
        run = client.post(f"{API}/experiments/{experiment}/runs").json()["id"]
        address = f"{studio.base_url}/projects/{project}/evaluation?run={run}"
        page.goto(address)
        wait_for(lambda: len(epochs_of(client, run)) >= 5)
        before = epochs_of(client, run)
        points_before = points_of_the_curve(page)
        kill_worker(tmp_path / "data")

        status = page.get_by_role("status").filter(has_text="Recovering")
        expect(status).to_be_visible(timeout=MINUTE_MS)
        told = page.get_by_label("What interrupted this run")
        expect(told).to_contain_text("was killed (SIGKILL)")
        expect(told).to_contain_text(
            re.compile(r"It went on by itself in epoch \d+"), timeout=180_000
        )
        expect(page.get_by_role("status").filter(has_text="Running")).to_be_visible()
        wait_for(lambda: len(epochs_of(client, run)) > len(before) + 3)

        page.get_by_role("main").get_by_role("button", name="Pause", exact=True).first.click()
        expect(page.get_by_role("status").filter(has_text="Paused")).to_be_visible(
            timeout=MINUTE_MS
        )
        views = {"survived": address}
        picture_every_look(browser, context.storage_state(), views, pictures)
        page.get_by_role("main").get_by_role("button", name="Resume", exact=True).first.click()
        expect(page.get_by_role("status").filter(has_text="Done")).to_be_visible(
            timeout=6 * MINUTE_MS
        )
        after = epochs_of(client, run)
        assert [each["epoch"] for each in after] == list(range(1, EPOCHS + 1))
        assert after[: len(before)] == before
        assert points_before < points_of_the_curve(page) == EPOCHS
        expect(told).to_contain_text("It went on by itself in epoch")
        continue_as_a_new_run(page, pictures)
        duplicate(page)


@pytest.mark.browser
def test_a_page_whose_studio_no_longer_answers_stands_still_and_says_so(
    browser: Browser, pictures: Path, tmp_path: Path
) -> None:
    project, experiment = prepare(tmp_path / "data")
    with running_studio(tmp_path / "data") as studio, sign_in(studio) as client:
        context = new_context(browser)
        context.add_cookies(cookies_of(client, studio.base_url))
        page = context.new_page()
        run = client.post(f"{API}/experiments/{experiment}/runs").json()["id"]
        page.goto(f"{studio.base_url}/projects/{project}/evaluation?run={run}")
        expect(page.get_by_role("status").filter(has_text="Running")).to_be_visible(
            timeout=3 * MINUTE_MS
        )
        studio.kill()
        kill_worker(tmp_path / "data")

        expect(page.get_by_text("The studio does not answer.")).to_be_visible()
        expect(page.get_by_role("status").filter(has_text="Last known: Running")).to_be_visible()
        card = page.get_by_role("region", name="Tiny CNN")
        expect(card).to_contain_text("What it has done since is not known here.")
        told = card.inner_text()
        page.wait_for_timeout(2_500)
        assert card.inner_text() == told
        save_picture(page, pictures, "studio-lost")
        context.close()


def continue_as_a_new_run(page: Page, pictures: Path) -> None:
    """Two more epochs from the last checkpoint; the new run is looked at, and says whose it is."""
    page.get_by_role("button", name="More", exact=True).first.click()
    page.get_by_role("menuitem", name="Continue as a new run…").click()
    dialog = page.get_by_role("dialog", name="Continue as a new run")
    expect(dialog.get_by_label(f"Last checkpoint, epoch {EPOCHS}")).to_be_checked()
    dialog.get_by_label("More epochs").fill("2")
    dialog.get_by_label("Learning rate").fill("0.0005")
    expect(dialog.get_by_text("The optimizer goes on with what it remembers.")).to_be_visible()
    save_picture(page, pictures, "follow-up")
    dialog.get_by_role("button", name="More settings").click()
    dialog.get_by_role("button", name="Regularization").click()
    dialog.get_by_label("Label smoothing").fill("0.1")
    save_picture(page, pictures, "follow-up-more")
    dialog.get_by_role("button", name="Run", exact=True).click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_text(f"Goes on from run 1, epoch {EPOCHS}.")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Done")).to_be_visible(timeout=3 * MINUTE_MS)
    expect(page.get_by_text(f"of {EPOCHS + 2}", exact=False).first).to_be_visible()


def duplicate(page: Page) -> None:
    """A copy of what the run was made with is open in Modeling."""
    page.get_by_role("button", name="More", exact=True).first.click()
    page.get_by_role("menuitem", name="Duplicate as an experiment").click()
    expect(page.get_by_role("button", name="More about Tiny CNN v2")).to_be_visible()


def cookies_of(client: httpx.Client, address: str) -> list[Any]:
    return [
        {"name": each.name, "value": each.value or "", "url": address}
        for each in client.cookies.jar
    ]


def epochs_of(client: httpx.Client, run: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"{API}/runs/{run}").json()["epochs"]
    return found


def points_of_the_curve(page: Page) -> int:
    """Count the points of the first validation curve, having checked that it is one line."""
    path = page.locator("path.ev-line.validation").first.get_attribute("d") or ""
    assert path.count("M") == 1, path
    return len(re.findall(r"[ML]", path))


def kill_worker(data_folder: Path) -> None:
    for file in data_folder.glob("jobs/*/*/worker.json"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(json.loads(file.read_text())["pid"]), signal.SIGKILL)


def wait_for(condition: Any) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)
