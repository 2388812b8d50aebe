"""A studio and a client that is signed in to it, for the tests of one file."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.support.session import sign_in
from tests.support.studio import Studio, running_studio


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
