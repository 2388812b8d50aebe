"""Changes of a draft are taken back and made again, one step each, also after a restart."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from blockwright.datasets.draft_state import DraftState
from blockwright.store.draft_steps import HELD_LISTS, MOST_STEPS
from tests.support.datasets_api import (
    animal_table,
    bring_in,
    draft_of,
    saved,
    upload,
    wait_for_version,
)
from tests.support.session import API, make_project, problem_of, sign_in
from tests.support.studio import running_studio


@pytest.fixture
def draft(client: httpx.Client, tmp_path: Path) -> dict[str, Any]:
    project = make_project(client, "Undo")
    dataset = bring_in(client, project["id"], animal_table(tmp_path / "animals.csv", 0, 60))
    return draft_of(client, dataset)


def seen(client: httpx.Client, version_id: str) -> dict[str, Any]:
    """All that a person sees of a draft and its rows, but for what there is to undo."""
    version = client.get(f"{API}/versions/{version_id}").json()
    rows = client.post(f"{API}/versions/{version_id}/rows", json={"limit": 500}).json()["rows"]
    del version["undo"], version["redo"], version["revision"]
    return {"version": version, "rows": rows}


def step(client: httpx.Client, version_id: str, way: str) -> dict[str, Any]:
    reply = client.post(f"{API}/versions/{version_id}/{way}")
    assert reply.status_code == 200, reply.text
    version: dict[str, Any] = reply.json()
    return version


def every_kind_of_change(draft: dict[str, Any]) -> list[tuple[str, str, dict[str, Any], str]]:
    """Method, address, body, and the kind under which each change is told."""
    training, validation = (subset["id"] for subset in draft["subsets"])
    standard = {"kind": "numeric", "normalization": "standardize"}
    random = {"kind": "random", "share_percent": 10, "from_percent": 80, "seed": 42}
    return [
        ("PATCH", "features", {"names": ["name"], "change": {"name": "animal"}}, "feature_renamed"),
        ("PATCH", "features", {"names": ["kind"], "change": {"type": "text"}}, "type"),
        ("PATCH", "features", {"names": ["weight"], "change": {"encoding": standard}}, "encoding"),
        (
            "PATCH",
            "features",
            {"names": ["weight"], "change": {"missing": {"kind": "median"}}},
            "missing",
        ),
        ("POST", "feature-sets", {"name": "sizes", "features": ["weight"]}, "set_added"),
        ("POST", "subsets", {"name": "Test", "rule": random}, "subset_added"),
        (
            "PUT",
            f"subsets/{training}",
            {"name": "Learning", "rule": random | {"from_percent": 0}},
            "subset_changed",
        ),
        ("DELETE", f"subsets/{validation}", {}, "subset_removed"),
        ("POST", "folds", {"folds": 5, "seed": 1}, "folds_added"),
        ("POST", "corrections", {"row": 3, "feature": "weight", "value": 7.25}, "correction"),
        ("POST", "left-out", {"rows": [0, 4]}, "rows_left_out"),
        ("POST", "left-out", {"rows": [4], "take_back": True}, "rows_taken_back"),
    ]


def test_each_change_is_one_step_back_and_forth_and_nothing_else_moves(
    client: httpx.Client, draft: dict[str, Any]
) -> None:
    address = f"{API}/versions/{draft['id']}"
    assert (draft["undo"], draft["redo"]) == (None, None)
    states = [seen(client, draft["id"])]
    for method, path, body, kind in every_kind_of_change(draft):
        reply = client.request(method, f"{address}/{path}", json=body or None)
        assert reply.is_success, reply.text
        assert (reply.json()["undo"]["kind"], reply.json()["redo"]) == (kind, None)
        states.append(seen(client, draft["id"]))
    assert all(one != other for one, other in pairwise(states))

    for earlier in reversed(states[:-1]):
        step(client, draft["id"], "undo")
        assert seen(client, draft["id"]) == earlier
    assert problem_of(client.post(f"{address}/undo"))["code"] == "data.nothing_to_undo"
    for later in states[1:]:
        step(client, draft["id"], "redo")
        assert seen(client, draft["id"]) == later
    assert problem_of(client.post(f"{address}/redo"))["code"] == "data.nothing_to_redo"


def test_several_changes_that_belong_together_are_all_made_or_none_and_one_step(
    client: httpx.Client, draft: dict[str, Any]
) -> None:
    address = f"{API}/versions/{draft['id']}/features/several"
    before = seen(client, draft["id"])
    rename = {"names": ["name"], "change": {"name": "animal"}}
    gaps = {"names": ["weight"], "change": {"missing": {"kind": "mean"}}}
    unknown = {"names": ["nowhere"], "change": {"name": "somewhere"}}
    refused = client.patch(address, json={"changes": [rename, unknown]})
    assert problem_of(refused)["code"] == "data.feature_not_found"
    assert seen(client, draft["id"]) == before
    changed = client.patch(address, json={"changes": [rename, gaps]}).json()
    assert (changed["undo"]["kind"], changed["undo"]["count"]) == ("feature_renamed", 2)
    step(client, draft["id"], "undo")
    assert seen(client, draft["id"]) == before


def test_a_new_change_ends_what_could_be_done_again_and_a_change_of_nothing_is_none(
    client: httpx.Client, draft: dict[str, Any]
) -> None:
    address = f"{API}/versions/{draft['id']}"
    for value in (1.5, 2.5):
        correction = {"row": 0, "feature": "weight", "value": value}
        client.post(f"{address}/corrections", json=correction).raise_for_status()
    step(client, draft["id"], "undo")
    nothing = {"row": 0, "feature": "weight", "value": 1.5}
    same = client.post(f"{address}/corrections", json=nothing).raise_for_status().json()
    assert same["redo"]["kind"] == "correction"
    rename = {"names": ["name"], "change": {"name": "animal"}}
    changed = client.patch(f"{address}/features", json=rename).json()
    assert (changed["undo"]["kind"], changed["redo"]) == ("feature_renamed", None)


def test_the_last_changes_are_kept_and_older_ones_let_go(
    client: httpx.Client, draft: dict[str, Any]
) -> None:
    address = f"{API}/versions/{draft['id']}"
    for value in range(MOST_STEPS + 3):
        correction = {"row": 0, "feature": "weight", "value": value + 0.5}
        client.post(f"{address}/corrections", json=correction).raise_for_status()
    for _ in range(MOST_STEPS):
        last = step(client, draft["id"], "undo")
    assert last["undo"] is None
    assert client.post(f"{address}/undo").status_code == 409
    first = client.post(f"{address}/rows", json={"limit": 1}).json()["rows"][0]
    assert first["values"]["weight"] == 2.5


def test_steps_outlive_the_studio_and_end_with_the_draft(tmp_path: Path) -> None:
    with running_studio(tmp_path / "data") as studio, sign_in(studio) as client:
        project = make_project(client, "Undo")
        dataset = bring_in(client, project["id"], animal_table(tmp_path / "a.csv", 0, 60))
        draft = draft_of(client, dataset)
        address = f"{API}/versions/{draft['id']}"
        before = seen(client, draft["id"])
        client.post(f"{address}/folds", json={"folds": 5, "seed": 1}).raise_for_status()
        assert len(seen(client, draft["id"])["version"]["subsets"]) == 12
    with running_studio(tmp_path / "data") as studio, sign_in(studio) as client:
        assert step(client, draft["id"], "undo")["redo"]["kind"] == "folds_added"
        assert seen(client, draft["id"]) == before

        more = upload(client, animal_table(tmp_path / "b.csv", 60, 30))
        files = f"{API}/datasets/{dataset['id']}/files"
        client.post(files, json={"upload_ids": [more]}).raise_for_status()
        grown = wait_for_version(client, draft["id"])
        assert (grown["rows"], grown["redo"]) == (90, None)

        rename = {"names": ["name"], "change": {"name": "animal"}}
        client.patch(f"{address}/features", json=rename).raise_for_status()
        frozen = saved(client, draft)
        assert (frozen["undo"], frozen["redo"]) == (None, None)
        refused = problem_of(client.post(f"{address}/undo"))
        assert refused["code"] == "data.version_is_frozen"
        second = client.post(f"{address}/draft").json()
        assert second["undo"] is None
        gone = f"{API}/versions/{second['id']}"
        client.patch(f"{gone}/features", json={"names": ["kind"], "change": {"type": "text"}})
        assert client.delete(gone).status_code == 204
        assert client.delete(f"{gone}/forever").status_code == 204


def test_a_step_brings_back_all_that_changes_of_a_draft_touch() -> None:
    """What is added to a draft must be added to its steps, or an undo would tear it apart."""
    fixed = {"content_folder", "rows", "fills"}  # `fills` belong to frozen versions
    assert {field.name for field in fields(DraftState)} - fixed == set(HELD_LISTS)
