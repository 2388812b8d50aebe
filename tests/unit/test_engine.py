"""Which engine a run computes with: as set, as kept, or as measured and agreeing."""

from __future__ import annotations

import json
from pathlib import Path

import keras
import pytest

from blockwright.contracts.engine import EngineTrial
from blockwright.contracts.work import TrainPlan
from blockwright.training import engine, machine
from blockwright.training.engine import TrainingSize, choose_engine, threads_of
from blockwright.training.kept_engine import ENGINE_FILE, kept_engine
from blockwright.training.machine import computes_bfloat16
from blockwright.training.steps_at_once import StepsAtOnce
from tests.support.tiny_run import tiny_graph, tiny_settings, write_version

LARGE = TrainingSize(step_operations=1e10, steps=100)
SMALL = TrainingSize(step_operations=1e6, steps=100)
SMALL_AND_LONG = TrainingSize(step_operations=1e6, steps=1_000_000)


class Trials:
    """Stands for the machine: says how fast each way would be."""

    def __init__(self, seconds: dict[tuple[str, bool], float], **bfloat16: float) -> None:
        self.seconds = seconds
        self.bfloat16 = bfloat16
        self.tried: list[list[tuple[str, bool]]] = []

    def __call__(self, ways):
        self.tried.append(ways)
        return [
            EngineTrial(
                precision=way[0],
                xla=way[1],
                seconds_per_row=self.seconds[way],
                **(self.bfloat16 if way[0] == "bfloat16" else {}),
            )
            for way in ways
        ]


@pytest.fixture(autouse=True)
def has_bfloat16(monkeypatch):
    monkeypatch.setattr(engine, "computes_bfloat16", lambda: True)


@pytest.fixture
def plan_of(tmp_path):
    data = write_version(tmp_path / "version", rows=16)

    def make(run_id: str = "run_1", **settings: object) -> TrainPlan:
        return TrainPlan(
            run_id=run_id,
            run_folder=str(tmp_path / "runs" / run_id),
            graph=tiny_graph(),
            settings=tiny_settings(**settings),
            data=data,
            best_by="lwlrap",
            higher_is_better=True,
            metric_names=["loss", "lwlrap"],
            engines_folder=str(tmp_path / "engines"),
        )

    return make


def both(float32: float, bfloat16: float, **difference: float) -> Trials:
    return Trials({("float32", False): float32, ("bfloat16", False): bfloat16}, **difference)


def choose(plan, trials, size=LARGE):
    return choose_engine(plan, size, threads=2, try_ways=trials)


@pytest.mark.parametrize(
    ("trials", "precision", "why"),
    [
        (both(2.0, 1.0), "bfloat16", "measured"),
        (both(1.0, 2.0), "float32", "measured"),
        (both(1.0, 0.97), "float32", "measured"),  # hardly faster is not worth it
        (both(2.0, 1.0, loss_difference=0.1), "float32", "differed"),
        (both(1.0, 2.0, loss_difference=0.1), "float32", "measured"),
    ],
)
def test_the_fastest_way_that_agrees_is_taken(plan_of, trials, precision, why):
    found = choose(plan_of(), trials)
    assert (found.precision, found.why, found.xla) == (precision, why, False)
    assert found.trials[0].precision == "float32"


def test_what_a_person_set_is_taken_without_trying(plan_of):
    trials = both(1.0, 2.0)
    found = choose(plan_of(precision="bfloat16", xla="on"), trials)
    assert (found.precision, found.xla, found.why, trials.tried) == (
        "bfloat16",
        True,
        "by_setting",
        [],
    )


def test_what_cannot_win_is_not_tried(plan_of, monkeypatch):
    trials = both(2.0, 1.0)
    assert choose(plan_of(), trials, SMALL).why == "too_small"
    monkeypatch.setattr(engine, "computes_bfloat16", lambda: False)
    assert choose(plan_of("run_2"), trials).why == "no_faster_hardware"
    assert trials.tried == []


@pytest.mark.parametrize(
    ("operations", "batch_bytes", "steps"),
    [
        (1e6, 1_000, 64),  # no more than gain anything
        (1e8, 1_000, 20),  # no longer than a person waits
        (1e6, 2**20, 8),  # no more memory than a few megabytes
        (1e6, 2**30, 1),
        (1e9, 1_000, 1),  # a large step is a call of its own
    ],
)
def test_small_steps_are_learnt_many_at_once(plan_of, operations, batch_bytes, steps):
    size = TrainingSize(step_operations=operations, steps=100, batch_bytes=batch_bytes)
    assert choose(plan_of(), both(1.0, 2.0), size).steps_at_once == steps


