"""The view of datasets as a person uses it in a browser, and the quick way to data in it."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.browser import new_context
from tests.support.datasets_api import bring_in
from tests.support.session import API, make_project
from tests.support.studio import Studio

MINUTE_MS = 60_000


@dataclass(frozen=True)
class Workplace:
    """One studio, a client and a window that are signed in to it."""

    studio: Studio
    client: httpx.Client
    page: Page

    def project(self, name: str) -> str:
        """Make a project and open its datasets; give its id."""
        project_id = str(make_project(self.client, name)["id"])
        self.page.goto(f"{self.studio.base_url}/projects/{project_id}/datasets")
        return project_id

    def bring_in(self, project_id: str, name: str, files: Sequence[Path]) -> dict[str, Any]:
        """Upload files, wait for their import, open the draft; give the version."""
        dataset = bring_in(self.client, project_id, *files, name=name)
        assert dataset["state"] == "ready", dataset
        version_id = dataset["versions"][0]["id"]
        self.page.goto(f"{self.studio.base_url}/projects/{project_id}/datasets/{dataset['id']}")
        expect(self.page.get_by_role("heading", name=name, level=1)).to_be_visible()
        return self.version(version_id)

    def version(self, version_id: str) -> dict[str, Any]:
        """Give a version as the server has it."""
        found: dict[str, Any] = self.client.get(f"{API}/versions/{version_id}").json()
        return found

    def rows_of(self, version: dict[str, Any], subset: str) -> list[dict[str, Any]]:
        """Give the values of all rows of a subset."""
        subset_id = next(each["id"] for each in version["subsets"] if each["name"] == subset)
        asked = {"subset_id": subset_id, "limit": 500}
        page = self.client.post(f"{API}/versions/{version['id']}/rows", json=asked).json()
        return [row["values"] for row in page["rows"]]


def open_window(browser: Browser, studio: Studio, client: httpx.Client, **look: Any) -> Page:
    """Open a window with the session of a client."""
    context = new_context(browser, **look)
    for name, value in client.cookies.items():
        context.add_cookies([{"name": name, "value": value, "url": studio.base_url}])
    page = context.new_page()
    page.set_default_timeout(20_000)
    return page


def drop_files(page: Page, onto: Locator, files: Sequence[Path]) -> None:
    """Drop files on a place of the page, as dragged there from the desktop."""
    given = [
        {"name": file.name, "content": base64.b64encode(file.read_bytes()).decode()}
        for file in files
    ]
    transfer = page.evaluate_handle(
        """files => {
            const transfer = new DataTransfer();
            for (const { name, content } of files) {
                const bytes = Uint8Array.from(atob(content), each => each.charCodeAt(0));
                transfer.items.add(new File([bytes], name));
            }
            return transfer;
        }""",
        given,
    )
    onto.dispatch_event("drop", {"dataTransfer": transfer})


def expect_reason(button: Locator, reason: str) -> None:
    """A button cannot be pressed, and says why: to see, and to be read out with it."""
    expect(button).to_be_disabled()
    expect(button).to_have_accessible_description(re.compile(f"^{re.escape(reason)}"))
    expect(button.page.get_by_text(reason).last).to_be_visible()


def choose_in(dialog: Locator, field: str, value: str) -> None:
    """Choose from a list in a dialog."""
    dialog.get_by_role("combobox", name=field, exact=True).click()
    dialog.page.get_by_role("option", name=value, exact=True).click()


def subset_line(page: Page, name: str) -> Locator:
    """Find a subset in its panel."""
    panel = page.locator("section").filter(has=page.get_by_role("heading", name="Subsets"))
    return panel.locator(".ds-subset").filter(has=page.get_by_text(name, exact=True))


def shown_clips(page: Page) -> set[str]:
    """Give the names of the recordings in the rows that are drawn."""
    buttons = page.get_by_role("grid").get_by_role("button", name=re.compile("^Play "))
    return {label.removeprefix("Play ") for label in buttons.evaluate_all(_LABELS)}


_LABELS = "buttons => buttons.map(button => button.getAttribute('aria-label'))"
