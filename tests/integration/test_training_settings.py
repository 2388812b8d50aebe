"""Settings in real training, without a studio around it: what each changes, and exact resuming."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from blockwright.compiler.optimizers import averaged
from blockwright.contracts.problems import BlockwrightError
from blockwright.contracts.work import TrainEpoch, TrainRemark
from blockwright.graph.snippets import chain
from blockwright.training.attempt import begin_attempt
from blockwright.training.checkpoint_files import NamedArrays, read_checkpoint
from blockwright.training.ending import Ending
from blockwright.training.keeper import Keeper, Start
from blockwright.training.loop import Training, run_training
from tests.support.dataset_zips import RecordingSink
from tests.support.tiny_run import tiny_plan

AUGMENTED = {
    "mixup": 0.4,
    "mixup_labels": "either",
    "time_masks": 2,
    "frequency_masks": 1,
    "time_shift": 0.5,
}


OTHER_OPTIMIZERS = ["amsgrad", "adamax", "nadam", "lion", "rmsprop", "adagrad", "adadelta"]


FIRST_STAGE = {
    "first_stage_epochs": 1,
    "first_stage_subset_id": "other",
    "first_stage_rate": 0.01,
    "schedule": "cosine",
}


def epochs_of(sink: RecordingSink) -> list[TrainEpoch]:
    return [event for event in sink.events if isinstance(event, TrainEpoch)]


def weights_after(folder: Path, epoch: int) -> NamedArrays:
    return read_checkpoint(folder / "run" / "checkpoints" / f"epoch_{epoch}").weights


def assert_same_numbers(one: NamedArrays, other: NamedArrays) -> None:
    assert len(one) == len(other)
    for mine, yours in zip(one.values(), other.values(), strict=True):
        np.testing.assert_array_equal(mine, yours)


class StopAfterEpochs(RecordingSink):
    """Asks to stop once so many epochs are kept."""

    def __init__(self, epochs: int) -> None:
        super().__init__()
        self._epochs = epochs

    def stop_requested(self) -> bool:
        return len(epochs_of(self)) >= self._epochs


def train_in_two_goes(folder: Path, **settings: object) -> list[TrainEpoch]:
    """Train two epochs, then go on from their checkpoint as another worker would."""
    first, second = StopAfterEpochs(2), RecordingSink()
    plan = tiny_plan(folder, **settings)
    assert run_training(plan, first) == "stopped"
    resumed = plan.model_copy(
        update={"resume_from": str(folder / "run" / "checkpoints" / "epoch_2")}
    )
    assert run_training(resumed, second) == "done"
    return [*epochs_of(first), *epochs_of(second)]


@pytest.mark.parametrize(
    "settings",
    [
        AUGMENTED,
        {"optimizer": "adamw", "schedule": "cosine", "warmup": 1.5},
        {"optimizer": "sgd", "schedule": "one_cycle", "learning_rate": 0.05, "nesterov": True},
        {"schedule": "plateau", "plateau_epochs": 1, "best_by": "loss", "learning_rate": 1.0},
        {"average": 0.8, "clip": "norm", "label_smoothing": 0.1},
        {"accumulate": 4, "average": 0.8, "clip": "value", "clip_at": 0.01},
        {"class_weights": "balanced", "mixup": 0.3, **FIRST_STAGE},
        {"validate_every": 3, "schedule": "plateau", "plateau_epochs": 1},
        *({"optimizer": name, "accumulate": 2} for name in OTHER_OPTIMIZERS),
    ],
    ids=[
        "augmented",
        "cosine",
        "one_cycle",
        "plateau",
        "average",
        "accumulate",
        "stages",
        "validate",
        *OTHER_OPTIMIZERS,
    ],
)
def test_a_resumed_run_ends_with_the_same_weights_and_history(
    tmp_path: Path, settings: dict[str, object]
) -> None:
    whole = RecordingSink()
    run_training(tiny_plan(tmp_path / "whole", epochs=4, **settings), whole)
    broken = train_in_two_goes(tmp_path / "broken", epochs=4, **settings)

    assert_same_numbers(weights_after(tmp_path / "whole", 4), weights_after(tmp_path / "broken", 4))
    for one, other in zip(epochs_of(whole), broken, strict=True):
        assert one.metrics.training == other.metrics.training
        assert one.metrics.validation == other.metrics.validation
        assert one.classes == other.classes
        assert (one.classes is not None) == bool(one.metrics.validation)


def trained(folder: Path, **settings: object) -> NamedArrays:
    run_training(tiny_plan(folder, epochs=1, **settings), RecordingSink())
    return weights_after(folder, 1)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NamedArrays]:
    yield trained(tmp_path_factory.mktemp("plain"))


@pytest.mark.parametrize(
    "change",
    [
        {"mixup": 0.4},
        {"time_masks": 1},
        {"frequency_masks": 1},
        {"time_shift": 0.5},
        {"schedule": "cosine"},
        {"warmup": 2, "warmup_unit": "steps"},
        {"label_smoothing": 0.2},
        {"average": 0.5},
        {"clip": "norm", "clip_at": 0.001},
        {"clip": "value", "clip_at": 0.0001},
        {"accumulate": 2},
        {"optimizer": "lion"},
        {"class_weights": "balanced"},
        {"weight_feature": "trust"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_setting_changes_what_is_learnt(
    tmp_path: Path, plain: NamedArrays, change: dict[str, object]
) -> None:
    changed = trained(tmp_path, **change)
    assert any((mine != plain[name]).any() for name, mine in changed.items())


def test_weight_decay_leaves_biases_and_normalisation_alone(tmp_path: Path) -> None:
    settings = {"optimizer": "adamw", "weight_decay": 0.9, "learning_rate": 0.1}
    kept = Training(tiny_plan(tmp_path / "a", **settings), RecordingSink())
    shrunk = Training(tiny_plan(tmp_path / "b", decay_everywhere=True, **settings), RecordingSink())

    def decayed(training: Training) -> set[str]:
        """Give the variables that shrink when there is no gradient at all."""
        model = training.model
        variables = model.trainable_variables
        for variable in variables:
            variable.assign(np.ones(variable.shape))
        model.optimizer.apply([np.zeros(v.shape, dtype=np.float32) for v in variables])
        return {v.path for v in variables if float(np.max(v)) < 0.95}

    everything = {variable.path for variable in shrunk.model.trainable_variables}
    assert decayed(kept) == {path for path in everything if path.endswith("kernel")}
    assert decayed(shrunk) == everything


def test_the_average_of_the_weights_is_validated_and_kept(tmp_path: Path) -> None:
    """The checkpoint's weights are the average, so that bundles need to know nothing of it."""
    sink = RecordingSink()
    plan = tiny_plan(tmp_path, average=0.9, epochs=1, learning_rate=0.05)
    training = Training(plan, sink)
    training.run()

    kept = list(weights_after(tmp_path, 1).values())
    optimizer = training.model.optimizer
    learnt = [np.array(v) for v in training.model.trainable_variables]
    with averaged(optimizer):
        averages = [np.array(v) for v in training.model.trainable_variables]
    learnable = [v.path for v in training.model.trainable_variables]
    places = [p for p, v in enumerate(training.model.weights) if v.path in learnable]
    for place, average, own in zip(places, averages, learnt, strict=True):
        np.testing.assert_array_equal(kept[place], average)
        assert (average != own).any()
    # Nothing of the averages is left behind in the weights that are trained.
    for own, variable in zip(learnt, training.model.trainable_variables, strict=True):
        np.testing.assert_array_equal(own, variable)
    truth = epochs_of(sink)[0].metrics.validation["loss"]
    with averaged(optimizer):
        assert training.validate(1)["loss"] == pytest.approx(truth, abs=1e-7)
    assert training.validate(1)["loss"] != pytest.approx(truth, abs=1e-4)


