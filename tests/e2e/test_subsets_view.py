"""Subsets in a real browser: rules in words, shares, groups, conditions, folds, leftovers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browser import save_picture
from tests.support.data_material import write_measurements
from tests.support.data_view import Workplace, choose_in, expect_reason, subset_line

pytestmark = pytest.mark.browser

ROWS = 240


class Draft:
    """A draft of measurements, open in the window."""

    def __init__(self, workplace: Workplace, version_id: str) -> None:
        self.workplace = workplace
        self.version_id = version_id

    @property
    def page(self) -> Page:
        return self.workplace.page

    def rows(self, subset: str) -> list[dict[str, Any]]:
        """Give the rows of a subset, as the server has them."""
        return self.workplace.rows_of(self.workplace.version(self.version_id), subset)

    def clear(self) -> None:
        """Leave Training and Validation alone, as they were at first."""
        for each in reversed(self.workplace.version(self.version_id)["subsets"]):
            if each["name"] not in {"Training", "Validation"}:
                remove_subset(self.page, each["name"])

    def begin(self, name: str, kind: str = "A random share") -> Locator:
        """Open `New subset`, name it, choose its kind of rule."""
        self.page.get_by_role("button", name="New subset").click()
        dialog = self.page.get_by_role("dialog", name="New subset")
        dialog.get_by_label("Name", exact=True).fill(name)
        choose_in(dialog, "Rows", kind)
        return dialog

    def create(self, dialog: Locator, name: str, sentence: str) -> None:
        """Make the subset that a sentence in the dialog describes; its line says the same."""
        expect(dialog.get_by_text(sentence, exact=True)).to_be_visible()
        dialog.get_by_role("button", name="Create").click()
        expect(dialog).to_be_hidden()
        expect(subset_line(self.page, name)).to_contain_text(sentence)


PARTS = ("Training", "Validation", "Test")


@pytest.fixture(scope="module")
def draft(workplace: Workplace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Draft]:
    """One draft for all rules; each test adds its own subsets to it."""
    project = workplace.project("Subsets")
    table = write_measurements(tmp_path_factory.mktemp("table") / "measurements.csv", rows=ROWS)
    version = workplace.bring_in(project, "Measurements", [table])
    yield Draft(workplace, version["id"])


def test_a_random_share_holds_every_class_in_proportion(draft: Draft) -> None:
    dialog = draft.begin("Fair")
    dialog.get_by_label("Share of rows").fill("20")
    choose_in(dialog, "In equal shares of", "kind")
    sentence = (
        "A random 20 % of the rows, in equal shares of kind, the part from 80 to 100 %, seed 42"
    )
    draft.create(dialog, "Fair", sentence)
    kinds = Counter(row["kind"] for row in draft.rows("Fair"))
    in_all = {"owl": 0.5, "frog": 0.3, "bat": 0.2}
    assert kinds.keys() == in_all.keys()
    assert all(abs(kinds[kind] - share * ROWS / 5) <= 1 for kind, share in in_all.items())


def test_rows_of_one_group_stay_together(draft: Draft) -> None:
    dialog = draft.begin("Two sites")
    dialog.get_by_label("Share of rows").fill("40")
    choose_in(dialog, "Kept together by", "site")
    sentence = (
        "A random 40 % of the rows, rows of one site together, the part from 60 to 100 %, seed 42"
    )
    draft.create(dialog, "Two sites", sentence)
    sites = Counter(row["site"] for row in draft.rows("Two sites"))
    assert sites
    assert set(sites.values()) == {ROWS // 5}


def test_a_condition_joins_comparisons_by_and_or_or(draft: Draft, pictures: Path) -> None:
    dialog = draft.begin("Chosen", "By condition")
    first = dialog.get_by_role("group", name="Rows for which this is true")
    first.get_by_role("combobox", name="Feature").click()
    draft.page.get_by_role("option", name="kind", exact=True).click()
    expect(dialog.get_by_text("Rows where kind is …")).to_be_visible()
    expect_reason(dialog.get_by_role("button", name="Create"), "Give each condition a value")
    first.get_by_role("combobox", name="Value").fill("owl")
    dialog.get_by_role("button", name="Add a condition").click()
    first.get_by_role("combobox", name="Feature").last.click()
    draft.page.get_by_role("option", name="size", exact=True).click()
    first.get_by_role("combobox", name="Comparison").last.click()
    draft.page.get_by_role("option", name="greater than", exact=True).click()
    first.get_by_role("textbox", name="Value").last.fill("60")
    expect(dialog.get_by_text("Rows where kind is owl and size is greater than 60")).to_be_visible()
    dialog.get_by_text("any of them").click()
    save_picture(draft.page, pictures, "subset-rule")
    draft.create(dialog, "Chosen", "Rows where kind is owl or size is greater than 60")
    rows = draft.rows("Chosen")
    assert all(row["kind"] == "owl" or (row["size"] or 0) > 60 for row in rows)
    assert len(rows) > ROWS // 2


def test_a_column_of_folds_is_found_and_its_values_are_chosen(draft: Draft) -> None:
    dialog = draft.begin("Folds 1 and 2", "By a fold column")
    expect(dialog.get_by_role("combobox", name="Column")).to_have_value("fold")
    values = dialog.get_by_role("combobox", name="Values that are taken")
    for value in ("1", "2"):
        values.fill(value)
        values.press("Enter")
    draft.create(dialog, "Folds 1 and 2", "Rows whose fold is 1, 2")
    assert Counter(row["fold"] for row in draft.rows("Folds 1 and 2")) == {1: 48, 2: 48}


def test_k_folds_make_a_pair_of_subsets_each(draft: Draft) -> None:
    page = draft.page
    page.get_by_role("button", name="Folds", exact=True).click()
    dialog = page.get_by_role("dialog", name="Make folds")
    choose_in(dialog, "Folds come from", "a random division by seed")
    dialog.get_by_label("Number of folds").fill("3")
    choose_in(dialog, "In equal shares of", "kind")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog).to_be_hidden()
    sentence = "Fold 2 of 3, in equal shares of kind, seed 42"
    expect(page.get_by_text(sentence)).to_be_visible()
    version = draft.workplace.version(draft.version_id)
    of_folds = [each for each in version["subsets"] if each["rule"]["kind"] == "k_fold"]
    assert sum(each["rows"] for each in of_folds) == ROWS
    assert len(of_folds) == 3
    expect(page.get_by_text("Folds share rows with other subsets")).to_be_visible()
    expect(page.get_by_text("Fold 1, Without fold 2 share")).to_have_count(0)


def mark_of(place: Locator) -> tuple[str, str]:
    """Give the colour and the pattern by which a subset is told from others."""
    style = "each => [getComputedStyle(each).borderTopColor, each.className.split(' ').at(-1)]"
    colour, pattern = place.evaluate(style)
    return colour, pattern


def test_a_test_subset_parts_from_validation_at_once_and_gives_its_rows_back(draft: Draft) -> None:
    page = draft.page
    draft.clear()
    page.get_by_role("button", name="New subset").click()
    dialog = page.get_by_role("dialog", name="New subset")
    expect(dialog.get_by_label("Name", exact=True)).to_have_value("Test")
    rest = "The rest: rows that are in none of Training, Test."
    expect(dialog.get_by_text(f"Validation becomes “{rest}”")).to_be_visible()
    draft.create(dialog, "Test", "A random 10 % of the rows, the part from 80 to 90 %, seed 42")
    expect(subset_line(page, "Validation")).to_contain_text(rest)
    parted = page.get_by_role("img", name="Training 80 %, Validation 10 %, Test 10 %")
    expect(parted).to_be_visible()
    marks = [mark_of(subset_line(page, name).locator(".key")) for name in PARTS]
    assert len(set(marks)) == len(PARTS)
    assert [mark_of(parted.get_by_title(f"{name} ")) for name in PARTS] == marks
    widths = [parted.get_by_title(f"{name} ").bounding_box()["width"] for name in PARTS]
    assert 7 < widths[0] / widths[1] < 9  # 80 % to 10 %
    note = page.get_by_role("status").filter(has_text="Test is new. Validation: 48 → 24 rows.")
    note.get_by_role("button", name="Undo").click()
    whole = page.get_by_role("img", name="Training 80 %, Validation 20 %")
    expect(whole).to_be_visible()

    page.get_by_role("button", name="New subset").click()
    dialog.get_by_role("button", name="Create").click()
    expect(parted).to_be_visible()
    remove_subset(page, "Test")
    expect(whole).to_be_visible()
    removed = page.get_by_role("status").filter(
        has_text="Test is removed. Validation: 24 → 48 rows"
    )
    removed.get_by_role("button", name="Undo").click()
    expect(parted).to_be_visible()


def test_rows_that_two_subsets_share_are_taken_out_of_one_of_them_with_one_press(
    draft: Draft,
) -> None:
    page = draft.page
    draft.clear()
    dialog = draft.begin("Owls", "By condition")
    choose_in(dialog, "Feature", "kind")
    dialog.get_by_role("combobox", name="Value").fill("owl")
    for each in ("Training", "Validation"):
        expect(dialog.get_by_text(f"{each} becomes “")).to_be_visible()
    for _ in range(2):
        dialog.get_by_role("combobox", name="Take these rows out of").press("Backspace")
    draft.create(dialog, "Owls", "Rows where kind is owl")
    expect(page.get_by_text("Training, Owls share")).to_be_visible()
    page.get_by_role("button", name="Take these rows out of Training").click()
    expect(subset_line(page, "Training")).to_contain_text(
        "A random 80 % of the rows, seed 42, without the rows of Owls"
    )
    expect(page.get_by_text("Training, Owls share")).to_have_count(0)
    page.get_by_role("button", name="Take these rows out of Validation").click()
    expect(page.get_by_text(" share ")).to_have_count(0)
    assert Counter(row["kind"] for row in draft.rows("Training"))["owl"] == 0


def test_a_subset_that_another_is_the_rest_of_says_so_and_stays(draft: Draft) -> None:
    page = draft.page
    draft.clear()
    page.get_by_role("button", name="More for Training", exact=True).click()
    page.get_by_role("menuitem", name="Remove").click()
    panel = page.locator("section").filter(has=page.get_by_role("heading", name="Subsets"))
    expect(panel.get_by_role("alert")).to_contain_text("Training cannot be removed: Validation")
    expect(subset_line(page, "Training")).to_be_visible()


def test_the_bar_says_what_overlaps_and_what_is_left_over(draft: Draft) -> None:
    page = draft.page
    draft.clear()
    expect(page.get_by_role("img", name="Training 80 %, Validation 20 %")).to_be_visible()
    remove_subset(page, "Validation")
    expect(page.get_by_role("img", name="Training 80 %, in no subset 20 %")).to_be_visible()
    expect(page.get_by_text("48 rows are in no subset")).to_be_visible()

    dialog = draft.begin("Everything", "All rows")
    draft.create(dialog, "Everything", "All rows")
    expect(page.get_by_text("Training, Everything share 192 rows")).to_be_visible()
    expect(page.get_by_text("in no subset")).to_have_count(0)
    expect(page.get_by_role("button", name="Take these rows out of Training")).to_have_count(0)
    expect(page.get_by_role("button", name="Take these rows out of Everything")).to_be_visible()

    for name in ("Again", "Once more"):
        draft.create(draft.begin(name, "All rows"), name, "All rows")
    last = page.get_by_text("Again, Once more share 240 rows")
    expect(last).to_be_hidden()
    page.get_by_text("3 more pairs share rows").click()
    expect(last).to_be_visible()


def remove_subset(page: Page, name: str) -> None:
    """Remove a subset by its menu."""
    page.get_by_role("button", name=f"More for {name}", exact=True).click()
    page.get_by_role("menuitem", name="Remove").click()
    expect(page.get_by_role("button", name=f"More for {name}", exact=True)).to_have_count(0)