def test_calls_grow_until_a_person_would_notice():
    at_once = StepsAtOnce(16, place_seconds=180.0)
    told = []
    for seconds in (9.0, 0.001, 0.002, 0.004, 0.03, 0.06, 0.04):
        told.append(at_once())
        at_once.note(at_once(), seconds)
    assert told == [1, 1, 2, 4, 8, 8, 4]
    single = StepsAtOnce(16, place_seconds=0.0)
    single.note(1, 0.001)
    assert single() == 1


def test_a_long_training_of_a_small_model_may_be_compiled(plan_of):
    trials = Trials({("float32", False): 1.0, ("float32", True): 0.5})
    found = choose(plan_of(), trials, SMALL_AND_LONG)
    assert (found.xla, found.precision) == (True, "float32")
    assert choose(plan_of("run_2", xla="off"), trials, SMALL_AND_LONG).xla is False
    assert len(trials.tried) == 1


def test_a_trial_that_fails_leaves_what_always_works(plan_of):
    found = choose(plan_of(), lambda _ways: [])
    assert (found.precision, found.xla, found.why) == ("float32", False, "failed")


def test_the_same_run_computes_the_same_way_to_its_end(plan_of):
    first = choose(plan_of(), both(2.0, 1.0))
    trials = both(1.0, 2.0)
    assert choose(plan_of(), trials) == first
    assert trials.tried == []


def test_a_backend_that_takes_no_number_of_threads_keeps_its_choice(plan_of):
    plan = plan_of(threads=7)
    first = choose(plan, both(2.0, 1.0))  # kept with two threads
    assert kept_engine(plan) is None
    kept = Path(plan.run_folder) / ENGINE_FILE
    kept.write_text(first.model_copy(update={"backend": "jax"}).model_dump_json())
    assert kept_engine(plan) is not None


def test_another_run_of_the_same_model_takes_what_was_measured(plan_of):
    first = choose(plan_of(), both(2.0, 1.0))
    trials = both(1.0, 2.0)
    assert choose(plan_of("run_2"), trials) == first
    chosen = choose(plan_of("run_4", backend="tensorflow"), trials)
    assert (first.backend_why, chosen.backend_why) == ("processor", "by_setting")
    assert chosen.trials == first.trials
    assert trials.tried == []
    assert choose(plan_of("run_3", batch_size=4), trials).precision == "float32"
    assert len(trials.tried) == 1


@pytest.mark.parametrize(
    ("backend", "devices", "computes"),
    [
        ("tensorflow", ["cpu:0"], True),
        ("jax", ["cpu:0"], False),
        ("jax", ["gpu:0"], True),
    ],
)
def test_jax_computes_bfloat16_on_a_gpu_alone(monkeypatch, backend, devices, computes):
    monkeypatch.setattr(keras.backend, "backend", lambda: backend)
    monkeypatch.setattr(keras.distribution, "list_devices", lambda: devices)
    monkeypatch.setattr(machine, "_processor_lines", lambda _field: ["fma avx512_bf16"])
    assert computes_bfloat16() is computes


def test_what_was_measured_on_one_device_says_nothing_of_several(plan_of, monkeypatch):
    choose(plan_of(), both(2.0, 1.0))
    monkeypatch.setattr(engine, "device_count", lambda: 4)
    trials = both(1.0, 2.0)
    assert choose(plan_of("run_2"), trials).precision == "float32"
    assert len(trials.tried) == 1


def test_other_settings_choose_anew(plan_of):
    choose(plan_of(), both(2.0, 1.0))
    assert choose(plan_of(precision="float32"), both(2.0, 1.0)).precision == "float32"


def test_what_is_kept_but_damaged_is_chosen_anew(plan_of, tmp_path):
    choose(plan_of(), both(2.0, 1.0))
    kept = [tmp_path / "runs/run_1" / ENGINE_FILE, *(tmp_path / "engines").iterdir()]
    assert len(kept) == 2
    for path in kept:
        path.write_text(json.dumps({"precision": "float8"}))
    assert choose(plan_of(), both(1.0, 2.0)).precision == "float32"


def test_threads_are_those_kept_set_or_there(plan_of, monkeypatch):
    monkeypatch.setattr(engine, "usable_cores", lambda: 6)
    assert threads_of(plan_of()) == 6
    assert threads_of(plan_of(threads=3)) == 3
    beside_others = plan_of().model_copy(update={"cores": 4})
    assert threads_of(beside_others) == 4
    choose(plan_of(), both(2.0, 1.0))  # kept with two threads
    assert threads_of(plan_of()) == 2
    assert threads_of(beside_others) == 2
    assert threads_of(plan_of(threads=3)) == 3
