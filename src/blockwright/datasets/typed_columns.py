"""A stored column as the values of a type: for a proposal, or for a change by a person.

Takes   a column of numbers or text, and a type.
Gives   its values (null where missing) and which rows hold something else.
Never   makes a value of a cell that the type does not have.
"""

from __future__ import annotations

import polars as pl

from blockwright.contracts.encodings import FeatureType
from blockwright.datasets.column_storage import MISSING_WORDS
from blockwright.datasets.labels import FALSE_WORDS, TRUE_WORDS
from blockwright.datasets.multi_label import split_words

SUFFIXES: dict[FeatureType, tuple[str, ...]] = {
    "tensor": (".npy",),
    "image": (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif"),
    "audio": (".wav", ".flac", ".ogg", ".mp3"),
}
NUMBER_WITH_COMMA = r"^[+-]?[0-9]+(?:,[0-9]+)?(?:[eE][+-]?[0-9]+)?$"


def typed(
    column: pl.Series,
    feature_type: FeatureType,
    *,
    decimal_comma: bool = False,
    delimiter: str = ",",
    missing_words: tuple[str, ...] = (),
) -> tuple[pl.Series, pl.Series]:
    """Give the values of a column as a type has them.

    Args:
        column: Numbers or text as stored.
        feature_type: What it shall be.
        decimal_comma: For `numeric`: “1,5” is 1.5, and a point is no part of a number.
        delimiter: For `multi_label`: what joins the words of a cell.
        missing_words: For columns of words: which words, in small letters, mean that
            there is none. Numbers and 0/1 always take those of `MISSING_WORDS` so.

    Returns:
        The values, null where there is none: float64 for `numeric`, 0 and 1 in bytes for
        `binary`, lists of text for `multi_label`, else text. And a mask of the rows whose
        cell is there, but is none of the type; their value is null.
    """
    if feature_type == "numeric":
        return _as_numbers(column, decimal_comma=decimal_comma)
    if feature_type == "binary":
        return _as_binary(column)
    text = _as_text(column, missing_words)
    none_bad = pl.Series(column.name, [False], pl.Boolean).new_from_index(0, len(column))
    if feature_type == "multi_label":
        lists = text.to_frame().select(split_words(pl.first(), delimiter)).to_series()
        return lists.alias(column.name), none_bad
    if feature_type in SUFFIXES:
        bad = ~has_suffix(text, SUFFIXES[feature_type]).fill_null(value=True)
        return text.set(bad, None), bad.alias(column.name)
    return text, none_bad


def has_suffix(text: pl.Series, suffixes: tuple[str, ...]) -> pl.Series:
    """Tell which paths end with one of the suffixes, capitals or not; null stays null."""
    ends = text.str.strip_chars_end().str.tail(max(map(len, suffixes))).str.to_lowercase()
    return ends.str.contains("(?:" + "|".join(suffixes).replace(".", r"\.") + ")$")


def _as_numbers(column: pl.Series, *, decimal_comma: bool) -> tuple[pl.Series, pl.Series]:
    if column.dtype != pl.String:
        return column.cast(pl.Float64), column.is_null() & False
    plain = column.str.strip_chars()
    missing = _is_one_of(plain, MISSING_WORDS)
    if decimal_comma:
        is_number = plain.str.contains(NUMBER_WITH_COMMA).fill_null(value=False)
        plain = plain.str.replace(",", ".", literal=True).set(~is_number, None)
    numbers = plain.cast(pl.Float64, strict=False)
    is_number = numbers.is_finite().fill_null(value=False) & ~missing
    return numbers.set(~is_number, None), (~is_number & ~missing).alias(column.name)


def _as_binary(column: pl.Series) -> tuple[pl.Series, pl.Series]:
    if column.dtype == pl.String:
        plain = column.str.strip_chars().str.to_lowercase()
        true = (plain.is_in(TRUE_WORDS) | plain.str.contains(r"^1\.0+$")).fill_null(value=False)
        false = (plain.is_in(FALSE_WORDS) | plain.str.contains(r"^0\.0+$")).fill_null(value=False)
        missing = _is_one_of(plain, MISSING_WORDS)
    else:
        true, false = ((column == each).fill_null(value=False) for each in (1, 0))
        missing = column.is_null()
    values = true.cast(pl.UInt8).set(~(true | false), None)
    return values.alias(column.name), (~(true | false | missing)).alias(column.name)


def _as_text(column: pl.Series, missing_words: tuple[str, ...]) -> pl.Series:
    if column.dtype.is_float():
        # 2.0 in a column of numbers may have been written 2: whole numbers have no point.
        whole = (column == column.floor()) & (column.abs() < 2.0**53)
        written = pl.when(whole).then(column.set(~whole, None).cast(pl.Int64).cast(pl.String))
        return pl.select(written.otherwise(column.cast(pl.String))).to_series().alias(column.name)
    if column.dtype != pl.String:
        return column.cast(pl.String)
    if missing_words:
        return column.set(_is_one_of(column.str.strip_chars(), ("", *missing_words)), None)
    blank = blank_cells(column)
    return column.set(blank, None) if blank.any() else column


def blank_cells(text: pl.Series) -> pl.Series:
    """Tell which cells hold nothing, or nothing but spaces; null stays null."""
    # A cell that begins with a printed sign of ASCII is none: mostly that is all to be asked.
    may_be = (text < "!") | (text > "~")
    return (text.str.strip_chars() == "") if may_be.any() else may_be


def _is_one_of(plain: pl.Series, words: tuple[str, ...]) -> pl.Series:
    return plain.is_null() | plain.str.to_lowercase().is_in(words).fill_null(value=False)
