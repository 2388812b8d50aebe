"""One click gives a beginner real recordings to learn with."""

from __future__ import annotations

import time
from pathlib import Path

from tests.support.session import API, sign_in
from tests.support.studio import running_studio


def test_the_sample_becomes_a_dataset_that_is_ready(tmp_path: Path) -> None:
    with running_studio(tmp_path / "data") as studio, sign_in(studio) as client:
        headers = {"Accept-Language": "zh-CN"}
        made = client.post(f"{API}/sample-project", headers=headers, timeout=120)
        assert made.status_code == 201, made.text
        project = made.json()
        assert (project["name"], project["dataset_count"]) == ("日常声音", 1)

        deadline = time.monotonic() + 120
        while True:
            [dataset] = client.get(f"{API}/projects/{project['id']}/datasets").json()
            if dataset["state"] != "importing":
                break
            assert time.monotonic() < deadline, studio.log()
            time.sleep(0.2)
        assert dataset["state"] == "ready", dataset
        assert dataset["rows"] == 277
        assert dataset["report"]["problem_count"] == 0
        version = dataset["versions"][0]["id"]
        health = client.get(f"{API}/versions/{version}/health").json()
        assert {"duplicates", "leaks"} <= set(health["checks"])
        assert [each["id"] for each in health["findings"] if each["severity"] == "bad"] == []
        assert "duplicates" not in {each["id"] for each in health["findings"]}
