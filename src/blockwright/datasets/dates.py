"""Which columns hold dates.

Takes   cells of a column.
Gives   whether all of them are dates, with a time of day or without, or times alone.
Never   reads a date: which of 3/4/2024 is the month nobody can know.
"""

from __future__ import annotations

import polars as pl

FIRST_ROWS = 1_000
_MONTH = r"(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAYS = (
    r"\d{4}-\d{1,2}-\d{1,2}",
    r"\d{4}/\d{1,2}/\d{1,2}",
    r"\d{4}\.\d{1,2}\.\d{1,2}",
    r"\d{1,2}\.\d{1,2}\.\d{4}",
    r"\d{1,2}/\d{1,2}/(?:\d{2}|\d{4})",
    r"\d{1,2}-\d{1,2}-\d{4}",
    r"\d{4}年\d{1,2}月(?:\d{1,2}日)?",
    rf"\d{{1,2}}\.?[ -]{_MONTH}[ -,]{{1,2}}(?:\d{{2}}|\d{{4}})",
    rf"{_MONTH} \d{{1,2}},? \d{{4}}",
    r"(?:19|20)\d{2}-(?:0[1-9]|1[0-2])",
)
_CLOCK = (
    r"[0-2]?\d:[0-5]\d(?::[0-5]\d(?:[.,]\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?(?:Z| ?[+-]\d{2}:?\d{2})?"
)
_TIME = r"[0-2]?\d:[0-5]\d:[0-5]\d(?:[.,]\d+)?"
DATE = rf"^(?:(?:{'|'.join(_DAYS)})(?:[T ]{_CLOCK})?|{_TIME})$"


def are_dates(cells: pl.Series) -> bool:
    """Tell whether all cells are dates or times.

    Args:
        cells: Text, none missing; an empty column holds no dates.
    """
    if not len(cells):
        return False
    # The first cells say no for most columns of words.
    some = (cells.head(FIRST_ROWS), cells)
    return all(each.str.strip_chars().str.contains(DATE).all() for each in some)
