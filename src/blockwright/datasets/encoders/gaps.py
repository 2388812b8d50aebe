"""Rows without a value: left out, or filled from the Training rows, as a person chose.

Takes   a column with gaps and the choice made for them.
Gives   which rows are left out, and the column without gaps.
Never   fills anything that nobody chose to fill.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from blockwright.contracts.data import Feature
from blockwright.contracts.encodings import MultiLabelEncoding
from blockwright.contracts.problems import error
from blockwright.datasets.encoders.choices import OWN_CATEGORY

RowNumbers = npt.NDArray[np.int64]


def is_usable(feature: Feature) -> bool:
    """Say whether a model can use a feature: it has numbers, and none is missing undecided."""
    return feature.encoding.kind != "none" and not (feature.missing_rows and not feature.missing)


def filled(values: pl.Series, feature: Feature, training: RowNumbers) -> pl.Series:
    """Fill the gaps of a column by the feature's choice; args and errors as of `filler_of`."""
    filler = filler_of(values, feature, training)
    return values if filler is None else with_filler(values, filler)


def filler_of(values: pl.Series, feature: Feature, training: RowNumbers) -> pl.Series | None:
    """Give the one value that fills the gaps of a column by the feature's choice.

    Args:
        values: The column, all rows; gaps are null.
        feature: Its type and choice. Without a choice, or with `leave_out`, gaps stay.
        training: The rows that mean, median and the most frequent value are taken from.

    Returns:
        Shape (1,), of the column's type; None where nothing is filled.

    Raises:
        BlockwrightError: `data_encoding.nothing_to_fill_from`.
    """
    choice = feature.missing
    if choice is None or choice.kind == "leave_out" or not values.null_count():
        return None
    if choice.kind == "constant":
        return _as(values, _constant(choice.value, feature))
    if choice.kind == "own_category":
        return _as(values, [OWN_CATEGORY] if feature.type == "multi_label" else OWN_CATEGORY)
    present = values.gather(training).drop_nulls()
    if not len(present):
        raise error("data_encoding.nothing_to_fill_from", name=feature.name)
    if choice.kind == "mean":
        return _as(values, present.mean())
    if choice.kind == "median":
        return _as(values, present.median())
    return _as(values, present.mode().sort()[0])


def cell_of(filler: pl.Series, feature: Feature) -> str | float:
    """Give a filling value as a cell of the table: labels joined, 0 or 1 as a number."""
    value = filler[0]
    if isinstance(value, pl.Series):
        delimiter = getattr(feature.encoding, "delimiter", ",")
        return str(delimiter.join(value.to_list()))
    return value if isinstance(value, str) else float(value)


def _constant(value: str | float | None, feature: Feature) -> str | float | Sequence[str]:
    if feature.type == "numeric":
        return float(value or 0.0)
    if feature.type == "binary":
        return float(value or 0.0) == 1.0
    if isinstance(feature.encoding, MultiLabelEncoding):
        parts = str(value).split(feature.encoding.delimiter)
        return [part.strip() for part in parts if part.strip()]
    return str(value)


def _as(values: pl.Series, value: object) -> pl.Series:
    return pl.Series("filler", [value], dtype=values.dtype, strict=False)


def with_filler(values: pl.Series, filler: pl.Series) -> pl.Series:
    """Give a column with its gaps filled by a value, shape (1,)."""
    return values.zip_with(values.is_not_null(), filler.new_from_index(0, len(values)))
