"""Who a row is: equal for equal values, the same on every machine, never twice."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from blockwright.datasets.intake import identities
from blockwright.datasets.intake.identities import FEW_WORDS, row_identities

PINNED = [4355837235358778986, 6333139205036588708, 8710821508233660667, 16819228457034213724]
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.none()


def test_identities_are_what_they_were_on_every_machine() -> None:
    rows = pl.DataFrame(
        {
            "number": [1.5, -0.0, None, 7.0],
            "word": ["Bark", "", None, "雨" * 100],
            "true": [1, 0, 1, None],
        }
    )
    assert row_identities(rows, None).tolist() == PINNED


def test_rows_with_a_file_are_known_by_its_path() -> None:
    rows = pl.DataFrame({"file": ["a/1.wav", "a/2.wav"], "number": [1, 2]})
    assert row_identities(rows, "file").tolist() == [
        identities._identity(f"a/{n}.wav") for n in (1, 2)
    ]


@given(st.lists(WORDS, min_size=1, max_size=30))
@settings(deadline=None)
def test_no_two_rows_have_the_same_identity(words: list[str | None]) -> None:
    rows = pl.DataFrame({"word": pl.Series(words, dtype=pl.String)})
    found = row_identities(rows, None)
    assert len(np.unique(found)) == len(words)
    again = row_identities(rows, None, found)
    assert not np.isin(again, found).any()


@given(WORDS, WORDS)
@settings(deadline=None)
def test_rows_differ_when_their_words_do(one: str | None, other: str | None) -> None:
    cells = pl.DataFrame({"word": pl.Series([one, other], dtype=pl.String)})
    first, second = identities._of_values(cells).tolist()
    assert (first == second) == (one == other)


@given(st.lists(st.integers(-(2**53), 2**53), min_size=1, max_size=20))
@settings(deadline=None)
def test_a_number_is_the_same_in_every_type(numbers: list[int]) -> None:
    whole = pl.DataFrame({"n": pl.Series(numbers, dtype=pl.Int64), "m": numbers})
    floats = whole.cast(pl.Float64)
    assert (row_identities(whole, None) == row_identities(floats, None)).all()


def test_a_word_is_the_same_among_few_and_among_many_words() -> None:
    few = pl.Series("word", ["Bark", "Meow", None, "", "雨" * 100, "x" * 4096] * FEW_WORDS)
    many = pl.concat([few, pl.Series("word", [str(n) for n in range(2 * FEW_WORDS)])])
    scattered = many.sample(len(many), shuffle=True, seed=7)
    identity_of: dict[str | None, set[int]] = {}
    for series in (few, scattered, few.head(10)):
        found = identities._of_values(series.to_frame()).tolist()
        for word, identity in zip(series.to_list(), found, strict=True):
            identity_of.setdefault(word, set()).add(identity)
    assert all(len(each) == 1 for each in identity_of.values())
    assert len({min(each) for each in identity_of.values()}) == len(identity_of)


def test_a_hundred_thousand_rows_of_small_numbers_have_no_two_the_same_before_copies() -> None:
    numbers = np.arange(100_000)
    rows = pl.DataFrame({"a": numbers % 100, "b": numbers // 100 % 100, "c": numbers // 10_000})
    assert len(np.unique(identities._of_values(rows))) == len(rows)


def test_the_order_of_columns_counts_and_gaps_are_not_empty_words() -> None:
    rows = pl.DataFrame({"a": ["1", "2", None, ""], "b": ["2", "1", "", None]})
    assert len(np.unique(identities._of_values(rows))) == 4
