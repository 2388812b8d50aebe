"""The tutorial's journey, steps 2 to 16, by role and name, on real recordings.

One person, one browser, one studio: the steps build on one another, so they are
one test. The dataset has the shape of the original (256 × 256, `fname` + 80
columns) and is made by `blockwright preprocess`.
"""

from __future__ import annotations

import csv
from pathlib import Path

import h5py
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import new_context, picture_every_look
from tests.support.freesound_shape import CLASSES, make_competition_files, make_dataset_zip
from tests.support.studio import Studio, running_studio

TRAIN_CLIPS = 40
TEST_CLIPS = 6
MINUTE_MS = 60_000


@pytest.mark.browser
def test_a_person_without_code_gets_from_recordings_to_a_submission(
    browser: Browser, pictures: Path, tmp_path: Path
) -> None:
    dataset_zip = make_dataset_zip(tmp_path / "material", clips=TRAIN_CLIPS)
    sample, test_audio = make_competition_files(tmp_path / "competition", clips=TEST_CLIPS)
    with running_studio(tmp_path / "data") as studio:
        context = new_context(browser)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.goto(studio.address)

        make_project(page)
        upload_dataset(page, dataset_zip)
        bundle_labels(page)
        save_version(page)
        build_model(page)
        undo_survives_a_reload(page)
        choose_settings(page)
        run_and_watch(page)
        model = download_model(page, tmp_path)
        submission = enter_competition(page, sample, test_audio, tmp_path)
        take_pictures(browser, studio, page, pictures)

    assert_loads_with_keras(model)
    assert_in_order_of_sample(submission, sample)


def make_project(page: Page) -> None:
    """Steps 2 and 3."""
    page.get_by_role("button", name="New project").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Project name").fill("Freesound Audio Tagging 2019")
    dialog.get_by_label("Description (optional)").fill("80 everyday sounds, several per clip.")
    dialog.get_by_role("button", name="Create").click()
    page.get_by_role("link", name="Open").or_(page.get_by_role("button", name="Open")).first.click()
    for tab in ("Datasets", "Modeling", "Evaluation", "Deployment"):
        expect(page.get_by_role("link", name=tab, exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Datasets", exact=True)).to_have_attribute(
        "aria-current", "page"
    )


def upload_dataset(page: Page, dataset_zip: Path) -> None:
    """Steps 4 and 5."""
    page.get_by_role("button", name="New dataset").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("tab", name="Upload files")).to_be_visible()
    dialog.get_by_label("Choose files").set_input_files(dataset_zip)
    dialog.get_by_role("button", name="Next").click()
    dialog.get_by_label("Name", exact=True).fill("Audio")
    dialog.get_by_role("button", name="Done").click()
    expect(page.get_by_role("columnheader", name="fname").first).to_be_visible(timeout=MINUTE_MS)
    expect(page.get_by_role("heading", name="Subsets")).to_be_visible()
    expect(page.get_by_text("Training", exact=True).first).to_be_visible()
    expect(page.get_by_text("80 %").first).to_be_visible()


def bundle_labels(page: Page) -> None:
    """Step 6."""
    page.get_by_role("button", name="New feature set").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Select all").check()
    dialog.get_by_role("checkbox", name="fname", exact=True).uncheck()
    dialog.get_by_label("Feature set name").fill("labels")
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_role("columnheader", name="labels").first).to_be_visible()


def save_version(page: Page) -> None:
    """Step 7."""
    page.get_by_role("button", name="Save version").click()
    page.get_by_role("link", name="Go on to Modeling").click(timeout=MINUTE_MS)


def build_model(page: Page) -> None:
    """Steps 8 and 9, a block at a time."""
    page.get_by_role("button", name="New experiment").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Experiment name").fill("Experiment v1")
    dialog.get_by_label("An empty canvas").check()
    dialog.get_by_role("button", name="Create").click()
    blocks = page.get_by_role("region", name="Blocks")
    snippets = page.get_by_role("region", name="Snippets")

    blocks.get_by_role("button", name="Input", exact=True).click()
    choose(page, "Feature", "fname")
    blocks.get_by_role("button", name="Batch normalization").click()
    blocks.get_by_role("button", name="Reshape").click()
    type_into(page, "Target shape", "(256, 256, 1)")
    snippets.get_by_role("button", name="ResNetv2 large 50").click()
    select_block(page, "Input 2")
    page.keyboard.press("Backspace")
    expect(page.get_by_role("group", name="Input 2", exact=True)).to_have_count(0)
    page.get_by_label("Output of Reshape", exact=True).drag_to(
        page.get_by_label("Input of ResNetv2 large 50", exact=True)
    )
    expect(page.get_by_text("23,558,528")).to_be_visible()
    select_block(page, "Dense")
    choose(page, "Activation", "ReLU")
    page.get_by_role("group", name="Wire from Dense to Target").focus()
    page.keyboard.press("Enter")
    blocks.get_by_role("button", name="Dense", exact=True).click()
    type_into(page, "Nodes", "80")
    choose(page, "Activation", "Sigmoid")
    select_block(page, "Target")
    choose(page, "Feature", "labels")
    repair = page.get_by_role("button", name="Set Loss to Binary crossentropy")
    expect(repair.first).to_be_visible()
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_disabled()
    choose(page, "Loss", "Binary crossentropy")
    expect(repair).to_have_count(0)
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled()


def undo_survives_a_reload(page: Page) -> None:
    """Every edit lives on the server: undo works after the page was loaded anew."""
    page.reload()
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_disabled()
    page.get_by_role("button", name="Redo").click()
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled()


