"""A real Chromium, found on this machine; when there is none, tests say so loudly."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect, sync_playwright

# As long as clicks wait: a machine that does something else at the time answers late.
PATIENCE_MS = 20_000
SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium() -> str | None:
    """Give the path of a Chromium or Chrome, `BLOCKWRIGHT_CHROMIUM` first."""
    named = os.environ.get("BLOCKWRIGHT_CHROMIUM")
    if named:
        return named
    for name in ("chromium", "google-chrome", "chromium-browser", "google-chrome-stable"):
        found = shutil.which(name)
        if found:
            return found
    return None


@contextlib.contextmanager
def running_browser() -> Iterator[Browser]:
    """Run Chromium headless for the length of a block."""
    path = find_chromium()
    if path is None:
        raise FileNotFoundError("no Chromium")
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        browser = playwright.chromium.launch(executable_path=path, args=list(SWITCHES))
        try:
            yield browser
        finally:
            browser.close()


def new_context(
    browser: Browser,
    *,
    language: str = "en",
    theme: str = "light",
    width: int = 1440,
    height: int = 900,
    storage_state: StorageState | None = None,
) -> BrowserContext:
    """Open a window as one person has it: language, theme, size."""
    return browser.new_context(
        locale="zh-CN" if language == "zh" else "en-GB",
        color_scheme="dark" if theme == "dark" else "light",
        viewport={"width": width, "height": height},
        reduced_motion="reduce",
        accept_downloads=True,
        storage_state=storage_state,
    )


def save_picture(page: Page, folder: Path, name: str) -> None:
    """Take a screenshot of a page into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png")


LOOKS: dict[str, dict[str, Any]] = {
    "": {},
    "-dark": {"theme": "dark"},
    "-zh": {"language": "zh"},
    "-390": {"width": 390, "height": 844},
}


def picture_every_look(
    browser: Browser, state: StorageState, views: dict[str, str], folder: Path
) -> None:
    """Take each view light, dark, in Chinese and 390 px wide; none may be wider than its window."""
    for suffix, look in LOOKS.items():
        context = new_context(browser, storage_state=state, **look)
        window = context.new_page()
        for name, address in views.items():
            window.goto(address)
            expect(window.get_by_role("main").first).to_be_visible()
            window.wait_for_timeout(700)  # spectrograms and curves settle
            save_picture(window, folder, f"{name}{suffix}")
            wide = window.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{name}{suffix} is {wide} px wider than the window"
        context.close()
