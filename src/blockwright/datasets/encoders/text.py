"""Text becomes numbers of tokens.

Takes   a column of text.
Gives   a vocabulary, most frequent token first, and int32 of one length per row:
        0 fills, 1 is a token that the vocabulary does not hold, 2 is its first.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from blockwright.contracts.encodings import TextEncoding

FILLER, UNKNOWN, FIRST_TOKEN = 0, 1, 2
# Words are runs of letters and digits; every other sign that is no space stands alone.
_PATTERNS = {"words": r"\w+|[^\w\s]", "characters": r"(?s)."}
IntArray = npt.NDArray[np.int32]


def vocabulary(values: pl.Series, encoding: TextEncoding) -> list[str]:
    """Give the most frequent tokens of a column, at most `vocabulary_size` - 2.

    Args:
        values: Text of the Training rows alone.
        encoding: What a token is.
    """
    tokens = _tokens(values, encoding).explode().drop_nulls().alias("token")
    counted = tokens.value_counts().sort(["count", "token"], descending=[True, False])
    return counted["token"].head(encoding.vocabulary_size - FIRST_TOKEN).to_list()


def token_numbers(values: pl.Series, words: Sequence[str], encoding: TextEncoding) -> IntArray:
    """Give the numbers of the first tokens of each text.

    Args:
        values: Text; rows without any become fillers alone.
        words: The vocabulary.
        encoding: What a token is, and how many a row holds.

    Returns:
        int32, shape (rows, encoding.length).
    """
    tokens = _tokens(values, encoding).list.head(encoding.length)
    lengths = tokens.list.len().fill_null(0).to_numpy().astype(np.int64)
    known = pl.DataFrame(
        {"token": list(words), "number": np.arange(len(words), dtype=np.int32) + FIRST_TOKEN},
        schema={"token": pl.String, "number": pl.Int32},
    )
    # An empty list explodes to one null: those are no tokens.
    met = tokens.explode().drop_nulls().alias("token").to_frame()
    numbers = met.join(known, on="token", how="left", maintain_order="left")["number"]
    made = np.full((len(values), encoding.length), FILLER, dtype=np.int32)
    owners = np.repeat(np.arange(len(values)), lengths)
    firsts = np.cumsum(lengths) - lengths
    made[owners, np.arange(len(owners)) - firsts[owners]] = numbers.fill_null(UNKNOWN).to_numpy()
    return made


def _tokens(values: pl.Series, encoding: TextEncoding) -> pl.Series:
    text = values.str.to_lowercase() if encoding.lowercase else values
    return text.str.extract_all(_PATTERNS[encoding.tokens])
