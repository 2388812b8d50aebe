"""Versions in a real browser: grown, compared, exported, brought in again, binned; a local path."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.data_material import spare_dogs, write_clips, write_recordings
from tests.support.data_view import MINUTE_MS, Workplace

pytestmark = pytest.mark.browser

ADDED = 3
HASH = re.compile(r"Version 1 · ([0-9a-f]{8})")


def test_a_version_grows_is_compared_exported_and_comes_in_again_the_same(
    workplace: Workplace, tmp_path: Path
) -> None:
    clips = write_clips(tmp_path)
    more = write_recordings(tmp_path / "more.zip", spare_dogs(ADDED))
    page = workplace.page
    project = workplace.project("Versions")
    workplace.bring_in(project, "Clips", [clips.zip_file, clips.labels_file])
    first_hash = save_version(page)

    exported = export_version(page, tmp_path)
    add_files(page, more, clips.rows + ADDED)
    page.get_by_role("button", name="More for Clips, draft of version 2").click()
    page.get_by_role("menuitem", name="Compare").click()
    dialog = page.get_by_role("dialog", name="What changed in Clips")
    expect(dialog.get_by_role("listitem").filter(has_text="new")).to_contain_text("3 rows")
    dialog.get_by_role("button", name="Close").click()

    upload(page, exported, "Clips again")
    assert save_version(page) == first_hash


def test_what_is_in_the_bin_comes_back_or_goes_for_good(
    workplace: Workplace, tmp_path: Path
) -> None:
    page = workplace.page
    project = workplace.project("Spare things")
    workplace.bring_in(project, "Spare", [write_recordings(tmp_path / "s.zip", spare_dogs(2))])
    aside = page.get_by_role("complementary").first

    to_bin(page, "Spare")
    expect(page.get_by_role("heading", name="Bring in your data")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Bin")).click()
    dialog = page.get_by_role("dialog", name="Bin")
    dialog.get_by_role("button", name="Restore Spare").click()
    expect(aside.get_by_role("link", name="Spare")).to_be_visible()

    to_bin(page, "Spare")
    expect(page.get_by_role("heading", name="Bring in your data")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Bin")).click()
    dialog.get_by_role("button", name="Delete Spare for good").click()
    dialog.get_by_role("button", name=re.compile(r"^Delete now, free \d")).click()
    expect(dialog.get_by_text("The bin is empty.")).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    assert workplace.client.get(f"/api/v1/projects/{project}/bin").json() == []


def test_a_corrected_value_is_compared_cell_by_cell_and_versions_come_back_from_the_bin(
    workplace: Workplace, tmp_path: Path
) -> None:
    lines = ["kind,weight", *(f"{('cat', 'dog')[row % 2]},{row}.0295" for row in range(40))]
    table = tmp_path / "animals.csv"
    table.write_text("\n".join(lines), encoding="utf-8")
    page = workplace.page
    project = workplace.project("Label fix")
    workplace.bring_in(project, "Animals", [table])
    save_version(page)
    page.get_by_role("button", name="New draft").click()
    expect(page.get_by_role("heading", name="Next: save version 2")).to_be_visible()
    page.get_by_role("button", name="Row 6, details").click()
    drawer = page.get_by_role("dialog", name="Row 6")
    expect(drawer.get_by_text("5.0295", exact=True)).to_be_visible()
    drawer.get_by_role("button", name="Correct kind").click()
    page.get_by_role("option", name="cat").click()
    drawer.get_by_role("button", name="Save").click()
    expect(drawer.get_by_text("corrected", exact=True)).to_be_visible()
    drawer.get_by_role("button", name="Close").click()

    page.get_by_role("button", name="More for Animals, draft of version 2").click()
    page.get_by_role("menuitem", name="Compare").click()
    dialog = page.get_by_role("dialog", name="What changed in Animals")
    expect(dialog.get_by_text("Feature kind: 1 value")).to_have_count(1)
    expect(dialog.get_by_text("dog → cat")).to_be_visible()
    dialog.get_by_role("link", name="Row 6").click()
    expect(dialog).to_be_hidden()
    expect(drawer.get_by_text("corrected", exact=True)).to_be_visible()
    drawer.get_by_role("button", name="Close").click()

    aside = page.get_by_role("complementary").first
    page.get_by_role("button", name="More for Animals, draft of version 2").click()
    page.get_by_role("menuitem", name="Move to bin").click()
    expect(aside.get_by_text("Animals, version 2 is in the bin.")).to_be_visible()
    aside.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="More for Animals, draft of version 2")).to_be_visible()
    page.get_by_role("button", name="More for Animals, draft of version 2").click()
    page.get_by_role("menuitem", name="Move to bin").click()
    page.get_by_role("button", name=re.compile("^Bin")).click()
    lying = page.get_by_role("dialog", name="Bin")
    lying.get_by_role("button", name="Delete Animals, version 2 for good").click()
    lying.get_by_role("button", name=re.compile(r"^Delete now, free \d")).click()
    expect(lying.get_by_text("The bin is empty.")).to_be_visible()
    lying.get_by_role("button", name="Close").click()
    # What is gone for good offers no way back.
    expect(aside.get_by_role("button", name="Undo")).to_have_count(0)


def test_a_folder_of_this_machine_comes_in_without_an_upload(
    workplace: Workplace, tmp_path: Path
) -> None:
    for place, name in enumerate(("alarm", "silence")):
        write_recordings(tmp_path / f"{name}.zip", spare_dogs(1 + place))
    page = workplace.page
    workplace.project("Local")
    page.get_by_role("button", name="New dataset").first.click()
    dialog = page.get_by_role("dialog", name="New dataset")
    dialog.get_by_role("tab", name="Folder on this machine").click()
    dialog.get_by_label("File or folder").fill(str(tmp_path / "nowhere"))
    dialog.get_by_role("button", name="Next").click()
    dialog.get_by_role("button", name="Done").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_role("button", name="Back").click()
    dialog.get_by_label("File or folder").fill(str(tmp_path / "silence.zip"))
    dialog.get_by_role("button", name="Next").click()
    expect(dialog.get_by_label("Name", exact=True)).to_have_value("silence")
    dialog.get_by_role("button", name="Done").click()
    expect(page.get_by_role("columnheader", name="fname")).to_be_visible(timeout=MINUTE_MS)
    expect(page.get_by_role("grid")).to_have_attribute("aria-rowcount", "3")


def save_version(page: Page) -> str:
    """Save the draft; give the beginning of its hash, as shown."""
    page.get_by_role("button", name="Save version").click()
    expect(page.get_by_role("heading", name="Version 1 is frozen")).to_be_visible(timeout=MINUTE_MS)
    found = HASH.search(page.get_by_text(HASH).first.inner_text())
    assert found
    return found[1]


def export_version(page: Page, folder: Path) -> Path:
    """Make a zip of version 1 and download it."""
    page.get_by_role("button", name="More for Clips, Version 1").click()
    page.get_by_role("menuitem", name="Export").click()
    making = page.get_by_role("button", name="Make a zip of this version")
    expect(making).to_be_focused()
    making.press("Enter")
    made = page.get_by_role("link", name=re.compile(r"^Download zip \d.* [kM]B$"))
    expect(made).to_be_focused(timeout=MINUTE_MS)
    with page.expect_download() as arriving:
        made.click()
    file = folder / arriving.value.suggested_filename
    arriving.value.save_as(file)
    assert file.suffix == ".zip"
    return file


def add_files(page: Page, file: Path, rows: int) -> None:
    """Add files to the dataset; its next version opens as a draft."""
    aside = page.get_by_role("complementary").first
    aside.get_by_role("button", name="More for Clips", exact=True).click()
    page.get_by_role("menuitem", name="Add files").click()
    dialog = page.get_by_role("dialog", name="Add files to Clips")
    dialog.get_by_label("Choose files").set_input_files(file)
    dialog.get_by_role("button", name="Next").click()
    dialog.get_by_role("button", name="Add files").click()
    grid = page.get_by_role("grid")
    expect(grid).to_have_attribute("aria-rowcount", str(rows + 1), timeout=MINUTE_MS)
    expect(page.get_by_role("heading", name="Next: save version 2")).to_be_visible()


def upload(page: Page, file: Path, name: str) -> None:
    """Bring in one file as a dataset of its own."""
    page.get_by_role("button", name="New dataset").first.click()
    dialog = page.get_by_role("dialog", name="New dataset")
    dialog.get_by_label("Choose files").set_input_files(file)
    dialog.get_by_role("button", name="Next").click()
    dialog.get_by_label("Name", exact=True).fill(name)
    dialog.get_by_role("button", name="Done").click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    expect(page.get_by_role("grid")).to_be_visible(timeout=MINUTE_MS)


def to_bin(page: Page, name: str) -> None:
    """Move a dataset to the bin."""
    aside = page.get_by_role("complementary").first
    aside.get_by_role("button", name=f"More for {name}", exact=True).click()
    page.get_by_role("menuitem", name="Move to bin").click()