def test_gradients_of_several_batches_make_one_step(tmp_path: Path) -> None:
    """Four batches of two in one step are a batch of eight, but for batch normalisation."""
    graph = chain(
        [
            ("input", "input", {"source": "fname"}),
            ("flatten", "flatten", {}),
            ("dense", "dense", {"nodes": 4, "activation": "sigmoid"}),
            ("target", "target", {"source": "labels", "loss": "binary_crossentropy"}),
        ]
    )
    plans = [
        tiny_plan(
            tmp_path / str(size), graph=graph, batch_size=size, accumulate=8 // size, epochs=1
        )
        for size in (8, 2)
    ]
    for plan in plans:
        run_training(plan, RecordingSink())
    one, other = (weights_after(tmp_path / str(size), 1) for size in (8, 2))
    for mine, yours in zip(one.values(), other.values(), strict=True):
        np.testing.assert_allclose(mine, yours, atol=1e-5)


def test_the_validation_loss_knows_nothing_of_label_smoothing(tmp_path: Path) -> None:
    plain, smoothed = (
        Training(tiny_plan(tmp_path / str(share), label_smoothing=share), RecordingSink())
        for share in (0.0, 0.3)
    )
    assert plain.validate(1) == smoothed.validate(1)
    one, other = (each.train_epoch(Start(epoch=1)) for each in (plain, smoothed))
    assert one.result()["loss"] != pytest.approx(other.result()["loss"], abs=1e-3)


def test_the_first_stage_learns_from_its_own_rows_at_its_own_rate(tmp_path: Path) -> None:
    plan = tiny_plan(tmp_path, epochs=3, learning_rate=0.002, **FIRST_STAGE)
    training = Training(plan, RecordingSink())
    stages = training.stages
    first, second = stages.of(1), stages.of(2)

    assert (first.rows.tolist(), first.steps) == (list(range(8)), 1)
    assert (len(second.rows), second.steps) == (24, 3)
    assert first.rate(1, 0) == 0.01
    assert second.rate(2, 0) == 0.002
    assert second.rate(3, 2) < 0.0003
    assert stages.of(3) is second
    assert [stages.steps_after(epoch) for epoch in (0, 1, 2, 3)] == [7, 6, 3, 0]


