"""Counts of columns: histogram, smallest, middle, largest, mean, gaps, classes.

Takes   columns as `typed_columns.typed` or `table_files` gives them, and their types.
Gives   one `ColumnStatistics` each; every figure is exact.
Never   samples, and never turns a table into another type as a whole.

The histogram of a column of numbers is counted once in many fine bins. The coarse bins are
sums of these, and the median is looked for in the one fine bin that holds it, so that no
column has to be sorted.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import isfinite

import numpy as np
import numpy.typing as npt
import polars as pl

from blockwright.contracts.data import Histogram
from blockwright.contracts.encodings import FeatureType

BINS = 24
FINE_BINS_PER_BIN = 256
# As many bars as the head of a column can show.
MOST_FREQUENT_WORDS = 80
# Values that are looked at together; more would leave the cache.
BLOCK_VALUES = 1 << 16
THREADS = 2
TINY = 1e-280
LIFT = np.float64(2.0**500)

Numbers = npt.NDArray[np.number]
Places = npt.NDArray[np.uint16]


@dataclass(frozen=True)
class ColumnStatistics:
    """What a column holds; `is_constant` if all that is there is the same, or nothing is.

    `class_counts` has every class, most frequent first (of `multi_label`, each word once
    per row); it is empty for numbers, text and paths.
    """

    name: str
    rows: int
    missing_rows: int
    histogram: Histogram
    is_constant: bool
    class_counts: dict[str, int]


def column_statistics(
    columns: Sequence[tuple[pl.Series, FeatureType]],
) -> list[ColumnStatistics]:
    """Count many columns.

    Args:
        columns: Each with its type: numbers for `numeric` and `binary` (other values than
            0 and 1 are left out of the counts of the latter), lists of text for
            `multi_label`, text for the rest.

    Returns:
        One entry for each column, in order.
    """
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda each: _statistics(*each), columns))


def _statistics(values: pl.Series, feature_type: FeatureType) -> ColumnStatistics:
    if feature_type == "numeric":
        return _of_numbers(values)
    if feature_type == "binary":
        true, false = int((values == 1).sum()), int((values == 0).sum())
        histogram = Histogram(counts=[false, true], labels=["0", "1"])
        missing = len(values) - true - false
        return ColumnStatistics(
            values.name, len(values), missing, histogram, min(true, false) == 0, {}
        )
    return _of_words(values, feature_type)


def _of_words(values: pl.Series, feature_type: FeatureType) -> ColumnStatistics:
    missing = values.null_count()
    words = values
    if feature_type == "multi_label":
        missing = int((values.list.len().fill_null(0) == 0).sum())
        words = values.drop_nulls().explode(empty_as_null=False)
    if feature_type not in {"categorical", "multi_label"}:
        is_constant = values.drop_nulls().head(2_000).n_unique() <= 1 and (
            values.drop_nulls().n_unique() <= 1
        )
        return ColumnStatistics(
            values.name, len(values), missing, Histogram(counts=[]), is_constant, {}
        )
    counted = words.drop_nulls().alias("word").value_counts()
    return statistics_of_words(values.name, len(values), missing, counted)


def statistics_of_words(
    name: str, rows: int, missing_rows: int, counted: pl.DataFrame
) -> ColumnStatistics:
    """Tell of a column of classes whose words were counted already.

    Args:
        name: Of the column.
        rows: All of them.
        missing_rows: Those without a word.
        counted: The different words (`word`) and in how many rows each stands (`count`).
    """
    counted = counted.sort(["count", "word"], descending=[True, False])
    counts = dict(zip(counted["word"].to_list(), counted["count"].to_list(), strict=True))
    shown = list(counts)[:MOST_FREQUENT_WORDS]
    histogram = Histogram(
        counts=[counts[word] for word in shown], labels=shown, distinct=len(counts)
    )
    return ColumnStatistics(name, rows, missing_rows, histogram, len(counts) <= 1, counts)


def _of_numbers(values: pl.Series) -> ColumnStatistics:
    missing = values.null_count()
    present = values.drop_nulls() if missing else values
    if not len(present):
        return ColumnStatistics(values.name, len(values), missing, Histogram(counts=[]), True, {})
    least, most = float(present.min()), float(present.max())  # type: ignore[arg-type]
    mean = float(present.mean())  # type: ignore[arg-type]
    if not isfinite(mean):  # the sum is beyond the largest float, the mean is not
        mean = float((present / len(present)).sum())
    counts, median = _counts_and_median(present.to_numpy(), least, most)
    histogram = Histogram(
        counts=counts,
        minimum=least,
        median=median,
        maximum=most,
        mean=min(max(mean, least), most),
    )
    return ColumnStatistics(values.name, len(values), missing, histogram, least == most, {})


def _counts_and_median(numbers: Numbers, least: float, most: float) -> tuple[list[int], float]:
    if least == most:
        return [len(numbers), *[0] * (BINS - 1)], least
    if most - least < TINY:  # halves of the smallest floats are 0; a power of two changes nothing
        counts, median = _counts_and_median(numbers * LIFT, least * LIFT, most * LIFT)
        return counts, median / LIFT
    places = _fine_bins(numbers, least, most)
    fine = _counts(places)
    counts = fine.reshape(BINS, FINE_BINS_PER_BIN).sum(axis=1)
    reached = np.cumsum(fine)
    lower, upper = (len(numbers) - 1) // 2, len(numbers) // 2
    first, last = (int(np.searchsorted(reached, rank, side="right")) for rank in (lower, upper))
    among = numbers[(places == first) | (places == last)].astype(np.float64)
    before = int(reached[first - 1]) if first else 0
    middle = (lower - before, upper - before)
    among = np.partition(among, middle)
    return counts.tolist(), _middle(float(among[middle[0]]), float(among[middle[1]]))


def _middle(lower: float, upper: float) -> float:
    if lower == upper:
        return lower
    middle = (lower + upper) / 2
    return middle if isfinite(middle) else lower / 2 + upper / 2


def _fine_bins(numbers: Numbers, least: float, most: float) -> Places:
    """Give the fine bin of each number; larger numbers never have a smaller bin."""
    bins = BINS * FINE_BINS_PER_BIN
    width = most / 2 - least / 2  # halves: the width may be beyond the largest float
    found = np.empty(len(numbers), np.uint16)
    for begin in range(0, len(numbers), BLOCK_VALUES):
        some = numbers[begin : begin + BLOCK_VALUES]
        places: npt.NDArray[np.float64] = np.multiply(some, 0.5, dtype=np.float64)
        places -= least / 2
        places /= width
        places *= bins
        np.minimum(places, bins - 1, out=places)
        found[begin : begin + BLOCK_VALUES] = places
    return found


def _counts(places: Places) -> npt.NDArray[np.int64]:
    counts = np.zeros(BINS * FINE_BINS_PER_BIN, np.int64)
    for begin in range(0, len(places), BLOCK_VALUES):
        counts += np.bincount(places[begin : begin + BLOCK_VALUES], minlength=len(counts))
    return counts
