"""Datasets through the real API: upload, import by a worker, draft, saved version, bad input."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from blockwright.contracts.audio import SpectrogramSettings
from tests.support.dataset_zips import npy_bytes, small_entries, write_zip
from tests.support.datasets_api import bring_in, upload, wait_for_dataset, wait_for_version
from tests.support.session import API, make_project, problem_of, sign_in
from tests.support.studio import Studio, running_studio, start_studio


def good_zip(folder: Path) -> Path:
    settings = SpectrogramSettings(mel_bands=8, frames=6).model_dump_json()
    entries = small_entries(30, labels=("Bark", "Fill_(with_liquid)", "Hi-hat"))
    entries["preprocessing.json"] = f'{{"format": 1, "spectrogram": {settings}}}'
    entries["left_out.npy"] = npy_bytes(np.zeros((8, 6), "f4"))
    entries["=cmd.npy"] = npy_bytes(np.zeros((8, 6), "f4"))
    return write_zip(folder / "Audio.zip", entries)


def test_an_import_of_several_tables_is_done_again_with_the_chosen_one(
    client: httpx.Client, studio: Studio, tmp_path: Path
) -> None:
    project = make_project(client, "Two tables")
    file = write_zip(tmp_path / "tables.zip", {"a.csv": "x\n1\n2\n", "b.csv": "y\n1\n2\n3\n"})
    failed = bring_in(client, project["id"], file)
    assert failed["problem"]["code"] == "data.several_tables"
    assert failed["problem"]["params"]["choices"] == ["a.csv", "b.csv"]
    address = f"{API}/datasets/{failed['id']}/import-again"

    assert client.post(address, json={"table": "b.csv"}).status_code == 202
    done = wait_for_dataset(client, failed["id"])

    assert (done["state"], done["rows"], done["problem"]) == ("ready", 3, None)
    told = problem_of(client.post(address, json={"table": "a.csv"}))
    assert told["code"] == "data.nothing_to_import_again"
    gone = bring_in(client, project["id"], file)
    for data in (studio.data_folder / "uploads").glob("*/data"):
        data.unlink()
    told = problem_of(
        client.post(address.replace(failed["id"], gone["id"]), json={"table": "a.csv"})
    )
    assert told["code"] == "data.uploads_gone"


def test_added_files_of_several_tables_are_added_again_with_the_chosen_one(
    client: httpx.Client, tmp_path: Path
) -> None:
    project = make_project(client, "Two tables added")
    first = tmp_path / "first.csv"
    first.write_text("x\n1\n2\n")
    dataset = bring_in(client, project["id"], first)
    file = write_zip(tmp_path / "more.zip", {"a.csv": "x\n3\n", "b.csv": "x\n4\n5\n"})
    wanted = {"upload_ids": [upload(client, file)]}
    added = client.post(f"{API}/datasets/{dataset['id']}/files", json=wanted).json()
    version = wait_for_version(client, added["id"])
    assert (version["state"], version["problem"]["params"]["choices"]) == (
        "draft",
        ["a.csv", "b.csv"],
    )

    address = f"{API}/datasets/{dataset['id']}/import-again"
    assert client.post(address, json={"table": "b.csv"}).status_code == 202

    version = wait_for_version(client, added["id"])
    assert (version["rows"], version["problem"]) == (4, None)


def test_from_upload_to_saved_version(client: httpx.Client, studio: Studio, tmp_path: Path) -> None:
    project = make_project(client, "Journey of data")
    others = set((studio.data_folder / "uploads").glob("upl_*"))
    dataset = bring_in(client, project["id"], good_zip(tmp_path))
    assert dataset["state"] == "ready", dataset["problem"]
    # The upload was a copy of what is in the dataset now.
    assert set((studio.data_folder / "uploads").glob("upl_*")) <= others
    assert dataset["problem"] is None
    assert (dataset["rows"], dataset["report"]["rows_taken"]) == (30, 30)
    listed = client.get(f"{API}/projects/{project['id']}/datasets").json()
    assert [item["id"] for item in listed] == [dataset["id"]]

    address = f"{API}/versions/{dataset['versions'][0]['id']}"
    draft = client.get(address).json()
    assert (draft["state"], draft["number"]) == ("draft", 1)
    training, validation = draft["subsets"]
    assert (training["name"], training["rows"]) == ("Training", 24)
    assert (validation["name"], validation["rows"]) == ("Validation", 6)

    names = [feature["name"] for feature in draft["features"] if feature["type"] == "binary"]
    bundled = client.post(f"{address}/feature-sets", json={"name": "labels", "features": names})
    assert bundled.status_code == 201, bundled.text
    labels = bundled.json()["feature_sets"][0]
    assert (labels["shape"], labels["kind"], labels["counts"]) == ([3], "binary", [15, 10, 8])
    again = client.post(f"{address}/feature-sets", json={"name": "Labels", "features": names})
    assert (again.status_code, problem_of(again)["code"]) == (409, "data.name_taken")

    standardize = {
        "names": ["fname"],
        "change": {"encoding": {"kind": "tensor", "normalization": "standardize"}},
    }
    changed = client.patch(f"{address}/features", json=standardize)
    assert changed.json()["features"][0]["encoding"]["normalization"] == "standardize"
    rule = {"kind": "random", "share_percent": 50, "seed": 7}
    half = client.post(f"{address}/subsets", json={"name": "Half", "rule": rule}).json()
    half_id = half["subsets"][2]["id"]
    other = {"name": "A third", "rule": {**rule, "share_percent": 33.3}}
    assert client.put(f"{address}/subsets/{half_id}", json=other).json()["subsets"][2]["rows"] == 10
    leaned_on = client.delete(f"{address}/subsets/{training['id']}")
    assert problem_of(leaned_on)["code"] == "data.subset_is_leaned_on"
    assert client.delete(f"{address}/subsets/{half_id}").status_code == 200

    page = client.post(f"{address}/rows", json={"offset": 28, "limit": 5}).json()
    assert (page["total"], [row["index"] for row in page["rows"]]) == (30, [28, 29])
    assert page["rows"][0]["values"]["Bark"] == 1
    everything = client.post(f"{address}/rows", json={"limit": 200}).json()["rows"]
    inside = [row for row in everything if row["subset_ids"] == [training["id"]]]
    assert len(inside) == 24
    assert page["rows"][0]["values"]["fname"] == "clips/c0028.npy"
    picture = client.get(f"{address}/rows/28/picture.png", params={"feature": "fname"})
    assert picture.headers["content-type"] == "image/png", picture.text
    assert Image.open(io.BytesIO(picture.content)).size == (6, 8)
    assert problem_of(client.get(f"{address}/rows/30/picture.png?feature=fname"))["code"] == (
        "data.row_not_found"
    )
    assert problem_of(client.get(f"{address}/rows/0/picture.png?feature=Bark"))["code"] == (
        "data.not_a_picture"
    )

    assert client.post(f"{address}/save").status_code == 202
    saved = wait_for_version(client, draft["id"])
    assert saved["state"] == "frozen"
    assert len(saved["content_hash"]) == 64
    for reply in (
        client.post(f"{address}/feature-sets", json={"name": "x", "features": names}),
        client.patch(f"{address}/features", json=standardize),
        client.put(f"{address}/subsets/{training['id']}", json=other),
        client.post(f"{address}/save"),
    ):
        assert (reply.status_code, problem_of(reply)["code"]) == (409, "data.version_is_frozen")

    second = client.post(f"{address}/draft").json()
    assert (second["state"], second["number"]) == ("draft", 2)
    assert second["feature_sets"] == saved["feature_sets"]
    assert client.post(f"{address}/draft").json()["id"] == second["id"]

    report = client.get(f"{address}/imports/1/report.csv")
    told = list(csv.reader(io.StringIO(report.text)))
    assert [line[:2] for line in told[1:]] == [
        ["left_out.npy", "data.file_not_in_index"],
        ["'=cmd.npy", "data.file_not_in_index"],
    ]


def test_rename_bin_restore(client: httpx.Client, tmp_path: Path) -> None:
    project = make_project(client, "Bin")
    source = write_zip(tmp_path / "d.zip", small_entries(4))
    dataset = bring_in(client, project["id"], source)
    address = f"{API}/datasets/{dataset['id']}"
    assert client.patch(address, json={"name": "Other"}).json()["name"] == "Other"
    assert client.delete(address).status_code == 204
    assert client.get(f"{API}/projects/{project['id']}/datasets").json() == []
    assert client.post(f"{address}/restore").json()["name"] == "Other"
    assert len(client.get(f"{API}/projects/{project['id']}/datasets").json()) == 1


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ({}, "data.archive_empty"),
        ({"readme.txt": "hello"}, "data.no_index"),
        ({"index.csv": "fname,Bark\na.npy,1\n", "../x": "evil"}, "data.archive_unsafe_name"),
    ],
)
def test_a_zip_that_cannot_be_taken_fails_with_its_reason(
    client: httpx.Client, studio: Studio, tmp_path: Path, entries: dict[str, Any], code: str
) -> None:
    project = make_project(client, code)
    dataset = bring_in(client, project["id"], write_zip(tmp_path / "bad.zip", entries))
    assert (dataset["state"], dataset["problem"]["code"]) == ("failed", code)
    assert "bad.zip" in dataset["problem"]["message"]
    assert dataset["versions"] == []
    assert not list((studio.data_folder / "datasets").glob("*.tmp"))


def test_server_and_worker_killed_during_an_import_then_started_again(tmp_path: Path) -> None:
    data_folder = tmp_path / "data"
    source = write_zip(tmp_path / "Audio.zip", small_entries(3_000, shape=(48, 48)))
    first = start_studio(data_folder)
    try:
        with sign_in(first) as before:
            project = make_project(before)
            wanted = {"name": "Audio", "upload_ids": [upload(before, source)]}
            made = before.post(f"{API}/projects/{project['id']}/datasets", json=wanted).json()
        while not list(data_folder.glob("datasets/.*.tmp/tensor_0.npy")):
            time.sleep(0.002)
    finally:
        first.kill()
    for file in data_folder.glob("jobs/*/*/worker.json"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(json.loads(file.read_text())["pid"], signal.SIGKILL)
    with running_studio(data_folder) as second, sign_in(second) as after:
        dataset = wait_for_dataset(after, made["id"])
        assert (dataset["state"], dataset["rows"]) == ("ready", 3_000), dataset["problem"]
        assert len(dataset["versions"]) == 1
    assert [path.name for path in (data_folder / "datasets").iterdir()] == [made["id"]]


def test_things_that_are_not_there(client: httpx.Client) -> None:
    project = make_project(client, "Nothing")
    missing = client.post(
        f"{API}/projects/{project['id']}/datasets", json={"name": "x", "upload_ids": ["upl_0"]}
    )
    assert (missing.status_code, problem_of(missing)["code"]) == (404, "upload.not_found")
    assert client.get(f"{API}/datasets/ds_0").status_code == 404
    assert client.get(f"{API}/versions/ver_0").status_code == 404


def test_an_upload_becomes_one_dataset_and_goes_with_a_failed_one(
    studio: Studio, client: httpx.Client, tmp_path: Path
) -> None:
    project = make_project(client)["id"]
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK no zip")
    failed = bring_in(client, project, broken)
    assert failed["state"] == "failed"
    kept = list((studio.data_folder / "uploads").glob("upl_*"))
    assert client.delete(f"{API}/datasets/{failed['id']}").status_code == 204
    assert len(list((studio.data_folder / "uploads").glob("upl_*"))) == len(kept) - 1

    whole = write_zip(tmp_path / "whole.zip", small_entries(4))
    wanted = {"name": "one", "upload_ids": [upload(client, whole)]}
    address = f"{API}/projects/{project}/datasets"
    first = client.post(address, json=wanted)
    second = client.post(address, json=wanted)
    assert first.status_code == 201
    assert problem_of(second)["code"] in {"upload.in_use", "upload.not_found"}
    assert wait_for_dataset(client, first.json()["id"])["state"] == "ready"


def test_the_report_speaks_the_language_asked_for(client: httpx.Client, tmp_path: Path) -> None:
    broken = tmp_path / "mixed.zip"
    write_zip(broken, {**small_entries(4), "index.csv": b"x,y\nnone.npy,1\n"})
    dataset = bring_in(client, make_project(client)["id"], broken)
    assert (dataset["state"], dataset["report"]["rows_taken"]) == ("failed", 0)
    assert dataset["report"]["problem_count"] == 5
    address = f"{API}/datasets/{dataset['id']}/refused.csv"
    assert len(client.get(address).text.splitlines()) == 1 + 5
    chinese = {"Accept-Language": "zh"}
    assert client.get(address).text.startswith("item,code")
    assert client.get(address, headers=chinese).text.startswith("项目,代码")
    assert client.get(address, params={"language": "en"}, headers=chinese).text.startswith("item")


def test_a_version_keeps_the_reports_of_all_imports_that_made_it(
    client: httpx.Client, tmp_path: Path
) -> None:
    first, more = tmp_path / "first.csv", tmp_path / "more.csv"
    first.write_text("a,b\n1,2\n3\n4,5\n")
    more.write_text("a,b\n6\n7,8\n9\n")
    dataset = bring_in(client, make_project(client, "Reports")["id"], first)
    address = f"{API}/versions/{dataset['versions'][0]['id']}"
    wait_for_version(client, client.post(f"{address}/save").json()["id"])
    given = {"upload_ids": [upload(client, more)]}
    added = client.post(f"{API}/datasets/{dataset['id']}/files", json=given).json()
    wait_for_version(client, added["id"])

    def counts(version: str) -> list[tuple[int, int]]:
        reports = client.get(f"{API}/versions/{version}/imports").json()
        return [(each["rows_taken"], each["rows_found"]) for each in reports]

    assert counts(dataset["versions"][0]["id"]) == [(2, 3)]
    assert counts(added["id"]) == [(2, 3), (1, 3)]
    reports = f"{API}/versions/{added['id']}/imports"
    items = [
        [line[0] for line in csv.reader(io.StringIO(client.get(f"{reports}/{n}/report.csv").text))]
        for n in (1, 2)
    ]
    assert items == [["item", "first.csv: 3"], ["item", "more.csv: 2", "more.csv: 4"]]
    absent = client.get(f"{reports}/3/report.csv")
    assert (absent.status_code, problem_of(absent)["code"]) == (404, "data.report_not_found")
