"""Many runs at once in the browser: a search over settings, pruned or stopped, and folds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.support.browser import picture_every_look, save_picture
from tests.support.data_view import open_window
from tests.support.session import API, sign_in
from tests.support.small_training import petal_experiment, petal_version
from tests.support.studio import running_studio

pytestmark = pytest.mark.browser

MINUTE_MS = 60_000
LONG_MS = 4 * MINUTE_MS


@pytest.fixture(scope="module")
def place(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One studio with a version that has three folds, a client and a window."""
    folder = tmp_path_factory.mktemp("groups")
    with running_studio(folder / "data") as studio, sign_in(studio) as client:
        project_id = petal_version(client, folder, folds=3)["project_id"]
        page = open_window(browser, studio, client)
        yield client, page, project_id, studio.base_url
        page.context.close()


def open_experiment(place: Any, name: str, **settings: Any) -> Page:
    client, page, project_id, base = place
    experiment = petal_experiment(client, project_id, name, **settings)
    page.goto(f"{base}/projects/{project_id}/modeling/{experiment['id']}")
    return page


def more(page: Page, what: str) -> None:
    page.get_by_role("button", name="More ways to run").click()
    page.get_by_role("menuitem", name=what).click()


def test_a_grid_over_two_settings_is_told_started_and_compared(
    place: Any, browser: Browser, pictures: Path
) -> None:
    page = open_experiment(place, "Grid", epochs=1)
    more(page, "Search settings")
    dialog = page.get_by_role("dialog", name="Search settings")
    dialog.get_by_text("Grid", exact=True).click()
    dialog.get_by_label("Values of Learning rate").fill("0.5, much")
    expect(dialog.get_by_text("Setting 1 needs its values.")).to_be_visible()
    dialog.get_by_label("Values of Learning rate").fill("0.5, 0.0001")
    expect(dialog.get_by_role("status")).to_contain_text("2 runs")
    dialog.get_by_role("button", name="Another setting").click()
    dialog.get_by_label("Values of Batch size").fill("8, 16")
    expect(dialog.get_by_role("status")).to_contain_text("4 runs")
    save_picture(page, pictures, "search-dialog")
    dialog.get_by_role("button", name="Start").click()

    card = page.get_by_role("region", name="Grid, search")
    expect(card.get_by_role("status")).to_have_text("Done", timeout=LONG_MS)
    trials = card.get_by_role("region", name="Trials").get_by_role("row")
    expect(trials).to_have_count(5)
    expect(card.get_by_text("4 of 4")).to_be_visible()
    expect(card.get_by_role("img", name="Learning rate against Accuracy")).to_be_visible()

    card.get_by_role("button", name="Accuracy").click()
    expect(card.get_by_role("columnheader", name="Accuracy")).to_have_attribute(
        "aria-sort", "descending"
    )
    expect(trials.nth(1)).to_contain_text("best")
    expect(trials.nth(1)).to_contain_text("0.5")
    save_picture(page, pictures, "search-done")
    picture_every_look(browser, page.context.storage_state(), {"search": page.url}, pictures)

    trials.nth(1).get_by_role("button", name="Open trial").click()
    page.get_by_role("link", name="of Grid, search").click()
    expect(card).to_be_visible()
    an_address_leads_to_its_group_at_once(page)
    the_settings_of_the_best_trial_are_taken(page, card)


def an_address_leads_to_its_group_at_once(page: Page) -> None:
    """Hold the answer about groups back: nothing else is shown in the meantime."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/groups", hold)
    page.reload()
    expect(page.get_by_role("link", name="Evaluation")).to_be_visible()
    while not held:
        page.wait_for_timeout(50)
    page.wait_for_timeout(500)
    expect(page.get_by_role("heading", level=1)).to_have_count(0)
    page.unroute("**/groups")  # lets go of what was held
    expect(page.get_by_role("heading", level=1)).to_have_text("Grid, search")


def the_settings_of_the_best_trial_are_taken(page: Page, card: Locator) -> None:
    card.get_by_role("button", name="Use these settings").click()
    expect(card.get_by_text("“Grid” now has Learning rate 0.5, Batch size")).to_be_visible()
    page.reload()
    expect(card.get_by_text("These settings are in use in “Grid”.")).to_be_visible()
    expect(card.get_by_role("button", name="Use these settings")).to_have_count(0)
    card.get_by_role("link", name="Open “Grid”").click()
    page.get_by_role("tab", name="Settings").click()
    expect(page.get_by_label("Learning rate", exact=True)).to_have_value("0.5")


def test_a_search_is_stopped_and_says_what_it_has(place: Any) -> None:
    page = open_experiment(place, "Endless", epochs=100_000)
    page.set_viewport_size({"width": 390, "height": 844})
    more(page, "Search settings")
    dialog = page.get_by_role("dialog", name="Search settings")
    expect(dialog.get_by_label("Learning rate from")).to_have_value("0.0001")
    in_a_narrow_window = dialog.get_by_label("Learning rate from").bounding_box()
    assert in_a_narrow_window, "the lowest rate cannot be seen"
    assert in_a_narrow_window["width"] > 100
    dialog.get_by_role("textbox", name="Trials").fill("7")
    expect(dialog.get_by_role("status")).to_contain_text("7 runs")
    dialog.get_by_role("button", name="Start").click()
    page.set_viewport_size({"width": 1440, "height": 900})

    card = page.get_by_role("region", name="Endless, search")
    expect(card.get_by_text("1 running, 6 waiting")).to_be_visible(timeout=MINUTE_MS)
    page.reload()  # the browser holds no truth
    card.get_by_role("button", name="Stop search").click()
    expect(card.get_by_role("status")).to_have_text("Stopped", timeout=MINUTE_MS)
    expect(card.get_by_role("region", name="Trials").get_by_role("row")).to_have_count(2)


def test_folds_train_as_one_action(place: Any, pictures: Path) -> None:
    client, page, project_id, _base = place
    open_experiment(place, "Folds", epochs=3, learning_rate=0.05)
    more(page, "One run per fold")
    dialog = page.get_by_role("dialog", name="One run per fold")
    expect(dialog.get_by_text("Fold 1, Fold 2, Fold 3")).to_be_visible()
    expect(dialog.get_by_role("status")).to_contain_text("3 runs")
    dialog.get_by_role("button", name="Start").click()

    card = page.get_by_role("region", name="Folds, folds")
    expect(card.get_by_role("status")).to_have_text("Done", timeout=LONG_MS)
    expect(card.get_by_text("mean ± standard deviation over the folds")).to_be_visible()
    (group,) = [
        each
        for each in client.get(f"{API}/projects/{project_id}/groups").json()
        if each["kind"] == "folds"
    ]
    expect(card.get_by_text(f"{group['mean']:.3f} ± {group['deviation']:.3f}")).to_be_visible()
    save_picture(page, pictures, "folds-done")

    with page.expect_download(timeout=LONG_MS) as downloaded:
        card.get_by_role("button", name="Download averaged model").click()
    assert downloaded.value.suggested_filename == "model.h5"
