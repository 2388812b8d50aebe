"""Pages of rows: order, choice, search, and what is told of each row."""

from __future__ import annotations

import dataclasses
import threading
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from blockwright.contracts.data import Correction
from blockwright.contracts.problems import BlockwrightError
from blockwright.contracts.subsets import Condition, RowQuery
from blockwright.datasets import browse, mapped_cells, row_table, subset_drafts
from blockwright.datasets.draft_state import DraftState
from blockwright.datasets.folder import CELLS_FOLDER, ROWS_FILE
from blockwright.datasets.media_bytes import media_of
from blockwright.store.files import FolderStore
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
    assert [(row.source, row.source_line) for row in page.rows] == [
        ("index.csv", 2), ("index.csv", 3), ("more.csv", 2), ("loose.wav", None),
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


def test_only_the_features_that_are_asked_for_are_told(
    state: DraftState, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):  # of a small table, of a large one
        (row,) = browse.page(state, RowQuery(features=["t", "x"], sort_by="m", limit=1)).rows
        assert (row.index, row.values) == (3, {"t": "a big zwei", "x": 2.0})
        assert row.media == {}
        (first, _, _, _) = browse.page(state, RowQuery(features=["clip"])).rows
        assert list(first.media) == ["clip"]
        bare = browse.page(state, RowQuery(features=[], search="zwei"))
        assert (bare.total, [row.values for row in bare.rows]) == (2, [{}, {}])
        with pytest.raises(BlockwrightError, match="no feature nothing"):
            browse.page(state, RowQuery(features=["nothing"]))
        monkeypatch.setattr(row_table, "_CELLS_IN_MEMORY", 0)


def test_the_rows_for_which_a_condition_is_true_are_counted(state: DraftState) -> None:
    told = browse.count(state, Condition(feature="x", operator="equals", value=2))
    assert (told.rows, told.unused_rows) == (4, 2)


def laid_out(folder: Path) -> bool:
    """Wait until cells are laid out behind; the time limit is far above what it takes."""
    ends = time.monotonic() + 30
    while not (folder / CELLS_FOLDER).is_dir() and time.monotonic() < ends:
        time.sleep(0.01)
    return (folder / CELLS_FOLDER).is_dir()


def test_cells_of_a_large_table_are_the_same_before_and_after_they_are_laid_out(
    state: DraftState, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = dataclasses.replace(state, corrections=[Correction(row=3, feature="x", value=7.5)])
    in_file_order = browse.page(state, RowQuery(offset=1)).rows
    by_words = browse.page(state, RowQuery(sort_by="t")).rows
    monkeypatch.setattr(row_table, "_CELLS_IN_MEMORY", 0)
    monkeypatch.setattr(mapped_cells, "_CELLS_AT_ONCE", 8)  # two of the columns
    # Nothing is laid out behind: the table itself is read.
    monkeypatch.setattr(mapped_cells, "_TRIED", {state.content_folder})
    assert browse.page(state, RowQuery(offset=1)).rows == in_file_order
    assert browse.page(state, RowQuery(sort_by="t")).rows == by_words
    assert not (state.content_folder / CELLS_FOLDER).exists()
    monkeypatch.setattr(mapped_cells, "_TRIED", set[Path]())
    assert browse.page(state, RowQuery(sort_by="t")).rows == by_words
    assert laid_out(state.content_folder)
    (state.content_folder / ROWS_FILE).rename(state.content_folder / "aside")
    assert browse.page(state, RowQuery(offset=1)).rows == in_file_order
    assert browse.page(state, RowQuery(sort_by="t")).rows == by_words


def test_a_disk_without_room_for_cells_laid_out_shows_the_same_rows(
    state: DraftState, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = browse.page(state, RowQuery(sort_by="x")).rows
    monkeypatch.setattr(row_table, "_CELLS_IN_MEMORY", 0)
    # A file where the folder would go: making it fails, as on a full disk.
    (state.content_folder / CELLS_FOLDER).write_text("in the way")
    with pytest.raises(OSError, match="cells"):
        mapped_cells.lay_out(state.content_folder)
    for _ in range(2):
        assert browse.page(state, RowQuery(sort_by="x")).rows == wanted


def test_a_content_folder_can_be_removed_while_its_cells_are_laid_out(tmp_path: Path) -> None:
    files = FolderStore(tmp_path)
    frame = pl.DataFrame({f"x{number}": np.arange(200_000.0) for number in range(20)})
    types = dict.fromkeys(frame.columns, "numeric")
    state = write_content(tmp_path / "datasets" / "c", frame, types)  # type: ignore[arg-type]
    ended: list[BaseException] = []

    def lay_out() -> None:
        try:
            mapped_cells.lay_out(state.content_folder)
        except OSError as reason:
            ended.append(reason)

    thread = threading.Thread(target=lay_out)
    thread.start()
    while thread.is_alive() and not list(state.content_folder.glob(".*.tmp/cells.bin")):
        time.sleep(0.0005)
    files.remove("datasets/c")
    assert not files.exists("datasets/c")
    thread.join()
    assert not files.exists("datasets/c")
    assert not list(tmp_path.glob(".removed/*"))


def test_cells_laid_out_hold_what_the_table_holds(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    frame = pl.DataFrame(
        {
            "i": random.integers(0, 200, 300),
            "big": random.integers(-(2**60), 2**60, 300),
            "gaps": [None if n % 3 else n for n in range(300)],
            "f": random.normal(size=300),
            "truth": random.random(300) < 0.5,
            "words": [None if n % 7 == 0 else "ä" * (n % 5) + str(n) for n in range(300)],
            "nothing": pl.Series([None] * 300, dtype=pl.String),
        }
    )
    types = dict.fromkeys(frame.columns, "text")
    state = write_content(tmp_path / "content", frame, types)  # type: ignore[arg-type]
    rows = random.permutation(300)[:100]
    mapped_cells.lay_out(state.content_folder)
    cells = mapped_cells.MappedCells(state.content_folder / CELLS_FOLDER)
    for name in frame.columns:
        assert cells.at(name, rows).to_list() == frame[name][rows].to_list()


def test_a_table_of_a_thousand_columns_is_paged_sorted_and_searched(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    rows = 20_000
    columns: dict[str, object] = {
        f"x{number}": (random.random(rows) * 100).round(1) for number in range(980)
    }
    words = np.array(["Bark", "Church bell", "Meow", "Tap"])
    for number in range(19):
        columns[f"c{number}"] = words[random.integers(0, 4, rows)]
    columns["t"] = [f"note {row}" for row in range(rows)]
    frame = pl.DataFrame(columns)
    types = {
        name: "numeric" if name[0] == "x" else "categorical" if name[0] == "c" else "text"
        for name in frame.columns
    }
    identities = np.arange(rows, dtype=np.uint64)
    folder = tmp_path / "content"
    state = write_content(folder, frame, types, identities=identities)  # type: ignore[arg-type]
    wanted = frame.with_row_index("row").sort("x7", descending=True, maintain_order=True)
    query = RowQuery(sort_by="x7", descending=True, offset=rows - 30, limit=50)
    for _ in range(2):  # from the table, then from its cells laid out
        page = browse.page(state, query)
        assert (page.total, len(page.rows)) == (rows, 30)
        for row, line in zip(page.rows, wanted[rows - 30 :].rows(named=True), strict=True):
            assert row.index == line.pop("row")
            assert row.values == line
        found = browse.page(state, RowQuery(search="NOTE 1999 church", limit=5))
        held = frame.select(pl.concat_str(pl.col("^c.*$"), separator=" ")).to_series()
        both = held.str.contains("Church") & frame["t"].str.contains("1999")
        assert found.total == both.sum() > 0
        assert laid_out(folder)


def test_words_of_a_large_table_are_found_and_sorted_in_all_of_it(tmp_path: Path) -> None:
    rows = 300_000  # more than are read at once
    words = np.array(["Bark", "Meow", "Tap"])[np.arange(rows) % 3]
    columns = {
        "kind": pl.Series(words).set(pl.arange(0, rows, eager=True) % 7 == 0, None),
        "file": pl.Series([f"clips/{row * 7_919 % rows:06d}.wav" for row in range(rows)]),
        "m": pl.Series(words) + ",Hum",
    }
    state = write_content(
        tmp_path / "content",
        pl.DataFrame(columns),
        {"kind": "categorical", "file": "text", "m": "multi_label"},
        identities=np.arange(rows, dtype=np.uint64),
    )
    changed = [
        Correction(row=1, feature="file", value="a needle"),
        Correction(row=rows - 1, feature="m", value="Squeak,Needle"),
        Correction(row=270_000, feature="kind", value="needles"),
    ]
    corrected = dataclasses.replace(state, corrections=changed)
    assert indexes(corrected, search="NEEDLE") == [1, 270_000, rows - 1]
    assert indexes(state, search="needle") == []
    found = browse.page(state, RowQuery(search="tap hum 00/0000"))
    assert found.total == 0
    assert browse.page(state, RowQuery(search="tap hum")).total == rows // 3
    frame = pl.DataFrame(columns).with_row_index("row")
    for name in ("kind", "file"):
        for descending in (False, True):
            wanted = frame.sort(name, descending=descending, nulls_last=True, maintain_order=True)
            query = RowQuery(sort_by=name, descending=descending, offset=rows // 2, limit=20)
            told = [row.index for row in browse.page(state, query).rows]
            assert told == wanted["row"][rows // 2 : rows // 2 + 20].to_list()


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
