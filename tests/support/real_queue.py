"""Trains what is queued in a tiny studio by its real supervisor and real workers.

Takes   a fork server that has loaded Keras once, so that a run of a tiny model takes a moment.
Gives   the studio as it is when the queue is empty, or when a test has seen enough.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import func, select

from blockwright.store.tables import ExperimentRow, JobRow
from tests.support.fork_server import ForkServer
from tests.support.killed_runs import GRAPH, kill, wait_for, workers_of
from tests.support.tiny_run import TinyStudio


def small_experiment(studio: TinyStudio, **settings: object) -> str:
    """Add an experiment whose model is built and trained within a moment; gives its id."""
    experiment = studio.experiment(precision="float32", xla="off", **settings)
    with studio.database.transaction() as session:
        session.get_one(ExperimentRow, experiment).graph = GRAPH.model_dump(mode="json")
    return experiment


def train(
    forks: ForkServer, studio: TinyStudio, *, until: Callable[[], bool] | None = None
) -> None:
    """Train until nothing is queued, or until a test has seen enough; then kill all."""
    server = forks.server(studio.files.root)
    try:
        wait_for(until or (lambda: _is_idle(studio)), "the queue is empty")
    finally:
        kill(server)  # first: a living one would start the next worker
        kill(*workers_of(studio.files.root))


def _is_idle(studio: TinyStudio) -> bool:
    with studio.database.transaction() as session:
        open_jobs = session.scalar(
            select(func.count()).select_from(JobRow).where(JobRow.state.in_(("queued", "running")))
        )
    return open_jobs == 0
