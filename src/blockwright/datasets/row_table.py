"""The rows of a content folder as features see them: typed, corrected, one column at a time.

Takes   a content folder, the features and feature sets of a version, its corrections and the
        rows that it leaves out.
Gives   values, classes, gaps, facts of media, sources and identities; each column is read
        when it is asked for and kept while there is room.
Never   holds the whole table: at most `kept_bytes` of columns stay in memory.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from blockwright.contracts.data import Correction, Feature, FeatureSet
from blockwright.contracts.encodings import MultiLabelEncoding, NumericEncoding
from blockwright.contracts.problems import error
from blockwright.datasets.draft_state import DraftState
from blockwright.datasets.folder import (
    IDENTITIES_FILE,
    ROWS_FILE,
    SOURCES_FILE,
    DatasetContent,
    read_content,
)
from blockwright.datasets.kept import Kept, Key, Made
from blockwright.datasets.label_sets import LabelSets, sets_of_columns, sets_of_series
from blockwright.datasets.mapped_cells import cells_of_rows
from blockwright.datasets.typed_columns import blank_cells, typed

Mask = npt.NDArray[np.bool_]
CACHE_BYTES = 40_000_000
_CELLS_IN_MEMORY = 4_000_000
# As many rows as Polars writes together, so that each piece of a file is read once.
_BLOCK_ROWS = 2**18
_BLOCK_CELLS = 2**19
_KEPT_TABLES = 4
# Kinds of what is kept that depend on nothing but the content and how features are read.
_OF_FEATURES = {"values", "labels", "groups", "facts"}
_EXACT_INTEGERS = 1e15
_CELL = pl.col("cell")
# What `typed` makes of stored numbers, too, but at once.
_OF_NUMBERS = {
    "numeric": _CELL.cast(pl.Float64).fill_nan(None),
    "binary": pl.when(_CELL == 1).then(pl.lit(True)).when(_CELL == 0).then(pl.lit(False)),
}
_WORDS_TYPES = {"categorical", "text", "audio", "image", "tensor"}


class RowTable:
    """Columns of one content folder, as one version's features, sets and corrections see them."""

    def __init__(
        self,
        content_folder: Path,
        features: Sequence[Feature],
        feature_sets: Sequence[FeatureSet] = (),
        corrections: Sequence[Correction] = (),
        left_out: Sequence[int] = (),
        *,
        kept_bytes: int = CACHE_BYTES,
    ) -> None:
        """Open a content folder; nothing but its description is read yet."""
        self.content_folder = content_folder
        self.content: DatasetContent = read_content(content_folder)
        self.rows: int = self.content.rows
        self.features = {feature.name: feature for feature in features}
        self.feature_sets = {bundle.name: bundle for bundle in feature_sets}
        self.corrected: dict[str, dict[int, str | float | None]] = {}
        for correction in corrections:
            cells = self.corrected.setdefault(correction.feature, {})
            if correction.restore:
                cells.pop(correction.row, None)
            elif correction.row < self.rows:
                cells[correction.row] = correction.value
        self._by_hand = np.array(left_out, dtype=np.int64)
        self.kept = Kept(kept_bytes)

    def feature(self, name: str) -> Feature:
        """Give a feature by name. Raises `data.feature_not_found`."""
        found = self.features.get(name)
        if found is None:
            raise error("data.feature_not_found", name=name)
        return found

    def identities(self) -> npt.NDArray[np.uint64]:
        """Give what makes each row itself, shape (rows,)."""
        path = self.content_folder / IDENTITIES_FILE
        numbers: npt.NDArray[np.uint64] = np.load(path, mmap_mode="r", allow_pickle=False)
        return numbers

    def written(self, name: str) -> pl.Series:
        """Give the cells of a feature as they lie in the folder, without corrections."""
        column = self.feature(name).column
        file = self.content_folder / ROWS_FILE
        return pl.read_parquet(file, columns=[column], parallel="none").to_series()

    def values(self, name: str) -> pl.Series:
        """Give the values of a feature, shape (rows,), gaps and unreadable cells null.

        numeric is Float64, binary Boolean, multi_label List(String), anything else String.
        """
        return self.keep("values", name, lambda: self._read(name))

    def values_once(self, name: str) -> pl.Series:
        """Give what `values` gives for a single look: nothing else makes room for the column."""
        kept: pl.Series | None = self.kept.look(("values", name))
        return self._read(name) if kept is None else kept

    def values_at(self, rows: npt.NDArray[np.int64], names: Sequence[str]) -> dict[str, pl.Series]:
        """Give the values of some features in some rows, in their order, as `values` does.

        Of a large table only these cells are read. `rows` must not be empty.

        Raises:
            BlockwrightError: `data.feature_not_found`.
        """
        features = {name: self.feature(name) for name in names}
        if not features or self.rows * len(self.features) <= _CELLS_IN_MEMORY:
            return {name: self.values(name)[rows] for name in features}
        columns = list(dict.fromkeys(each.column for each in features.values()))
        written = cells_of_rows(self.content_folder, rows, columns)
        found: dict[str, pl.Series] = {}
        for name, feature in features.items():
            values = as_type(written[feature.column].alias(name), feature)
            cells = self.corrected.get(name, {})
            places = {place: cells[row] for place, row in enumerate(rows.tolist()) if row in cells}
            found[name] = _with_cells(values, places, feature)
        return found

    def cells(self, name: str) -> pl.Series:
        """Give the cells of a feature as words, corrected, whatever its type; gaps null."""
        written = self.written(name)
        words = typed(written, "text")[0]
        as_words = self.feature(name).model_copy(update={"type": "text"})
        return _with_cells(words, self.corrected.get(name, {}), as_words)

    def before_corrections(self, name: str) -> pl.Series:
        """Give the values of a feature as `values` does, but as the files have them."""
        return as_type(self.written(name), self.feature(name))

    def words(self, name: str) -> pl.Series:
        """Give the values of a feature as words, shape (rows,): `1`, not `1.0`; gaps null."""
        return self._as_words(name, self.values(name))

    def words_once(self, name: str) -> pl.Series:
        """Give what `words` gives, as `values_once` does."""
        return self._as_words(name, self.values_once(name))

    def words_in_blocks(self, names: Sequence[str]) -> Iterator[tuple[int, pl.Series]]:
        """Give the first row of each block, and its words; blocks of all features, once.

        Columns of a large table are read block by block, and not kept: words need more room
        than there is for kept columns, so that none would be there when it is asked for again.
        """
        if self.rows <= _BLOCK_ROWS:
            yield from ((0, self.words(name)) for name in names)
            return
        together = max(1, _BLOCK_CELLS // _BLOCK_ROWS)
        for begin in range(0, self.rows, _BLOCK_ROWS):
            for first in range(0, len(names), together):
                for values in self._block(begin, names[first : first + together]):
                    yield begin, self._as_words(values.name, values)

    def _block(self, begin: int, names: Sequence[str]) -> Iterator[pl.Series]:
        columns = [self.feature(name).column for name in names]
        file = self.content_folder / ROWS_FILE
        table = pl.scan_parquet(file, parallel="none").select(columns)
        written = table.slice(begin, _BLOCK_ROWS).collect()
        for name, column in zip(names, columns, strict=True):
            values = as_type(written[column].alias(name), self.feature(name))
            cells = {
                row - begin: cell
                for row, cell in self.corrected.get(name, {}).items()
                if begin <= row < begin + len(values)
            }
            yield _with_cells(values, cells, self.feature(name))

    def _as_words(self, name: str, values: pl.Series) -> pl.Series:
        feature = self.feature(name)
        if feature.type == "numeric":
            return number_words(values)
        if feature.type == "binary":
            return values.cast(pl.Int8).cast(pl.String)
        return self.joined(name, values) if feature.type == "multi_label" else values

    def joined(self, name: str, values: pl.Series) -> pl.Series:
        """Give lists of classes as one cell each, joined as the feature's encoding says."""
        return values.list.join(delimiter_of(self.feature(name)))

    def missing(self, name: str) -> Mask:
        """Tell for each row whether a feature has no value, shape (rows,)."""
        return self.values(name).is_null().to_numpy()

    def left_out(self) -> Mask:
        """Tell which rows are left out, by hand or because a value is missing, shape (rows,)."""
        return self.keep("left_out", "", self._left_out)

    def left_out_by_hand(self) -> Mask:
        """Tell which rows a person left out, shape (rows,)."""
        mask = np.zeros(self.rows, dtype=bool)
        mask[self._by_hand[self._by_hand < self.rows]] = True
        return mask

    def classes(self, name: str) -> list[str]:
        """Give the classes of a feature or feature set, in order.

        Raises:
            BlockwrightError: `data.feature_not_found`.
        """
        if name in self.feature_sets:
            return list(self.feature_sets[name].features)
        feature = self.feature(name)
        if feature.classes is not None:
            return list(feature.classes)
        return sorted({each for one in self.labels(name).sets for each in one})

    def labels(self, name: str) -> LabelSets:
        """Give the set of classes of each row, for a feature or a binary feature set.

        Raises:
            BlockwrightError: `data.feature_not_found`.
        """
        if name in self.feature_sets:
            members = self.feature_sets[name].features
            return self.keep("labels", name, lambda: sets_of_columns(self.values, members))
        is_number = self.feature(name).type == "numeric"
        return self.keep(
            "labels",
            name,
            lambda: sets_of_series(self.words_once(name) if is_number else self.values_once(name)),
        )

    def facts(self, name: str) -> pl.DataFrame:
        """Give what is known of each recording or image, one line per row; empty if none is."""
        stored = self.content.media.get(self.feature(name).column)
        if stored is None:
            return pl.DataFrame()
        path = self.content_folder / stored.facts_file
        return self.keep("facts", name, lambda: pl.read_parquet(path))

    def sources(self) -> pl.DataFrame:
        """Give `file` and `line` that each row came from; where files are the rows, line is 0."""
        return self.keep("sources", "", lambda: pl.read_parquet(self.content_folder / SOURCES_FILE))

    def keep(self, kind: str, name: str, make: Callable[[], Made]) -> Made:
        """Give what was made before under this kind and name, or make it."""
        return self.kept.get((kind, name), make)

    def take_over(self, other: RowTable) -> None:
        """Keep what another table of the same content keeps of features that are read alike.

        A change of a draft mostly touches few features, or none: the others need not be read
        and worked out again.
        """
        names = {self._reading(name): name for name in self.features}

        def read_alike(key: Key) -> Key | None:
            kind, name = key
            if kind not in _OF_FEATURES:
                return None
            if name in other.features:
                same = names.get(other._reading(name))
            else:
                same = name if self._set_reading(name) == other._set_reading(name) else None
            return None if same is None else (kind, same)

        self.kept.take_over(other.kept, read_alike)

    def _set_reading(self, name: str) -> object:
        """Give all that the labels of a feature set depend on, beside the content."""
        bundle = self.feature_sets.get(name)
        return bundle and [(each, self._reading(each)) for each in bundle.features]

    def _reading(self, name: str) -> tuple[object, ...]:
        """Give all that the values of a feature depend on, beside the content."""
        feature = self.features[name]
        cells = tuple(self.corrected.get(name, {}).items())
        return feature.column, feature.type, _has_comma(feature), delimiter_of(feature), cells

    def _read(self, name: str) -> pl.Series:
        values = self.before_corrections(name)
        return _with_cells(values, self.corrected.get(name, {}), self.feature(name))

    def _left_out(self) -> Mask:
        mask = self.left_out_by_hand()
        for feature in self.features.values():
            if feature.missing is not None and feature.missing.kind == "leave_out":
                mask |= self.missing(feature.name)
        return mask


def row_table(state: DraftState) -> RowTable:
    """Give the table of a draft; the same one while its features and corrections are the same."""
    sets = tuple((bundle.name, tuple(bundle.features)) for bundle in state.feature_sets)
    key = _TableKey(
        (
            str(state.content_folder),
            tuple(_reading_of(feature) for feature in state.features),
            sets,
            tuple((c.row, c.feature, c.value, c.restore) for c in state.corrections),
            state.left_out,
        ),
        state,
    )
    return _kept_table(key)


class _TableKey:
    """A key that carries the state it was made of, and is equal by the key alone."""

    def __init__(self, key: tuple[object, ...], state: DraftState) -> None:
        self.key = key
        self.state = state

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _TableKey) and self.key == other.key


