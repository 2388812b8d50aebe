"""Killed at any named point, at any moment or by a power cut, a run ends as if undisturbed."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import get_args

import pytest

from blockwright.contracts.crash_points import CrashPoint
from tests.support.fork_server import MIRROR, WORKER_CRASH, ForkServer
from tests.support.killed_runs import Ended, KilledStudio, is_alive, wait_for
from tests.support.power_loss import lose_power

OF_THE_SERVER = {
    "job-claimed": [1],
    "job-planned": [1],
    "job-started": [1],
    "job-events-read": [1, 2, 4],
    "job-events-recorded": [1, 2, 4],
}
OF_A_WORKER = {
    "worker-began": [1],
    "worker-known": [1],
    "worker-work-over": [1],
    "worker-farewell-said": [1],
    "event-written": [1, 2, 4, 5],
    "event-durable": [1, 2, 4, 5],
    "run-model-built": [1],
    "run-begun": [1],
    "run-step-done": [1, 3, 4, 9],
    "run-trained": [1, 2, 3],
    "run-validated": [1, 2, 3],
    "checkpoint-begun": [1, 3, 4],
    "checkpoint-file-written": [1, 2, 4, 9],
    "checkpoint-file-durable": [1, 2, 4, 9],
    "checkpoint-whole": [1, 3, 4],
    "checkpoint-names-durable": [1, 3],
    "checkpoint-renamed": [1, 3, 4],
    "checkpoint-in-place": [1, 3],
    "checkpoint-told": [1, 2, 3],
    "checkpoint-leaving": [1, 2, 5],
    "checkpoint-gone": [1, 2],
}
# Only reached after something was lost before.
OF_A_RECOVERY = {"job-loss-recorded", "run-restored"}
WORKER_KILLS = [f"{point}:{nth}" for point, places in OF_A_WORKER.items() for nth in places]
SERVER_KILLS = [f"{point}:{nth}" for point, places in OF_THE_SERVER.items() for nth in places]
POWER_CUTS = [
    *("event-written:4", "event-durable:4", "checkpoint-file-written:2", "checkpoint-whole:3"),
    *("checkpoint-renamed:3", "checkpoint-renamed:4", "checkpoint-in-place:3"),
    *("checkpoint-told:1", "checkpoint-leaving:2", "run-step-done:4", "worker-farewell-said:1"),
]


@pytest.fixture
def killed(forks: ForkServer, template: Path, tmp_path: Path) -> KilledStudio:
    return KilledStudio(forks, template, tmp_path / "studio")


def test_there_are_at_least_sixty_kills_and_none_of_the_points_is_forgotten() -> None:
    assert len(WORKER_KILLS) + len(SERVER_KILLS) >= 60
    prefixes = ("job-", "worker-", "event-", "run-", "checkpoint-")
    points = {point for point in get_args(CrashPoint) if point.startswith(prefixes)}
    assert points == {*OF_THE_SERVER, *OF_A_WORKER, *OF_A_RECOVERY}


@pytest.mark.parametrize("at", WORKER_KILLS)
def test_a_run_goes_on_after_its_worker_was_killed(
    killed: KilledStudio, whole: Ended, at: str
) -> None:
    killed.start(**{WORKER_CRASH: at})
    ended = killed.wait_until_over()
    ended.require_equal(whole)
    # Dead between its last word and its end, it is missed by nobody.
    lost = 0 if at in {"worker-work-over:1", "worker-farewell-said:1"} else 1
    if not at.startswith(("event-", "checkpoint-")):
        assert len(ended.run.interruptions) == lost


@pytest.mark.parametrize("at", SERVER_KILLS)
def test_a_run_goes_on_after_its_server_was_killed(
    killed: KilledStudio, whole: Ended, at: str
) -> None:
    killed.start(BLOCKWRIGHT_CRASH_AT=at)
    dies(killed)
    killed.start()
    ended = killed.wait_until_over()
    ended.require_equal(whole)
    assert ended.run.interruptions == []  # its worker worked on


def test_a_recovery_goes_on_after_both_were_killed_in_it(
    killed: KilledStudio, whole: Ended
) -> None:
    killed.start(BLOCKWRIGHT_CRASH_AT="job-loss-recorded", **{WORKER_CRASH: "run-step-done:4"})
    dies(killed)
    killed.start()
    killed.wait_until_over().require_equal(whole)


@pytest.mark.parametrize("at", POWER_CUTS)
def test_a_run_goes_on_after_the_power_was_cut(
    killed: KilledStudio, whole: Ended, tmp_path: Path, at: str
) -> None:
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    killed.start(**{WORKER_CRASH: at, MIRROR: str(mirror)})
    wait_for(killed.workers, "a worker came")
    wait_for(lambda: not killed.workers(), "it died")
    killed.kill_all()
    lose_power(killed.folder, mirror, {"runs", "jobs"})
    killed.start()
    killed.wait_until_over().require_equal(whole)


@pytest.mark.parametrize("seed", range(20))
def test_a_run_goes_on_after_kills_at_any_moment(
    killed: KilledStudio, whole: Ended, seed: int
) -> None:
    chance = random.Random(seed)
    killed.start()
    time.sleep(chance.uniform(0.0, 2.0))
    kill_somebody(killed, chance)
    killed.wait_until_over().require_equal(whole)


def kill_somebody(studio: KilledStudio, chance: random.Random) -> None:
    victims = chance.choice(("worker", "server", "both"))
    if victims != "worker":
        studio.kill(studio.server)
    if victims != "server":
        studio.kill(*studio.workers())
    if victims != "worker":
        studio.start()


def dies(studio: KilledStudio) -> None:
    wait_for(lambda: not is_alive(studio.server), "the server died")
