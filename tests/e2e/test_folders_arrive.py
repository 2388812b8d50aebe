"""A folder that is dropped or chosen comes in whole; what cannot be read is said so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.data_view import MINUTE_MS, Workplace, choose_in, expect_reason, shown_clips
from tests.support.dataset_zips import write_zip
from tests.support.media_files import wav_bytes

pytestmark = pytest.mark.browser

CLIPS = {f"train_curated/c{number}.wav": wav_bytes(number) for number in range(6)}
LABELS = "fname,labels\n" + "".join(f"c{number}.wav,Bark\n" for number in range(6))


def competition_folder(place: Path) -> Path:
    """Write a folder of clips and tables, as a competition gives it."""
    template = "fname,Bark\nx.wav,0\ny.wav,0\n"
    tables = {"train_curated.csv": LABELS.encode(), "sample_submission.csv": template.encode()}
    for name, content in {**CLIPS, **tables, ".DS_Store": b"x"}.items():
        path = place / "birds" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return place / "birds"


def open_dialog(page: Page) -> Locator:
    page.get_by_role("button", name="New dataset").first.click()
    return page.get_by_role("dialog")


def drop_paths(page: Page, onto: Locator, paths: list[Path]) -> None:
    """Drop files and folders of this machine, as a file manager does."""
    box = onto.bounding_box()
    assert box is not None
    place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + 20}
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    session = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, **place, "data": data})
    session.detach()


def finish(page: Page, dialog: Locator, name: str) -> None:
    dialog.get_by_role("button", name="Next").click()
    expect(dialog.get_by_label("Name")).to_have_value(name)
    dialog.get_by_role("button", name="Done").click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible(timeout=MINUTE_MS)


def test_a_dropped_folder_is_imported_with_everything_in_it(
    workplace: Workplace, tmp_path: Path
) -> None:
    page = workplace.page
    workplace.project("Dropped folder")
    dialog = open_dialog(page)

    drop_paths(page, dialog.locator(".ds-drop"), [competition_folder(tmp_path)])

    expect(dialog.get_by_text("Complete")).to_be_visible()
    expect(dialog.get_by_text(re.compile(r"of [\d.]+ kB, 9 files"))).to_be_visible()
    finish(page, dialog, "birds")
    expect(page.get_by_role("button", name="Play c0.wav").first).to_be_visible(timeout=MINUTE_MS)
    assert shown_clips(page) <= {f"c{number}.wav" for number in range(6)}
    page.get_by_role("button", name="Show", exact=True).click()
    report = page.get_by_role("dialog", name="Import report")
    expect(report).to_contain_text("none left out")
    remarks = report.get_by_role("list", name="Remarks")
    expect(remarks).to_contain_text("sample_submission.csv is a sample submission")
    page.keyboard.press("Escape")


def test_a_chosen_folder_of_classes_makes_a_feature(workplace: Workplace, tmp_path: Path) -> None:
    page = workplace.page
    for number in range(4):
        path = tmp_path / "pets" / ("cat" if number % 2 else "dog") / f"{number}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(wav_bytes(number))
    workplace.project("Chosen folder")
    dialog = open_dialog(page)

    dialog.get_by_label("Choose a folder").set_input_files(tmp_path / "pets")

    expect(dialog.get_by_text("Complete")).to_be_visible()
    finish(page, dialog, "pets")
    expect(page.get_by_role("button", name="folder", exact=True)).to_be_visible(timeout=MINUTE_MS)


def test_an_empty_folder_and_a_file_that_goes_away_are_said_so(
    workplace: Workplace, tmp_path: Path
) -> None:
    page = workplace.page
    workplace.project("Gone files")
    dialog = open_dialog(page)
    (tmp_path / "empty").mkdir()
    drop_paths(page, dialog.locator(".ds-drop"), [tmp_path / "empty"])
    expect(dialog.get_by_text("There is no file to send")).to_be_visible()

    folder = competition_folder(tmp_path)
    big = folder / "train_curated" / "z.wav"
    big.write_bytes(bytes(30 << 20))
    page.route("**/uploads", lambda route: (big.unlink(), route.continue_()))
    dialog.get_by_label("Choose a folder").set_input_files(folder)

    expect(dialog.get_by_text("train_curated/z.wav cannot be read")).to_be_visible()
    expect(dialog.get_by_text("Connection lost")).to_be_hidden()
    page.unroute("**/uploads")
    dialog.get_by_role("button", name="Choose another").click()
    expect(dialog.get_by_text("Drop files or a folder here")).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()
    open_dialog(page)
    expect(dialog.get_by_text("Drop files or a folder here")).to_be_visible()
    expect(dialog.get_by_text("Unfinished uploads")).to_be_hidden()
    page.keyboard.press("Escape")


def test_the_table_is_chosen_without_a_second_upload(workplace: Workplace, tmp_path: Path) -> None:
    page = workplace.page
    noisy = {f"train_noisy/n{number}.wav": wav_bytes(20 + number) for number in range(3)}
    tables = {
        "train_curated.csv": LABELS,
        "train_noisy.csv": "fname,labels\nn0.wav,Bark\nn1.wav,Bark\nn2.wav,Meow\n",
    }
    path = write_zip(tmp_path / "kaggle.zip", {**CLIPS, **noisy, **tables})
    workplace.project("Two tables")
    dialog = open_dialog(page)
    expect_reason(dialog.get_by_role("button", name="Next"), "Choose files first")
    dialog.get_by_label("Choose files").set_input_files(path)
    expect(dialog.get_by_text("Complete")).to_be_visible()
    dialog.get_by_role("button", name="Next").click()
    dialog.get_by_role("button", name="Done").click()
    expect(page.get_by_text("2 tables (train_curated.csv, train_noisy.csv)")).to_be_visible(
        timeout=MINUTE_MS
    )

    again = page.get_by_role("button", name="Import again", exact=True)
    expect(page.get_by_role("combobox", name="Table that makes the rows")).to_have_value("")
    expect_reason(again, "Choose the table first")
    choose_in(page.get_by_role("main"), "Table that makes the rows", "train_noisy.csv")
    page.get_by_role("button", name="Import again with train_noisy.csv").click()

    expect(page.get_by_role("button", name="Play n0.wav").first).to_be_visible(timeout=MINUTE_MS)
