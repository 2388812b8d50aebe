"""An upload can be cut off anywhere: what was acknowledged is there, and it goes on from there."""

from __future__ import annotations

import base64
import http.client
import random
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.datasets_api import TUS
from tests.support.session import API, problem_of, sign_in
from tests.support.studio import Studio, running_studio, start_studio

BYTES = {**TUS, "Content-Type": "application/offset+octet-stream"}


def begin(client: httpx.Client, total_bytes: int, name: str = "dataset.zip") -> str:
    """Begin an upload and give its address."""
    metadata = f"filename {base64.b64encode(name.encode()).decode()},filetype YXBwL3ppcA=="
    headers = {**TUS, "Upload-Length": str(total_bytes), "Upload-Metadata": metadata}
    reply = client.post(f"{API}/uploads", headers=headers)
    assert reply.status_code == 201, reply.text
    return str(reply.headers["location"])


def send(client: httpx.Client, upload: str, offset: int, data: bytes) -> httpx.Response:
    """Send bytes at an offset."""
    return client.patch(upload, headers={**BYTES, "Upload-Offset": str(offset)}, content=data)


def offset_of(client: httpx.Client, upload: str) -> int:
    """Ask how much has come."""
    reply = client.head(upload, headers=TUS)
    assert reply.status_code == 200
    assert reply.headers["cache-control"] == "no-store"
    return int(reply.headers["upload-offset"])


def stored(studio: Studio, upload: str) -> bytes:
    """Give what lies on disk of an upload."""
    return (studio.data_folder / "uploads" / upload.rsplit("/", 1)[1] / "data").read_bytes()


