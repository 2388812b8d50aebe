"""Browsers hear of every change once, in order, and catch up after a broken connection."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import httpx

from blockwright.contracts.studio import DatasetChanged
from blockwright.store.database import Database, sqlite_url
from blockwright.store.events import publish
from tests.support.session import API, listening, make_project, problem_of, sign_in
from tests.support.studio import Studio, running_studio


def tell(studio: Studio, project_id: str, *dataset_ids: str) -> None:
    """Log events from outside; the studio sees them at its next look at the log."""
    database = Database(sqlite_url(studio.data_folder / "studio.sqlite"))
    with database.transaction() as session:
        for dataset_id in dataset_ids:
            publish(
                session, project_id, DatasetChanged(project_id=project_id, dataset_id=dataset_id)
            )
    database.close()


def test_a_change_is_heard_at_once(client: httpx.Client) -> None:
    project = make_project(client)
    with listening(client) as events:
        assert set(next(events)) == {"id"}
        begin = time.monotonic()
        made = client.post(f"{API}/projects/{project['id']}/experiments", json={"name": "v1"})
        assert made.status_code == 201, made.text
        client.patch(f"{API}/experiments/{made.json()['id']}", json={"name": "v2"})
        heard = next(events)
        assert heard["event"] == heard["data"]["event"]["type"] == "experiment_changed"
        assert heard["data"]["id"] == heard["id"]
        assert time.monotonic() - begin < 5


def test_what_was_missed_is_replayed_once_and_in_order(
    studio: Studio, client: httpx.Client
) -> None:
    project = make_project(client)
    with listening(client) as events:
        place = next(events)["id"]
    tell(studio, project["id"], "ds_1", "ds_2", "ds_3")
    with listening(client, last_event_id=place) as events:
        next(events)
        heard = [next(events) for _ in range(3)]
    assert [item["data"]["event"]["dataset_id"] for item in heard] == ["ds_1", "ds_2", "ds_3"]
    assert [item["id"] for item in heard] == sorted({item["id"] for item in heard})
    with listening(client, last_event_id=heard[0]["id"]) as events:
        next(events)
        assert next(events)["data"]["event"]["dataset_id"] == "ds_2"


def test_the_place_can_be_given_in_the_address_too(studio: Studio, client: httpx.Client) -> None:
    project = make_project(client)
    with listening(client) as events:
        place = next(events)["id"]
    tell(studio, project["id"], "ds_7")
    address = f"{API}/events?last_event_id={place}"
    with client.stream("GET", address) as reply:
        lines = reply.iter_lines()
        assert "ds_7" in next(line for line in lines if line.startswith("data: "))


def test_events_of_one_project_only(studio: Studio, client: httpx.Client) -> None:
    ours, other = make_project(client), make_project(client)
    with listening(client) as events:
        place = next(events)["id"]
    tell(studio, other["id"], "ds_other")
    tell(studio, ours["id"], "ds_ours")
    with listening(client, last_event_id=place, project_id=ours["id"]) as events:
        next(events)
        assert next(events)["data"]["event"]["dataset_id"] == "ds_ours"


def test_another_owners_events_are_not_heard(studio: Studio, client: httpx.Client) -> None:
    theirs, ours = make_project(client), make_project(client)
    with sqlite3.connect(studio.data_folder / "studio.sqlite", timeout=20) as database:
        database.execute("INSERT INTO owners (id, name) VALUES ('own_other', 'other')")
        database.execute("UPDATE projects SET owner_id = 'own_other' WHERE id = ?", (theirs["id"],))
    database.close()
    with listening(client) as events:
        place = next(events)["id"]
    tell(studio, theirs["id"], "ds_theirs")
    tell(studio, ours["id"], "ds_ours")
    with listening(client, last_event_id=place) as events:
        next(events)
        assert next(events)["data"]["event"]["dataset_id"] == "ds_ours"


def test_a_place_from_a_database_that_is_gone_begins_anew(client: httpx.Client) -> None:
    with listening(client, last_event_id=10**9) as events:
        assert next(events)["id"] < 10**9


def test_a_place_that_is_no_number_is_told(client: httpx.Client) -> None:
    reply = client.get(f"{API}/events", headers={"Last-Event-ID": "x"})
    assert problem_of(reply)["code"] == "server.input_no_whole_number"


def test_open_streams_do_not_hold_up_the_end_of_the_studio(tmp_path: Path) -> None:
    with (
        running_studio(tmp_path / "data") as studio,
        sign_in(studio) as client,
        listening(client) as events,
    ):
        next(events)
        begin = time.monotonic()
        studio.stop()
        assert time.monotonic() - begin < 4
        assert studio.process.returncode == 0
        assert list(events) == []
