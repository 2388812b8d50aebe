"""Shifts, masks and blends: what they do, and that only seed, epoch and row decide it."""

from __future__ import annotations

import numpy as np
import pytest

from blockwright.contracts.training_settings import TrainingSettings
from blockwright.training.augment import Augmentation, InputAxes
from blockwright.training.batches import Batch, FloatArray
from blockwright.training.chance import uniform

ROWS = np.arange(100, 164, dtype=np.int64)
PICTURE = InputAxes(time=1, frequency=0)
BANDS, FRAMES = 20, 40
CLASSES = 6


def pictures() -> FloatArray:
    """Each value is unlike every other."""
    random = np.random.default_rng(1)
    return random.normal(size=(len(ROWS), BANDS, FRAMES)).astype(np.float32)


def labels() -> FloatArray:
    return np.eye(CLASSES, dtype=np.float32)[ROWS % CLASSES]


def augmented(batch: Batch, rows: np.ndarray = ROWS, epoch: int = 1, **settings: object) -> Batch:
    axes = [PICTURE] * (len(batch.inputs) if isinstance(batch.inputs, list) else 1)
    wanted = TrainingSettings.model_validate({"seed": 3, **settings})
    return Augmentation(wanted, axes).apply(batch, rows, epoch=epoch)


def batch() -> Batch:
    return Batch(pictures(), labels())


ALL = {
    "time_shift": 0.5,
    "time_masks": 2,
    "time_mask_width": 0.25,
    "frequency_masks": 1,
    "mixup": 0.4,
}


def test_without_settings_nothing_is_touched() -> None:
    given = batch()
    made = augmented(given)
    assert made.inputs is given.inputs
    assert made.target is given.target


def test_what_was_read_stays_as_it_is() -> None:
    given = batch()
    for array in (given.inputs, given.target):
        assert isinstance(array, np.ndarray)
        array.flags.writeable = False  # reading may give views of the version's own file
    made = augmented(given, **ALL)
    assert (made.inputs != given.inputs).any()


def test_the_same_seed_epoch_and_rows_give_the_same_batch() -> None:
    first, again = augmented(batch(), **ALL), augmented(batch(), **ALL)
    np.testing.assert_array_equal(first.inputs, again.inputs)
    np.testing.assert_array_equal(first.target, again.target)
    for other in (augmented(batch(), epoch=2, **ALL), augmented(batch(), **ALL, seed=4)):
        assert (other.inputs != first.inputs).mean() > 0.5


def test_a_row_is_covered_alike_in_whatever_batch_it_comes() -> None:
    settings = {"time_shift": 0.5, "time_masks": 2, "frequency_masks": 1}
    whole = augmented(batch(), **settings)
    order = np.random.default_rng(5).permutation(len(ROWS))[:20]
    part = augmented(Batch(pictures()[order], labels()[order]), ROWS[order], **settings)
    np.testing.assert_array_equal(part.inputs, np.asarray(whole.inputs)[order])


@pytest.mark.parametrize(("axis", "length"), [("time", FRAMES), ("frequency", BANDS)])
def test_masks_cover_whole_stretches_with_the_mean_of_the_row(axis: str, length: int) -> None:
    settings = {f"{axis}_masks": 1, f"{axis}_mask_width": 0.25}
    made = np.asarray(augmented(batch(), **settings).inputs)
    covered = made != pictures()
    along = covered.any(axis=1 if axis == "time" else 2)
    across = covered.all(axis=1 if axis == "time" else 2)
    np.testing.assert_array_equal(along, across)
    widths = along.sum(axis=1)
    assert 0 <= widths.min() < 2
    assert length * 0.25 - 2 < widths.max() <= length * 0.25
    for row in range(len(ROWS)):
        places = np.flatnonzero(along[row])
        assert len(places) == 0 or (np.diff(places) == 1).all()
        assert np.allclose(made[row][covered[row]], pictures()[row].mean(), atol=1e-6)
    assert len({tuple(np.flatnonzero(row)) for row in along}) > len(ROWS) // 2


def test_a_shift_turns_each_row_around() -> None:
    made = np.asarray(augmented(batch(), time_shift=0.5).inputs)
    steps = []
    for row, given in zip(made, pictures(), strict=True):
        fits = [k for k in range(FRAMES) if (np.roll(given, k, axis=1) == row).all()]
        assert len(fits) == 1
        steps += fits
    assert len(set(steps)) > FRAMES // 2


def test_a_small_shift_stays_small_to_either_side() -> None:
    made = np.asarray(augmented(batch(), time_shift=0.05).inputs)
    possible = [np.roll(pictures(), k, axis=2) for k in (-2, -1, 0, 1, 2)]
    found = [[k for k in range(5) if (possible[k][r] == row).all()] for r, row in enumerate(made)]
    assert {k for each in found for k in each} == {0, 1, 2, 3, 4}


def test_a_blend_mixes_rows_and_labels_by_the_same_share() -> None:
    numbers = np.arange(len(ROWS), dtype=np.float32)[:, None]
    made = augmented(Batch(numbers, np.eye(len(ROWS), dtype=np.float32)), mixup=1.0)
    np.testing.assert_allclose(made.target.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(made.target @ numbers, made.inputs, atol=1e-4)
    shares = np.diag(made.target)
    assert 0.3 < shares.mean() < 0.7
    assert shares.std() > 0.2


def test_a_small_number_blends_little() -> None:
    target = np.eye(len(ROWS), dtype=np.float32)
    made = augmented(Batch(pictures(), target), mixup=0.1)
    largest = made.target.max(axis=1)
    assert (largest > 0.9).mean() > 0.6


def test_all_of_both_keeps_each_label_whole() -> None:
    made = augmented(
        Batch(pictures(), np.eye(len(ROWS), dtype=np.float32)), mixup=1.0, mixup_labels="either"
    )
    assert set(np.unique(made.target)) == {0.0, 1.0}
    assert (np.diag(made.target) == 1).all()
    assert (made.target.sum(axis=1) == 2).mean() > 0.8


def test_weights_are_blended_like_their_rows() -> None:
    weights = np.where(np.arange(len(ROWS)) % 2, 3, 1).astype(np.float32)
    made = augmented(Batch(pictures(), np.eye(len(ROWS), dtype=np.float32), weights), mixup=1.0)
    np.testing.assert_allclose(made.weights, made.target @ weights, rtol=1e-5)


def test_several_inputs_are_blended_alike_and_covered_each_on_its_own() -> None:
    both = Batch([pictures(), pictures()], labels())
    mixed = augmented(both, mixup=1.0).inputs
    np.testing.assert_array_equal(mixed[0], mixed[1])
    covered = augmented(both, time_masks=1).inputs
    assert (covered[0] != covered[1]).any()


def test_columns_are_neither_shifted_nor_covered() -> None:
    numbers = np.arange(len(ROWS) * 3, dtype=np.float32).reshape(-1, 3)
    wanted = TrainingSettings(time_shift=0.5, time_masks=3)
    made = Augmentation(wanted, [InputAxes(None, None)]).apply(
        Batch(numbers, labels()), ROWS, epoch=1
    )
    np.testing.assert_array_equal(made.inputs, numbers)


def test_chance_for_one_purpose_knows_nothing_of_another() -> None:
    rows = np.arange(20_000, dtype=np.int64)
    first = uniform(rows, run_seed=42, epoch=1, purpose=1)
    second = uniform(rows, run_seed=42, epoch=1, purpose=2)
    assert first.min() >= 0 and first.max() < 1
    assert abs(first.mean() - 0.5) < 0.01
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.02