def test_epochs_are_validated_when_it_is_their_turn_and_at_the_end(tmp_path: Path) -> None:
    sink = RecordingSink()
    run_training(tiny_plan(tmp_path, epochs=5, validate_every=2), sink)
    told = epochs_of(sink)

    assert [bool(event.metrics.validation) for event in told] == [False, True, False, True, True]
    assert all(event.metrics.training for event in told)
    assert not any(event.checkpoint.is_best for event in told if not event.metrics.validation)


def test_a_run_ends_when_its_time_is_up_and_says_so(tmp_path: Path) -> None:
    sink = RecordingSink()
    plan = tiny_plan(tmp_path, epochs=50, time_limit_minutes=1e-6, validate_every=10)

    assert run_training(plan, sink) == "done"
    assert [event.metrics.epoch for event in epochs_of(sink)] == [1]
    assert epochs_of(sink)[0].checkpoint.is_best
    remarks = [event.note for event in sink.events if isinstance(event, TrainRemark)]
    assert [note.code for note in remarks] == ["training.time_is_up"]
    assert remarks[0].params == {"minutes": "1e-06", "epochs": 1}


def test_what_is_left_is_at_most_what_the_time_limit_leaves(tmp_path: Path) -> None:
    plan = tiny_plan(tmp_path, epochs=2, time_limit_minutes=2)
    keeper = Keeper(plan, begin_attempt(plan, RecordingSink()).steps.model, RecordingSink())
    ending = Ending(plan, keeper, RecordingSink())
    keeper.trained_seconds = 90.0
    ending.epoch_begins(seconds=10.0)

    assert ending.seconds_to_limit(50.0) == pytest.approx(50.0, abs=0.5)  # no epoch is kept yet
    keeper.best_epoch = 1
    assert ending.seconds_to_limit(50.0) == pytest.approx(20.0, abs=0.5)
    settings = plan.settings.model_copy(update={"time_limit_minutes": 0})
    unlimited = plan.model_copy(update={"settings": settings})
    assert Ending(unlimited, keeper, RecordingSink()).seconds_to_limit(50.0) is None


def test_early_stopping_counts_epochs_and_judges_only_those_that_are_validated(
    tmp_path: Path,
) -> None:
    whole, resumed = RecordingSink(), RecordingSink()
    plan = tiny_plan(
        tmp_path,
        epochs=20,
        validate_every=3,
        early_stopping_epochs=2,
        learning_rate=1e-9,
    )
    assert run_training(plan, whole) == "done"
    told = epochs_of(whole)
    assert [event.metrics.epoch for event in told if event.checkpoint.is_best] == [3]
    assert told[-1].metrics.epoch == 6

    folder = str(tmp_path / "run" / "checkpoints" / "epoch_6")
    # As if the worker was lost after its last epoch was kept, before it could say that it is done.
    assert run_training(plan.model_copy(update={"resume_from": folder}), resumed) == "done"
    assert epochs_of(resumed) == []
    for sink in (whole, resumed):
        note = next(event.note for event in sink.events if isinstance(event, TrainRemark))
        assert note.code == "training.no_better"
        assert note.message == (
            "Early stopping after epoch 6: no better “lwlrap” since epoch 3. The best one is kept."
        )


def test_the_time_of_earlier_attempts_counts(tmp_path: Path) -> None:
    first, second = StopAfterEpochs(2), RecordingSink()
    plan = tiny_plan(tmp_path, epochs=50, time_limit_minutes=100)
    run_training(plan, first)
    folder = tmp_path / "run" / "checkpoints" / "epoch_2"
    spent = read_checkpoint(folder).state.trained_seconds
    assert spent == pytest.approx(sum(event.metrics.seconds for event in epochs_of(first)))

    limited = plan.settings.model_copy(update={"time_limit_minutes": spent / 60})
    resumed = plan.model_copy(update={"resume_from": str(folder), "settings": limited})
    assert run_training(resumed, second) == "done"
    assert epochs_of(second) == []


def test_rows_count_as_their_feature_says(tmp_path: Path) -> None:
    plan = tiny_plan(tmp_path, weight_feature="trust")
    trust = pl.read_parquet(plan.data.columns_path)["trust"].to_numpy()[:24]
    weights = Training(plan, RecordingSink()).stages.of(1).weights
    assert weights is not None
    np.testing.assert_allclose(weights[:24], trust / trust.mean(), rtol=1e-6)


@pytest.mark.parametrize(
    ("feature", "code"),
    [("below", "training.weight_unusable"), ("nothing", "training.weights_all_zero")],
)
def test_weights_that_cannot_be_are_refused(tmp_path: Path, feature: str, code: str) -> None:
    with pytest.raises(BlockwrightError) as caught:
        Training(tiny_plan(tmp_path, weight_feature=feature), RecordingSink())
    assert caught.value.problem.code == code
    assert caught.value.problem.params["feature"] == feature
