"""The few cells that keep a column from being of a type, in words.

Takes   cells of a column.
Gives   which different ones there are and how often, the most frequent first.
"""

from __future__ import annotations

import polars as pl

MOST_TOLD = 4
MOST_LETTERS = 40


def told(cells: pl.Series) -> str:
    """List cells as “unknown” (5), “12 kg” (1); only the most frequent, shortened.

    Args:
        cells: Numbers or text, none missing.
    """
    counted = cells.cast(pl.String).str.strip_chars().alias("word").value_counts()
    counted = counted.sort(["count", "word"], descending=[True, False])
    shown = [f"“{_short(word)}” ({count:,})" for word, count in counted.head(MOST_TOLD).rows()]
    return ", ".join([*shown, "…"] if counted.height > MOST_TOLD else shown)


def _short(word: str) -> str:
    return word if len(word) <= MOST_LETTERS else word[: MOST_LETTERS - 1] + "…"
