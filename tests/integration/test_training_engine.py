"""A training in bfloat16: resumes bit by bit, and is judged as the finished model will be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from blockwright.compiler.build import BuiltModel, build_model
from blockwright.contracts.engine import EngineChoice, EngineTrial
from blockwright.contracts.work import TrainPlan, TrainStarted
from blockwright.datasets.reader import VersionReader
from blockwright.evaluation.predictions import predict_rows
from blockwright.training.batches import BatchSource, Stretch, repeat
from blockwright.training.checkpoints import load_weights
from blockwright.training.engine import MOST_LOSS_DIFFERENCE, Way
from blockwright.training.engine_trials import Build, measure_ways
from blockwright.training.keeper import Start
from blockwright.training.loop import Training, run_training
from tests.integration.test_training_settings import (
    assert_same_numbers,
    epochs_of,
    train_in_two_goes,
    weights_after,
)
from tests.support.dataset_zips import RecordingSink
from tests.support.tiny_run import tiny_graph, tiny_plan

# Outputs are probabilities; bfloat16 tells 1 from 1.008.
MOST_DIFFERENCE = 0.02


@pytest.mark.parametrize("engine", [{"precision": "bfloat16"}, {"xla": "on"}], ids=str)
def test_a_resumed_training_equals_the_whole_one_bit_by_bit(tmp_path: Path, engine):
    sink = RecordingSink()
    run_training(tiny_plan(tmp_path / "whole", epochs=4, **engine), sink)
    told = train_in_two_goes(tmp_path / "broken", epochs=4, **engine)
    whole = epochs_of(sink)
    assert [e.metrics.training for e in told] == [e.metrics.training for e in whole]
    assert [e.metrics.validation for e in told] == [e.metrics.validation for e in whole]
    assert_same_numbers(weights_after(tmp_path / "whole", 4), weights_after(tmp_path / "broken", 4))
    (started,) = [event for event in sink.events if isinstance(event, TrainStarted)]
    engine_told = started.machine.engine
    assert engine_told is not None
    assert engine_told.why == ("by_setting" if "precision" in engine else "too_small")
    assert (engine_told.precision == "bfloat16") == ("precision" in engine)
    assert engine_told.xla == ("xla" in engine)


def test_what_is_validated_is_what_the_finished_model_says(tmp_path: Path):
    plan = tiny_plan(tmp_path, epochs=3, learning_rate=0.01, precision="bfloat16")
    sink = RecordingSink()
    training = Training(plan, sink)
    assert training.run() == "done"

    plain = build_model(plan.graph, plan.data.data_schema, seed=plan.settings.seed)
    load_weights(tmp_path / "run" / "checkpoints" / "epoch_3", plain.model)
    reader = VersionReader(plan.data)
    rows = reader.row_numbers("validation")
    finished = predict_rows(plain, reader, rows)
    inputs = reader.read("fname", rows)
    np.testing.assert_allclose(training.predict(inputs), finished, atol=1e-6)

    learning = np.asarray(training.model.predict_on_batch(inputs))
    assert learning.dtype == np.float32
    difference = float(np.abs(learning - finished).max())
    assert 0.0 < difference < MOST_DIFFERENCE  # the training's own precision is another one


def test_precisions_learn_the_same(tmp_path: Path):
    graph = tiny_graph()
    for block in graph.blocks:
        if block.kind == "dropout":  # each precision draws its own
            block.params["rate"] = 0.0
    found = {}
    for precision in ("float32", "bfloat16"):
        plan = tiny_plan(
            tmp_path / precision, graph=graph, learning_rate=0.003, precision=precision
        )
        training = Training(plan, RecordingSink())
        scores = [training.train_epoch(Start(epoch=epoch)) for epoch in (1, 2, 3)]
        found[precision] = [score.result()["loss"] for score in scores]
    np.testing.assert_allclose(found["bfloat16"], found["float32"], rtol=0.05)


def test_trials_tell_how_far_the_first_steps_are_from_those_in_float32(tmp_path: Path):
    plan = tiny_plan(tmp_path)
    reader = VersionReader(plan.data)
    built = build_tiny(plan, "float32")
    source = BatchSource(reader, built.input_sources, built.target_source, 8)
    batch = source.read(reader.row_numbers("training")[:8])

    def trials(build: Build) -> list[EngineTrial]:
        ways: list[Way] = [("float32", False), ("bfloat16", False)]
        return measure_ways(plan, build, Stretch(batch), ways)

    first, second = trials(lambda choice: build_tiny(plan, choice.precision))
    assert (first.loss_difference, second.precision) == (0.0, "bfloat16")
    assert 0 < second.loss_difference < MOST_LOSS_DIFFERENCE

    # Steps in one call learn what steps in calls of their own learn.
    (many,) = measure_ways(
        plan,
        lambda choice: build_tiny(plan, choice.precision),
        repeat(batch, 4),
        [("float32", False)],
    )
    assert (many.precision, many.loss_difference) == ("float32", 0.0)

    def with_a_dead_layer(choice: EngineChoice) -> BuiltModel:
        made = build_tiny(plan, choice.precision)
        made.model.get_layer("dense").trainable = choice.precision == "float32"
        return made

    assert trials(with_a_dead_layer)[1].loss_difference > MOST_LOSS_DIFFERENCE


def build_tiny(plan: TrainPlan, precision: str) -> BuiltModel:
    return build_model(
        plan.graph,
        plan.data.data_schema,
        seed=plan.settings.seed,
        precision="mixed_bfloat16" if precision == "bfloat16" else "float32",
        for_training=True,
    )
