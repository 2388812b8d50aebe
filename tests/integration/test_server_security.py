"""Nobody comes in without the printed address, and no other site acts in a person's name."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from tests.support.session import API, make_project, problem_of, sign_in
from tests.support.studio import Studio, running_studio


def test_every_route_but_health_needs_a_session(studio: Studio, client: httpx.Client) -> None:
    spec = client.get(f"{API}/openapi.json").json()
    open_routes = []
    with httpx.Client(base_url=studio.base_url) as stranger:
        for path, methods in spec["paths"].items():
            for method in methods:
                address = re.sub(r"\{\w+\}", "run_0123456789abcdef", path)
                reply = stranger.request(method, address)
                if reply.status_code != 401:
                    open_routes.append((method, path))
                elif method != "head":
                    assert problem_of(reply)["code"] == "server.no_session"
    assert open_routes == [("get", f"{API}/health")]


def test_an_address_that_does_not_exist_is_told_only_to_those_who_are_in(studio: Studio) -> None:
    assert httpx.get(f"{studio.base_url}/api/v1/nothing").status_code == 401


def test_the_page_without_a_session_says_in_both_languages_how_to_get_in(studio: Studio) -> None:
    for address in ("/", "/projects/anything", "/?token=wrong"):
        reply = httpx.get(studio.base_url + address)
        assert reply.status_code == 401
        assert "Open the address that the studio printed in its terminal" in reply.text
        assert "请打开工作室在终端中显示的地址" in reply.text


def test_the_printed_address_works_once_and_a_fresh_one_is_printed(
    studio: Studio, client: httpx.Client
) -> None:
    again = httpx.get(studio.address)
    assert again.status_code == 401
    assert "set-cookie" not in again.headers

    printed = re.findall(r"https?://\S+", studio.log())
    assert len(printed) == len(set(printed))
    with sign_in(studio, address=printed[-1]) as other:
        assert other.get(f"{API}/projects").status_code == 200


def test_a_person_who_is_in_and_opens_a_used_address_just_goes_on(
    studio: Studio, client: httpx.Client
) -> None:
    reply = client.get(studio.address)
    assert (reply.status_code, reply.headers["location"]) == (303, "/")


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(tmp_path: Path) -> None:
    with running_studio(tmp_path / "data") as studio:
        reply = httpx.get(studio.address)
        cookie = reply.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "Path=/" in cookie
        assert "Max-Age=31536000" in cookie
        value = cookie.split(";")[0].split("=", 1)[1]
        with sqlite3.connect(studio.data_folder / "studio.sqlite") as database:
            kept = database.execute("SELECT token_sha256 FROM sessions").fetchall()
        database.close()
        assert kept == [(sha256(value.encode()).hexdigest(),)]
        assert value.encode() not in (studio.data_folder / "studio.sqlite").read_bytes()


def test_a_session_outlives_the_server(tmp_path: Path) -> None:
    with running_studio(tmp_path / "data") as studio, sign_in(studio) as client:
        port = httpx.URL(studio.base_url).port
        cookies = dict(client.cookies)
    with running_studio(tmp_path / "data", "--port", str(port)) as studio:
        reply = httpx.get(f"{studio.base_url}{API}/projects", cookies=cookies)
        assert reply.status_code == 200


@pytest.mark.parametrize("name", ["evil.example", "127.0.0.1.evil.example", "", "[::2]:80", "["])
def test_a_foreign_host_name_is_refused(client: httpx.Client, name: str) -> None:
    reply = client.get(f"{API}/projects", headers={"Host": name})
    if name:  # without any Host the server's HTTP parser itself refuses the request
        assert problem_of(reply)["code"] == "server.host_not_allowed"
        assert reply.status_code == 403
    assert reply.status_code in {400, 403}


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]", "localhost:9999"])
def test_the_studios_own_names_are_taken(client: httpx.Client, name: str) -> None:
    assert client.get(f"{API}/projects", headers={"Host": name}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_another_site_can_change_nothing(
    client: httpx.Client, method: str, headers: dict[str, str]
) -> None:
    reply = client.request(method, f"{API}/projects", headers=headers, json={"name": "theirs"})
    assert reply.status_code == 403
    assert problem_of(reply)["code"] == "server.cross_site"
    assert "theirs" not in client.get(f"{API}/projects").text


def test_the_studios_own_page_can(studio: Studio, client: httpx.Client) -> None:
    headers = {"Origin": studio.base_url, "Sec-Fetch-Site": "same-origin"}
    reply = client.post(f"{API}/projects", headers=headers, json={"name": "ours"})
    assert reply.status_code == 201


@pytest.mark.parametrize("path", ["/", f"{API}/projects", f"{API}/nothing", "/mark.svg"])
def test_every_reply_carries_the_security_headers(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"


def test_no_page_of_the_studio_runs_inline_script_or_loads_from_elsewhere(
    client: httpx.Client,
) -> None:
    page = client.get("/").text
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", page)


def test_hashed_assets_are_kept_by_browsers_and_the_page_is_not(client: httpx.Client) -> None:
    page = client.get("/")
    assert page.headers["cache-control"] == "no-cache"
    script = re.search(r'src="(/assets/[^"]+)"', page.text)
    assert script is not None
    assert "immutable" in client.get(script.group(1)).headers["cache-control"]
    assert client.get(f"{API}/projects").headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/..%2f..%2fcli.py", "/%2e%2e/app.py", "/assets/../../app.py"])
def test_no_file_outside_the_ui_is_served(client: httpx.Client, path: str) -> None:
    reply = client.get(path)
    assert "import" not in reply.text
    assert reply.status_code == 404


def test_another_owners_objects_are_as_if_they_were_not_there(
    studio: Studio, client: httpx.Client
) -> None:
    project = make_project(client, "Of someone else")
    with sqlite3.connect(studio.data_folder / "studio.sqlite", timeout=20) as database:
        database.execute("INSERT INTO owners (id, name) VALUES ('own_other', 'other')")
        database.execute(
            "UPDATE projects SET owner_id = 'own_other' WHERE id = ?", (project["id"],)
        )
    database.close()

    assert project["id"] not in client.get(f"{API}/projects").text
    for path in ("", "/datasets", "/experiments", "/runs", "/bundles", "/competitions"):
        theirs = client.get(f"{API}/projects/{project['id']}{path}")
        nobodys = client.get(f"{API}/projects/prj_0000000000000000{path}")
        assert theirs.status_code == nobodys.status_code == 404
        assert theirs.text.replace(project["id"], "x") == nobodys.text.replace(
            "prj_0000000000000000", "x"
        )
    reply = client.get(f"{API}/events", params={"project_id": project["id"]})
    assert reply.status_code == 404


def test_a_second_server_on_the_same_data_folder_is_refused_in_both_languages(
    studio: Studio,
) -> None:
    words = {"C.UTF-8": "Another studio already works", "zh_CN.UTF-8": "另一个工作室正在使用"}
    for language, expected in words.items():
        second = serve_and_fail("--data", str(studio.data_folder), "--port", "0", LC_ALL=language)
        assert second.returncode == 1
        assert expected in second.stderr
        assert str(studio.data_folder) in second.stderr


def test_listening_to_other_machines_needs_a_word(tmp_path: Path) -> None:
    refused = serve_and_fail("--data", str(tmp_path), "--host", "0.0.0.0", "--port", "0")
    assert refused.returncode == 1
    assert "--allow-network" in refused.stderr


def test_a_port_that_is_taken_is_told(studio: Studio, tmp_path: Path) -> None:
    port = str(httpx.URL(studio.base_url).port)
    refused = serve_and_fail("--data", str(tmp_path), "--port", port)
    assert refused.returncode == 1
    assert f"port {port}" in refused.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights otherwise")
def test_only_the_owner_reads_the_data_folder(studio: Studio) -> None:
    assert stat.S_IMODE(studio.data_folder.stat().st_mode) == 0o700


def serve_and_fail(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `blockwright serve`, which is expected to give up at once."""
    return subprocess.run(
        [sys.executable, "-m", "blockwright", "serve", "--no-browser", *arguments],
        env={**os.environ, "LC_ALL": "C.UTF-8", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
