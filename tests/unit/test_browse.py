"""Pages of rows: order, choice, search, and what is told of each row."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from blockwright.contracts.data import Correction
from blockwright.contracts.problems import BlockwrightError
from blockwright.contracts.subsets import Condition, RowQuery
from blockwright.datasets import browse, row_table, subset_drafts
from blockwright.datasets.draft_state import DraftState
from blockwright.datasets.folder import CELLS_FOLDER
from blockwright.datasets.mapped_cells import mapped_cells
from blockwright.datasets.media_bytes import media_of
from tests.support.content_folders import write_content


@pytest.fixture
def state(tmp_path: Path) -> DraftState:
    columns: dict[str, list[object]] = {
        "clip": ["a.wav", "b.WAV", None, "c.xyz"],
        "x": [2.0, None, 1.0, 2.0],
        "b": [1, 0, None, 1],
        "m": ["Bark,Meow", None, "Meow", "Bark"],
        "t": ["Größe zwei", "", "nothing", "a big zwei"],
    }
    types = {"clip": "audio", "x": "numeric", "b": "binary", "m": "multi_label", "t": "text"}
    facts = {
        "seconds": [1.5, 2.0, None, 0.5],
        "sample_rate_hz": [44_100, 44_100, None, 16_000],
        "format": ["wav", None, None, None],
    }
    return write_content(
        tmp_path / "content",
        columns,
        types,  # type: ignore[arg-type]
        media={"clip": ("audio", [b"first", b"second one", b"", b"third"], facts)},
        sources=[("index.csv", 2), ("index.csv", 3), ("more.csv", 2), ("loose.wav", 0)],
    )


def indexes(state: DraftState, **query: object) -> list[int]:
    return [row.index for row in browse.page(state, RowQuery.model_validate(query)).rows]


def test_a_row_is_told_with_its_values_files_source_and_corrections(state: DraftState) -> None:
    state = subset_drafts.default_subsets(
        dataclasses.replace(state, corrections=[Correction(row=1, feature="m", value="Hi-hat")])
    )
    page = browse.page(state, RowQuery())
    assert (page.offset, page.total, len(page.rows)) == (0, 4, 4)
    first, second, third, fourth = page.rows
    assert first.values == {
        "clip": "a.wav", "x": 2.0, "b": 1.0, "m": "Bark,Meow", "t": "Größe zwei",
    }  # fmt: skip
    assert second.values == {"clip": "b.WAV", "x": None, "b": 0.0, "m": "Hi-hat", "t": None}
    assert (first.corrected, second.corrected) == ([], ["m"])
    assert first.media["clip"].seconds == 1.5
    assert first.media["clip"].bytes == 5
    assert first.media["clip"].file == "a.wav"
    assert third.media == {}
    assert [row.source for row in page.rows] == [
        "index.csv, line 2", "index.csv, line 3", "more.csv, line 2", "loose.wav",
    ]  # fmt: skip
    names = {subset.id: subset.name for subset in state.subsets}
    told = [[names[each] for each in row.subset_ids] for row in page.rows]
    assert sorted(told) == [["Training"]] * 3 + [["Validation"]]
    assert fourth.index == 3


def test_sorting_is_stable_and_puts_gaps_last_in_either_direction(state: DraftState) -> None:
    assert indexes(state, sort_by="x") == [2, 0, 3, 1]
    assert indexes(state, sort_by="x", descending=True) == [0, 3, 2, 1]
    assert indexes(state, sort_by="m") == [3, 0, 2, 1]
    assert indexes(state, sort_by="clip", descending=True, limit=2) == [3, 1]
    assert indexes(state, sort_by="x", offset=1, limit=2) == [0, 3]
    with pytest.raises(BlockwrightError, match="no feature nothing"):
        browse.page(state, RowQuery(sort_by="nothing"))


def test_rows_are_chosen_by_condition_subset_and_search_together(state: DraftState) -> None:
    state = subset_drafts.default_subsets(state)
    training = state.subsets[0].id
    inside = indexes(state, subset_id=training)
    assert len(inside) == 3
    bark = Condition(feature="m", operator="contains", value="Bark")
    assert indexes(state, condition=bark, sort_by="t") == [0, 3]
    assert indexes(state, condition=bark, subset_id=training) == [
        row for row in inside if row in {0, 3}
    ]
    assert indexes(state, search="GRÖSSE") == []
    assert indexes(state, search="größe ZWEI") == [0]
    assert indexes(state, search="zwei") == [0, 3]
    assert indexes(state, search="zwei meow") == [0]
    assert browse.page(state, RowQuery(search="zwei", offset=5)).rows == []
    with pytest.raises(BlockwrightError, match="no such subset"):
        browse.page(state, RowQuery(subset_id="sub_nothing"))
    with pytest.raises(BlockwrightError, match="no finding nothing"):
        browse.page(state, RowQuery(finding="nothing"))


def test_the_rows_for_which_a_condition_is_true_are_counted(state: DraftState) -> None:
    told = browse.count(state, Condition(feature="x", operator="equals", value=2))
    assert (told.rows, told.unused_rows) == (4, 2)


def test_cells_of_a_large_table_are_read_from_where_they_lie(
    state: DraftState, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = dataclasses.replace(state, corrections=[Correction(row=3, feature="x", value=7.5)])
    small = browse.page(state, RowQuery(sort_by="t")).rows
    row_table._kept_table.cache_clear()
    monkeypatch.setattr(row_table, "_CELLS_IN_MEMORY", 0)
    in_file_order = browse.page(state, RowQuery(offset=1)).rows
    assert sorted(in_file_order, key=lambda row: row.index) == sorted(
        (row for row in small if row.index > 0), key=lambda row: row.index
    )
    assert browse.page(state, RowQuery(sort_by="t")).rows == small


def test_a_disk_without_room_for_cells_laid_out_shows_the_same_rows(
    state: DraftState, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = browse.page(state, RowQuery(sort_by="x")).rows
    monkeypatch.setattr(row_table, "_CELLS_IN_MEMORY", 0)
    # A file where the folder would go: making it fails, as on a full disk.
    (state.content_folder / CELLS_FOLDER).write_text("in the way")
    assert browse.page(state, RowQuery(sort_by="x")).rows == wanted


def test_mapped_cells_hold_what_the_table_holds(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    frame = pl.DataFrame(
        {
            "i": random.integers(0, 200, 300),
            "big": random.integers(-(2**60), 2**60, 300),
            "gaps": [None if n % 3 else n for n in range(300)],
            "f": random.normal(size=300),
            "words": [None if n % 7 == 0 else "ä" * (n % 5) + str(n) for n in range(300)],
        }
    )
    types = {"i": "numeric", "big": "numeric", "gaps": "numeric", "f": "numeric", "words": "text"}
    state = write_content(tmp_path / "content", frame, types)  # type: ignore[arg-type]
    rows = random.permutation(300)[:100]
    cells = mapped_cells(state.content_folder)
    for name in frame.columns:
        wanted = frame[name][rows].to_list()
        assert cells.at(name, rows).to_list() == wanted


def test_bytes_of_a_recording_are_found_with_their_type(state: DraftState) -> None:
    folder = state.content_folder
    first, second, odd = (media_of(folder, "clip", row) for row in (0, 1, 3))
    assert (first.file_name, first.kind, first.media_type) == ("a.wav", "audio", "audio/wav")
    assert second.media_type == "audio/wav"
    assert odd.media_type == "application/octet-stream"
    content = second.path.read_bytes()
    assert content[second.offset : second.offset + second.bytes] == b"second one"
    with pytest.raises(BlockwrightError, match="Row 2 of clip has no file"):
        media_of(folder, "clip", 2)
    with pytest.raises(BlockwrightError, match="There is no row 4"):
        media_of(folder, "clip", 4)
    with pytest.raises(BlockwrightError, match="x holds no recordings"):
        media_of(folder, "x", 0)
