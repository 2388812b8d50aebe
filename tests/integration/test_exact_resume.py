"""Broken off anywhere, a run ends with the weights and history of one that nobody disturbed."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from blockwright.compiler.build import BuiltModel
from blockwright.contracts.data import DataSource
from blockwright.contracts.engine import EngineChoice
from blockwright.contracts.graph import GraphDocument
from blockwright.contracts.work import TrainEpoch, TrainPlan, TrainSaved, TrainStarted
from blockwright.graph.snippets import chain
from blockwright.graph.task import task_of
from blockwright.training import keeper, steps_at_once
from blockwright.training.batches import Batch, Stretch
from blockwright.training.checkpoint_files import TrainingState, newest_within
from blockwright.training.checkpoints import restore, restore_random_layers, save_within
from blockwright.training.loop import Training
from blockwright.training.steps import Steps, StretchResult
from tests.support.broken_runs import (
    BreakingSink,
    History,
    Killed,
    require_same,
    train_through,
)
from tests.support.clips_version import clips_version
from tests.support.clips_version import train_plan as clips_plan
from tests.support.tiny_run import CLASSES, SIDE, tiny_graph, tiny_plan, write_version

EPOCHS = 3


@pytest.fixture(autouse=True)
def keep_after_every_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a plan that keeps its place at all times do so, although that takes most of the time."""
    monkeypatch.setattr(keeper, "LARGEST_SHARE", 1e9)


