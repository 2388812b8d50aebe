"""A new experiment begins with a preset that suits the data, or with an empty canvas."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browser import save_picture
from tests.support.data_view import MINUTE_MS, Workplace, expect_reason
from tests.support.dataset_zips import write_zip
from tests.support.datasets_api import saved
from tests.support.encoding_data import wav_bytes

pytestmark = pytest.mark.browser

CLIPS = 24
KINDS, PLACES = ("bird", "bell", "dog"), ("wood", "town")


@pytest.fixture
def dialog(workplace: Workplace, tmp_path: Path) -> Locator:
    """The dialog of a new experiment over recordings of two columns of classes."""
    names = [f"{number:02}.wav" for number in range(CLIPS)]
    rows = [[name, KINDS[n % 3], PLACES[n % 2]] for n, name in enumerate(names)]
    files: dict[str, bytes | str] = {
        name: wav_bytes(1.0, 300.0 + 50.0 * n) for n, name in enumerate(names)
    }
    files["index.csv"] = "fname,kind,place\n" + "\n".join(",".join(row) for row in rows) + "\n"
    project_id = workplace.project("New experiment")
    draft = workplace.bring_in(project_id, "Sounds", [write_zip(tmp_path / "sounds.zip", files)])
    saved(workplace.client, draft)
    workplace.page.goto(f"{workplace.studio.base_url}/projects/{project_id}/modeling")
    workplace.page.get_by_role("button", name="New experiment").first.click()
    return workplace.page.get_by_role("dialog")


def test_the_preset_comes_first_and_asks_only_what_the_data_leave_open(
    dialog: Locator, workplace: Workplace, pictures: Path
) -> None:
    page: Page = workplace.page
    expect(dialog.get_by_label("Recognise sounds")).to_be_checked()
    create = dialog.get_by_role("button", name="Create")
    expect_reason(create, "Choose what to predict")
    save_picture(page, pictures, "new-experiment")

    dialog.get_by_label("What to predict").click()
    page.get_by_role("option", name="kind", exact=True).click()
    create.click()
    expect(page.get_by_text("Nothing stands in the way of a run.")).to_be_visible(timeout=MINUTE_MS)
    page.get_by_role("button", name="List", exact=True).click()
    expect(page.get_by_role("list").get_by_text("kind", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled()


def test_an_empty_canvas_can_be_chosen_instead(dialog: Locator, workplace: Workplace) -> None:
    dialog.get_by_label("An empty canvas").check()
    expect(dialog.get_by_label("What to predict")).to_have_count(0)
    dialog.get_by_role("button", name="Create").click()
    expect(workplace.page.get_by_role("button", name="Add Input")).to_be_visible()
