"""A table that a tiny model learns within moments, through the API as the browser uses it."""

from __future__ import annotations

import csv
import random
import time
from pathlib import Path
from typing import Any

import httpx

from blockwright.graph.snippets import chain
from tests.support.datasets_api import bring_in, draft_of, saved
from tests.support.session import API, make_project

ENDED = {"done", "stopped", "failed", "interrupted"}
PATIENCE_SECONDS = 240.0


def petals(path: Path, rows: int = 60) -> Path:
    """Write a csv of two measures and the kind that they tell."""
    chance = random.Random(3)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["length", "width", "kind"])
        for number in range(rows):
            middle = number % 3
            sizes = [f"{middle + chance.gauss(0, 0.3):.3f}" for _ in range(2)]
            writer.writerow([*sizes, ("rose", "lily", "iris")[middle]])
    return path


def petal_version(client: httpx.Client, folder: Path, *, folds: int = 0) -> dict[str, Any]:
    """Make a project with a saved version of petals, and k folds if asked; give the version."""
    project = make_project(client, "Petals")
    dataset = bring_in(client, project["id"], petals(folder / "petals.csv"))
    draft = draft_of(client, dataset)
    wanted = {"name": "sizes", "features": ["length", "width"]}
    reply = client.post(f"{API}/versions/{draft['id']}/feature-sets", json=wanted)
    assert reply.status_code == 201, reply.text
    if folds:
        reply = client.post(f"{API}/versions/{draft['id']}/folds", json={"folds": folds})
        assert reply.status_code == 201, reply.text
    return {**saved(client, draft), "project_id": project["id"]}


def petal_experiment(
    client: httpx.Client, project_id: str, name: str = "Petals v1", **settings: Any
) -> dict[str, Any]:
    """Make an experiment that learns the kind from the sizes; give it."""
    made = client.post(f"{API}/projects/{project_id}/experiments", json={"name": name}).json()
    loss = "categorical_crossentropy"
    graph = chain(
        [
            ("input", "input", {"source": "sizes"}),
            ("dense", "dense", {"nodes": 3, "activation": "softmax"}),
            ("target", "target", {"source": "kind", "loss": loss}),
        ]
    )
    operations: list[dict[str, Any]] = [
        {"op": "add_block", "block": block.model_dump(mode="json")} for block in graph.blocks
    ]
    operations += [{"op": "add_wire", "wire": wire.model_dump(mode="json")} for wire in graph.wires]
    chosen = {"batch_size": 16, "epochs": 2, **settings}
    operations += [{"op": "set_setting", "name": k, "value": v} for k, v in chosen.items()]
    edit = {"base_revision": made["revision"], "operations": operations}
    reply = client.post(f"{API}/experiments/{made['id']}/edits", json=edit)
    assert reply.status_code == 200, reply.text
    experiment: dict[str, Any] = reply.json()
    assert experiment["analysis"]["can_run"], experiment["analysis"]["problems"]
    return experiment


def start_run(client: httpx.Client, experiment_id: str) -> dict[str, Any]:
    """Press Run."""
    reply = client.post(f"{API}/experiments/{experiment_id}/runs")
    assert reply.status_code == 201, reply.text
    run: dict[str, Any] = reply.json()
    return run


def wait_for_runs(client: httpx.Client, project_id: str, count: int) -> list[dict[str, Any]]:
    """Wait until so many runs of a project have ended; give them, newest first."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        runs: list[dict[str, Any]] = client.get(f"{API}/projects/{project_id}/runs").json()["runs"]
        if sum(run["state"] in ENDED for run in runs) >= count:
            return runs
        time.sleep(0.3)
    raise AssertionError([(run["state"], run["problem"]) for run in runs])
