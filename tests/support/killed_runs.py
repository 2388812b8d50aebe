"""Tiny runs in a real database whose server and workers are killed, and what must come of them.

Takes   a fork server, and where or when to kill.
Gives   runs that went on by themselves, compared bit by bit with one that nobody disturbed.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from blockwright.contracts.graph import GraphDocument
from blockwright.contracts.runs import Run
from blockwright.graph.snippets import chain
from blockwright.store.tables import ExperimentRow
from blockwright.training.checkpoint_files import read_checkpoint
from tests.support.fork_server import ForkServer
from tests.support.tiny_run import CLASSES, TinyStudio, make_tiny_studio

EPOCHS = 3
ROWS = 32  # three batches to train on, one to judge
PATIENCE_SECONDS = 300.0
OVER = {"done", "failed", "stopped", "interrupted"}
GRAPH = chain(
    [
        ("input", "input", {"source": "fname"}),
        ("flatten", "flatten", {}),
        ("dropout", "dropout", {"rate": 0.3}),
        ("dense", "dense", {"nodes": len(CLASSES), "activation": "sigmoid"}),
        ("target", "target", {"source": "labels", "loss": "binary_crossentropy"}),
    ]
)


@dataclass
class Ended:
    """What a run came to."""

    run: Run
    numbers: list[np.ndarray[Any, Any]]

    def history(self) -> list[tuple[Any, ...]]:
        """All but times and memory, which differ from run to run."""
        return [
            (
                each.epoch,
                each.training,
                each.validation,
                each.signals and (each.signals.gradient_norm, each.signals.gradient_norm_max),
            )
            for each in self.run.epochs
        ]

    def require_equal(self, other: Ended) -> None:
        assert self.run.state == "done", self.run.problem
        assert self.history() == other.history()
        for one, two in zip(self.numbers, other.numbers, strict=True):
            np.testing.assert_array_equal(one, two)


def make_template(
    folder: Path,
    *,
    epochs: int = EPOCHS,
    rows: int = ROWS,
    graph: GraphDocument = GRAPH,
    **settings: object,
) -> Path:
    """Make a studio with one experiment, to be copied for every run that is killed."""
    studio = make_tiny_studio(folder, rows=rows)
    experiment = studio.experiment(epochs=epochs, learning_rate=0.01, **settings)
    with studio.database.transaction() as session:
        session.get_one(ExperimentRow, experiment).graph = graph.model_dump(mode="json")
    studio.database.close()
    return folder


class KilledStudio:
    """A copy of the template with one queued run, whose processes a test kills."""

    def __init__(
        self,
        forks: ForkServer,
        template: Path,
        folder: Path,
        *,
        checkpoint_seconds: float = 0.0,
    ) -> None:
        """Queue the run; by default its place is kept after every batch."""
        shutil.copytree(template, folder)
        self.folder = folder
        self._forks = forks
        self.studio: TinyStudio = make_tiny_studio(folder)
        self.studio.runs = type(self.studio.runs)(
            self.studio.database, self.studio.files, checkpoint_seconds=checkpoint_seconds
        )
        with self.studio.database.transaction() as session:
            experiment = session.query(ExperimentRow).one().id
        self.run_id = self.studio.runs.create(experiment).id
        self.server = 0

    def start(self, **environment: str) -> None:
        self.server = self._forks.server(self.folder, **environment)

    def workers(self) -> list[int]:
        """Give the living workers' process ids."""
        return workers_of(self.folder)

    def kill(self, *pids: int) -> None:
        kill(*pids)

    def kill_all(self) -> None:
        # In this order: a living server would start the next worker.
        self.kill(self.server)
        self.kill(*self.workers())

    def run(self) -> Run:
        return self.studio.runs.get(self.run_id)

    def wait_until_over(self) -> Ended:
        try:
            wait_for(self._is_over, "the run is over")
            run = self.run()
        finally:
            self.kill_all()
        root = self.folder / "runs" / self.run_id / "checkpoints"
        content = read_checkpoint(root / f"epoch_{run.epochs[-1].epoch}")
        self.require_tidy(root, run)
        self.studio.database.close()
        return Ended(run, [*content.weights.values(), *content.optimizer.values()])

    def _is_over(self) -> bool:
        run = self.run()
        # Killed again and again before it got anywhere, it waits for a person, who goes on.
        if run.state == "interrupted" and run.can_continue:
            self.studio.runs.continue_from_last_checkpoint(run.id)
            return False
        return run.state in OVER

    def require_tidy(self, root: Path, run: Run) -> None:
        """Nothing lies there but the checkpoints that the database knows."""
        there = {item.name for item in root.iterdir()}
        assert there == {f"epoch_{each.epoch}" for each in run.checkpoints}


def workers_of(folder: Path) -> list[int]:
    """Give the process ids of the living workers of a studio's folder."""
    found = [
        int(json.loads(file.read_text())["pid"]) for file in folder.glob("jobs/*/*/worker.json")
    ]
    return [pid for pid in found if is_alive(pid)]


def kill(*pids: int) -> None:
    """Kill processes and wait until they are gone."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    for pid in pids:
        wait_for(lambda pid=pid: not is_alive(pid), "it dies")


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def wait_for(condition: Any, words: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"in vain waited until {words}"
        time.sleep(0.02)
