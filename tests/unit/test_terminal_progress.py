"""Steps of a studio file where the output is no terminal: lines, as things happen."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from blockwright.contracts.problems import BlockwrightError, problem
from blockwright.contracts.runs import RunProgress
from blockwright.server import terminal_progress
from blockwright.server.terminal_progress import steps_in_terminal
from tests.support.tiny_run import tiny_settings


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(terminal_progress.time, "monotonic", lambda: now[0])
    return now


def test_each_step_says_at_once_that_it_begins_and_how_long_it_took(
    tmp_path: Path, clock: list[float]
) -> None:
    log = tmp_path / "log"
    with (
        log.open("w", encoding="utf-8") as file,
        steps_in_terminal(Console(file=file, force_terminal=False)) as steps,
    ):
        with steps.step("Upload"):
            # Read from the disk, by then: nothing waits in a buffer.
            assert log.read_text(encoding="utf-8") == "Upload: begins\n"
            clock[0] += 2.5
        assert log.read_text(encoding="utf-8").splitlines()[1:] == ["Upload: took 2.5 s"]
    assert steps.seconds == {"Upload": 2.5}


def test_an_epoch_has_one_line_and_quick_epochs_share_one(
    tmp_path: Path, clock: list[float]
) -> None:
    log = tmp_path / "log"
    with (
        log.open("w", encoding="utf-8") as file,
        steps_in_terminal(Console(file=file, force_terminal=False)) as steps,
        steps.step("Train") as bar,
    ):
        for tenth in range(300):  # 30 seconds: ten epochs of one second, two of ten
            seconds = tenth / 10
            ended = int(seconds) if seconds < 10 else 10 + int(seconds - 10) // 10
            line = f"epoch {ended}/12, loss 0.{ended:02}" if ended else ""
            clock[0] = 100 + seconds
            bar.show(0, f"step {tenth}", seconds_left=30 - seconds, line=line)
        clock[0] = 130
        bar.show(1, "step 300", line="epoch 12/12, loss 0.12")
    assert log.read_text(encoding="utf-8").splitlines() == [
        "Train: begins",
        "Train: epoch 5/12, loss 0.05, 25 s left",
        "Train: epoch 10/12, loss 0.10, 20 s left",
        "Train: epoch 11/12, loss 0.11, 10 s left",
        "Train: epoch 12/12, loss 0.12",
        "Train: epoch 12/12, loss 0.12, took 30.0 s",
    ]


def test_a_terminal_keeps_its_bars(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with (
        log.open("w", encoding="utf-8") as file,
        steps_in_terminal(Console(file=file, force_terminal=True, width=100)) as steps,
        steps.step("Upload"),
    ):
        pass
    told = log.read_text(encoding="utf-8")
    assert "━" in told
    assert "begins" not in told


# What `follow_group` looks at of two folds that are queued at once: states and the epoch of each.
FOLDS_IN_TURN = [
    [("queued", 0), ("queued", 0)],
    [("starting", 0), ("queued", 0)],
    [("running", 1), ("queued", 0)],
    [("done", 2), ("queued", 0)],
    [("done", 2), ("running", 2)],
    [("done", 2), ("done", 2)],
]


def test_a_fold_is_told_by_its_number_and_the_epochs_once_there_are_some(
    tmp_path: Path, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [-1]

    def run(number: int) -> Any:
        state, epoch = FOLDS_IN_TURN[now[0]][number - 1]
        progress = SimpleNamespace(epoch=epoch, step=0, steps_per_epoch=4)
        settings = SimpleNamespace(epochs=2)
        return SimpleNamespace(
            id=f"run_{number}", state=state, progress=progress, settings=settings
        )

    def group(_id: str) -> Any:
        now[0] += 1
        clock[0] += 10
        trials = [
            SimpleNamespace(number=number, run_id=run(number).id, state=run(number).state)
            for number in (1, 2)
        ]
        state = "done" if trials[1].state == "done" else "running"
        return SimpleNamespace(
            kind="folds", state=state, trials=trials, total=2, best_run_id=None, seconds_left=None
        )

    services: Any = SimpleNamespace(
        run_groups=SimpleNamespace(get=group),
        runs=SimpleNamespace(get=lambda run_id: run(int(run_id[-1]))),
    )
    monkeypatch.setattr(terminal_progress.time, "sleep", lambda _: None)
    log = tmp_path / "log"
    with (
        log.open("w", encoding="utf-8") as file,
        steps_in_terminal(Console(file=file, force_terminal=False)) as steps,
    ):
        steps.follow_group("Train", services, "grp")
    assert log.read_text(encoding="utf-8").splitlines() == [
        "Train: begins",
        "Train: fold 1/2",
        "Train: fold 1/2, epoch 1/2",
        "Train: fold 2/2",
        "Train: fold 2/2, epoch 2/2",
        "Train: 2/2",
        "Train: 2/2, took 60.0 s",
    ]


def test_a_run_that_its_time_limit_ended_is_done_and_no_failure(tmp_path: Path) -> None:
    note = problem("training.time_is_up", minutes="5", epochs=2)
    progress = RunProgress(epoch=2, step=1, steps_per_epoch=4)
    told = {"problem": note, "progress": progress, "epochs": [], "settings": tiny_settings()}
    runs = {state: SimpleNamespace(state=state, **told) for state in ("done", "failed")}
    services = SimpleNamespace(runs=SimpleNamespace(get=runs.get))
    with (
        (tmp_path / "log").open("w", encoding="utf-8") as file,
        steps_in_terminal(Console(file=file, force_terminal=False)) as steps,
    ):
        assert steps.follow_run("Train", services, "done").state == "done"
        with pytest.raises(BlockwrightError):
            steps.follow_run("Train", services, "failed")
