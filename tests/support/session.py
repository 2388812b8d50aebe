"""An HTTP client that has come in by the printed address, as a browser does."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import httpx

from tests.support.studio import Studio

API = "/api/v1"


@contextlib.contextmanager
def sign_in(studio: Studio, *, address: str | None = None) -> Iterator[httpx.Client]:
    """Open a client that holds a session, got with the printed address by default."""
    with httpx.Client(base_url=studio.base_url, timeout=30) as client:
        reply = client.get(address or studio.address)
        assert reply.status_code == 303, reply.text
        yield client


def make_project(client: httpx.Client, name: str = "Sounds") -> dict[str, Any]:
    """Make a project and give it."""
    reply = client.post(f"{API}/projects", json={"name": name})
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    return made


def problem_of(reply: httpx.Response) -> dict[str, Any]:
    """Give the problem in a reply, having checked that the whole body has the one error shape."""
    body = reply.json()
    assert set(body) == {"error"}, body
    assert set(body["error"]) == {"code", "params", "message", "fix"}, body
    found: dict[str, Any] = body["error"]
    return found


@contextlib.contextmanager
def listening(
    client: httpx.Client, *, last_event_id: int | None = None, **query: str | int
) -> Iterator[Iterator[dict[str, Any]]]:
    """Listen to live events; each is given as `{"id", "event", "data"}`, without data first."""
    headers = {} if last_event_id is None else {"Last-Event-ID": str(last_event_id)}
    with client.stream("GET", f"{API}/events", headers=headers, params=query) as reply:
        assert reply.status_code == 200, reply.read()
        assert reply.headers["content-type"].startswith("text/event-stream")
        yield _events(reply)


def _events(reply: httpx.Response) -> Iterator[dict[str, Any]]:
    fields: dict[str, Any] = {}
    for line in reply.iter_lines():
        if not line:
            if fields:
                yield fields
            fields = {}
            continue
        name, _, value = line.partition(": ")
        if name in {"id", "event", "data"}:
            fields[name] = json.loads(value) if name in {"id", "data"} else value
