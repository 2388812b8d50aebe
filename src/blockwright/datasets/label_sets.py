"""The set of classes of each row, for one label, several labels, or a set of 0/1 features.

Takes   the values of a feature, or a way to read those of several.
Gives   `LabelSets`: each different set once, and its number for every row.
Never   makes a table of rows × classes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

_SEPARATOR = "\x1f"


@dataclass(frozen=True)
class LabelSets:
    """Sets of classes. Row r holds the classes `sets[codes[r]]`, in sorted order.

    `codes` has shape (rows,). A row without a class holds the empty set.
    """

    codes: npt.NDArray[np.int64]
    sets: list[tuple[str, ...]]

    @property
    def classes(self) -> list[str]:
        """Every class that a row holds, sorted."""
        return sorted({each for one in self.sets for each in one})


def sets_of_series(values: pl.Series) -> LabelSets:
    """Give the sets of one column: of words or truths, one class per row; of lists, any number."""
    if values.dtype == pl.Boolean:
        return _sets_of_truths(values)
    is_list = isinstance(values.dtype, pl.List)
    joined = values.list.join(_SEPARATOR) if is_list else values.cast(pl.String)
    codes, words = word_codes(joined.fill_null(""))
    if not is_list:
        return LabelSets(codes, [(one,) if one else () for one in words])
    # Classes may be written in any order, or twice: the same set has one number.
    sets = [tuple(sorted(set(one.split(_SEPARATOR)))) if one else () for one in words]
    numbers = {one: number for number, one in enumerate(sorted(set(sets)))}
    numbered = np.array([numbers[one] for one in sets], dtype=np.int64)
    return LabelSets(numbered[codes], list(numbers))


def _sets_of_truths(values: pl.Series) -> LabelSets:
    """Give the classes `0` and `1`, numbered as their words would be: those that a row has."""
    gaps, true = values.null_count(), int(values.sum() or 0)
    held = np.array([len(values) - gaps - true > 0, true > 0, gaps > 0])
    numbers = np.cumsum(held[[2, 0, 1]])[[1, 2, 0]] - 1  # the set without a class comes first
    codes = numbers[values.cast(pl.UInt8).fill_null(2).to_numpy()]
    sets: list[tuple[str, ...]] = [(), ("0",), ("1",)]
    return LabelSets(codes, [sets[place] for place in (0, 1, 2) if held[place - 1]])


def word_codes(words: pl.Series) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Number different words in sorted order.

    Returns:
        The number of each row's word, shape (rows,), and the words; a null has the number
        after the last.
    """
    unique = words.drop_nulls().unique().sort()
    if len(unique) == 0:
        return np.zeros(len(words), dtype=np.int64), []
    codes = words.cast(pl.Enum(unique)).to_physical().fill_null(len(unique))
    return codes.to_numpy().astype(np.int64), unique.to_list()


def number_of_words(words: pl.Series) -> int:
    """Give about how many different words a column has, within a few percent, and quickly."""
    counted = words.to_frame("word").select(pl.col("word").approx_n_unique())
    return int(counted.item())


def sets_of_columns(read: Callable[[str], pl.Series], names: Sequence[str]) -> LabelSets:
    """Give the sets of several 0/1 columns; each column whose cell is 1 is a class.

    Each class has a random 64-bit number and a set is the xor of those of its classes, so
    that columns are read one after the other; two sets meet by chance in 1 of 2^64 cases.
    """
    keys: npt.NDArray[np.uint64] | None = None
    for name in names:
        number = np.uint64(int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest()))
        true = _is_true(read(name))
        if keys is None:
            keys = np.zeros(len(true), dtype=np.uint64)
        keys[true] ^= number
    if keys is None:
        return LabelSets(codes=np.zeros(0, dtype=np.int64), sets=[])
    _, first_rows, codes = np.unique(keys, return_index=True, return_inverse=True)
    sets: list[list[str]] = [[] for _ in first_rows]
    for name in sorted(names):
        for place in np.flatnonzero(_is_true(read(name))[first_rows]):
            sets[place].append(name)
    return LabelSets(codes=codes.astype(np.int64), sets=[tuple(one) for one in sets])


def _is_true(values: pl.Series) -> npt.NDArray[np.bool_]:
    if values.dtype != pl.Boolean:
        values = values.cast(pl.Float64) > 0.5
    return values.fill_null(value=False).to_numpy()
