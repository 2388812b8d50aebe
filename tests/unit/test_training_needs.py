"""What a training needs, what the machine has, and when a waiting one starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from blockwright.contracts.graph import ExperimentSettings
from blockwright.contracts.problems import BlockwrightError
from blockwright.contracts.queue import NO_LIMITS, Limits
from blockwright.graph.analysis import analyse
from blockwright.jobs.start_times import start_times
from blockwright.server.machine_limits import (
    gpu_names,
    machine_memory,
    training_gpus,
    training_limits,
)
from blockwright.settings import Settings
from blockwright.training import needs
from blockwright.training.needs import GB, estimate_needs, largest_batch, needs_within
from tests.golden.test_resnet import STEP_9
from tests.support.graphs import SETTINGS, schema
from tests.support.tiny_run import tiny_graph, tiny_settings, write_version


@pytest.fixture
def tiny(tmp_path: Path):
    plan = write_version(tmp_path / "version", rows=8)
    return analyse(tiny_graph(), plan.data_schema, tiny_settings())


def test_the_tutorial_model_needs_what_was_measured() -> None:
    # 4.1 GB at most, by test_tutorial_model_memory, which runs it.
    analysis = analyse(STEP_9, schema(), SETTINGS)
    needed = estimate_needs(analysis, 28, backend="tensorflow").memory_bytes
    assert 4.1 * GB < needed < 4.5 * GB


def test_a_small_model_needs_little_more_than_its_engine(tiny) -> None:
    # Measured: 320 to 350 MB with TensorFlow on 2 cores, 440 MB with JAX.
    small = estimate_needs(tiny, 28, backend="tensorflow").memory_bytes
    assert 350e6 < small < 500e6
    assert estimate_needs(tiny, 28, backend="jax").memory_bytes > 440e6
    on_gpu = estimate_needs(tiny, 28, backend="tensorflow", gpus=1).memory_bytes
    assert on_gpu > small


def test_a_larger_batch_needs_more_and_the_largest_one_just_fits(tiny) -> None:
    limit = 1 * GB
    most = largest_batch(tiny, limit, backend="tensorflow")
    assert estimate_needs(tiny, most, backend="tensorflow").memory_bytes <= limit
    assert estimate_needs(tiny, most + 1, backend="tensorflow").memory_bytes > limit


def test_a_batch_that_cannot_fit_is_refused_with_the_one_that_would(tiny) -> None:
    limits = Limits(memory_bytes=1 * GB)
    most = largest_batch(tiny, 1 * GB, backend="tensorflow")
    with pytest.raises(BlockwrightError) as caught:
        needs_within(limits, tiny, ExperimentSettings(batch_size=60_000))
    told = caught.value.problem
    assert told.code == "queue.batch_does_not_fit"
    assert "With batch size 60,000 this training needs about" in told.message
    assert "trainings may take 1.0 GB here" in told.message
    assert told.fix == f"Set Batch size to {most:,} or less: that fits."
    assert needs_within(limits, tiny, ExperimentSettings(batch_size=most)).memory_bytes <= 1 * GB


def test_a_model_that_cannot_fit_at_all_says_so(tiny) -> None:
    with pytest.raises(BlockwrightError, match="Not even one row at a time would fit"):
        needs_within(Limits(memory_bytes=2**28), tiny, ExperimentSettings(batch_size=1))


def test_a_training_takes_a_gpu_where_there_is_one_that_it_can_use(tiny, monkeypatch) -> None:
    monkeypatch.setattr(needs, "can_use_gpu", lambda backend: backend == "jax")
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    settings = ExperimentSettings()
    on_processor = ExperimentSettings(backend="tensorflow")
    assert needs_within(Limits(gpus=2), tiny, on_processor).gpus == 0
    assert needs_within(Limits(gpus=2), tiny, settings).gpus == 1
    assert needs_within(Limits(gpus=0), tiny, settings).gpus == 0
    assert needs_within(NO_LIMITS, tiny, settings).gpus == 0


def test_the_memory_of_a_container_counts_before_that_of_the_machine(tmp_path: Path) -> None:
    told = tmp_path / "memory.max"
    whole = machine_memory(told)
    told.write_text("max\n")
    assert machine_memory(told) == whole
    told.write_text("268435456\n")
    assert machine_memory(told) == 2**28


def test_gpus_are_named_and_can_be_limited(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert gpu_names(tmp_path / "none") == []
    assert training_gpus(Settings(), tmp_path / "none") is None
    for name in ("0000:17:00.0", "0000:65:00.0"):
        (tmp_path / name).mkdir()
    assert gpu_names(tmp_path) == training_gpus(Settings(), tmp_path) == ["0", "1"]
    assert training_gpus(Settings(training_gpus=1), tmp_path) == ["0"]
    assert training_gpus(Settings(training_gpus=0), tmp_path) == []
    set_by_hand = training_limits(Settings(training_gpus=3, training_memory_bytes=2**30))
    assert (set_by_hand.gpus, set_by_hand.memory_bytes) == (3, 2**30)


def test_the_gpus_that_the_studio_sees_are_those_it_deals_out(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "0000:17:00.0").mkdir()
    for told, names in (("2,GPU-5f", ["2", "GPU-5f"]), ("", []), ("-1", [])):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", told)
        assert gpu_names(tmp_path) == names
        assert training_limits(Settings()).gpus == len(names)


def test_each_worker_takes_the_next_one_when_it_is_free() -> None:
    assert start_times([60.0], [30.0, 10.0, 10.0], workers=2) == [0.0, 30.0, 40.0]
    assert start_times([60.0], [30.0, 30.0], workers=1) == [60.0, 90.0]


def test_no_time_is_told_that_leans_on_one_that_is_not_known() -> None:
    assert start_times([None], [5.0, 5.0], workers=1) == [None, None]
    assert start_times([5.0], [None, 5.0], workers=1) == [5.0, None]
