"""A studio and its client for the tests of a file; what killed runs are compared with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from blockwright.jobs.executor import LocalExecutor
from tests.support.fork_server import ForkExecutor, ForkServer
from tests.support.killed_runs import Ended, KilledStudio, make_template
from tests.support.session import sign_in
from tests.support.studio import Studio, running_studio

ENOUGH_FOR_KERAS_BYTES = 2_000_000_000


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Run a studio with a data folder of its own."""
    with running_studio(tmp_path_factory.mktemp("studio") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def client(studio: Studio) -> Iterator[httpx.Client]:
    """Give a client with a session."""
    with sign_in(studio) as signed_in:
        yield signed_in


@pytest.fixture(scope="session")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkServer]:
    """Load Keras once for all tests that kill, or that start workers by the dozen."""
    running = ForkServer(tmp_path_factory.mktemp("f"))
    yield running
    running.close()


@pytest.fixture
def forked(forks: ForkServer) -> ForkExecutor:
    """Start workers without loading Keras anew, where how they start and end is not the matter."""
    return ForkExecutor(forks.socket_path)


@pytest.fixture
def executor() -> Iterator[LocalExecutor]:
    """Start workers as the studio does, one of them kept ready."""
    made = LocalExecutor(warm_bytes=ENOUGH_FOR_KERAS_BYTES)
    yield made
    made.close(20)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a studio with one queued run, to be copied."""
    return make_template(tmp_path_factory.mktemp("template") / "studio")


@pytest.fixture(scope="session")
def whole(forks: ForkServer, template: Path, tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """Let the run of the template train undisturbed."""
    studio = KilledStudio(forks, template, tmp_path_factory.mktemp("whole") / "studio")
    studio.start()
    return studio.wait_until_over()
