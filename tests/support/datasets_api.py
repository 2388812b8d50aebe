"""Datasets through the API, as tests of the server bring them in, wait for them and save them."""

from __future__ import annotations

import base64
import csv
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.session import API

TUS = {"Tus-Resumable": "1.0.0"}
WORK_SECONDS = 60


def upload(client: httpx.Client, file: Path) -> str:
    """Send a file as the browser does; give the id of the upload."""
    name = base64.b64encode(file.name.encode()).decode()
    size = {"Upload-Length": str(file.stat().st_size), "Upload-Metadata": f"filename {name}"}
    made = client.post(f"{API}/uploads", headers={**TUS, **size})
    assert made.status_code == 201, made.text
    place = made.headers["Location"]
    kind = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    sent = client.patch(place, headers={**TUS, **kind}, content=file.read_bytes())
    assert sent.status_code == 204, sent.text
    return str(place.rsplit("/", 1)[1])


def bring_in(client: httpx.Client, project_id: str, *files: Path, name: str = "") -> dict[str, Any]:
    """Upload, make a dataset, wait for its import to end; its name is that of the first file."""
    uploads = [upload(client, file) for file in files]
    wanted = {"name": name or files[0].stem, "upload_ids": uploads}
    made = client.post(f"{API}/projects/{project_id}/datasets", json=wanted)
    assert made.status_code == 201, made.text
    return wait_for_dataset(client, made.json()["id"])


def wait_for_dataset(client: httpx.Client, dataset_id: str) -> dict[str, Any]:
    """Wait until a dataset is no longer coming in."""
    return _settled(client, f"{API}/datasets/{dataset_id}", {"importing"})


def wait_for_version(client: httpx.Client, version_id: str) -> dict[str, Any]:
    """Wait until a version is neither growing nor being saved."""
    return _settled(client, f"{API}/versions/{version_id}", {"importing", "saving"})


def _settled(client: httpx.Client, address: str, under_way: set[str]) -> dict[str, Any]:
    deadline = time.monotonic() + WORK_SECONDS
    while time.monotonic() < deadline:
        found: dict[str, Any] = client.get(address).json()
        if found["state"] not in under_way:
            return found
        time.sleep(0.1)
    pytest.fail(f"{address} is under way for more than {WORK_SECONDS} s")


def draft_of(client: httpx.Client, dataset: dict[str, Any]) -> dict[str, Any]:
    """Give the newest version of a dataset."""
    newest = max(dataset["versions"], key=lambda item: item["number"])
    version: dict[str, Any] = client.get(f"{API}/versions/{newest['id']}").json()
    return version


def saved(client: httpx.Client, version: dict[str, Any]) -> dict[str, Any]:
    """Save a draft, wait, and give the frozen version."""
    reply = client.post(f"{API}/versions/{version['id']}/save")
    assert reply.status_code == 202, reply.text
    frozen = wait_for_version(client, version["id"])
    assert frozen["state"] == "frozen", client.get(f"{API}/jobs/{reply.json()['job_id']}").text
    return frozen


def animal_table(path: Path, first: int, count: int, **more: str) -> Path:
    """Write a csv of numbered animals; every third is a cat, and `more` are further columns."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["name", "kind", "weight", *more])
        for number in range(first, first + count):
            kind = "cat" if number % 3 == 0 else "dog"
            weight = "" if number % 10 == 9 else number / 2
            writer.writerow([f"animal {number:04d}", kind, weight, *more.values()])
    return path
