"""A real Chromium, found on this machine; when there is none, tests say so loudly."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, StorageState, sync_playwright

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
