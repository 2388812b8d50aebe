"""Stand-in until the tables branch is merged."""

from __future__ import annotations

import polars as pl

from blockwright.contracts.encodings import FeatureType


def typed(
    values: pl.Series, kind: FeatureType, *, decimal_comma: bool = False, delimiter: str = ","
) -> tuple[pl.Series, pl.Series]:
    """Give values as the type wants them, and where they do not fit."""
    text = values if values.dtype == pl.String else values.cast(pl.String)
    text = text.str.strip_chars()
    text = text.set(text == "", None)
    if kind in {"numeric", "binary"}:
        if decimal_comma:
            text = text.str.replace(",", ".", literal=True)
        numbers = text.cast(pl.Float64, strict=False)
        if kind == "binary":
            numbers = numbers.set(~numbers.is_in([0.0, 1.0]), None)
        bad = numbers.is_null() & text.is_not_null()
        return numbers.cast(pl.UInt8) if kind == "binary" else numbers, bad
    bad = pl.Series([False] * len(values), dtype=pl.Boolean)
    if kind == "multi_label":
        parts = text.str.split(delimiter).list.eval(pl.element().str.strip_chars())
        return parts, bad
    return text, bad
