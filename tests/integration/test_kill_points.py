"""Killed at any named point of upload and import, the studio goes on as if nothing had been."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import signal
import time
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest

from blockwright.contracts.crash_points import CrashPoint
from blockwright.datasets.folder import DatasetContent, read_content
from tests.support.dataset_zips import import_files, small_entries, write_zip
from tests.support.datasets_api import TUS, wait_for_dataset
from tests.support.media_files import wav_bytes
from tests.support.session import API, make_project, sign_in
from tests.support.studio import running_studio, start_studio

BYTES = {**TUS, "Content-Type": "application/offset+octet-stream"}
ROWS = 40
WAIT_SECONDS = 60
UPLOAD_POINTS = [point for point in get_args(CrashPoint) if point.startswith("upload-")]
IMPORT_POINTS = [p for p in get_args(CrashPoint) if p.startswith(("import-", "folder-"))]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a zip of tensors, clips and labels, larger than one write of an upload."""
    entries = small_entries(ROWS, shape=(96, 96))
    lines = str(entries["index.csv"]).splitlines()
    lines[0] += ",clip"
    for row in range(ROWS):
        entries[f"wav/{row}.wav"] = wav_bytes(row)
        lines[row + 1] += f",wav/{row}.wav"
    entries["index.csv"] = "\n".join(lines) + "\n"
    return write_zip(tmp_path_factory.mktemp("kill") / "Audio.zip", entries)


@pytest.fixture(scope="module")
def whole(source: Path, tmp_path_factory: pytest.TempPathFactory) -> DatasetContent:
    """Give what an import that nobody disturbs makes of it."""
    folder = tmp_path_factory.mktemp("whole") / "ds"
    import_files(source, folder=folder)
    return read_content(folder)


def wait_until_dead(pid: int) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except FileNotFoundError:
            return
        if state == "Z":
            return
        time.sleep(0.01)
    pytest.fail("the process was not killed at its point")


def begin(client: httpx.Client, total_bytes: int) -> str:
    metadata = f"filename {base64.b64encode(b'Audio.zip').decode()}"
    headers = {**TUS, "Upload-Length": str(total_bytes), "Upload-Metadata": metadata}
    return str(client.post(f"{API}/uploads", headers=headers).headers["location"])


def send_from(client: httpx.Client, upload: str, content: bytes) -> int:
    """Go on with an upload where it stopped; gives the offset that it went on from."""
    offset = int(client.head(upload, headers=TUS).headers["upload-offset"])
    headers = {**BYTES, "Upload-Offset": str(offset)}
    reply = client.patch(upload, headers=headers, content=content[offset:])
    assert reply.status_code == 204, reply.text
    return offset


def require_nothing_left(data_folder: Path, dataset_id: str) -> None:
    """Of uploads and datasets nothing lies there but the one dataset."""
    assert [path.name for path in (data_folder / "datasets").iterdir()] == [dataset_id]
    # Folders are removed by way of `.removed`, which stays, empty.
    assert list((data_folder / "uploads").glob("upl_*")) == []
    assert list(data_folder.glob("**/.removed/*")) == []
    assert list(data_folder.glob("**/*.tmp")) == []
    assert list(data_folder.glob("**/staging")) == []


def require_whole(data_folder: Path, dataset: dict[str, Any], whole: DatasetContent) -> None:
    """The dataset is what an undisturbed import makes, with one version and nothing beside."""
    assert (dataset["state"], dataset["rows"]) == ("ready", ROWS), dataset["problem"]
    assert len(dataset["versions"]) == 1
    (file,) = data_folder.glob(f"datasets/{dataset['id']}/**/dataset.json")
    assert read_content(file.parent) == whole
    require_nothing_left(data_folder, dataset["id"])


def import_uploaded(client: httpx.Client, upload: str) -> str:
    wanted = {"name": "Audio", "upload_ids": [upload.rsplit("/", 1)[1]]}
    reply = client.post(f"{API}/projects/{make_project(client)['id']}/datasets", json=wanted)
    assert reply.status_code == 201, reply.text
    return str(reply.json()["id"])


@pytest.mark.parametrize("point", UPLOAD_POINTS)
def test_an_upload_goes_on_after_a_kill(
    tmp_path: Path, source: Path, whole: DatasetContent, point: str
) -> None:
    data_folder, content = tmp_path / "data", source.read_bytes()
    nth = ":2" if point in {"upload-bytes-gathered", "upload-bytes-written"} else ""
    studio = start_studio(data_folder, BLOCKWRIGHT_CRASH_AT=f"{point}{nth}")
    upload, acknowledged = "", 0
    with sign_in(studio) as client, contextlib.suppress(httpx.TransportError):
        upload = begin(client, len(content))
        half = len(content) // 4
        headers = {**BYTES, "Upload-Offset": "0"}
        client.patch(upload, headers=headers, content=content[:half])
        acknowledged = half
        send_from(client, upload, content)
    wait_until_dead(studio.process.pid)
    studio.process.wait()
    with running_studio(data_folder) as second, sign_in(second) as client:
        if not upload:  # never answered: the browser begins anew
            upload = begin(client, len(content))
        assert acknowledged <= send_from(client, upload, content) <= len(content)
        stored = data_folder / "uploads" / upload.rsplit("/", 1)[1] / "data"
        assert stored.read_bytes() == content
        unfinished = client.get(f"{API}/uploads").json()
        for other in unfinished:  # begun, but its answer never came: it can be let go
            client.delete(f"{API}/uploads/{other['id']}", headers=TUS)
        dataset = wait_for_dataset(client, import_uploaded(client, upload))
        require_whole(data_folder, dataset, whole)


@pytest.mark.parametrize("point", IMPORT_POINTS)
def test_an_import_goes_on_after_a_kill(
    tmp_path: Path, source: Path, whole: DatasetContent, point: str
) -> None:
    data_folder = tmp_path / "data"
    nth = ":17" if point == "import-row-written" else ""
    studio = start_studio(data_folder, BLOCKWRIGHT_CRASH_AT=f"{point}{nth}")
    try:
        with sign_in(studio) as client:
            upload = begin(client, source.stat().st_size)
            send_from(client, upload, source.read_bytes())
            dataset_id = import_uploaded(client, upload)
            worker = worker_of(data_folder)
            wait_until_dead(worker)
            seen = client.get(f"{API}/datasets/{dataset_id}").json()
            assert (seen["state"], seen["versions"]) in (("importing", []), ("ready", [ANY]))
    finally:
        studio.kill()
    require_no_half_dataset(data_folder)
    end_workers(data_folder)
    with running_studio(data_folder) as second, sign_in(second) as client:
        require_whole(data_folder, wait_for_dataset(client, dataset_id), whole)


class _Anything:
    """Equal to whatever it is held against."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


ANY = _Anything()


def worker_of(data_folder: Path) -> int:
    """Wait for the worker of the import and give its process id."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        for file in data_folder.glob("jobs/*/*/worker.json"):
            return int(json.loads(file.read_text())["pid"])
        time.sleep(0.005)
    pytest.fail("no worker came")


def end_workers(data_folder: Path) -> None:
    for file in data_folder.glob("jobs/*/*/worker.json"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(json.loads(file.read_text())["pid"]), signal.SIGKILL)


def require_no_half_dataset(data_folder: Path) -> None:
    """A content folder under its final name is complete, whenever one looks."""
    for file in data_folder.glob("datasets/**/rows.parquet"):
        if ".tmp" not in str(file):
            assert read_content(file.parent).rows == ROWS