def _kept_table(key: _TableKey) -> RowTable:
    """Give the table of a key; a new one takes over from the last one of the same content."""
    with _TABLES_LOCK:
        if key in _TABLES:
            _TABLES.move_to_end(key)
            return _TABLES[key]
        table = table_of(key.state)
        before = [each for each in _TABLES.values() if each.content_folder == table.content_folder]
        if before:
            table.take_over(before[-1])
        _TABLES[key] = table
        while len(_TABLES) > _KEPT_TABLES:
            _TABLES.popitem(last=False)
        return table


_TABLES: OrderedDict[_TableKey, RowTable] = OrderedDict()
_TABLES_LOCK = threading.Lock()


def table_of(state: DraftState, kept_bytes: int = CACHE_BYTES) -> RowTable:
    """Give a new table of a draft, which shares with no other what it keeps."""
    return RowTable(
        state.content_folder,
        state.features,
        state.feature_sets,
        state.corrections,
        state.left_out,
        kept_bytes=kept_bytes,
    )


def delimiter_of(feature: Feature) -> str:
    """Give what joins the classes of a multi-label feature in one cell."""
    encoding = feature.encoding
    return encoding.delimiter if isinstance(encoding, MultiLabelEncoding) else ","


def number_words(values: pl.Series) -> pl.Series:
    """Give numbers as words, whole ones without a point; gaps stay null."""
    number = pl.col("number")
    whole = (number == number.floor()) & (number.abs() < _EXACT_INTEGERS)
    words = pl.when(whole).then(number.cast(pl.Int64, strict=False).cast(pl.String))
    frame = pl.DataFrame({"number": values.cast(pl.Float64)})
    return frame.select(words.otherwise(number.cast(pl.String)))["number"].alias(values.name)


