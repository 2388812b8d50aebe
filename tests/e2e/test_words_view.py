"""The whole data view in Chinese and dark: every word is there, none is the key of a word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.browser import save_picture
from tests.support.data_material import write_clips
from tests.support.data_view import Workplace, open_window

pytestmark = pytest.mark.browser

# "ruleKind.random" or "newSubset": what stands where a word is missing.
_KEY = re.compile(r"\b(?:[a-z]\w*\.[a-zA-Z]\w*(?:\.\w+)*|[a-z]{2,}(?:[A-Z][a-z]+)+)\b")
_FILE = re.compile(r"\.(csv|zip|ogg|wav|npy|json|mp3|flac|h5)$")
# Everything that is seen, and everything that is only read aloud or shown on hover.
_WORDS = """() => {
    const told = [document.body.innerText];
    for (const each of document.querySelectorAll('[aria-label], [title], [placeholder], [alt]'))
        for (const name of ['aria-label', 'title', 'placeholder', 'alt'])
            told.push(each.getAttribute(name) ?? '');
    return told.join('\\n');
}"""


@pytest.fixture(scope="module")
def chinese(browser: Browser, workplace: Workplace) -> Iterator[Page]:
    """A dark window in Chinese with the same session."""
    look = {"language": "zh", "theme": "dark"}
    page = open_window(browser, workplace.studio, workplace.client, **look)
    yield page
    page.context.close()


def test_every_panel_and_dialog_speaks_chinese_in_the_dark(
    workplace: Workplace, chinese: Page, pictures: Path, tmp_path: Path
) -> None:
    clips = write_clips(tmp_path)
    project = workplace.project("词语")
    workplace.bring_in(project, "录音", [clips.zip_file, clips.labels_file])
    page = chinese
    page.goto(workplace.page.url)
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_role("heading", name="数据健康")).to_be_visible()
    page.get_by_text("项检查通过").click()
    assert_words(page, pictures, "data")

    for opener, name in (
        ("新建数据集", "new-dataset"),
        ("新建特征集", "feature-set"),
        ("新建子集", "subset"),
        ("分折", "folds"),
        ("查看", "report"),
    ):
        page.get_by_role("button", name=opener, exact=True).first.click()
        assert_words(page, pictures, name, page.get_by_role("dialog"))
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)

    for feature in ("fname", "labels", "fold"):
        page.get_by_role("grid").get_by_role("button", name=feature, exact=True).click()
        assert_words(page, pictures, f"feature-{feature}", page.get_by_role("dialog"))
        page.keyboard.press("Escape")

    page.get_by_role("button", name="第 1 行，详情").click()
    expect(page.get_by_text("train_curated.csv 的第 2 行")).to_be_visible()
    assert_words(page, pictures, "row", page.get_by_role("dialog"))


def assert_words(page: Page, pictures: Path, name: str, dialog: Locator | None = None) -> None:
    """Nothing that is shown or read aloud looks like the key of a word."""
    if dialog is not None:
        expect(dialog).to_be_visible()
        expect(dialog.get_by_role("heading").first).to_contain_text(
            re.compile(r"[\u4e00-\u9fff]|\w")
        )
    page.wait_for_timeout(300)  # drawers move in, lazy parts arrive
    told: str = page.evaluate(_WORDS)
    assert not re.findall(r".{20}[。；，：] \S.{9}", told), "a space behind Chinese punctuation"
    assert not re.findall(r".{9}\d m?s\b", told), "seconds in English"
    keys = {word for word in _KEY.findall(told) if not _FILE.search(word)}
    save_picture(page, pictures, f"words-{name}")
    assert not keys, keys
