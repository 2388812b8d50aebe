"""The set of classes of each row, however the column is stored."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from blockwright.datasets.label_sets import sets_of_series


@given(st.lists(st.sampled_from([True, False, None])))
def test_truths_have_the_classes_and_numbers_that_their_words_have(
    truths: list[bool | None],
) -> None:
    column = pl.Series("tag", truths, pl.Boolean)

    at_once = sets_of_series(column)

    of_words = sets_of_series(column.cast(pl.Int8).cast(pl.String))
    assert at_once.sets == of_words.sets
    assert at_once.codes.tolist() == of_words.codes.tolist()
    assert at_once.codes.dtype == of_words.codes.dtype