def choose_settings(page: Page) -> None:
    """Step 10."""
    page.get_by_role("tab", name="Settings").click()
    expect(page.get_by_role("combobox", name="Dataset version")).to_have_value("Audio, version 1")
    expect(page.get_by_role("combobox", name="Training subset")).to_have_value("Training")
    expect(page.get_by_role("combobox", name="Validation subset")).to_have_value("Validation")
    expect(page.get_by_label("Batch size", exact=True)).to_have_value("28")
    assert_an_invalid_field_keeps_from_running(page)
    type_into(page, "Epochs", "1")
    expect(page.get_by_role("combobox", name="Optimizer")).to_have_value("Adam")
    expect(page.get_by_label("Learning rate", exact=True)).to_be_visible()


def assert_an_invalid_field_keeps_from_running(page: Page) -> None:
    """What cannot be taken as typed would run as something else."""
    run = page.get_by_role("button", name="Run", exact=True)
    for field, invalid, valid in (("Learning rate", "-1", "0.001"), ("Epochs", "0", "30")):
        type_into(page, field, invalid)
        expect(run).to_be_disabled()
        expect(page.get_by_text(f"Correct {field} before Run")).to_be_visible()
        type_into(page, field, valid)
        expect(run).to_be_enabled()


def run_and_watch(page: Page) -> None:
    """Steps 11, 12 and 14."""
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("link", name="Evaluation", exact=True)).to_have_attribute(
        "aria-current", "page"
    )
    row = page.get_by_role("row").filter(has_text="Experiment v1")
    expect(row.get_by_text("Done")).to_be_visible(timeout=6 * MINUTE_MS)
    expect(row.get_by_text("best")).to_be_visible()
    for metric in ("Loss", "lwlrap", "Precision", "Recall"):
        expect(page.get_by_role("heading", name=metric).first).to_be_visible()


def download_model(page: Page, folder: Path) -> Path:
    """Step 13, from the runs of Evaluation and from the experiments of Modeling."""
    dialog = page.get_by_role("dialog", name="Download model")
    page.get_by_role("button", name="More").first.click()
    page.get_by_role("menuitem", name="Download").click()
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
    page.get_by_role("link", name="Modeling", exact=True).click()
    page.get_by_role("button", name="More about Experiment v1").click()
    page.get_by_role("menuitem", name="Download").click()
    with page.expect_download(timeout=2 * MINUTE_MS) as arriving:
        dialog.get_by_role("button", name="OK").click()
    model = folder / arriving.value.suggested_filename
    assert model.name == "model.h5"
    arriving.value.save_as(model)
    dialog.get_by_role("button", name="Close").first.click()
    return model


def enter_competition(page: Page, sample: Path, test_audio: Path, folder: Path) -> Path:
    """Steps 15 and 16."""
    page.get_by_role("button", name="Enter a competition").click()
    page.get_by_label("Competition name").fill("Freesound 2019")
    page.get_by_label("Sample submission").set_input_files(sample)
    page.get_by_label("Folder on this machine").fill(str(test_audio))
    page.get_by_role("button", name="Create").click()
    page.get_by_role("button", name="Dry run", exact=True).click(timeout=2 * MINUTE_MS)
    expect(page.get_by_role("heading", name="Dry run passed")).to_be_visible(timeout=4 * MINUTE_MS)
    with page.expect_download() as arriving:
        page.get_by_role("link", name="Download submission.csv").click()
    submission = folder / "submission.csv"
    arriving.value.save_as(submission)
    return submission


def select_block(page: Page, name: str) -> None:
    """Click a block's head."""
    page.get_by_role("group", name=name, exact=True).click(position={"x": 120, "y": 16})


def choose(page: Page, field: str, value: str) -> None:
    """Choose from a list in the inspector."""
    page.get_by_role("combobox", name=field, exact=True).click()
    page.get_by_role("option", name=value, exact=True).click()
    expect(page.get_by_role("combobox", name=field, exact=True)).to_have_value(value)


def type_into(page: Page, field: str, value: str) -> None:
    """Type into a field of the inspector and leave it with Enter."""
    page.get_by_label(field, exact=True).fill(value)
    page.get_by_label(field, exact=True).press("Enter")


def take_pictures(browser: Browser, studio: Studio, page: Page, pictures: Path) -> None:
    """Every view: light, dark, Chinese, 390 px wide."""
    competition = page.url
    project = competition.split("/evaluation")[0]
    views = {
        "journey-home": studio.base_url + "/",
        "datasets": f"{project}/datasets",
        "modeling": f"{project}/modeling",
        "journey-evaluation": f"{project}/evaluation",
        "competition": competition,
        "deployment": f"{project}/deployment",
    }
    picture_every_look(browser, page.context.storage_state(), views, pictures)


def assert_loads_with_keras(model: Path) -> None:
    """The downloaded H5 is a Keras model with standard layers."""
    with h5py.File(model) as file:
        assert "Lambda" not in file.attrs["model_config"]


def assert_in_order_of_sample(submission: Path, sample: Path) -> None:
    """Rows and columns stand where the sample has them; values are chances."""
    with submission.open() as made, sample.open() as given:
        rows, wanted = list(csv.reader(made)), list(csv.reader(given))
    assert rows[0] == wanted[0] == ["fname", *reversed(CLASSES)]
    assert [row[0] for row in rows] == [row[0] for row in wanted]
    assert all(0 <= float(value) <= 1 for row in rows[1:] for value in row[1:])
