"""`blockwright demo` in a real browser: it learns while one looks; runs queue, stop and compare."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import new_context, picture_every_look
from tests.support.studio import running_studio

MINUTE_MS = 60_000


@pytest.mark.browser
def test_the_demo_learns_while_one_looks_and_a_second_run_waits_its_turn(
    browser: Browser, pictures: Path, tmp_path: Path
) -> None:
    with running_studio(tmp_path / "data", command="demo") as studio:
        context = new_context(browser)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.goto(studio.address)
        expect(page.get_by_text("Sound tagging demo").first).to_be_visible()
        page.get_by_role("link", name="Open").or_(page.get_by_role("button", name="Open")).click()
        page.get_by_role("link", name="Evaluation", exact=True).click()
        wait_for_epoch(page, 12)

        queue_a_copy(page)
        expect(page.get_by_text("Place 1 in the queue").first).to_be_visible()
        stop_first_run(page)
        wait_for_epoch(page, 9)

        views = {"home": studio.base_url + "/", "evaluation": page.url}
        picture_every_look(browser, context.storage_state(), views, pictures)
        assert_best_is_marked(page)


def wait_for_epoch(page: Page, epoch: int) -> None:
    """The card counts on by itself, without a reload."""
    counting = page.locator("main").get_by_text(re.compile(rf"Epoch ({epoch}|{epoch + 1})\b"))
    expect(counting.first).to_be_visible(timeout=3 * MINUTE_MS)


def queue_a_copy(page: Page) -> None:
    """Duplicate the experiment and run the copy with a smaller learning rate."""
    page.get_by_role("link", name="Modeling", exact=True).click()
    expect(page.get_by_role("group", name="Target", exact=True)).to_be_visible()
    assert_wires_meet_their_blocks_from_afar(page)
    page.get_by_role("button", name="More about Experiment v1").click()
    page.get_by_role("menuitem", name="Duplicate").click()
    expect(page.get_by_role("button", name="More about Experiment v2")).to_be_visible()
    page.get_by_role("tab", name="Settings").click()
    page.get_by_label("Learning rate", exact=True).fill("0.0003")
    page.get_by_label("Learning rate", exact=True).press("Enter")
    page.get_by_role("button", name="Run", exact=True).click()


def assert_wires_meet_their_blocks_from_afar(page: Page) -> None:
    """A chain stays a straight line when only the names of its blocks can be read."""
    page.set_viewport_size({"width": 1000, "height": 720})
    page.get_by_role("button", name="Fit to view").click()
    expect(page.locator(".names-only")).to_be_visible()
    widths = "wires => wires.map(wire => wire.getBoundingClientRect().width)"
    page.wait_for_timeout(500)
    drawn = page.locator(".react-flow__edge path.halo").evaluate_all(widths)
    assert len(drawn) > 20
    assert max(drawn) < 20, drawn
    page.set_viewport_size({"width": 1440, "height": 900})


def stop_first_run(page: Page) -> None:
    """Stop keeps what was learned; the next one starts by itself."""
    runs = page.get_by_role("region", name="Runs", exact=True)
    runs.get_by_role("button", name="Experiment v1").click()
    page.set_viewport_size({"width": 390, "height": 844})
    card = page.get_by_role("region", name="Experiment v1", exact=True)
    pause, stop = (card.get_by_role("button", name=name, exact=True) for name in ("Pause", "Stop"))
    assert (pause.bounding_box() or {}).get("y") == (stop.bounding_box() or {}).get("y")
    page.set_viewport_size({"width": 1440, "height": 900})
    stop.click()
    row = runs.get_by_role("row").filter(has_text="Experiment v1")
    expect(row.get_by_text("Stopped")).to_be_visible(timeout=MINUTE_MS)
    runs.get_by_role("button", name="Experiment v2").click()


def assert_best_is_marked(page: Page) -> None:
    """Exactly one run is the best one."""
    runs = page.get_by_role("region", name="Runs", exact=True)
    expect(runs.get_by_text("best", exact=True)).to_have_count(1)
