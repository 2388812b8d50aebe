"""Kill server, worker or both of tiny runs at random moments, hundreds of times.

Run as `python -m tests.support.random_kills --kills 500 --seed 1`. Every run must end with the
very history and weights of one that nobody disturbed; the first that does not ends the command.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.support.fork_server import ForkServer
from tests.support.killed_runs import OVER, Ended, KilledStudio, make_template

EPOCHS = 8
KILLS_PER_RUN = 6
SHORTEST_SECONDS, LONGEST_SECONDS = 0.2, 2.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    chance = random.Random(asked.seed)
    kills: Counter[str] = Counter()
    began_at = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        forks = ForkServer(folder)
        try:
            template = make_template(folder / "template", epochs=EPOCHS)
            undisturbed = KilledStudio(forks, template, folder / "whole")
            undisturbed.start()
            whole = undisturbed.wait_until_over()
            runs = 0
            while sum(kills.values()) < asked.kills:
                runs += 1
                _kill_one(
                    KilledStudio(forks, template, folder / f"run_{runs}"), chance, kills, whole
                )
                total, minutes = sum(kills.values()), (time.monotonic() - began_at) / 60
                print(f"{total} kills, {runs} runs, {minutes:.1f} minutes", flush=True)
        finally:
            forks.close()
    killed = ", ".join(f"{victim} {count}" for victim, count in sorted(kills.items()))
    print(f"{sum(kills.values())} kills ({killed}) over {runs} runs: all equal, bit by bit")


def _kill_one(
    studio: KilledStudio, chance: random.Random, kills: Counter[str], whole: Ended
) -> None:
    studio.start()
    for _ in range(KILLS_PER_RUN):
        time.sleep(chance.uniform(SHORTEST_SECONDS, LONGEST_SECONDS))
        run = studio.run()
        if run.state == "interrupted":  # lost four times without progress: a person goes on
            studio.studio.runs.continue_from_last_checkpoint(run.id)
            continue
        if run.state in OVER:
            break
        victim = chance.choice(("worker", "server", "both"))
        if victim != "worker":
            studio.kill(studio.server)
        if victim != "server":
            studio.kill(*studio.workers())
        if victim != "worker":
            studio.start()
        kills[victim] += 1
    ended = studio.wait_until_over()
    ended.require_equal(whole)


if __name__ == "__main__":
    main()
