"""Searches and folds of a studio file, from recordings to the model and submission.csv."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import keras
import pytest
import yaml
from rich.console import Console

from blockwright.contracts.problems import BlockwrightError
from blockwright.contracts.studio_file import StudioFile
from blockwright.jobs.supervisor import Supervisor
from blockwright.server.in_process import open_studio
from blockwright.server.studio_file import RUNS_FILE, Outcome, StudioFileRun
from blockwright.server.studio_file_runs import failures, group_table
from blockwright.server.terminal_progress import steps_in_terminal
from blockwright.settings import Settings
from tests.support.fork_server import ForkExecutor
from tests.support.small_studio_file import write_studio_file

CLIPS = 24
QUICK = {"batch_size": 8, "epochs": 1, "precision": "float32", "xla": "off"}
RATES = {"kind": "values", "name": "learning_rate", "values": [1e-7, 0.01]}


def small_file(folder: Path, **parts: Any) -> Path:
    """Write a studio file that trains for moments, with these parts in place of its own."""
    path = write_studio_file(folder, CLIPS)
    wanted = yaml.safe_load(path.read_text(encoding="utf-8"))
    wanted["experiment"]["settings"] = QUICK
    wanted["dataset"] |= parts.pop("dataset", {})
    path.write_text(yaml.safe_dump({**wanted, **parts}), encoding="utf-8")
    return path


def carry_out(path: Path, out: Path, forked: ForkExecutor) -> tuple[Outcome, str, str]:
    """Carry a file out; gives what came, what was told meanwhile, and the table at the end."""
    wanted = StudioFile.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    told, table = io.StringIO(), io.StringIO()
    with open_studio(Settings(data=out / "studio")) as services:
        supervisor = Supervisor(services.database, services.files, workers=1, executor=forked)
        supervisor.start()
        try:
            with steps_in_terminal(Console(file=told, force_terminal=True, width=200)) as steps:
                outcome = StudioFileRun(wanted, path.parent, services, steps).carry_out(out)
            assert outcome.group is not None
            assert failures(services, outcome.group) == []
        finally:
            supervisor.stop(20)
    Console(file=table, width=120).print(group_table(outcome.group))
    return outcome, told.getvalue(), table.getvalue()


def test_the_best_trial_of_a_search_is_what_comes_out(tmp_path: Path, forked) -> None:
    runs = {"kind": "search", "method": "grid", "varied": [RATES]}
    path = small_file(tmp_path / "files", runs=runs, outputs={})
    outcome, told, table = carry_out(path, tmp_path / "out", forked)

    group = json.loads((tmp_path / "out" / RUNS_FILE).read_text(encoding="utf-8"))
    assert [trial["values"] for trial in group["trials"]] == [
        {"learning_rate": 1e-7}, {"learning_rate": 0.01}
    ]  # fmt: skip
    assert {trial["state"] for trial in group["trials"]} == {"done"}
    sign = 1 if group["higher_is_better"] else -1
    best = max(group["trials"], key=lambda trial: sign * trial["value"])
    assert outcome.run.id == best["run_id"] == group["best_run_id"]
    report = outcome.report
    assert report["settings"]["learning_rate"] == best["values"]["learning_rate"]
    assert (tmp_path / "out" / "model.h5").is_file()
    assert "2/2, best" in told
    (line,) = [line for line in table.splitlines() if "best" in line]
    assert f"{best['values']['learning_rate']:g}" in line
    assert f"{best['value']:.4f}" in line


def test_the_averaged_model_of_folds_goes_into_the_competition(tmp_path: Path, forked) -> None:
    path = small_file(tmp_path / "files", dataset={"folds": {"folds": 2}}, runs={"kind": "folds"})
    outcome, told, table = carry_out(path, tmp_path / "out", forked)

    group = json.loads((tmp_path / "out" / RUNS_FILE).read_text(encoding="utf-8"))
    assert [trial["values"]["fold"] for trial in group["trials"]] == ["Fold 1", "Fold 2"]
    assert group["can_average"]
    assert "2/2, best" in told
    assert f"{group['mean']:.4f} ± {group['deviation']:.4f}" in table
    assert [each["fold"] for each in outcome.report["average_of"]] == ["Fold 1", "Fold 2"]

    kaggle = next((tmp_path / "out" / "studio" / "competitions").glob("*/kaggle"))
    models = [tmp_path / "out" / "model.h5", next(kaggle.rglob("model.h5"))]
    averaged, entered = (keras.models.load_model(file, compile=False) for file in models)
    assert [layer.name for layer in entered.layers] == [layer.name for layer in averaged.layers]
    assert sum(isinstance(layer, keras.layers.Average) for layer in entered.layers) == 1
    facts = json.loads(next(kaggle.rglob("run.json")).read_text(encoding="utf-8"))
    assert facts["average_of"] == outcome.report["average_of"]
    assert outcome.dry_run is not None
    assert all(check.passed for check in outcome.dry_run.checks)
    with (tmp_path / "out" / "submission.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    with (path.parent / "sample_submission.csv").open(newline="") as file:
        assert [row[0] for row in rows] == [row[0] for row in csv.reader(file)]
    assert all(0 <= float(value) <= 1 for row in rows[1:] for value in row[1:])


@pytest.mark.parametrize(
    ("varied", "method", "told"),
    [
        ({**RATES, "name": "learning_speed"}, "grid", "learning_speed is no setting"),
        ({**RATES, "name": "seed", "values": [1]}, "grid", "seed is no setting"),
        (
            {"kind": "range", "name": "learning_rate", "low": 0.1, "high": 0.001},
            "random",
            "Learning rate cannot go from 0.1 to 0.001",
        ),
        (
            {"kind": "range", "name": "learning_rate", "low": 0.001, "high": 0.1},
            "grid",
            "Learning rate has a range",
        ),
    ],
)
def test_what_cannot_be_searched_is_refused_before_anything_is_made(
    tmp_path: Path, varied: dict[str, Any], method: str, told: str
) -> None:
    runs = {"kind": "search", "method": method, "varied": [varied]}
    message, projects = refusal(small_file(tmp_path / "files", runs=runs), tmp_path)
    assert told in message
    assert projects == 0


def refusal(path: Path, folder: Path) -> tuple[str, int]:
    """Give what a file is refused with, and how many projects were made meanwhile."""
    wanted = StudioFile.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    with (
        open_studio(Settings(data=folder / "studio")) as services,
        steps_in_terminal(Console(file=io.StringIO())) as steps,
    ):
        with pytest.raises(BlockwrightError) as caught:
            StudioFileRun(wanted, path.parent, services, steps).carry_out(folder / "out")
        projects = services.projects.list_all(services.projects.local_owner())
    return caught.value.problem.message, len(projects)
