"""What makes a run fail is told apart: which row, which batch, which block, and what to try."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from blockwright.contracts.problems import BlockwrightError, Problem, problem
from blockwright.contracts.work import TrainPlan
from blockwright.graph.snippets import chain
from blockwright.jobs import service
from blockwright.store import leases
from blockwright.training.loop import Training
from tests.integration.test_exact_resume import GRAPHS, plan_on_tiny
from tests.support.broken_runs import BreakingSink
from tests.support.tiny_run import CLASSES, make_tiny_studio, supervised, tiny_graph

BAD_ROW = 20
BAD_STEP = BAD_ROW // 8 + 1


def failure_of(plan: TrainPlan) -> Problem:
    with pytest.raises(BlockwrightError) as caught:
        Training(plan, BreakingSink()).run()
    return caught.value.problem


def change_pictures(plan: TrainPlan, change: Callable[[np.ndarray], None]) -> None:
    (file,) = Path(plan.data.version_folder).rglob("tensor_0.npy")
    values = np.load(file, mmap_mode="r+", allow_pickle=False)
    change(values)
    values.flush()


def test_a_row_that_is_no_number_is_named(tmp_path) -> None:
    plan = plan_on_tiny(tmp_path, tiny_graph(), shuffle=False)

    def change(values: np.ndarray) -> None:
        values[BAD_ROW, 3, 3] = np.nan

    change_pictures(plan, change)
    found = failure_of(plan)
    assert found.code == "training.input_is_nan"
    assert found.params == {"epoch": 1, "step": BAD_STEP, "row": BAD_ROW + 1}
    assert "Data health" in found.fix


def test_the_first_block_whose_output_is_not_finite_is_named(tmp_path) -> None:
    plan = plan_on_tiny(tmp_path, tiny_graph(), shuffle=False)

    def change(values: np.ndarray) -> None:
        values[BAD_ROW] = np.where(np.arange(256).reshape(16, 16) % 2, 3e38, -3e38)

    change_pictures(plan, change)
    found = failure_of(plan)
    assert found.code == "training.output_is_nan", found
    assert found.params["block"] == "Batch normalization"
    assert (found.params["epoch"], found.params["step"]) == (1, BAD_STEP)
    assert "smaller learning rate" in found.fix


def test_a_loss_that_overflows_by_itself_is_told_with_its_place(tmp_path) -> None:
    plan = plan_on_tiny(tmp_path, GRAPHS["dense"], optimizer="sgd", learning_rate=100.0)

    def change(values: np.ndarray) -> None:
        values *= 1e12

    change_pictures(plan, change)
    found = failure_of(plan)
    assert (found.code, found.params) == ("training.loss_is_nan", {"epoch": 1, "step": 2})


def test_the_block_whose_gradient_is_not_finite_is_named(tmp_path) -> None:
    deep = [(f"h{depth}", "dense", {"nodes": 64, "activation": "relu"}) for depth in range(3)]
    graph = chain(
        [
            ("input", "input", {"source": "fname"}),
            ("flatten", "flatten", {}),
            *deep,
            ("dense", "dense", {"nodes": len(CLASSES), "activation": "linear"}),
            ("target", "target", {"source": "labels", "loss": "mean_squared_error"}),
        ]
    )
    plan = plan_on_tiny(tmp_path, graph, shuffle=False)

    def change(values: np.ndarray) -> None:
        values[BAD_ROW] *= 1e20

    change_pictures(plan, change)
    found = failure_of(plan)
    assert found.code == "training.gradient_is_nan", found
    place = {"epoch": 1, "step": BAD_STEP}
    assert found.params == {**place, "block": "Dense 4", "block_zh": "全连接 4"}
    assert "Limit the gradient" in found.fix


def test_a_row_that_cannot_be_read_is_named(tmp_path) -> None:
    plan = plan_on_tiny(tmp_path, GRAPHS["dense"], shuffle=False)
    (file,) = Path(plan.data.version_folder).rglob("tensor_0.npy")
    whole = np.load(file, mmap_mode="r", allow_pickle=False)
    head = file.stat().st_size - whole.nbytes
    os.truncate(file, head + BAD_ROW * whole[0].nbytes + 100)  # the disk lost the end of it
    found = failure_of(plan)
    assert (found.code, found.params["row"]) == ("training.row_unreadable", BAD_ROW + 1)
    assert "tensor_0.npy" in found.message
    assert "Save the version anew" in found.fix


@pytest.mark.skipif(not hasattr(signal, "SIGBUS"), reason="this system has no such signal")
def test_a_file_that_is_cut_off_under_a_training_is_no_lack_of_memory(tmp_path: Path) -> None:
    studio = make_tiny_studio(tmp_path / "studio")
    with supervised(studio):
        wanted = studio.experiment(epochs=10_000, precision="float32", xla="off")
        run = studio.runs.create(wanted)
        studio.wait_for(run.id, lambda run: bool(run.epochs))
        os.truncate(studio.files.local_path("versions/ver_tiny/tensor_0.npy"), 4_096)
        run = studio.wait_until_over(run.id)
    (interruption,) = run.interruptions
    assert interruption.problem.code == "training.data_unreadable"
    assert "memory" not in interruption.problem.message + interruption.problem.fix
    assert "tries once more" in interruption.problem.fix
    assert run.state == "failed"
    assert run.problem is not None
    assert run.problem.code == "training.row_unreadable"


def test_a_disk_that_fails_twice_at_the_same_place_ends_the_run_in_words(tmp_path: Path) -> None:
    studio = make_tiny_studio(tmp_path / "studio")
    run = studio.runs.create(studio.experiment())
    for state in ("recovering", "failed"):
        with studio.database.transaction() as session:
            row = leases.claim_next(session, workers=1)
            assert row is not None
            service.record_start(session, row)
            service.record_loss(session, row, problem("job.data_unreadable"), studio.files)
        assert studio.runs.get(run.id).state == state
    told = studio.runs.get(run.id).problem
    assert told is not None
    assert told.code == "job.data_unreadable"
    assert "Check the disk" in told.fix