@pytest.fixture
def one_step_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a run look up after every step."""
    monkeypatch.setattr(steps_at_once, "LONGEST_SECONDS", 0.0)


STEPS = 6  # 48 rows to train on in batches of 8


def end(nodes: int = len(CLASSES)) -> list[tuple[str, str, dict[str, object]]]:
    return [
        ("dense", "dense", {"nodes": nodes, "activation": "sigmoid"}),
        ("target", "target", {"source": "labels", "loss": "binary_crossentropy"}),
    ]


ENGINE = EngineChoice(
    backend="tensorflow", precision="float32", threads=2, xla=False, why="by_setting"
)
GRAPHS: dict[str, GraphDocument] = {
    "dense": chain(
        [
            ("input", "input", {"source": "fname"}),
            ("flatten", "flatten", {}),
            ("hidden", "dense", {"nodes": 8, "activation": "relu"}),
            *end(),
        ]
    ),
    "convolution": chain(
        [
            ("input", "input", {"source": "fname"}),
            ("reshape", "reshape", {"target_shape": [SIDE, SIDE, 1]}),
            ("conv", "conv_2d", {"filters": 4, "activation": "relu"}),
            ("pool", "average_pooling_2d", {}),
            ("flatten", "flatten", {}),
            *end(),
        ]
    ),
    "dropout": chain(
        [
            ("input", "input", {"source": "fname"}),
            ("first", "dropout", {"rate": 0.1}),
            ("flatten", "flatten", {}),
            ("hidden", "dense", {"nodes": 8, "activation": "relu"}),
            ("second", "dropout", {"rate": 0.5}),
            *end(),
        ]
    ),
    "batch normalisation": tiny_graph(),
    "augmentation": tiny_graph(),
    "compiled": tiny_graph(),
}
SETTINGS: dict[str, dict[str, object]] = {
    "augmentation": {
        "mixup": 0.4,
        "time_masks": 1,
        "time_shift": 0.3,
        "schedule": "one_cycle",
        "accumulate": 2,
        "average": 0.9,
        "clip": "norm",
        "optimizer": "adamw",
    },
    "compiled": {"xla": "on", "schedule": "cosine"},
}


def plan_on_tiny(folder: Path, graph: GraphDocument, **settings: object) -> TrainPlan:
    data = write_version(folder / "version", rows=64)
    return tiny_plan(folder, data=data, graph=graph, epochs=EPOCHS, **settings)


def elsewhere(plan: TrainPlan, folder: Path, **changes: object) -> TrainPlan:
    return plan.model_copy(update={"run_folder": str(folder / "run"), **changes})


@pytest.fixture(scope="module", params=GRAPHS)
def whole(request: pytest.FixtureRequest, tmp_path_factory) -> tuple[TrainPlan, History]:
    folder, settings = tmp_path_factory.mktemp("whole"), SETTINGS.get(request.param, {})
    plan = plan_on_tiny(folder, GRAPHS[request.param], **settings)
    return plan, train_through(plan, [])


@pytest.mark.usefixtures("one_step_at_once")
def test_a_run_stopped_within_epochs_goes_on_to_the_same_bits(whole, tmp_path) -> None:
    plan = elsewhere(whole[0], tmp_path)
    # In the middle of training, before the last batch, and within the validation.
    breaks = [BreakingSink(stop_at=at) for at in (3, 4, STEPS + 2, 4, 2)]
    require_same(plan, train_through(plan, breaks), *whole)
    started = [event for sink in breaks for event in sink.events if isinstance(event, TrainStarted)]
    assert [(each.epoch, each.step) for each in started] == [
        *[(1, 0), (1, 2), (1, 5)],
        *[(2, 4), (2, STEPS)],
    ]


def test_numbers_do_not_depend_on_how_many_steps_a_call_has(whole, tmp_path, monkeypatch) -> None:
    learn, made = Steps.learn, []

    def noting(self: Steps, stretch: Stretch, rates: list[float]) -> StretchResult:
        made.append(stretch.steps)
        return learn(self, stretch, rates)

    monkeypatch.setattr(Steps, "learn", noting)
    for count, steps in ((4, [4, 2, 4, 2]), (1, [1] * (2 * STEPS))):
        made.clear()
        monkeypatch.setattr(steps_at_once.StepsAtOnce, "__call__", lambda _self, n=count: n)
        plan = elsewhere(whole[0], tmp_path / str(count))
        # Stopped after the first stretch of the first epoch.
        require_same(plan, train_through(plan, [BreakingSink(stop_at=2)]), *whole)
        assert made[: len(steps)] == steps


def test_a_run_killed_within_epochs_goes_on_to_the_same_bits(whole, tmp_path) -> None:
    plan = elsewhere(whole[0], tmp_path, checkpoint_seconds=0.0)
    breaks = [BreakingSink(kill_at=at) for at in (3, 7, 9)]
    breaks += [BreakingSink(kill_before=nth) for nth in (1, 3, 6)]
    require_same(plan, train_through(plan, breaks), *whole)


def test_crops_of_values_of_any_length_go_on_to_the_same_bits(tmp_path) -> None:
    undisturbed = clips_plan(clips_version(tmp_path), tmp_path / "whole")
    told = train_through(undisturbed, [])
    plan = elsewhere(undisturbed, tmp_path / "broken", checkpoint_seconds=0.0)
    breaks = [BreakingSink(stop_at=2), BreakingSink(kill_at=3), BreakingSink(kill_at=6)]
    require_same(plan, train_through(plan, breaks), undisturbed, told)


def test_a_damaged_place_within_an_epoch_repeats_from_its_beginning(whole, tmp_path) -> None:
    plan = elsewhere(whole[0], tmp_path)
    first, second = BreakingSink(stop_at=12), BreakingSink(stop_at=1)
    history = train_through_first(plan, first)
    (kept,) = (tmp_path / "run" / "checkpoints").glob("within_*")
    (kept / "seeds.npz").write_bytes(b"torn")
    history.take(run_on(plan, second, recorded=max(history.epochs)))
    started = next(event for event in second.events if isinstance(event, TrainStarted))
    assert (started.epoch, started.step) == (2, 0)
    history.take(run_on(plan, BreakingSink(), recorded=max(history.epochs)))
    require_same(plan, history, *whole)


def train_through_first(plan: TrainPlan, sink: BreakingSink) -> History:
    Training(plan, sink).run()
    history = History()
    history.take(sink.events)
    return history


def run_on(plan: TrainPlan, sink: BreakingSink, *, recorded: int):
    folder = f"{plan.run_folder}/checkpoints/epoch_{recorded}"
    Training(plan.model_copy(update={"resume_from": folder}), sink).run()
    return sink.events


def test_long_epochs_are_kept_on_the_way_and_only_their_newest_place(tmp_path) -> None:
    plan = plan_on_tiny(tmp_path, GRAPHS["dense"]).model_copy(update={"checkpoint_seconds": 0.0})
    sink = BreakingSink(kill_before=5)
    train_through_killed(plan, sink)
    saved = [event for event in sink.events if isinstance(event, TrainSaved)]
    assert saved
    assert not any(isinstance(event, TrainEpoch) for event in sink.events[: len(saved)])
    names = {item.name for item in (tmp_path / "run" / "checkpoints").iterdir()}
    assert f"within_1_{saved[-1].step}" in names
    assert len(names) <= 3  # and what was being written when it died


def train_through_killed(plan: TrainPlan, sink: BreakingSink) -> None:
    with pytest.raises(Killed):
        Training(plan, sink).run()


@pytest.mark.parametrize("layer", ["lstm", "gru", "bidirectional"])
def test_recurrent_layers_go_on_to_the_same_bits(tmp_path, layer: str) -> None:
    plan = plan_on_tiny(tmp_path, GRAPHS["dense"])
    given = [batch_of(number) for number in range(6)]
    undisturbed = Steps(recurrent(layer), plan, ENGINE)
    broken = Steps(recurrent(layer), plan, ENGINE)
    for steps in (undisturbed, broken):
        steps.seed_random_layers(run_seed=1, epoch=1)
    for batch in given:
        undisturbed.train(batch)
    for batch in given[:3]:
        broken.train(batch)
    state = TrainingState(epoch=0, step=3, run_seed=1, best_epoch=0, best_value=None)
    save_within(tmp_path / "kept", broken.model, {}, state)

    resumed = Steps(recurrent(layer), plan, ENGINE)
    content = newest_within(tmp_path / "kept", epoch=1)
    assert content is not None
    restore(content, resumed.model)
    resumed.seed_random_layers(run_seed=1, epoch=1)
    restore_random_layers(content.seeds, resumed.model)
    for batch in given[3:]:
        resumed.train(batch)
    for one, other in zip(undisturbed.model.weights, resumed.model.weights, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


def batch_of(number: int) -> Batch:
    random = np.random.default_rng(number)
    inputs = random.normal(size=(8, SIDE, SIDE)).astype(np.float32)
    return Batch(inputs, (random.random((8, len(CLASSES))) < 0.5).astype(np.float32))


def recurrent(layer: str) -> BuiltModel:
    keras.utils.set_random_seed(5)
    inputs = keras.Input((SIDE, SIDE))
    lstm = keras.layers.LSTM(6, dropout=0.2, recurrent_dropout=0.2)
    chosen = {
        "lstm": lstm,
        "gru": keras.layers.GRU(6, dropout=0.2, recurrent_dropout=0.2),
        "bidirectional": keras.layers.Bidirectional(lstm),
    }[layer]
    outputs = keras.layers.Dense(len(CLASSES), activation="sigmoid")(chosen(inputs))
    source = DataSource(
        name="labels",
        kind="multi_label",
        shape=[len(CLASSES)],
        classes=CLASSES,
        several_true_rows=5,
        features=CLASSES,
    )
    return BuiltModel(
        model=keras.Model(inputs, outputs),
        input_sources=["fname"],
        target_source="labels",
        loss="binary_crossentropy",
        task=task_of(source, "binary_crossentropy"),
    )
