"""Runs whose memory is not enough: they try once more, then say which batch fits; it does."""

from __future__ import annotations

from pathlib import Path

from blockwright.contracts.runs import RunFollowUp
from blockwright.graph.snippets import chain
from tests.support.fork_server import KERNEL_COUNTS, SPARE_BYTES, ForkServer
from tests.support.killed_runs import Ended, KilledStudio, make_template, wait_for
from tests.support.tiny_run import CLASSES, SIDE

# 512 numbers for each pixel: a row takes megabytes and hardly any time.
WIDE = chain(
    [
        ("input", "input", {"source": "fname"}),
        ("reshape", "reshape", {"target_shape": [SIDE, SIDE, 1]}),
        ("conv", "conv_2d", {"filters": 512, "kernel_size": [1, 1], "activation": "relu"}),
        ("pool", "global_average_pooling_2d", {}),
        ("dense", "dense", {"nodes": len(CLASSES), "activation": "sigmoid"}),
        ("target", "target", {"source": "labels", "loss": "binary_crossentropy"}),
    ]
)
LARGE = 300
SPARE = 400_000_000


def test_a_batch_that_is_too_large_is_refused_with_one_that_then_trains(
    forks: ForkServer, tmp_path: Path
) -> None:
    template = make_template(
        tmp_path / "template",
        epochs=1,
        rows=LARGE * 4 // 3,
        graph=WIDE,
        batch_size=LARGE,
        precision="float32",
    )
    studio = KilledStudio(forks, template, tmp_path / "studio")
    studio.start(**{SPARE_BYTES: str(SPARE)})
    wait_for(lambda: studio.run().state == "failed", "the run gives up")
    run = studio.run()
    (interruption,) = run.interruptions
    assert interruption.problem.code == "training.memory_ran_out"
    assert run.problem is not None
    assert run.problem.code == "training.out_of_memory"
    fitting = run.problem.params["fitting"]
    assert isinstance(fitting, int)
    assert 1 <= fitting <= LARGE // 2
    assert f"batches of {fitting:,} rows, which should fit" in run.problem.fix

    wanted = RunFollowUp(start="anew", epochs=1, settings={"batch_size": fitting})
    smaller = studio.studio.runs.follow_up(run.id, wanted)
    wait_for(lambda: studio.studio.runs.get(smaller.id).state in {"done", "failed"}, "it ends")
    smaller = studio.studio.runs.get(smaller.id)
    studio.kill_all()
    assert (smaller.state, smaller.problem, smaller.interruptions) == ("done", None, [])


def test_a_run_that_the_kernel_kills_for_memory_says_so_and_goes_on(
    forks: ForkServer, template: Path, whole: Ended, tmp_path: Path
) -> None:
    counts = tmp_path / "vmstat"
    counts.write_text("nr_free_pages 81\noom_kill 4\n")
    studio = KilledStudio(forks, template, tmp_path / "studio")
    studio.start(**{KERNEL_COUNTS: str(counts)})
    wait_for(studio.workers, "it has a worker")
    counts.write_text("nr_free_pages 81\noom_kill 5\n")
    studio.kill(*studio.workers())
    ended = studio.wait_until_over()
    ended.require_equal(whole)
    (interruption,) = ended.run.interruptions
    assert interruption.problem.code == "training.memory_ran_out"
