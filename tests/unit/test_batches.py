"""The order of epochs, and batches that are read ahead."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from blockwright.contracts.problems import BlockwrightError
from blockwright.training.batches import BatchSource, epoch_order, layer_seed
from blockwright.training.pace import Pace

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


def test_an_epoch_asks_for_its_own_pieces_of_the_inputs_and_never_of_the_target():
    source = BatchSource(Numbers(), ["picture"], "labels", 7)
    for batch in source.in_order(ROWS, crop_seed=(42, 3)):
        assert (batch.inputs == 3_000 - batch.target).all()


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


def test_time_left_counts_the_epochs_to_come_and_their_validation():
    pace = Pace(epochs=3, training_steps=10, validation_steps=2)
    pace.begin_epoch()
    assert pace.progress(epoch=1, step=0).seconds_left is None
    pace.count(8)  # the first of all only begins the measurement
    pace.count(8)
    pace.validated(5.0)
    told = pace.progress(epoch=2, step=10)
    per_step = 8 / told.examples_per_second
    assert told.seconds_left == pytest.approx(10 * per_step + 2 * 5.0)
