"""What a column may be is offered where it is looked at, and taken with one choice."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.support.data_view import MINUTE_MS, Workplace, choose_in, expect_reason

pytestmark = pytest.mark.browser


def write_study(path: Path) -> Path:
    """Write doses with odd words, lengths with a comma, and grades that are classes."""
    rows = [f'{n}.5,"{n},25",{n % 3}' for n in range(60)]
    rows += ['n/a,"7,5",0', 'unknown,"8,5",1', 'unknown,"9,5",2']
    path.write_text("dose,length,grade\n" + "\n".join(rows) + "\n")
    return path


def open_feature(workplace: Workplace, name: str) -> Locator:
    workplace.page.get_by_role("grid").get_by_role("button", name=name, exact=True).click()
    drawer = workplace.page.get_by_role("dialog", name=name)
    expect(drawer).to_be_visible()
    return drawer


def test_odd_cells_of_a_column_of_numbers_become_missing_by_a_choice(
    workplace: Workplace, tmp_path: Path
) -> None:
    page = workplace.page
    version = workplace.bring_in(
        workplace.project("Odd cells"), "Study", [write_study(tmp_path / "study.csv")]
    )
    drawer = open_feature(workplace, "dose")
    told = "60 of 63 filled cells of dose are numbers; these are not: “unknown” (2), “n/a” (1)"
    expect(drawer.get_by_text(told)).to_be_visible()

    drawer.get_by_role("button", name="Take as numbers", exact=True).click()
    asked = drawer.get_by_role("alert")
    expect(asked).to_contain_text("Cells that hold something else: 3")
    expect(asked).to_contain_text("The first is in row 61 (line 62 of study.csv).")
    expect(asked.get_by_role("combobox", name="Rows without a value")).to_have_value("")
    expect_reason(
        asked.get_by_role("button", name="Take them as missing"),
        "Choose what becomes of these cells",
    )
    choose_in(asked, "Rows without a value", "constant")
    expect_reason(
        asked.get_by_role("button", name="Take them as missing"), "Give the value to fill in"
    )
    asked.get_by_label("Value to fill in").fill("4,5")
    asked.get_by_role("button", name="Take them as missing").click()

    expect(page.get_by_role("button", name="3 missing · constant")).to_be_visible()
    expect(drawer.get_by_text(told)).to_be_visible()  # the facts stay, the offer is taken
    expect(drawer.get_by_role("button", name="Take as numbers", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(drawer.get_by_role("combobox", name="Type")).to_have_value("text")
    drawer.get_by_role("combobox", name="Type").click()
    page.get_by_role("option", name="number", exact=True).click()
    choose_in(drawer.get_by_role("alert"), "Rows without a value", "leave out the row")
    drawer.get_by_role("button", name="Take them as missing").click()
    expect(page.get_by_role("button", name="3 missing · leave out the row")).to_be_visible()
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Save version").click()
    expect(page.get_by_role("heading", name="Version 1 is frozen")).to_be_visible(timeout=MINUTE_MS)
    saved = workplace.version(version["id"])
    kept = [row for name in ("Training", "Validation") for row in workplace.rows_of(saved, name)]
    assert sorted(row["dose"] for row in kept) == [n + 0.5 for n in range(60)]


def test_decimal_commas_and_class_numbers_are_taken_with_one_press(
    workplace: Workplace, tmp_path: Path
) -> None:
    page = workplace.page
    version = workplace.bring_in(
        workplace.project("Offers"), "Study", [write_study(tmp_path / "study.csv")]
    )
    drawer = open_feature(workplace, "length")
    drawer.get_by_role("button", name="Take as numbers with decimal comma").click()
    expect(drawer.get_by_role("switch", name="Decimal comma")).to_be_checked()
    page.keyboard.press("Escape")
    drawer = open_feature(workplace, "grade")
    expect(drawer.get_by_text("grade holds 3 different whole numbers (0, 1, 2).")).to_be_visible()
    drawer.get_by_role("button", name="Take as category").click()
    expect(drawer.get_by_text("3 classes").first).to_be_visible()

    features = {each["name"]: each for each in workplace.version(version["id"])["features"]}
    assert features["length"]["histogram"]["maximum"] == 59.25
    assert features["grade"]["classes"] == ["0", "1", "2"]


def test_the_order_of_classes_is_taken_from_a_file_shown_and_taken_back(
    workplace: Workplace, tmp_path: Path
) -> None:
    page = workplace.page
    table, order = tmp_path / "sounds.csv", tmp_path / "sample_submission.csv"
    table.write_text("kind\n" + "dog\ncat\nowl\nbee\nhen\n" * 6)
    order.write_text("fname,owl,hen,dog,cat,bee\n")
    version = workplace.bring_in(workplace.project("Order"), "Sounds", [table])
    drawer = open_feature(workplace, "kind")
    first = drawer.get_by_role("listitem")
    expect(first).to_have_text(["0bee", "1cat", "2dog", "4owl"])

    drawer.locator("input[type=file]").set_input_files(table)
    expect(drawer.get_by_role("alert")).to_contain_text("lists the class dog twice")
    drawer.locator("input[type=file]").set_input_files(order)
    expect(first).to_have_text(["0owl", "1hen", "2dog", "4bee"])
    expect(drawer.get_by_role("alert")).to_have_count(0)
    page.get_by_role("status").get_by_role("button", name="Undo").click()
    expect(first).to_have_text(["0bee", "1cat", "2dog", "4owl"])
    assert workplace.version(version["id"])["features"][0]["classes"][0] == "bee"


def test_gaps_that_are_a_class_of_their_own_have_a_bar_and_a_count(
    workplace: Workplace, tmp_path: Path
) -> None:
    page = workplace.page
    table = tmp_path / "animals.csv"
    table.write_text("size,kind\n" + "1.5,dog\n2.5,cat\n3.5,\n" * 6)
    workplace.bring_in(workplace.project("Own category"), "Animals", [table])
    bars = page.get_by_role("columnheader", name="kind").locator(".ds-hist rect")
    expect(bars).to_have_count(2)
    drawer = open_feature(workplace, "kind")
    drawer.get_by_role("combobox", name="Rows without a value").click()
    page.get_by_role("option", name="own category", exact=True).click()
    expect(bars).to_have_count(3)
    expect(bars.last.locator("title")).to_have_text("(missing): 6")
    drawer.get_by_text("3 classes").last.click()
    expect(drawer.get_by_title("(missing): 6 rows")).to_be_visible()

    # No cell holds that class, so it is no value to put in one.
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Row 3, details", exact=True).click()
    row = page.get_by_role("dialog", name="Row 3")
    row.get_by_role("button", name="Correct kind").click()
    row.get_by_role("combobox").click()
    expect(page.get_by_role("option")).to_have_text(["cat", "dog"])


def test_a_constant_that_does_not_fit_stays_to_be_mended_and_classes_are_chosen(
    workplace: Workplace, tmp_path: Path
) -> None:
    page = workplace.page
    table = tmp_path / "animals.csv"
    table.write_text("size,kind\n" + "1.5,dog\n2.5,cat\n" * 6 + ",owl\n3.5,\n,owl\n")
    version = workplace.bring_in(workplace.project("Constants"), "Animals", [table])
    drawer = open_feature(workplace, "size")
    drawer.get_by_role("combobox", name="Rows without a value").click()
    page.get_by_role("option", name="constant", exact=True).click()
    value = drawer.get_by_label("Value to fill in")
    value.fill("small")
    value.press("Enter")
    told = "“small” is not a value that feature size (type number) can have."
    expect(drawer.get_by_role("alert")).to_contain_text(told)
    expect(value).to_have_value("small")
    value.fill("2,25")
    value.press("Enter")
    expect(page.get_by_role("button", name="2 missing · constant")).to_be_visible()
    expect(drawer.get_by_role("alert")).to_have_count(0)
    page.keyboard.press("Escape")

    drawer = open_feature(workplace, "kind")
    drawer.get_by_role("combobox", name="Rows without a value").click()
    page.get_by_role("option", name="constant", exact=True).click()
    drawer.get_by_role("combobox", name="Value to fill in").click()
    page.get_by_role("option", name="owl", exact=True).click()
    expect(page.get_by_role("button", name="1 missing · constant")).to_be_visible()
    chosen = {f["name"]: f["missing"] for f in workplace.version(version["id"])["features"]}
    assert chosen == {
        "size": {"kind": "constant", "value": 2.25},
        "kind": {"kind": "constant", "value": "owl"},
    }


def test_odd_cells_of_several_columns_are_settled_in_one_go(
    workplace: Workplace, tmp_path: Path
) -> None:
    page = workplace.page
    path = tmp_path / "sizes.csv"
    path.write_text("a,b\n" + "1.5,2.5\n" * 9 + "x,3.5\n4.5,y\n")
    version = workplace.bring_in(workplace.project("Several"), "Sizes", [path])
    page.get_by_role("button", name="More for all features").click()
    page.get_by_role("menuitem", name="Change several features").click()
    dialog = page.get_by_role("dialog", name="Change several features")
    change = dialog.get_by_role("button", name="Change", exact=True)
    expect_reason(change, "Choose features")
    dialog.get_by_role("checkbox", name="Select all").check()
    expect_reason(change, "Choose a type")
    dialog.get_by_role("radio", name="Missing values").click()
    expect(dialog.get_by_role("combobox", name="Rows without a value")).to_have_value("")
    expect_reason(change, "Choose what becomes of rows without a value")
    dialog.get_by_role("radio", name="Normalization").click()
    expect_reason(change, "Nothing can be changed for all of them at once")
    dialog.get_by_role("radio", name="Type").click()
    choose_in(dialog, "Type", "number")
    dialog.get_by_role("button", name="Change 2 features").click()
    expect(dialog.get_by_role("alert")).to_contain_text("all chosen features")
    choose_in(dialog.get_by_role("alert"), "Rows without a value", "leave out the row")
    dialog.get_by_role("button", name="Take them as missing").click()
    expect(dialog).to_have_count(0)
    features = workplace.version(version["id"])["features"]
    assert [(each["type"], each["missing_rows"]) for each in features] == [("numeric", 1)] * 2