def send_half_and_hang(
    studio: Studio, client: httpx.Client, upload: str, data: bytes
) -> socket.socket:
    """Announce all of `data`, send half of it, and leave the connection open."""
    address = httpx.URL(studio.base_url)
    connection = http.client.HTTPConnection(address.host, address.port or 80)
    connection.putrequest("PATCH", upload)
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    lines = {**BYTES, "Upload-Offset": "0", "Content-Length": str(len(data)), "Cookie": cookies}
    for name, value in lines.items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(data[: len(data) // 2])
    assert connection.sock is not None
    return connection.sock


def wait_for_bytes(studio: Studio, upload: str, at_least: int) -> None:
    """Wait until so many bytes lie on disk."""
    deadline = time.monotonic() + 20
    while len(stored(studio, upload)) < at_least:
        assert time.monotonic() < deadline, "the bytes never came"
        time.sleep(0.02)


def test_the_server_says_what_it_knows_of_tus(client: httpx.Client) -> None:
    reply = client.options(f"{API}/uploads")
    assert reply.status_code == 204
    assert reply.headers["tus-version"] == "1.0.0"
    assert reply.headers["tus-extension"] == "creation,termination"
    assert int(reply.headers["tus-max-size"]) == 200 * 2**30


def test_an_upload_in_pieces_is_what_was_sent(studio: Studio, client: httpx.Client) -> None:
    data = random.Random(1).randbytes(3_500_000)
    upload = begin(client, len(data), "声音 1.zip")
    for start in range(0, len(data), 1_000_000):
        reply = send(client, upload, start, data[start : start + 1_000_000])
        assert reply.status_code == 204
        assert int(reply.headers["upload-offset"]) == min(start + 1_000_000, len(data))
    told = client.get(upload).json()
    assert told["complete"] is True
    assert told["file_name"] == "声音 1.zip"
    assert stored(studio, upload) == data


def test_an_upload_cut_off_half_way_goes_on_where_it_stopped(
    studio: Studio, client: httpx.Client
) -> None:
    data = random.Random(2).randbytes(4_000_000)
    upload = begin(client, len(data))
    send_half_and_hang(studio, client, upload, data).close()
    wait_for_bytes(studio, upload, len(data) // 2)

    offset = offset_of(client, upload)
    assert offset == len(data) // 2
    assert client.get(upload).json()["complete"] is False
    assert send(client, upload, offset, data[offset:]).status_code == 204
    assert stored(studio, upload) == data


def test_a_new_connection_takes_an_upload_over_from_one_that_hangs(
    studio: Studio, client: httpx.Client
) -> None:
    data = random.Random(3).randbytes(4_000_000)
    upload = begin(client, len(data))
    hanging = send_half_and_hang(studio, client, upload, data)
    wait_for_bytes(studio, upload, 1_000_000)

    offset = offset_of(client, upload)
    assert send(client, upload, offset, data[offset:]).status_code == 204
    hanging.send(data[len(data) // 2 :])
    answer = hanging.recv(65_536).decode()
    hanging.close()
    assert " 409 " in answer.splitlines()[0]
    assert stored(studio, upload) == data


def test_a_server_killed_during_an_upload_has_kept_what_it_acknowledged(tmp_path: Path) -> None:
    data = random.Random(4).randbytes(6_000_000)
    first = start_studio(tmp_path / "data")
    try:
        with sign_in(first) as client:
            upload = begin(client, len(data))
            assert send(client, upload, 0, data[:1_500_000]).status_code == 204
            rest = data[1_500_000:]
            with pytest.raises(httpx.TransportError):
                client.patch(
                    upload,
                    headers={
                        **BYTES,
                        "Upload-Offset": "1500000",
                        "Content-Length": str(len(rest)),
                    },
                    content=_killing(first, rest),
                )
    finally:
        first.stop()

    with running_studio(tmp_path / "data") as second, sign_in(second) as client:
        offset = offset_of(client, upload)
        assert 1_500_000 <= offset < len(data)
        assert stored(second, upload) == data[:offset]
        assert send(client, upload, offset, data[offset:]).status_code == 204
        assert stored(second, upload) == data


def _killing(studio: Studio, data: bytes) -> Iterator[bytes]:
    """Give the first half of `data`, then kill the server, then the rest."""
    half = len(data) // 2
    yield data[:half]
    studio.kill()
    for start in range(half, len(data), 65_536):
        yield data[start : start + 65_536]


def test_bytes_at_another_offset_are_refused_and_nothing_is_lost(
    studio: Studio, client: httpx.Client
) -> None:
    upload = begin(client, 10)
    assert send(client, upload, 0, b"01234").status_code == 204
    for offset in (0, 4, 6):
        reply = send(client, upload, offset, b"xxxxx")
        assert reply.status_code == 409
        assert problem_of(reply)["code"] == "upload.offset_mismatch"
        assert problem_of(reply)["params"] == {"offset": offset, "received": 5}
    assert stored(studio, upload) == b"01234"


def test_more_bytes_than_announced_are_refused(studio: Studio, client: httpx.Client) -> None:
    upload = begin(client, 6)
    assert send(client, upload, 0, b"012").status_code == 204
    reply = send(client, upload, 3, b"34567")
    assert (reply.status_code, problem_of(reply)["code"]) == (413, "upload.too_long")
    assert stored(studio, upload) == b"012"
    assert send(client, upload, 3, b"345").status_code == 204


def test_an_upload_that_is_not_complete_makes_no_dataset(client: httpx.Client) -> None:
    upload = begin(client, 6)
    project = client.post(f"{API}/projects", json={"name": "Early"}).json()
    wanted = {"name": "Audio", "upload_ids": [upload.rsplit("/", 1)[1]]}
    reply = client.post(f"{API}/projects/{project['id']}/datasets", json=wanted)
    assert (reply.status_code, problem_of(reply)["code"]) == (409, "upload.not_complete")


def test_an_upload_can_be_let_go(studio: Studio, client: httpx.Client) -> None:
    upload = begin(client, 6)
    assert client.delete(upload, headers=TUS).status_code == 204
    assert client.get(upload).status_code == 404
    assert not (studio.data_folder / "uploads" / upload.rsplit("/", 1)[1]).exists()


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412, "upload.protocol"),
        ({"Upload-Length": "-1"}, 400, "upload.header"),
        ({"Upload-Length": "1e9"}, 400, "upload.header"),
        ({"Upload-Length": "9" * 18}, 413, "upload.too_large"),
        ({"Upload-Metadata": "filename"}, 400, "upload.header"),
        ({"Upload-Metadata": "filename %%%"}, 400, "upload.header"),
        ({"Upload-Metadata": "filename Lw=="}, 400, "upload.header"),
    ],
    ids=str,
)
def test_an_upload_that_does_not_keep_to_tus_is_refused(
    client: httpx.Client, headers: dict[str, str], status: int, code: str
) -> None:
    good = {**TUS, "Upload-Length": "1", "Upload-Metadata": "filename YS56aXA="}
    reply = client.post(f"{API}/uploads", headers={**good, **headers})
    assert (reply.status_code, problem_of(reply)["code"]) == (status, code)


def test_bytes_of_another_content_type_are_refused(client: httpx.Client) -> None:
    upload = begin(client, 1)
    headers = {**TUS, "Upload-Offset": "0", "Content-Type": "application/zip"}
    reply = client.patch(upload, headers=headers, content=b"x")
    assert (reply.status_code, problem_of(reply)["code"]) == (415, "upload.content_type")


def test_folders_in_a_file_name_are_left_out(client: httpx.Client) -> None:
    for name in ("../../etc/data.zip", "C:\\Users\\me\\data.zip"):
        assert client.get(begin(client, 1, name)).json()["file_name"] == "data.zip"
