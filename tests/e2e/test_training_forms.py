"""The settings of a run and the dialogs beside Run, as someone meets them for the first time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.support.browser import save_picture
from tests.support.data_view import choose_in, open_window
from tests.support.session import API, sign_in
from tests.support.small_training import (
    PATIENCE_SECONDS,
    petal_experiment,
    petal_version,
    start_run,
    wait_for_runs,
)
from tests.support.studio import running_studio

pytestmark = pytest.mark.browser

# In one look: the dialog grows when the forecast comes.
BESIDE = """box => {
    const [mark, text] = [box, box.labels[0]].map(each => each.getBoundingClientRect());
    return mark.right <= text.right && mark.top < text.bottom && text.top < mark.bottom
        && mark.left <= text.left;
}"""


@dataclass(frozen=True)
class Workbench:
    """A window, and the address of an experiment on a version with three folds."""

    page: Page
    address: str
    version: dict[str, Any]
    client: httpx.Client
    base: str


@pytest.fixture(scope="module")
def workbench(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    folder = tmp_path_factory.mktemp("forms")
    with running_studio(folder / "data") as studio, sign_in(studio) as client:
        version = petal_version(client, folder, folds=3)
        fold = next(each["id"] for each in version["subsets"] if each["name"] == "Fold 2")
        stages = {"first_stage_epochs": 1, "first_stage_subset_id": fold}
        experiment = petal_experiment(client, version["project_id"], **stages)
        page = open_window(browser, studio, client)
        base = f"{studio.base_url}/projects/{version['project_id']}"
        address = f"{base}/modeling/{experiment['id']}"
        yield Workbench(page, address, version, client, base)
        page.context.close()


@pytest.fixture
def page(workbench: Workbench) -> Page:
    """The experiment, newly opened."""
    workbench.page.set_viewport_size({"width": 1440, "height": 900})
    workbench.page.goto(workbench.address)
    return workbench.page


def test_the_curve_is_seen_where_its_schedule_is_chosen(page: Page, pictures: Path) -> None:
    page.get_by_role("tab", name="Settings").click()
    page.get_by_role("button", name="Learning rate over time").click()
    curve = page.get_by_role("img", name="The learning rate begins at")
    expect(curve).to_be_in_viewport(ratio=0.99)
    settings = page.get_by_role("tabpanel", name="Settings")
    choose_in(settings, "Schedule", "Cosine")
    expect(settings.get_by_role("textbox", name="Warm-up", exact=True)).to_be_visible()
    expect(curve).to_be_in_viewport(ratio=0.99)
    below, above = (
        curve.bounding_box(),
        settings.get_by_role("combobox", name="Schedule").bounding_box(),
    )
    assert below is not None
    assert above is not None
    assert 0 < below["y"] - above["y"] - above["height"] < 24
    save_picture(page, pictures, "schedule-curve")


def test_a_folded_group_tells_subsets_by_their_names(page: Page) -> None:
    page.get_by_role("tab", name="Settings").click()
    told = page.get_by_role("button", name="Weights and stages")
    expect(told).to_contain_text("Fold 2")
    expect(told).not_to_contain_text("sub_")
    words = told.locator(".group-set")
    assert words.evaluate("each => each.scrollWidth <= each.clientWidth")


def test_settings_are_one_press_away_in_a_narrow_window(page: Page, pictures: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    page.get_by_role("button", name="Settings", exact=True).click()
    expect(page.get_by_role("textbox", name="Batch size")).to_be_in_viewport()
    save_picture(page, pictures, "settings-390")


def test_versions_are_not_denied_before_they_were_read(page: Page, workbench: Workbench) -> None:
    held: list[Route] = []
    page.route("**/datasets", lambda route: held.append(route))  # noqa: PLW0108  # a builtin is refused
    page.goto(workbench.address)
    page.get_by_role("tab", name="Settings").click()
    expect(page.get_by_text("Looking for saved dataset versions")).to_be_visible()
    expect(page.get_by_text("No dataset version is saved yet.")).to_be_hidden()
    page.unroute("**/datasets")  # lets go what is held
    expect(page.get_by_role("combobox", name="Dataset version")).to_have_value("petals, version 1")


def test_boxes_stand_beside_their_words(page: Page) -> None:
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 844})
        page.reload()
        page.get_by_role("button", name="More ways to run").click()
        page.get_by_role("menuitem", name="Search settings").click()
        dialog = page.get_by_role("dialog", name="Search settings")
        for words in ("By factors", "Stop trials early", "Each trial with a seed"):
            box = dialog.get_by_role("checkbox", name=words)
            assert box.evaluate(BESIDE), (words, width)


def test_folds_say_how_long_they_take_all_together(page: Page, pictures: Path) -> None:
    page.get_by_role("tab", name="Settings").click()
    page.get_by_role("button", name="Weights and stages").click()
    stage = page.get_by_role("textbox", name="Epochs on other rows first")
    stage.fill("0")
    stage.press("Enter")
    page.get_by_role("button", name="More ways to run").click()
    page.get_by_role("menuitem", name="One run per fold").click()
    dialog = page.get_by_role("dialog", name="One run per fold")
    expect(dialog).to_contain_text("They go into the queue together")
    expect(dialog).to_contain_text(
        re.compile(r"3 runs · about \d+ s one after the other"), timeout=PATIENCE_SECONDS * 1000
    )
    save_picture(page, pictures, "folds-dialog")


def test_each_field_at_fault_is_named_counted_and_led_to(page: Page, pictures: Path) -> None:
    page.get_by_role("tab", name="Settings").click()
    for name, text in (("Batch size", "100000"), ("Epochs", "0")):
        page.get_by_role("textbox", name=name, exact=True).fill(text)
    problems = page.get_by_role("region", name="Problems")
    expect(problems.get_by_role("listitem")).to_contain_text(["Batch size", "Epochs"])
    expect(problems).to_contain_text("Type 65536 or less.")
    expect(problems.get_by_title("2 problems to repair before Run")).to_have_text("2")
    expect(page.get_by_text("Correct 2 fields before Run")).to_be_visible()
    save_picture(page, pictures, "fields-at-fault")
    problems.get_by_role("button", name="Batch size").click()
    expect(page.get_by_role("textbox", name="Batch size")).to_be_focused()
    page.keyboard.press("Escape")
    expect(problems.get_by_role("listitem")).to_contain_text(["Epochs"])
    expect(page.get_by_text("Correct Epochs before Run")).to_be_visible()


def test_the_forecast_is_seen_in_a_narrow_window(page: Page, pictures: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    forecast = page.locator(".forecast").filter(has_text="per epoch")
    expect(forecast).to_be_in_viewport(ratio=0.99, timeout=PATIENCE_SECONDS * 1000)
    save_picture(page, pictures, "forecast-390")


@pytest.fixture(scope="module")
def trained(workbench: Workbench) -> dict[str, Any]:
    """A run of an experiment of its own that has ended."""
    project_id = workbench.version["project_id"]
    experiment = petal_experiment(
        workbench.client, project_id, "Petals v2", schedule="cosine", learning_rate=0.01
    )
    run = start_run(workbench.client, experiment["id"])
    wait_for_runs(workbench.client, project_id, 1)
    return run


def test_a_run_that_goes_on_is_checked_while_one_types(
    page: Page, workbench: Workbench, trained: dict[str, Any], pictures: Path
) -> None:
    page.goto(f"{workbench.base}/evaluation?run={trained['id']}")
    expect(page.get_by_text("Compilation")).to_be_visible()
    runs = page.get_by_role("listitem", name="Petals v2")
    runs.get_by_role("button", name="More").first.click()
    page.get_by_role("menuitem", name="Continue as a new run").click()
    dialog = page.get_by_role("dialog", name="Continue as a new run")
    dialog.get_by_role("textbox", name="More epochs").fill("3")
    expect(dialog).to_contain_text("goes on as if 5 epochs had been planned")
    rate = dialog.get_by_role("textbox", name="Learning rate", exact=True)
    rate.fill("0.001")
    expect(dialog).to_contain_text("follows its schedule anew, from epoch 3 to 5")
    expect(rate).to_be_focused()
    rate.fill("0.01")
    expect(dialog).to_contain_text("goes on as if 5 epochs had been planned")
    dialog.get_by_role("button", name="More settings").click()
    dialog.get_by_role("button", name="Learning rate over time").click()
    warmup = dialog.get_by_role("textbox", name="Warm-up", exact=True)
    warmup.fill("5")
    expect(dialog).to_contain_text("warm-up of 5 epochs takes the whole run of 3 epochs")
    expect(dialog.get_by_role("button", name="Run", exact=True)).to_be_disabled()
    save_picture(page, pictures, "continued-warm-up")
    warmup.fill("2")
    expect(dialog.get_by_role("button", name="Run", exact=True)).to_be_enabled()


def test_a_remedy_gives_run_and_experiment_the_value_that_it_names(
    page: Page, workbench: Workbench, trained: dict[str, Any], pictures: Path
) -> None:
    def with_runaway_weights(route: Route) -> None:
        told = route.fetch().json()
        for run in told["runs"]:
            if run["id"] == trained["id"]:
                code = "training.loss_is_nan"
                words = {"message": "The loss is no number.", "fix": "Try a tenth of the rate."}
                run["state"] = "failed"
                run["problem"] = {"code": code, "params": {"epoch": 1, "step": 2}, **words}
        route.fulfill(json=told)

    page.route(re.compile(r"/runs(\?.*)?$"), with_runaway_weights)
    page.goto(f"{workbench.base}/evaluation?run={trained['id']}")
    expect(page.get_by_text("the experiment takes it over")).to_be_visible()
    save_picture(page, pictures, "remedies")
    with page.expect_response(re.compile(r"/edits$")):
        page.get_by_role("button", name="Run with learning rate 0.001").click()
    page.unroute(re.compile(r"/runs(\?.*)?$"))
    path = f"{API}/experiments/{trained['experiment_id']}"
    assert workbench.client.get(path).json()["settings"]["learning_rate"] == 0.001
    runs = wait_for_runs(workbench.client, workbench.version["project_id"], 2)
    assert runs[0]["settings"]["learning_rate"] == 0.001
