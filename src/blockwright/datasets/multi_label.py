"""Cells that hold several words joined by a delimiter, as label tables have them.

Takes   a column of text.
Gives   which delimiter joins the words, and which words there are, if that is what it is.
Never   splits at spaces: “living room” is one class.

A column whose name says so (`labels`, `tags`) needs one cell with several words. Any other
also needs words that repeat, in cells of different numbers of words; so `Paris, France`
in every cell is no set of labels, and neither are sentences with commas or decimal commas.
How many words a model can tell apart is not asked here.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from blockwright.datasets.labels import LABEL_COLUMNS

LABEL_NAMES = (*LABEL_COLUMNS, "tags", "tag", "classes", "categories")
JOINING_DELIMITERS = (",", ";", "|")
FIRST_ROWS = 20_000
# Of an unnamed column: one cell in so many of the first rows must hold several words.
ONE_JOINED_CELL_IN = 200
REPEATED_SHARE = 0.9
MAX_WORD_BYTES = 100


@dataclass(frozen=True)
class JoinedWords:
    """The words of a column of joined words."""

    delimiter: str
    classes: list[str]
    most_in_a_cell: int


def split_words(text: pl.Expr, delimiter: str) -> pl.Expr:
    """Split cells into words: each once per cell, in order, without spaces around it."""
    stripped = text.str.split(delimiter).list.eval(pl.element().str.strip_chars())
    return stripped.list.eval(pl.element().filter(pl.element() != "")).list.unique(
        maintain_order=True
    )


def joined_words(text: pl.Series, cells: pl.DataFrame | None = None) -> JoinedWords | None:
    """Tell whether the cells of a column are words joined by a delimiter.

    Args:
        text: A column of text; null is missing.
        cells: Its different cells (`word`) and how often each occurs (`count`), if known.
    """
    is_named = text.name.strip().lower() in LABEL_NAMES
    first = text.drop_nulls().head(FIRST_ROWS)
    best: tuple[int, str] = (0, "")
    for delimiter in JOINING_DELIMITERS:
        joined = int(first.str.contains(delimiter, literal=True).sum())
        enough = joined * ONE_JOINED_CELL_IN >= len(first)
        if is_named and not joined:
            joined = int(text.str.contains(delimiter, literal=True).sum())
        if joined and (is_named or enough):
            best = max(best, (joined, delimiter))
    # The first rows say no for most columns that are none.
    if not best[0] or (
        not is_named and _words_of(_counted(first), best[1], is_named=False) is None
    ):
        return None
    return _words_of(_counted(text) if cells is None else cells, best[1], is_named=is_named)


def _counted(text: pl.Series) -> pl.DataFrame:
    return text.drop_nulls().alias("word").value_counts()


def _words_of(cells: pl.DataFrame, delimiter: str, *, is_named: bool) -> JoinedWords | None:
    split = cells.select(split_words(pl.col("word"), delimiter), pl.col("count"))
    split = split.filter(pl.col("word").list.len() > 0)
    if not split.height:
        return None
    sizes = split["word"].list.len()
    counted = split.explode("word").group_by("word").agg(pl.col("count").sum())
    longest = int(counted["word"].str.len_bytes().max())  # type: ignore[arg-type]
    if longest > MAX_WORD_BYTES:
        return None
    if not is_named:
        total = int(counted["count"].sum())
        repeated = int(counted.filter(pl.col("count") > 1)["count"].sum())
        numbers = counted.filter(pl.col("word").cast(pl.Float64, strict=False).is_not_null())
        if (
            int(numbers["count"].sum()) * 2 > total
            or sizes.min() == sizes.max()
            or total < 2 * counted.height
        ):
            return None
        if repeated < REPEATED_SHARE * total:
            return None
    return JoinedWords(delimiter, sorted(counted["word"].to_list()), int(sizes.max()))  # type: ignore[arg-type]
