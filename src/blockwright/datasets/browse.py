"""Looking at an imported dataset: pages of rows and pictures of tensors.

What was read is kept in memory for a while: an imported folder never changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import polars as pl

from blockwright.contracts.data import Feature, FeatureSet, Row, Subset
from blockwright.contracts.problems import error
from blockwright.datasets.folder import ROWS_FILE, read_content
from blockwright.datasets.picture import draw
from blockwright.datasets.subsets import RowNumbers, row_identities, subset_rows

_CACHED_PICTURES = 512
_CACHED_SUBSETS = 8


def rows(folder: Path, subsets: Sequence[Subset], offset: int, limit: int) -> list[Row]:
    """Give rows in file order with the ids of the subsets that they are in.

    A tensor is told by the name of its file.
    """
    page = pl.scan_parquet(folder / ROWS_FILE).slice(offset, limit).collect()
    members = _members(folder, tuple(subset.model_dump_json() for subset in subsets))
    return [
        Row(
            index=index,
            values=values,
            subset_ids=[name for name, numbers in members.items() if _has(numbers, index)],
        )
        for index, values in enumerate(page.iter_rows(named=True), start=offset)
    ]


def picture(folder: Path, row: int, feature: Feature) -> bytes:
    """Draw one tensor as PNG. Raises `data.not_a_picture`, `data.row_not_found`."""
    return _drawn(folder, row, feature.model_dump_json())


def _has(numbers: RowNumbers, row: int) -> bool:
    place = int(np.searchsorted(numbers, row))
    return place < len(numbers) and int(numbers[place]) == row


@lru_cache(maxsize=_CACHED_SUBSETS)
def _members(folder: Path, subsets: tuple[str, ...]) -> dict[str, RowNumbers]:
    identities = row_identities(pl.read_parquet(folder / ROWS_FILE), read_content(folder).features)
    return subset_rows([Subset.model_validate_json(subset) for subset in subsets], identities)


@lru_cache(maxsize=_CACHED_PICTURES)
def _drawn(folder: Path, row: int, feature_json: str) -> bytes:
    feature = Feature.model_validate_json(feature_json)
    stored = read_content(folder).tensors.get(feature.name)
    if stored is None:
        raise error("data.not_a_picture", name=feature.name, shape=feature.type)
    values = np.load(folder / stored.file, mmap_mode="r", allow_pickle=False)
    if not 0 <= row < len(values):
        raise error("data.row_not_found", row=row, rows=len(values))
    return draw(np.asarray(values[row]), feature)


def columns(folder: Path, names: Sequence[str]) -> pl.DataFrame:
    """Read some columns of the table, all rows."""
    return pl.read_parquet(folder / ROWS_FILE, columns=list(names))


def with_counts(bundle: FeatureSet, columns: pl.DataFrame) -> FeatureSet:
    """Count how often each class is true, and rows in which several are."""
    if bundle.kind != "binary":
        return bundle
    true = columns.select(bundle.features).cast(pl.UInt32)
    several = true.select(pl.sum_horizontal(pl.all()) > 1).to_series().sum()
    counts = [int(column.sum()) for column in true]
    return bundle.model_copy(update={"counts": counts, "several_true_rows": int(several)})
