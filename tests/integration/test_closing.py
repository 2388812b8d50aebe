"""A studio that is closed while a slow model trains keeps its place, and is gone in time."""

from __future__ import annotations

import time
from pathlib import Path

from blockwright.graph.snippets import chain
from blockwright.store.database import sqlite_url
from tests.support.fork_server import ForkServer
from tests.support.killed_runs import KilledStudio, make_template, wait_for
from tests.support.studio import start_studio
from tests.support.tiny_run import CLASSES, SIDE

MOST_SECONDS = 30.0
ROWS, BATCH_SIZE = 96, 4
STEPS = ROWS * 3 // 4 // BATCH_SIZE
WIDE = {"filters": 192, "kernel_size": [5, 5], "padding": "same", "activation": "relu"}
SLOW = chain(
    [
        ("input", "input", {"source": "fname"}),
        ("reshape", "reshape", {"target_shape": [SIDE, SIDE, 1]}),
        ("first", "conv_2d", WIDE),
        ("second", "conv_2d", WIDE),
        ("dropout", "dropout", {"rate": 0.3}),
        ("pool", "global_average_pooling_2d", {}),
        ("dense", "dense", {"nodes": len(CLASSES), "activation": "sigmoid"}),
        ("target", "target", {"source": "labels", "loss": "binary_crossentropy"}),
    ]
)
SETTINGS = {"batch_size": BATCH_SIZE, "precision": "float32", "xla": "off"}


def test_a_closed_studio_keeps_the_place_within_an_epoch_in_time(
    forks: ForkServer, tmp_path: Path
) -> None:
    template = make_template(tmp_path / "template", epochs=2, rows=ROWS, graph=SLOW, **SETTINGS)
    undisturbed = KilledStudio(forks, template, tmp_path / "whole")
    undisturbed.start()
    whole = undisturbed.wait_until_over()

    # Nothing but the closing keeps a place within an epoch here.
    closed = KilledStudio(forks, template, tmp_path / "closed", checkpoint_seconds=3_600)
    url = sqlite_url(closed.folder / "studio.db")
    server = start_studio(closed.folder, BLOCKWRIGHT_DATABASE_URL=url)
    # Early in it: what is asked has to arrive before its end.
    wait_for(lambda: 1 < closed.run().progress.step < STEPS // 2, "it is within an epoch")
    asked_at = time.monotonic()
    server.stop()
    seconds = time.monotonic() - asked_at
    assert server.process.returncode == 0, server.log()
    assert seconds < MOST_SECONDS
    run = closed.run()
    assert (run.state, run.problem) == ("recovering", None)
    assert run.interruptions[0].problem.code == "training.studio_closed"
    (kept,) = (closed.folder / "runs" / run.id / "checkpoints").glob("within_*")
    epoch, step = (int(part) for part in kept.name.split("_")[1:])

    closed.start()
    ended = closed.wait_until_over()
    ended.require_equal(whole)
    (interruption,) = ended.run.interruptions
    assert (interruption.epoch, interruption.step) == (epoch, step)
