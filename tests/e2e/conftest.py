"""One real browser for the browser tests; a loud word when there is none."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.browser import find_chromium, running_browser
from tests.support.data_view import Workplace, open_window
from tests.support.session import sign_in
from tests.support.studio import running_studio


@pytest.fixture(scope="package")  # its event loop must not outlive the browser tests
def browser() -> Iterator[Browser]:
    """Give a Chromium."""
    if find_chromium() is None:
        pytest.skip(
            "NO BROWSER TESTS: no chromium or google-chrome was found. "
            "Install one, or set BLOCKWRIGHT_CHROMIUM to its path."
        )
    # Playwright's event loop leaves a warning of its own at the end.
    warnings.filterwarnings("ignore", category=ResourceWarning)
    with running_browser() as running:
        yield running


@pytest.fixture(scope="package")
def workplace(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """One studio and one window for all tests of the data view; each makes its own project."""
    folder = tmp_path_factory.mktemp("workplace")
    with running_studio(folder / "data") as studio, sign_in(studio) as client:
        page = open_window(browser, studio, client)
        yield Workplace(studio, client, page)
        page.context.close()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder for screenshots: `BLOCKWRIGHT_PICTURES`, or a temporary one."""
    named = os.environ.get("BLOCKWRIGHT_PICTURES")
    return Path(named) if named else tmp_path_factory.mktemp("pictures")
