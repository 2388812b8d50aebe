"""Batches: normalised, cropped by seed alone, tiled so that nothing is left out."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blockwright.contracts.data import DataSchema, DataSource, VariableLength
from blockwright.contracts.work import DataPlan, FeatureStatistics, StoredArray
from blockwright.datasets.reader import VersionReader, random_below

LENGTHS = [3, 50, 120, 0, 49, 51, 1]
TILE, BANDS = 50, 4


def plan_of(folder: Path, source: DataSource, stored: StoredArray, rows: int) -> DataPlan:
    np.savez(folder / "subsets.npz", sub_1=np.arange(rows))
    return DataPlan(
        data_schema=DataSchema(
            version_id="ver_1",
            version_number=1,
            dataset_name="Audio",
            rows=rows,
            sources=[source],
            subsets=[],
        ),
        version_folder=str(folder),
        columns_path=str(folder / "columns.parquet"),
        arrays={source.name: stored},
        encodings={},
        statistics={},
        content_hash="",
    )


def ragged(folder: Path, lengths: list[int] = LENGTHS) -> tuple[VersionReader, list[np.ndarray]]:
    """Give a reader of clips whose frames are numbered, and the clips (bands, frames)."""
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    frames = np.arange(offsets[-1], dtype=np.float32)[:, None] + np.arange(BANDS) / 10
    np.save(folder / "frames.npy", frames.astype(np.float32))
    np.save(folder / "offsets.npy", offsets)
    source = DataSource(
        name="clip",
        kind="tensor",
        shape=[BANDS, TILE],
        features=["clip"],
        variable=VariableLength(axis=1, tile=TILE, overlap=TILE // 2),
    )
    stored = StoredArray(path=str(folder / "frames.npy"), offsets_path=str(folder / "offsets.npy"))
    whole = frames.astype(np.float32)
    clips = [whole[begin:end].T for begin, end in itertools.pairwise(offsets)]
    return VersionReader(plan_of(folder, source, stored, len(lengths))), clips


def fixed(
    folder: Path, values: np.ndarray, statistics: FeatureStatistics | None = None
) -> VersionReader:
    np.save(folder / "values.npy", values)
    source = DataSource(name="x", kind="tensor", shape=list(values.shape[1:]), features=["x"])
    stored = StoredArray(path=str(folder / "values.npy"))
    plan = plan_of(folder, source, stored, len(values))
    if statistics is not None:
        plan = plan.model_copy(update={"statistics": {"x": statistics}})
    return VersionReader(plan)


@given(seed=st.integers(0, 2**63), epoch=st.integers(0, 10**6), data=st.data())
@settings(deadline=None, max_examples=50)
def test_a_random_number_depends_on_seed_epoch_and_row_alone(
    seed: int, epoch: int, data: st.DataObject
) -> None:
    rows = np.arange(100)
    limits = np.arange(1, 101)
    whole = random_below(limits, (seed, epoch), rows)
    assert (whole >= 0).all()
    assert (whole < limits).all()
    some = np.array(data.draw(st.lists(st.integers(0, 99), min_size=1)))
    np.testing.assert_array_equal(random_below(limits[some], (seed, epoch), some), whole[some])


def test_random_numbers_differ_by_epoch_and_spread_evenly() -> None:
    rows = np.arange(20_000)
    limits = np.full(20_000, 10)
    first, second = (random_below(limits, (42, epoch), rows) for epoch in (0, 1))
    assert 0.08 < (first == second).mean() < 0.12
    counts = np.bincount(first, minlength=10)
    assert counts.min() > 1_800
    assert counts.max() < 2_200


def test_a_crop_is_a_piece_of_its_clip_in_any_batch_and_order(tmp_path: Path) -> None:
    reader, clips = ragged(tmp_path)
    rows = np.array([2, 5, 1, 2])
    read = reader.read("clip", rows, crop_seed=(7, 3))
    np.testing.assert_array_equal(read[0], read[3])
    for place, row in enumerate(rows.tolist()):
        alone = reader.read("clip", np.array([row]), crop_seed=(7, 3))
        np.testing.assert_array_equal(alone[0], read[place])
        begins = [
            start
            for start in range(clips[row].shape[1] - TILE + 1)
            if (clips[row][:, start : start + TILE] == read[place]).all()
        ]
        assert len(begins) == 1
    starts = {reader.read("clip", np.array([2]), crop_seed=(7, e))[0, 0, 0] for e in range(40)}
    assert len(starts) > 20


def test_a_short_clip_is_repeated_from_any_of_its_places(tmp_path: Path) -> None:
    reader, clips = ragged(tmp_path)
    for epoch in range(10):
        read = reader.read("clip", np.array([0]), crop_seed=(1, epoch))[0]
        start = int(np.flatnonzero(clips[0][0] == read[0, 0])[0])
        np.testing.assert_array_equal(read, clips[0][:, (start + np.arange(TILE)) % 3])
    assert not reader.read("clip", np.array([3]), crop_seed=(1, 0)).any()  # a row without a clip


def test_without_a_seed_the_first_piece_is_read(tmp_path: Path) -> None:
    reader, clips = ragged(tmp_path)
    read = reader.read("clip", np.array([2, 1]))
    np.testing.assert_array_equal(read[0], clips[2][:, :TILE])
    np.testing.assert_array_equal(read[1], clips[1])


def test_tiles_cover_every_frame_and_name_their_row(tmp_path: Path) -> None:
    reader, clips = ragged(tmp_path)
    rows = np.array([2, 0, 5, 3, 1])
    windows, owners = reader.tiles("clip", rows)
    assert windows.shape == (len(owners), BANDS, TILE)
    assert owners.dtype == np.int64
    np.testing.assert_array_equal(np.bincount(owners), [4, 1, 2, 1, 1])
    for place, row in enumerate(rows.tolist()):
        met = np.unique(windows[owners == place])
        np.testing.assert_array_equal(met, np.unique(clips[row]) if clips[row].size else [0.0])
    np.testing.assert_array_equal(windows[1], clips[2][:, 25:75])
    np.testing.assert_array_equal(windows[3], clips[2][:, -TILE:])
    nothing, nobody = reader.tiles("clip", np.array([], dtype=np.int64))
    assert (nothing.shape, len(nobody)) == ((0, BANDS, TILE), 0)


def test_a_source_of_fixed_size_has_one_tile_per_row(tmp_path: Path) -> None:
    reader = fixed(tmp_path, np.arange(24, dtype=np.float32).reshape(4, 6))
    windows, owners = reader.tiles("x", np.array([3, 1]))
    np.testing.assert_array_equal(owners, [0, 1])
    np.testing.assert_array_equal(windows, reader.read("x", np.array([3, 1])))
    assert reader.variable("x") is None


@pytest.mark.parametrize("shape", [(3,), (40, 50), (300, 400)])
@pytest.mark.parametrize("dtype", [np.float32, np.uint8, np.int32])
@pytest.mark.parametrize("normalised", [True, False])
def test_any_rows_of_any_array_are_read_alike(
    tmp_path: Path, shape: tuple[int, ...], dtype: type[np.generic], *, normalised: bool
) -> None:
    values = np.random.default_rng(3).integers(0, 256, size=(9, *shape)).astype(dtype)
    statistics = FeatureStatistics(normalization="standardize", shift=100.0, scale=3.0)
    reader = fixed(tmp_path, values, statistics if normalised else None)
    plain = values.astype(np.float32)
    wanted = (plain - np.float32(100)) / np.float32(3) if normalised else plain
    for rows in ([0, 1, 2], [8], [4, 4, 0, 8], list(range(9)), []):
        read = reader.read("x", np.array(rows, dtype=np.int64))
        assert read.dtype == np.float32
        np.testing.assert_array_equal(read, wanted[np.array(rows, dtype=np.int64)])


def test_neighbouring_rows_without_normalisation_are_given_without_a_copy(tmp_path: Path) -> None:
    reader = fixed(tmp_path, np.ones((5, 8), dtype=np.float32))
    read = reader.read("x", np.arange(1, 4))
    assert not read.flags.owndata
    assert not read.flags.writeable


def test_rows_that_are_not_there_are_refused(tmp_path: Path) -> None:
    reader, _ = ragged(tmp_path)
    for rows in ([-1], [7]):
        with pytest.raises(IndexError):
            reader.read("clip", np.array(rows))
        with pytest.raises(IndexError):
            reader.tiles("clip", np.array(rows))
    with pytest.raises(KeyError):
        reader.read("gone", np.array([0]))
