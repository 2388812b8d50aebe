"""What a person sees of uploads that stopped, imports that failed, and the sample in the making."""

from __future__ import annotations

import base64
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests.support.data_view import Workplace
from tests.support.dataset_zips import small_entries, write_zip
from tests.support.datasets_api import TUS
from tests.support.session import API

pytestmark = pytest.mark.browser


def begin_and_stop(client: httpx.Client, name: str, whole: bytes, sent_bytes: int) -> str:
    """Send the beginning of a file, as a page that was closed meanwhile did; give its address."""
    metadata = f"filename {base64.b64encode(name.encode()).decode()}"
    headers = {**TUS, "Upload-Length": str(len(whole)), "Upload-Metadata": metadata}
    address = str(client.post(f"{API}/uploads", headers=headers).headers["location"])
    content_type = {"Content-Type": "application/offset+octet-stream"}
    headers = {**TUS, **content_type, "Upload-Offset": "0"}
    client.patch(address, headers=headers, content=whole[:sent_bytes]).raise_for_status()
    return address


def add_dataset(client: httpx.Client, project_id: str, name: str, content: bytes) -> None:
    """Upload a zip and begin its import."""
    upload = begin_and_stop(client, f"{name}.zip", content, len(content))
    wanted = {"name": name, "upload_ids": [upload.rsplit("/", 1)[1]]}
    client.post(f"{API}/projects/{project_id}/datasets", json=wanted).raise_for_status()


def test_a_stopped_upload_goes_on_and_another_is_forgotten(
    workplace: Workplace, tmp_path: Path
) -> None:
    whole = bytes(range(250)) * 400
    file = tmp_path / "big.zip"
    file.write_bytes(whole)
    page, client = workplace.page, workplace.client
    address = begin_and_stop(client, "big.zip", whole, 36_000)
    begin_and_stop(client, "old.zip", whole, 1_000)
    workplace.project("Stopped uploads")
    page.get_by_role("button", name="New dataset").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("36 % of 100 kB: choose it again to go on")).to_be_visible()

    dialog.get_by_role("button", name="Forget old.zip").click()
    expect(dialog.get_by_text("old.zip")).to_be_hidden()
    dialog.get_by_label("Choose files").set_input_files(file)

    expect(dialog.get_by_text("Complete")).to_be_visible()
    assert client.get(f"{API}/uploads").json() == []
    assert client.get(address).json()["complete"] is True
    stored = workplace.studio.data_folder / "uploads" / address.rsplit("/", 1)[1] / "data"
    assert stored.read_bytes() == whole


def test_a_failed_import_stands_last_and_is_removed_at_once(
    workplace: Workplace, tmp_path: Path
) -> None:
    good = write_zip(tmp_path / "good.zip", small_entries(12)).read_bytes()
    page, client = workplace.page, workplace.client
    project = workplace.project("Broken")
    add_dataset(client, project, "Broken", b"this is no zip")
    add_dataset(client, project, "Whole", good)
    page.reload()
    remove = page.get_by_role("button", name="Remove Broken")
    expect(remove).to_be_visible(timeout=60_000)
    names = page.get_by_role("complementary").first.get_by_role("link")
    expect(names.filter(has_text="Broken").or_(names.filter(has_text="Whole"))).to_have_text(
        ["Whole", "Broken"]
    )

    remove.click()

    expect(names.filter(has_text="Broken")).to_be_hidden()
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(names.filter(has_text="Broken")).to_be_visible()


def test_the_sample_in_the_making_says_so_and_cannot_be_asked_twice(workplace: Workplace) -> None:
    page, client = workplace.page, workplace.client
    workplace.project("Empty")
    before = len(client.get(f"{API}/projects").json())
    page.get_by_role("button", name="Use the sample data").dblclick()
    expect(page.get_by_role("button", name="Preparing the recordings")).to_be_disabled()
    expect(page.get_by_role("button", name="Everyday sounds")).to_be_visible(timeout=60_000)
    assert len(client.get(f"{API}/projects").json()) == before + 1
