"""Words become numbers of classes, and numbers become ones and zeros.

Takes   a column of words, or of lists of words, and the order of the classes.
Gives   classes in order, their numbers, and rows of 0 and 1 made batch by batch: a million
        rows of 2 000 classes would not fit into memory at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from blockwright.contracts.encodings import ClassOrder
from blockwright.contracts.problems import error
from blockwright.datasets.encoders.choices import require_few_classes

FloatArray = npt.NDArray[np.float32]
RowNumbers = npt.NDArray[np.int64]


def class_counts(values: pl.Series) -> dict[str, int]:
    """Count the rows that hold each word, in a column of words or of lists of words."""
    words = values.list.unique().explode() if values.dtype == pl.List else values
    counted = words.drop_nulls().alias("word").value_counts()
    return dict(zip(counted["word"].to_list(), counted["count"].to_list(), strict=True))


def ordered_classes(
    name: str, counts: dict[str, int], order: ClassOrder, present: Sequence[str] = ()
) -> list[str]:
    """Bring classes into their order.

    Args:
        name: The feature, for problems.
        counts: How often each class stands in the rows that an order by frequency is
            measured on.
        order: sorted: by code points; frequency: the most frequent first, equals sorted;
            template: as listed, whether or not a row has the class.
        present: Classes that exist though `counts` may not know them.

    Raises:
        BlockwrightError: `data_encoding.label_not_in_template` with the label that is met
            most, `data_encoding.too_many_classes`.
    """
    known = {**dict.fromkeys(present, 0), **counts}
    if order.by == "template":
        template = order.template or []
        outside = sorted(known.keys() - set(template), key=lambda word: (-known[word], word))
        if outside:
            raise error(
                "data_encoding.label_not_in_template",
                name=name,
                label=outside[0],
                count=known[outside[0]],
                labels=len(outside),
            )
        return list(template)
    require_few_classes(name, list(known))
    if order.by == "frequency":
        return sorted(known, key=lambda word: (-known[word], word))
    return sorted(known)


def widened_order(order: ClassOrder, counts: dict[str, int]) -> ClassOrder:
    """Give an order by template with the labels that it lacks behind it, sorted."""
    template = order.template or []
    outside = sorted(counts.keys() - set(template))
    return order.model_copy(update={"template": [*template, *outside]})


def class_numbers(values: pl.Series, classes: Sequence[str]) -> npt.NDArray[np.int32]:
    """Give the number of each word's class, shape (rows,); -1 where there is no word.

    Raises:
        polars.exceptions.InvalidOperationError: If a word is no class.
    """
    numbers = values.cast(pl.Enum(list(classes))).to_physical().cast(pl.Int32)
    return numbers.fill_null(-1).to_numpy()


def one_hot(numbers: npt.NDArray[np.int32], classes: int) -> FloatArray:
    """Give 1 at the class of each row, shape (rows, classes); all 0 where there is none."""
    made = np.zeros((len(numbers), classes), dtype=np.float32)
    there = np.flatnonzero(numbers >= 0)
    made[there, numbers[there]] = 1.0
    return made


@dataclass(frozen=True)
class LabelLists:
    """The classes of rows that may have several: row r has `numbers[offsets[r]:offsets[r+1]]`."""

    numbers: npt.NDArray[np.int32]
    offsets: npt.NDArray[np.int64]
    classes: int

    @classmethod
    def of(cls, values: pl.Series, classes: Sequence[str]) -> LabelLists:
        """Take a column of lists of words; rows without a list have no class."""
        offsets = np.zeros(len(values) + 1, dtype=np.int64)
        np.cumsum(values.list.len().fill_null(0).to_numpy(), out=offsets[1:])
        words = values.explode().drop_nulls()
        return cls(class_numbers(words, classes), offsets, len(classes))

    def multi_hot(self, rows: RowNumbers) -> FloatArray:
        """Give 1 at each class of each row, shape (len(rows), classes)."""
        starts = self.offsets[rows]
        lengths = self.offsets[rows + 1] - starts
        owners = np.repeat(np.arange(len(rows)), lengths)
        firsts = np.cumsum(lengths) - lengths
        places = np.arange(len(owners)) - firsts[owners] + starts[owners]
        made = np.zeros((len(rows), self.classes), dtype=np.float32)
        made[owners, self.numbers[places]] = 1.0
        return made
