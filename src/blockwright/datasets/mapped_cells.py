"""The cells of a large table, laid out so that any few rows are found at once.

Takes   a content folder, whose `rows.parquet` must be read in large pieces.
Gives   cells of any rows of a column, from plain arrays that stay on disk.
Never   is needed: it lies in `.cells` within the content folder, is made when a person first
        looks at the rows, is no part of the content, and can be deleted at any time.

Numbers are an npy; words are their bytes one after the other, and where each begins.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from blockwright.datasets.folder import CELLS_FOLDER, ROWS_FILE, read_content, whole_folder

_ROWS_AT_ONCE = 100_000
_INDEX_FILE = "columns.json"
_KEPT_FOLDERS = 4
_MAKING = threading.Lock()


class MappedCells:
    """Cells of one content folder by column and row."""

    def __init__(self, folder: Path) -> None:
        """Open a folder that `mapped_cells` made."""
        self._folder = folder
        self._stems: dict[str, str] = json.loads((folder / _INDEX_FILE).read_text("utf-8"))
        self._arrays: dict[str, npt.NDArray[np.generic]] = {}

    def at(self, column: str, rows: npt.NDArray[np.int64]) -> pl.Series:
        """Give the cells of some rows, in their order; numbers or words, gaps null."""
        stem = self._stems[column]
        if (self._folder / f"{stem}.bytes.npy").exists():
            starts = self._array(f"{stem}.starts.npy")
            text = self._array(f"{stem}.bytes.npy")
            words = [bytes(text[starts[row] : starts[row + 1]]).decode() or None for row in rows]
            return pl.Series(column, words, pl.String)
        numbers = np.array(self._array(f"{stem}.npy")[rows])
        return (
            pl.Series(column, numbers).fill_nan(None)
            if numbers.dtype.kind == "f"
            else (pl.Series(column, numbers))
        )

    def _array(self, name: str) -> npt.NDArray[np.generic]:
        if name not in self._arrays:
            path = self._folder / name
            self._arrays[name] = np.load(path, mmap_mode="r", allow_pickle=False)
        return self._arrays[name]


def cells_of_rows(content_folder: Path, rows: npt.NDArray[np.int64]) -> pl.DataFrame:
    """Give all columns of some rows, in their order.

    Rows that follow one another are read from the table while the cells are still laid out
    behind; rows in an order of their own wait for it. On a disk without room, columns are
    read one by one instead, which takes a while.
    """
    if not _is_there(content_folder) and _follow_one_another(rows):
        threading.Thread(target=_lay_out_behind, args=(content_folder,), daemon=True).start()
        table = pl.scan_parquet(content_folder / ROWS_FILE)
        return table.slice(int(rows[0]), len(rows)).collect()
    columns = [feature.column for feature in read_content(content_folder).features]
    try:
        cells = mapped_cells(content_folder)
    except OSError:
        path = content_folder / ROWS_FILE
        return pl.DataFrame(
            [pl.read_parquet(path, columns=[column]).to_series()[rows] for column in columns]
        )
    return pl.DataFrame([cells.at(column, rows) for column in columns])


def mapped_cells(content_folder: Path) -> MappedCells:
    """Give the cells of a content folder, laid out now if they are not yet.

    Raises:
        OSError: When there is no room, or the folder cannot be written.
    """
    with _MAKING:
        folder = _folder_of(content_folder)
        if not _is_there(content_folder):
            _make(content_folder, folder)
        return _opened(folder, (folder / _INDEX_FILE).stat().st_mtime_ns)


def _lay_out_behind(content_folder: Path) -> None:
    # Whoever needs the cells meets the same error and reads the table instead; a dataset
    # may also be deleted meanwhile.
    with suppress(OSError, pl.exceptions.PolarsError):
        mapped_cells(content_folder)


def _folder_of(content_folder: Path) -> Path:
    return content_folder / CELLS_FOLDER


def _is_there(content_folder: Path) -> bool:
    return (_folder_of(content_folder) / _INDEX_FILE).exists()


def _follow_one_another(rows: npt.NDArray[np.int64]) -> bool:
    return int(rows[-1]) - int(rows[0]) == len(rows) - 1 and bool((np.diff(rows) == 1).all())


@lru_cache(maxsize=_KEPT_FOLDERS)
def _opened(folder: Path, _made_ns: int) -> MappedCells:
    return MappedCells(folder)


def _make(content_folder: Path, goal: Path) -> None:
    columns = [feature.column for feature in read_content(content_folder).features]
    with whole_folder(goal) as folder:
        stems = {column: f"column_{place}" for place, column in enumerate(columns)}
        for column, stem in stems.items():
            path = content_folder / ROWS_FILE
            cells = pl.read_parquet(path, columns=[column]).to_series()
            if cells.dtype.is_numeric() or cells.dtype == pl.Boolean:
                np.save(folder / f"{stem}.npy", _small(cells))
            else:
                _write_words(folder, stem, cells.cast(pl.String))
        (folder / _INDEX_FILE).write_text(json.dumps(stems), "utf-8")


def _small(cells: pl.Series) -> npt.NDArray[np.generic]:
    if cells.null_count() or cells.dtype.is_float():
        return cells.cast(pl.Float64).to_numpy()
    return (
        cells.cast(pl.Int8).to_numpy()
        if cells.dtype == pl.Boolean
        else (cells.shrink_dtype().to_numpy())
    )


def _write_words(folder: Path, stem: str, cells: pl.Series) -> None:
    lengths = cells.str.len_bytes().fill_null(0).to_numpy()
    starts = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    np.save(folder / f"{stem}.starts.npy", starts)
    text = np.lib.format.open_memmap(
        folder / f"{stem}.bytes.npy", mode="w+", dtype=np.uint8, shape=(max(1, int(starts[-1])),)
    )
    for begin in range(0, len(cells), _ROWS_AT_ONCE):
        part: Sequence[str] = cells.slice(begin, _ROWS_AT_ONCE).fill_null("").to_list()
        joined = np.frombuffer("".join(part).encode(), dtype=np.uint8)
        text[starts[begin] : starts[begin] + len(joined)] = joined
    text.flush()
