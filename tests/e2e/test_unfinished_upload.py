"""An upload that stopped is listed in `New dataset`, and goes on when its file is chosen again."""

from __future__ import annotations

import base64
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import new_context
from tests.support.session import API, sign_in
from tests.support.studio import running_studio

pytestmark = pytest.mark.browser

TUS = {"Tus-Resumable": "1.0.0"}


def begin_and_stop(client: httpx.Client, name: str, whole: bytes, sent_bytes: int) -> str:
    """Send the beginning of a file, as a page that was closed meanwhile did; give its address."""
    metadata = f"filename {base64.b64encode(name.encode()).decode()}"
    headers = {**TUS, "Upload-Length": str(len(whole)), "Upload-Metadata": metadata}
    address = str(client.post(f"{API}/uploads", headers=headers).headers["location"])
    content_type = {"Content-Type": "application/offset+octet-stream"}
    headers = {**TUS, **content_type, "Upload-Offset": "0"}
    client.patch(address, headers=headers, content=whole[:sent_bytes]).raise_for_status()
    return address


def test_a_stopped_upload_goes_on_and_another_is_forgotten(
    browser: Browser, tmp_path: Path
) -> None:
    whole = bytes(range(250)) * 400
    file = tmp_path / "big.zip"
    file.write_bytes(whole)
    with running_studio(tmp_path / "data") as studio, sign_in(studio) as client:
        address = begin_and_stop(client, "big.zip", whole, 36_000)
        begin_and_stop(client, "old.zip", whole, 1_000)
        project = client.post(f"{API}/projects", json={"name": "Uploads"}).json()
        context = new_context(browser)
        for name, value in client.cookies.items():
            context.add_cookies([{"name": name, "value": value, "url": studio.base_url}])
        page = context.new_page()
        page.goto(f"{studio.base_url}/projects/{project['id']}/datasets")
        page.get_by_role("button", name="New dataset").first.click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_text("36 % of 100 kB: choose it again to go on")).to_be_visible()

        dialog.get_by_role("button", name="Forget old.zip").click()
        expect(dialog.get_by_text("old.zip")).to_be_hidden()
        dialog.get_by_label("Choose files").set_input_files(file)

        expect(dialog.get_by_text("Complete")).to_be_visible()
        assert client.get(f"{API}/uploads").json() == []
        assert client.get(address).json()["complete"] is True
        stored = studio.data_folder / "uploads" / address.rsplit("/", 1)[1] / "data"
        assert stored.read_bytes() == whole
        context.close()
