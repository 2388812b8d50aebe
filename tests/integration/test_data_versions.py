"""Versions over their life: files added, corrected, compared, exported, binned, deleted."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest
import soundfile

from blockwright.datasets.folder import CONTENT_FILE, IDENTITIES_FILE
from blockwright.datasets.sample import SAMPLE_SUBMISSION
from tests.support.datasets_api import (
    animal_table,
    bring_in,
    draft_of,
    saved,
    upload,
    wait_for_dataset,
    wait_for_version,
)
from tests.support.session import API, make_project, problem_of, sign_in
from tests.support.studio import Studio, running_studio


def clips(folder: Path, source: Path, count: int = 6) -> Path:
    """A folder of recordings with a label file as the competition has it."""
    folder.mkdir()
    names = sorted(source.glob("*.ogg"))[:count]
    for clip in names:
        shutil.copy(clip, folder)
    rows = [f'{clip.name},"{"Bark" if i % 2 else "Bark,Rain"}"' for i, clip in enumerate(names)]
    (folder / "train_curated.csv").write_text("fname,labels\n" + "\n".join(rows) + "\n")
    return folder


def sides(client: httpx.Client, version: dict[str, Any]) -> dict[str, list[str]]:
    page = client.post(f"{API}/versions/{version['id']}/rows", json={"limit": 500}).json()
    names = {subset["id"]: subset["name"] for subset in version["subsets"]}
    return {r["values"]["name"]: [names[s] for s in r["subset_ids"]] for r in page["rows"]}


def test_files_that_are_added_make_a_new_version_and_move_no_row(
    client: httpx.Client, tmp_path: Path
) -> None:
    project = make_project(client, "Added")
    dataset = bring_in(client, project["id"], animal_table(tmp_path / "a.csv", 0, 100))
    first = saved(client, draft_of(client, dataset))
    before = sides(client, first)

    more = animal_table(tmp_path / "b.csv", 100, 60)
    added = client.post(
        f"{API}/datasets/{dataset['id']}/files", json={"upload_ids": [upload(client, more)]}
    )
    assert added.status_code == 202, added.text
    assert (added.json()["state"], added.json()["number"]) == ("importing", 2)
    busy = client.post(f"{API}/versions/{added.json()['id']}/save")
    assert problem_of(busy)["code"] == "data.version_is_saving"
    second = wait_for_version(client, added.json()["id"])
    assert second["rows"] == 160
    after = sides(client, second)
    assert {name: after[name] for name in before} == before
    assert client.get(f"{API}/versions/{first['id']}").json()["rows"] == 100

    told = client.get(f"{API}/versions/{first['id']}/compare/{second['id']}").json()
    assert told["rows_added"] == 60
    assert (told["rows_removed"], told["same_content"]) == (0, False)
    other = bring_in(client, project["id"], animal_table(tmp_path / "c.csv", 0, 5))
    foreign = draft_of(client, other)["id"]
    refused = client.get(f"{API}/versions/{first['id']}/compare/{foreign}")
    assert problem_of(refused)["code"] == "data.other_dataset"


def test_a_frozen_version_tells_what_fills_its_gaps_and_what_was_measured(
    client: httpx.Client, tmp_path: Path
) -> None:
    project = make_project(client, "Measured")
    draft = draft_of(
        client, bring_in(client, project["id"], animal_table(tmp_path / "a.csv", 0, 100))
    )
    assert (draft["measured"], draft["measured_on"]) == ([], None)
    encoding = {"kind": "numeric", "normalization": "standardize"}
    change = {"encoding": encoding, "missing": {"kind": "mean"}}
    body = {"names": ["weight"], "change": change}
    reply = client.patch(f"{API}/versions/{draft['id']}/features", json=body)
    assert reply.is_success, reply.text
    frozen = saved(client, draft)

    page = client.post(f"{API}/versions/{frozen['id']}/rows", json={"limit": 500}).json()
    names = {subset["name"]: subset["id"] for subset in frozen["subsets"]}
    training = [r for r in page["rows"] if names["Training"] in r["subset_ids"]]
    known = [r["values"]["weight"] for r in training if "weight" not in r["filled"]]
    mean = sum(known) / len(known)
    (told,) = [each for each in frozen["measured"] if each["feature"] == "weight"]
    assert told["filled_with"] == pytest.approx(mean)
    assert told["shift"] == pytest.approx(mean)
    assert (told["normalization"], frozen["measured_on"]) == ("standardize", "Training")
    gaps = [r for r in page["rows"] if r["filled"] == ["weight"]]
    assert [r["values"]["weight"] for r in gaps] == [pytest.approx(mean)] * 10

    again = client.post(f"{API}/versions/{frozen['id']}/draft").json()
    rows = client.post(f"{API}/versions/{again['id']}/rows", json={"limit": 500}).json()["rows"]
    assert (again["measured"], [r for r in rows if r["filled"]]) == ([], [])
    assert sum(r["values"]["weight"] is None for r in rows) == 10


def test_an_export_imports_again_to_the_same_hash(client: httpx.Client, tmp_path: Path) -> None:
    source = Path(str(SAMPLE_SUBMISSION)).parent
    recordings = sorted(source.rglob("*.ogg"))
    assert recordings, "the sample has recordings"
    folder = clips(tmp_path / "clips", recordings[0].parent)
    project = make_project(client, "Export")
    made = client.post(
        f"{API}/projects/{project['id']}/datasets",
        json={"name": "Raw", "local_path": str(folder)},
    )
    dataset = wait_for_dataset(client, made.json()["id"])
    assert (dataset["state"], dataset["rows"]) == ("ready", 6), dataset["problem"]
    draft = draft_of(client, dataset)
    kinds = {feature["name"]: feature["type"] for feature in draft["features"]}
    assert kinds == {"fname": "audio", "labels": "multi_label"}
    address = f"{API}/versions/{draft['id']}"
    assert problem_of(client.post(f"{address}/export"))["code"] == "data.version_not_frozen"
    assert problem_of(client.get(f"{address}/export.zip"))["code"] == "data.export_not_there"
    correction = {"row": 1, "feature": "labels", "value": "Rain"}
    corrected = client.post(f"{address}/corrections", json=correction).json()
    assert corrected["correction_count"] == 1
    assert client.post(f"{address}/left-out", json={"rows": [2]}).status_code == 200
    frozen = saved(client, draft)

    assert client.post(f"{address}/export").status_code == 202
    while not (now := client.get(address).json())["export_ready"] or now["job_id"]:
        pass
    content = client.get(f"{address}/export.zip")
    assert content.headers["content-disposition"].endswith("Raw%20v1.zip")
    zipped = tmp_path / "again.zip"
    zipped.write_bytes(content.content)
    again = bring_in(client, project["id"], zipped)
    assert again["state"] == "ready", again["problem"]
    copied = draft_of(client, again)
    assert copied["usage"]["left_out_by_hand"] == 1
    assert saved(client, copied)["content_hash"] == frozen["content_hash"]


def test_recordings_are_played_in_parts_and_never_as_a_page(
    client: httpx.Client, tmp_path: Path
) -> None:
    source = Path(str(SAMPLE_SUBMISSION)).parent
    folder = clips(tmp_path / "clips", sorted(source.rglob("*.ogg"))[0].parent, 2)
    project = make_project(client, "Played")
    made = client.post(
        f"{API}/projects/{project['id']}/datasets",
        json={"name": "Raw", "local_path": str(folder)},
    )
    draft = draft_of(client, wait_for_dataset(client, made.json()["id"]))
    address = f"{API}/versions/{draft['id']}/rows/0/media?feature=fname"
    whole = client.get(address)
    assert whole.status_code == 200
    assert whole.headers["content-type"] == "audio/ogg"
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in whole.headers["content-security-policy"]
    assert soundfile.info(io.BytesIO(whole.content)).frames > 0
    part = client.get(address, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole.content)}"
    tail = client.get(address, headers={"Range": "bytes=-5"})
    assert tail.content == whole.content[-5:]
    outside = client.get(address, headers={"Range": f"bytes={len(whole.content)}-"})
    assert outside.status_code == 416
    wrong = client.get(f"{API}/versions/{draft['id']}/rows/0/media?feature=labels")
    assert problem_of(wrong)["code"] == "data.not_media"


def test_the_bin_gives_back_or_frees(studio: Studio, client: httpx.Client, tmp_path: Path) -> None:
    project = make_project(client, "Bin of versions")
    dataset = bring_in(client, project["id"], animal_table(tmp_path / "a.csv", 0, 50))
    first = saved(client, draft_of(client, dataset))
    only = client.delete(f"{API}/versions/{first['id']}")
    assert problem_of(only)["code"] == "data.only_version"
    second = client.post(f"{API}/versions/{first['id']}/draft").json()
    assert client.delete(f"{API}/versions/{second['id']}").status_code == 204
    listed = client.get(f"{API}/datasets/{dataset['id']}").json()
    assert [item["number"] for item in listed["versions"]] == [1]
    binned = client.get(f"{API}/projects/{project['id']}/bin").json()
    assert [item["number"] for item in binned[0]["versions"]] == [2]
    assert client.post(f"{API}/versions/{second['id']}/restore").status_code == 200
    soon = client.delete(f"{API}/versions/{second['id']}/forever")
    assert problem_of(soon)["code"] == "data.not_in_bin"
    client.delete(f"{API}/versions/{second['id']}")
    third = client.post(f"{API}/versions/{first['id']}/draft").json()
    assert third["number"] == 3
    there = client.post(f"{API}/versions/{second['id']}/restore")
    assert problem_of(there)["code"] == "data.draft_is_there"
    assert client.delete(f"{API}/versions/{second['id']}/forever").status_code == 204
    assert client.get(f"{API}/versions/{second['id']}").status_code == 404

    early = client.delete(f"{API}/datasets/{dataset['id']}/forever")
    assert problem_of(early)["code"] == "data.not_in_bin"
    client.delete(f"{API}/datasets/{dataset['id']}")
    lying = client.get(f"{API}/projects/{project['id']}/bin").json()
    assert [(item["name"], item["bytes"] > 0) for item in lying] == [("a", True)]
    assert client.delete(f"{API}/datasets/{dataset['id']}/forever").status_code == 204
    assert client.get(f"{API}/projects/{project['id']}/bin").json() == []
    left = [str(path) for path in studio.data_folder.rglob(f"*{dataset['id']}*")]
    left += [str(path) for path in studio.data_folder.rglob(f"*{first['id']}*")]
    assert left == []


def on_disk(studio: Studio) -> int:
    """Bytes of all files that datasets and their versions own, as `du` counts them."""
    folders = ("datasets", "encoded", "versions", "exports")
    files = (path for name in folders for path in (studio.data_folder / name).rglob("*"))
    return sum(path.stat().st_size for path in files if path.is_file())


def sized(client: httpx.Client, version: dict[str, Any], frames: int) -> dict[str, Any]:
    """A new draft with another length of spectrograms, saved."""
    draft = client.post(f"{API}/versions/{version['id']}/draft").json()
    encoding = next(f["encoding"] for f in draft["features"] if f["name"] == "fname")
    encoding["spectrogram"] |= {"frames": frames, "fit": "crop"}
    change = {"names": ["fname"], "change": {"encoding": encoding}}
    reply = client.patch(f"{API}/versions/{draft['id']}/features", json=change)
    assert reply.is_success, reply.text
    return saved(client, draft)


def test_the_space_that_is_shown_is_the_space_that_is_freed(tmp_path: Path) -> None:
    source = sorted(Path(str(SAMPLE_SUBMISSION)).parent.rglob("*.ogg"))[0].parent
    folder = clips(tmp_path / "clips", source, count=10)
    with running_studio(tmp_path / "data") as studio, sign_in(studio) as client:
        project = make_project(client, "Space")
        address = f"{API}/projects/{project['id']}"
        wanted = {"name": "Raw", "local_path": str(folder)}
        made = client.post(f"{address}/datasets", json=wanted).json()
        dataset = wait_for_dataset(client, made["id"])
        first = saved(client, draft_of(client, dataset))
        second = sized(client, first, 400)
        third = sized(client, second, 400)  # the same settings: its spectrograms are the second's
        fourth = sized(client, third, 200)
        exported = f"{API}/versions/{fourth['id']}"
        client.post(f"{exported}/export").raise_for_status()
        while not (now := client.get(exported).json())["export_ready"] or now["job_id"]:
            pass

        told = client.get(f"{API}/datasets/{dataset['id']}").json()
        assert told["bytes"] == on_disk(studio)
        alone = {item["number"]: item["bytes"] for item in told["versions"]}
        encoded = 10 * 4 * second["features"][0]["shape"][0]  # 10 clips, float32, per frame
        assert alone[4] > encoded * 200
        assert alone[2] < encoded * 400
        assert alone[3] < encoded * 400

        for number, version in ((4, fourth), (2, second), (3, third)):
            assert client.delete(f"{API}/versions/{version['id']}").status_code == 204
            binned = client.get(f"{address}/bin").json()[0]
            before = on_disk(studio)
            shown = binned["versions"][0]["bytes"]
            assert (shown, binned["binned_bytes"]) == (shown, shown)
            assert client.delete(f"{API}/versions/{version['id']}/forever").status_code == 204
            assert before - on_disk(studio) == shown, number
        # The last one that leaned on the shared spectrograms took them along.
        assert shown > encoded * 400
        assert saved(client, client.post(f"{API}/versions/{first['id']}/draft").json())

        client.delete(f"{API}/versions/{first['id']}")
        client.delete(f"{API}/datasets/{dataset['id']}")
        shown = client.get(f"{address}/bin").json()[0]["bytes"]
        assert shown == on_disk(studio)
        assert client.delete(f"{API}/datasets/{dataset['id']}/forever").status_code == 204
        assert on_disk(studio) == 0


def test_the_order_of_classes_comes_from_a_file(client: httpx.Client, tmp_path: Path) -> None:
    project = make_project(client, "Order")
    dataset = bring_in(client, project["id"], animal_table(tmp_path / "a.csv", 0, 30))
    draft = draft_of(client, dataset)
    sample = tmp_path / "sample_submission.csv"
    sample.write_text("fname,dog,cat,cow\n")
    wanted = {"feature": "kind", "upload_id": upload(client, sample)}
    ordered = client.post(f"{API}/versions/{draft['id']}/class-order", json=wanted).json()
    kind = next(item for item in ordered["features"] if item["name"] == "kind")
    assert (kind["classes"], kind["shape"]) == (["dog", "cat", "cow"], [3])
    sample.write_text("fname,dog\n")
    wanted = {"feature": "kind", "upload_id": upload(client, sample)}
    refused = client.post(f"{API}/versions/{draft['id']}/class-order", json=wanted)
    assert refused.status_code == 422
    assert "cat" in problem_of(refused)["message"]
    sample.write_text("id,label\n1,dog\n")
    wanted = {"feature": "kind", "upload_id": upload(client, sample)}
    told = problem_of(client.post(f"{API}/versions/{draft['id']}/class-order", json=wanted))
    assert told["message"].startswith("The list of classes holds not one label of feature kind.")
    assert "It begins with “label”; kind has labels such as “dog”." in told["message"]
    assert client.head(f"{API}/uploads/{wanted['upload_id']}").status_code == 404


def test_a_path_of_the_machine_needs_local_mode(tmp_path: Path) -> None:
    source = animal_table(tmp_path / "a.csv", 0, 5)
    network = ("--host", "0.0.0.0", "--allow-network")
    with running_studio(tmp_path / "data", *network) as studio, sign_in(studio) as client:
        project = make_project(client, "Network")
        wanted = {"name": "x", "local_path": str(source)}
        refused = client.post(f"{API}/projects/{project['id']}/datasets", json=wanted)
        assert problem_of(refused)["code"] == "data.local_paths_not_allowed"


def test_a_path_is_whole_and_there_and_the_only_source(client: httpx.Client) -> None:
    project = make_project(client, "Paths")
    address = f"{API}/projects/{project['id']}/datasets"
    for path in ("relative/a.csv", "/nowhere/a.csv"):
        refused = client.post(address, json={"name": "x", "local_path": path})
        assert problem_of(refused)["code"] == "data.path_not_found"
    for given in ({}, {"local_path": "/x", "upload_ids": ["upl_0"]}):
        refused = client.post(address, json={"name": "x", **given})
        assert problem_of(refused)["code"] == "data.files_or_path"


def test_a_rule_that_lacks_something_is_told(client: httpx.Client, tmp_path: Path) -> None:
    project = make_project(client, "Rules")
    draft = draft_of(
        client, bring_in(client, project["id"], animal_table(tmp_path / "a.csv", 0, 30))
    )
    for rule in ({"kind": "rest"}, {"kind": "random", "share_percent": 60, "from_percent": 50}):
        wanted = {"name": "x", "rule": rule}
        refused = client.post(f"{API}/versions/{draft['id']}/subsets", json=wanted)
        assert problem_of(refused)["code"] == "data.subset_rule_incomplete"


def test_rows_that_another_build_brought_in_are_told_and_left_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running_studio(data) as studio, sign_in(studio) as client:
        project = make_project(client, "Before the first release")
        dataset = bring_in(client, project["id"], animal_table(tmp_path / "a.csv", 0, 30))
    folder = data / "datasets" / dataset["id"]
    written = json.loads((folder / CONTENT_FILE).read_text("utf-8"))
    del written["format"]  # as the builds before it wrote
    (folder / CONTENT_FILE).write_text(json.dumps(written), "utf-8")
    (folder / IDENTITIES_FILE).unlink()

    version = f"{API}/versions/{dataset['versions'][0]['id']}"
    with running_studio(data) as studio, sign_in(studio) as client:
        assert client.get(version).status_code == 200
        empty = {"kind": "compare", "feature": "weight", "operator": "is_empty"}
        asked = [
            client.post(f"{version}/rows", json={}),
            client.get(f"{version}/health"),
            client.post(f"{version}/count-rows", json=empty),
            client.patch(
                f"{version}/features", json={"names": ["kind"], "change": {"type": "text"}}
            ),
        ]
        for reply in asked:
            told = problem_of(reply)
            assert (reply.status_code, told["code"]) == (409, "data.content_of_other_build")
            assert "brought in by another version of Blockwright" in told["message"]
            assert f"datasets/{dataset['id']}" in told["fix"]
        chinese = client.post(f"{version}/rows", json={}, headers={"Accept-Language": "zh-CN"})
        assert "另一版本" in problem_of(chinese)["message"]
        assert client.post(f"{version}/save").status_code == 202
        failed = wait_for_version(client, dataset["versions"][0]["id"])
        assert failed["problem"]["code"] == "data.content_of_other_build"
        assert client.delete(f"{API}/datasets/{dataset['id']}").status_code == 204


def test_ids_in_lists_are_held_against_their_owner(client: httpx.Client) -> None:
    project = make_project(client, "Owners")
    wanted = {"name": "x", "upload_ids": ["upl_0123456789abcdef"]}
    refused = client.post(f"{API}/projects/{project['id']}/datasets", json=wanted)
    assert problem_of(refused)["code"] == "server.object_not_found"


def test_rows_that_are_left_out_stay_so_over_the_life_of_versions(
    client: httpx.Client, tmp_path: Path
) -> None:
    project = make_project(client, "Left out")
    dataset = bring_in(client, project["id"], animal_table(tmp_path / "a.csv", 0, 40))
    draft = draft_of(client, dataset)
    address = f"{API}/versions/{draft['id']}"
    out = client.post(f"{address}/left-out", json={"rows": [3, 5]}).json()
    assert out["usage"]["left_out_by_hand"] == 2
    assert sum(subset["rows"] for subset in out["subsets"]) == 38
    assert (out["undo"]["kind"], out["undo"]["count"]) == ("rows_left_out", 2)
    undone = client.post(f"{address}/undo").json()
    assert undone["usage"] == draft["usage"]
    assert undone["features"] == draft["features"]
    client.post(f"{address}/redo")
    first = saved(client, draft)

    copy = client.post(f"{API}/versions/{first['id']}/draft").json()
    assert copy["usage"]["left_out_by_hand"] == 2
    more = animal_table(tmp_path / "b.csv", 40, 10)
    added = client.post(
        f"{API}/datasets/{dataset['id']}/files", json={"upload_ids": [upload(client, more)]}
    )
    grown = wait_for_version(client, added.json()["id"])
    assert (grown["rows"], grown["usage"]["left_out_by_hand"]) == (50, 2)
    weight = next(each for each in grown["features"] if each["name"] == "weight")
    assert sum(weight["histogram"]["counts"]) == 50 - 5 - 2

    fewer = client.post(
        f"{API}/versions/{grown['id']}/left-out", json={"rows": [5], "take_back": True}
    )
    assert fewer.json()["usage"]["left_out_by_hand"] == 1
    told = client.get(f"{API}/versions/{first['id']}/compare/{grown['id']}").json()
    assert (told["rows_left_out"], told["rows_taken_back"], told["rows_added"]) == (0, 1, 10)

    frozen = f"{API}/versions/{first['id']}"
    refused = client.post(f"{frozen}/left-out", json={"rows": [1]})
    assert problem_of(refused)["code"] == "data.version_is_frozen"
    for unclear in ({}, {"rows": [1], "query": {}}):
        wrong = client.post(f"{API}/versions/{grown['id']}/left-out", json=unclear)
        assert problem_of(wrong)["code"] == "data.rows_or_query", wrong.text
