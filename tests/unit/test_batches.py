"""The order of epochs, and batches that are read ahead."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from blockwright.contracts.problems import BlockwrightError
from blockwright.training.batches import (
    Batch,
    BatchSource,
    epoch_order,
    layer_seed,
    unchanged,
)
from blockwright.training.coming_epoch import ComingEpoch

ROWS = np.arange(10, 35, dtype=np.int64)


class Numbers:
    """A reader whose values are the row numbers themselves."""

    def __init__(self, broken_row: int | None = None) -> None:
        self.broken_row = broken_row

    def read(
        self, source_name: str, rows: np.ndarray, *, crop_seed: tuple[int, int] | None = None
    ) -> np.ndarray:
        if self.broken_row in rows:
            raise OSError("the disk is gone")
        values = rows.astype(np.float32)[:, None] * (1 if source_name == "picture" else -1)
        return values if crop_seed is None else values + 1_000 * crop_seed[1]


def test_the_order_of_an_epoch_is_its_own_and_always_the_same():
    first = epoch_order(ROWS, run_seed=42, epoch=1, shuffle=True)
    assert (first == epoch_order(ROWS, run_seed=42, epoch=1, shuffle=True)).all()
    assert (first != epoch_order(ROWS, run_seed=42, epoch=2, shuffle=True)).any()
    assert (first != epoch_order(ROWS, run_seed=43, epoch=1, shuffle=True)).any()
    assert sorted(first) == list(ROWS)
    assert epoch_order(ROWS, run_seed=42, epoch=1, shuffle=False) is ROWS


def test_random_layers_draw_differently_by_epoch_and_place():
    seeds = {layer_seed(run_seed=42, epoch=e, place=p) for e in range(5) for p in range(5)}
    assert len(seeds) == 25


def test_batches_hold_every_row_once_and_the_last_one_may_be_smaller():
    source = BatchSource(Numbers(), ["picture"], "labels", 7)
    batches = list(source.in_order(ROWS))
    assert [len(batch.target) for batch in batches] == [7, 7, 7, 4] == [7] * 3 + [len(ROWS) % 7]
    assert source.count(ROWS) == 4
    assert np.concatenate([batch.inputs for batch in batches]).ravel().tolist() == ROWS.tolist()
    assert all((batch.inputs == -batch.target).all() for batch in batches)


def in_stretches(room: int, at_once: int, change=unchanged):
    source = BatchSource(Numbers(), ["picture"], "labels", 4)  # 25 rows: six batches and a row
    return list(source.in_stretches(ROWS, room=room, at_once=lambda: at_once, change=change))


@pytest.mark.parametrize(
    ("room", "at_once", "steps"),
    [(1, 9, [1] * 7), (16, 1, [1] * 7), (16, 9, [6, 1]), (16, 3, [3, 3, 1]), (16, 4, [4, 2, 1])],
)
def test_stretches_hold_the_batches_of_an_epoch_in_their_order(room, at_once, steps):
    stretches = in_stretches(room, at_once)
    assert [each.steps for each in stretches] == steps
    assert [each.has_room for each in stretches] == [room > 1] * (len(steps) - 1) + [False]
    assert np.concatenate([each.target for each in stretches]).ravel().tolist() == (-ROWS).tolist()
    for each in stretches[:-1]:
        if each.has_room:
            assert each.batch.inputs.shape == (room, 4, 1)
            used = each.batch.inputs[: each.steps].ravel()
            assert (used == -each.target.ravel()).all()


def test_each_batch_of_a_stretch_is_changed_alone():
    seen: list[list[int]] = []

    def change(batch: Batch, rows: np.ndarray) -> Batch:
        seen.append(rows.tolist())
        return batch._replace(inputs=batch.inputs + 0.5, weights=batch.target[:, 0] * 2)

    first, *_ = in_stretches(16, 9, change)
    assert seen == [ROWS[start : start + 4].tolist() for start in range(0, 25, 4)]
    np.testing.assert_array_equal(first.batch.inputs[:2].ravel(), ROWS[:8] + 0.5)
    np.testing.assert_array_equal(first.batch.weights[:2].ravel(), -2.0 * ROWS[:8])


def test_an_epoch_asks_for_its_own_pieces_of_the_inputs_and_never_of_the_target():
    source = BatchSource(Numbers(), ["picture"], "labels", 7)
    for batch in source.in_order(ROWS, crop_seed=(42, 3)):
        assert (batch.inputs == 3_000 - batch.target).all()


def test_the_next_epoch_is_read_early_once_and_let_go_when_nobody_comes():
    source = BatchSource(Numbers(), ["picture"], "labels", 4)
    begun: list[int] = []

    def read(epoch: int):
        begun.append(epoch)
        return source.in_stretches(ROWS + epoch, room=1, at_once=lambda: 1)

    before = threading.active_count()
    coming = ComingEpoch(read)
    coming.begin(2)
    coming.begin(2)
    taken = coming.take(2)
    assert begun == [2]
    assert [float(each.target[0, 0]) for each in taken] == [-float(row) - 2 for row in ROWS[::4]]
    coming.begin(3)
    assert float(next(coming.take(1)).target[0, 0]) == -float(ROWS[0]) - 1
    assert begun == [2, 3, 1]
    coming.begin(2)
    coming.let_go()
    assert threading.active_count() == before


def test_what_reading_raises_is_raised_where_it_is_awaited():
    batches = BatchSource(Numbers(broken_row=20), ["picture"], "labels", 5).in_order(ROWS)
    next(batches)
    next(batches)
    with pytest.raises(BlockwrightError, match=r"Row 21 .*the disk is gone"):
        next(batches)


def test_leaving_in_the_middle_ends_the_reading_thread():
    before = threading.active_count()
    batches = BatchSource(Numbers(), ["picture"], "labels", 1).in_order(ROWS)
    next(batches)
    assert threading.active_count() == before + 1
    batches.close()
    assert threading.active_count() == before