def _has_comma(feature: Feature) -> bool:
    return isinstance(feature.encoding, NumericEncoding) and feature.encoding.decimal_comma


def _reading_of(feature: Feature) -> tuple[object, ...]:
    comma = _has_comma(feature)
    missing = feature.missing
    choice = (missing.kind, missing.value) if missing is not None else None
    classes = tuple(feature.classes or ())
    return feature.name, feature.column, feature.type, comma, delimiter_of(feature), choice, classes


def as_type(cells: pl.Series, feature: Feature) -> pl.Series:
    """Give cells as the values of a feature: see `RowTable.values`; what does not fit is null."""
    if feature.type in _WORDS_TYPES:
        # Most columns of words have no empty cell, and this is seen at once.
        if cells.dtype == pl.String and not blank_cells(cells).any():
            return cells
        return typed(cells, "text")[0]
    if cells.dtype.is_numeric() and feature.type in _OF_NUMBERS:
        return (
            cells.to_frame("cell").select(_OF_NUMBERS[feature.type]).to_series().alias(cells.name)
        )
    values, _ = typed(
        cells,
        feature.type,
        decimal_comma=_has_comma(feature),
        delimiter=delimiter_of(feature),
    )
    if feature.type == "numeric":
        return values.fill_nan(None)
    if feature.type == "binary":
        return values.cast(pl.Boolean)
    if feature.type == "multi_label":
        return _without_empty(values)
    return values


def _without_empty(lists: pl.Series) -> pl.Series:
    frame = lists.to_frame("lists")
    some = pl.when(pl.col("lists").list.len() > 0).then(pl.col("lists"))
    return frame.select(some).to_series().alias(lists.name)


def _with_cells(
    values: pl.Series, cells: Mapping[int, str | float | None], feature: Feature
) -> pl.Series:
    """Put corrected cells in their places."""
    if not cells:
        return values
    given = pl.Series(values.name, [_cell_words(value) for value in cells.values()], pl.String)
    places = np.arange(len(values), dtype=np.int64)
    places[list(cells)] = len(values) + np.arange(len(cells))
    return pl.concat([values, as_type(given, feature).cast(values.dtype)])[places]


def _cell_words(value: str | float | None) -> str | None:
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return None if value is None else str(value)
