"""Every error of the API has one shape, a code of the catalogue, and words in both languages."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from blockwright.contracts.problems import http_status
from tests.support.session import API, make_project, problem_of
from tests.support.studio import Studio

CASES: list[tuple[str, str, dict[str, Any], str]] = [
    ("GET", "/nothing", {}, "server.no_such_address"),
    ("PUT", "/projects", {}, "server.method_not_allowed"),
    ("POST", "/projects", {"json": {}}, "server.input_missing"),
    ("POST", "/projects", {"json": {"name": ""}}, "server.input_too_short"),
    ("POST", "/projects", {"json": {"name": "x" * 121}}, "server.input_too_long"),
    ("POST", "/projects", {"json": {"name": "   "}}, "server.input_too_short"),
    ("POST", "/projects", {"json": {"name": "a\0b"}}, "server.input_control_characters"),
    ("POST", "/projects", {"json": {"name": 7}}, "server.input_no_text"),
    ("POST", "/projects", {"json": {"name": "a", "colour": "b"}}, "server.input_unknown"),
    ("POST", "/projects", {"content": b"{"}, "server.input_no_json"),
    ("GET", "/events?last_event_id=-1", {}, "server.input_out_of_range"),
    ("GET", "/events?last_event_id=x", {}, "server.input_no_whole_number"),
    ("GET", "/projects/prj_0000000000000000", {}, "server.object_not_found"),
    ("GET", "/runs/nonsense", {}, "server.object_not_found"),
    ("GET", "/uploads/upl_0000000000000000", {}, "server.object_not_found"),
    ("POST", "/bundles", {"json": {"run_id": "run_0000000000000000"}}, "server.object_not_found"),
    ("POST", "/uploads", {}, "upload.protocol"),
    ("POST", "/uploads", {"headers": {"Tus-Resumable": "1.0.0"}}, "upload.header"),
]


@pytest.mark.parametrize(("method", "path", "options", "code"), CASES, ids=lambda v: str(v)[:40])
def test_an_error_has_the_one_shape(
    client: httpx.Client, method: str, path: str, options: dict[str, Any], code: str
) -> None:
    words = {}
    for language in ("en", "zh-CN,zh;q=0.9"):
        given = dict(options)
        headers = {"Accept-Language": language, **given.pop("headers", {})}
        if "content" in given:
            headers["Content-Type"] = "application/json"
        reply = client.request(method, API + path, headers=headers, **given)
        found = problem_of(reply)
        assert found["code"] == code
        assert reply.status_code == http_status(code)
        assert reply.headers["content-language"] == language[:2]
        assert found["message"]
        assert found["fix"]
        words[language[:2]] = (found["message"], found["fix"])
    assert words["en"] != words["zh"]


def test_invalid_input_names_the_field(client: httpx.Client) -> None:
    reply = client.post(f"{API}/projects", json={"name": ""})
    assert problem_of(reply)["params"] == {"field": "name", "limit": 1}
    assert "“name” is too short: it needs at least 1" in problem_of(reply)["message"]


def test_a_wrong_method_says_which_are_right(client: httpx.Client) -> None:
    reply = client.put(f"{API}/projects")
    assert reply.status_code == 405
    assert "GET" in reply.headers["allow"]


def test_what_nobody_expected_has_a_number_and_shows_nothing_from_inside(
    studio: Studio, client: httpx.Client
) -> None:
    project = make_project(client)
    upload = client.post(
        f"{API}/uploads",
        headers={
            "Tus-Resumable": "1.0.0",
            "Upload-Length": "1",
            "Upload-Metadata": "filename YS56aXA=",
        },
    ).headers["location"]
    info = studio.data_folder / "uploads" / upload.rsplit("/", 1)[1] / "info.json"
    info.write_text("damaged by a bad disk")
    reply = client.get(upload)
    found = problem_of(reply)
    assert reply.status_code == 500
    assert found["code"] == "server.unexpected"
    assert found["params"]["incident"] in found["fix"]
    assert "Traceback" not in reply.text
    assert "info.json" not in reply.text
    assert f"incident {found['params']['incident']}" in studio.log()
    assert "Traceback" in studio.log()
    assert client.get(f"{API}/projects/{project['id']}").status_code == 200
