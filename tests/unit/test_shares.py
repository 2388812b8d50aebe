"""Several trainings at once share cores and GPUs."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from blockwright.jobs.executor import worker_environment
from blockwright.jobs.shares import choose_gpus, share_of_cores
from blockwright.jobs.worker import see_only


@pytest.mark.parametrize(
    ("cores", "workers", "each"),
    [(16, 4, 4), (16, 3, 5), (2, 4, 1), (16, 1, None), (None, 2, None)],
)
def test_cores_are_shared_equally(cores: int | None, workers: int, each: int | None) -> None:
    assert share_of_cores(cores, workers) == each


@pytest.mark.parametrize(
    ("workers", "trainings", "others", "chosen"),
    [
        (1, [], [], ["a", "b", "c", "d"]),  # one training shares its batches over all
        (4, [], [], ["a"]),
        (4, ["a"], [], ["b"]),
        (4, ["a", "c"], ["b", "b", "b"], ["d"]),
        (4, ["a", "c", "d"], ["b", "b", "b"], ["b"]),  # rather beside short jobs
        (4, ["a", "b", "c", "d"], ["a"], ["b"]),
        (2, ["a", "b"], [], ["c", "d"]),
        (3, ["b"], [], ["a"]),
        (9, [], [], ["a"]),
    ],
)
def test_the_gpus_of_a_job_are_those_that_the_fewest_have(
    workers: int, trainings: list[str], others: list[str], chosen: list[str]
) -> None:
    names = ["a", "b", "c", "d"]
    assert choose_gpus(names, workers, trainings=trainings, others=others) == chosen


def test_where_no_gpu_may_be_used_none_is_seen() -> None:
    assert choose_gpus([], 2, trainings=[], others=[]) == []


@pytest.fixture
def environment(monkeypatch) -> dict[str, str]:
    known = {"PATH": os.environ["PATH"]}
    monkeypatch.setattr(os, "environ", known)
    return known


def test_a_worker_sees_its_gpus_by_their_place_on_the_bus(environment) -> None:
    see_only(["1", "3"])
    assert environment["CUDA_VISIBLE_DEVICES"] == "1,3"
    assert environment["CUDA_DEVICE_ORDER"] == "PCI_BUS_ID"


def test_names_of_the_studio_keep_their_meaning(environment) -> None:
    environment["CUDA_VISIBLE_DEVICES"] = "2,0"
    see_only(["0"])
    assert environment["CUDA_VISIBLE_DEVICES"] == "0"
    assert "CUDA_DEVICE_ORDER" not in environment


def test_on_a_machine_without_gpus_nothing_is_set(environment) -> None:
    see_only(None)
    assert not {"CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER"} & set(environment)


def test_no_worker_takes_the_memory_of_a_gpu_ahead(environment) -> None:
    told = worker_environment("jax")
    assert told["XLA_PYTHON_CLIENT_PREALLOCATE"] == "false"
    assert told["TF_FORCE_GPU_ALLOW_GROWTH"] == "true"
    assert told["KERAS_BACKEND"] == "jax"
    environment["XLA_PYTHON_CLIENT_PREALLOCATE"] = "true"
    assert worker_environment("jax")["XLA_PYTHON_CLIENT_PREALLOCATE"] == "true"


LOADED = """
import blockwright.training.loop
from jax._src import xla_bridge
assert not xla_bridge.backends_are_initialized()
"""


def test_a_waiting_worker_has_not_looked_for_gpus_yet() -> None:
    subprocess.run(
        [sys.executable, "-c", LOADED],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        check=True,
        timeout=300,
    )
