"""How a column is kept: as numbers only if no cell would be written another way.

Takes   the cells of a column as text, piece by piece.
Gives   a column of numbers, or of text as it was written.
Never   makes 7 of `007`, a number of a telephone number, or rounds a long integer.

A column is one of numbers when each cell that is not missing is a finite number. Forms
that mean the same (`1`, `1.0`, `1e3`, `-0`, spaces around) become one. These stay text:
zeros in front (`007`), a plus and seven digits or more (`+4930123456`), and integers
beyond 2^53, which no 64-bit float holds exactly. Decimal fractions become the nearest
64-bit float. In columns of numbers the words of `MISSING_WORDS` mean that there is none;
in columns of words only an empty cell does, as “NA” may be a country and “None” a class.
"""

from __future__ import annotations

from collections import Counter

import polars as pl

MISSING_WORDS = ("", "na", "nan", "n/a", "null", "none")
LARGEST_EXACT = 2.0**53
# Zeros in front, or a plus as of a telephone number.
ODD_NUMBER = r"^(?:[+-]?0[0-9]|\+[0-9]{7,}$)"
INTEGERS: tuple[tuple[type[pl.DataType], int], ...] = (
    (pl.Int8, 2**7 - 1),
    (pl.Int16, 2**15 - 1),
    (pl.Int32, 2**31 - 1),
    (pl.Int64, 2**53),
)


def is_missing(text: pl.Expr) -> pl.Expr:
    """Tell which cells are empty or one of `MISSING_WORDS`, capitals or not."""
    # Long cells are none of the words; cutting them spares their lower case.
    short = text.str.len_bytes() <= 16
    plain = pl.when(short).then(text).str.strip_chars().str.to_lowercase()
    blank = ~short & (text.str.strip_chars() == "")
    return text.is_null() | plain.is_in(MISSING_WORDS).fill_null(value=False) | blank


class ColumnStore:
    """Collects the pieces of all columns and keeps each column in its narrowest form."""

    def __init__(self, names: list[str]) -> None:
        """Begin with every column taken for numbers until a cell is none."""
        self._names = names
        self._numbers = dict.fromkeys(names)
        self._parts: dict[str, list[pl.Series]] = {name: [] for name in names}
        self._turned: dict[str, None] = {}
        self._fractions: set[str] = set()
        self._begun = False
        self.missing_words: dict[str, Counter[str]] = {}

    def add(self, cells: pl.DataFrame, *, odd_numbers: bool) -> None:
        """Take the next rows, as text."""
        if cells.is_empty():
            return
        if not self._begun:
            self._begun = True
            self._take_words_out(cells.head(64))
        names = [name for name in cells.columns if name in self._numbers]
        texts = cells.select(names)
        values = texts.select(pl.all().cast(pl.Float64, strict=False))
        plain = _plain(texts, values, odd_numbers=odd_numbers)
        closely = {name: self._closely(texts[name]) for name in names if name not in plain}
        values = values.with_columns([each for each in closely.values() if each is not None])
        taken = [name for name in names if name in plain or closely[name] is not None]
        for numbers in self._narrow(values.select(taken)):
            self._parts[numbers.name].append(numbers)
        for name in cells.columns:
            if name not in taken:
                self._keep_text(cells[name])

    def _take_words_out(self, first: pl.DataFrame) -> None:
        """Look at a few rows: most columns of words need no closer look."""
        values = first.select(pl.all().cast(pl.Float64, strict=False))
        for name in set(self._names) - _plain(first, values, odd_numbers=True):
            if _numbers(first[name]) is None:
                del self._numbers[name]

    def _closely(self, text: pl.Series) -> pl.Series | None:
        numbers = _numbers(text)
        if numbers is not None:
            words = text.filter(numbers.is_null()).drop_nulls().str.strip_chars()
            words = words.filter(words != "")
            if len(words):
                counted = words.value_counts()
                found = dict(zip(counted[words.name], counted["count"], strict=True))
                self.missing_words.setdefault(text.name, Counter()).update(found)
        return numbers

    def _keep_text(self, text: pl.Series) -> None:
        name = text.name
        if name in self._numbers:
            del self._numbers[name]
            self.missing_words.pop(name, None)
            if self._parts[name]:
                self._turned[name] = None
                self._parts[name].clear()
        if name not in self._turned:  # its pieces are read again, this one with them
            self._parts[name].append(text)

    def _narrow(self, numbers: pl.DataFrame) -> list[pl.Series]:
        """Keep whole numbers as the smallest integers that hold them; others as they are."""
        whole = [name for name in numbers.columns if name not in self._fractions]
        told = (
            numbers.lazy()
            .select(whole)
            .select(
                (pl.all() == pl.all().floor()).all().name.prefix("w"),
                pl.all().abs().max().name.prefix("m"),
            )
            .collect()
            .row(0, named=True)
            if whole
            else {}
        )
        casts = []
        for name in whole:
            if told[f"w{name}"] and (told[f"m{name}"] or 0.0) <= LARGEST_EXACT:
                kind = next(k for k, most in INTEGERS if (told[f"m{name}"] or 0.0) <= most)
                casts.append(pl.col(name).cast(kind))
            else:
                self._fractions.add(name)
        return numbers.with_columns(casts).get_columns()

    @property
    def turned(self) -> list[str]:
        """Columns that began as numbers and are text: their pieces have to be given again."""
        return list(self._turned)

    def again(self, cells: pl.DataFrame) -> None:
        """Take the next rows of the columns that turned out to be text."""
        for name in cells.columns:
            self._parts[name].append(cells[name])

    def frame(self) -> pl.DataFrame:
        """Give all columns; what was collected is handed over."""
        whole: list[pl.Series] = []
        for name in self._names:
            parts = self._parts.pop(name)
            if name in self._numbers and parts and not all(part.is_null().all() for part in parts):
                types = [part.dtype for part in parts]
                widest = max(types, key=_width)
                parts = [part.cast(widest) for part in parts]
            elif name in self._numbers:
                parts = [pl.Series(name, [None] * len(part), pl.String) for part in parts]
            empty = pl.Series(name, [], pl.String)
            whole.append(pl.concat(parts, rechunk=True) if parts else empty)
        return pl.DataFrame(whole)


def _width(kind: pl.DataType) -> int:
    order = (pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.Float64)
    return next(number for number, each in enumerate(order) if kind == each)


def _plain(texts: pl.DataFrame, values: pl.DataFrame, *, odd_numbers: bool) -> set[str]:
    """Give the columns whose cells are all numbers at the first look."""
    if not texts.columns:
        return set()
    told = values.select(
        pl.all().null_count().name.prefix("n"),
        (pl.all().abs().max() < LARGEST_EXACT).name.prefix("m"),
        pl.all().is_nan().any().name.prefix("a"),
    ).row(0, named=True)
    odd: dict[str, bool] = {}
    if odd_numbers:
        looked = texts.select(pl.all().str.strip_chars_start().str.contains(ODD_NUMBER).any())
        odd = looked.row(0, named=True)
    return {
        name
        for name in texts.columns
        if not odd.get(name)
        and told[f"n{name}"] == 0
        and told[f"m{name}"]
        and not told[f"a{name}"]
    }


def _numbers(text: pl.Series) -> pl.Series | None:
    """Give the numbers of the cells, null where missing; None if a cell is no plain number."""
    frame = text.to_frame("text").with_columns(pl.col("text").str.strip_chars().alias("plain"))
    frame = frame.with_columns(
        pl.col("plain").cast(pl.Float64, strict=False).alias("value"),
        is_missing(pl.col("text")).alias("missing"),
    )
    value, missing = frame["value"], frame["missing"]
    value = value.set(missing, None)
    if value.null_count() != int(missing.sum()) or not value.is_finite().all():
        return None
    if frame["plain"].str.contains(ODD_NUMBER).any():
        return None
    beyond = frame.filter(value.abs() > LARGEST_EXACT)
    if len(beyond) and beyond["plain"].str.contains(r"^[+-]?[0-9]+\.?0*$").any():
        return None
    return value.alias(text.name)


def why_text(text: pl.Series) -> tuple[str, str] | None:
    """Tell why numbers were kept as text: the reason, and a cell that has it.

    Returns:
        `leading_zero`, `telephone` or `long_integer` with the cell; None if the column is
        not one of numbers anyway.
    """
    head = text.drop_nulls().head(1_000).str.strip_chars()
    if not len(head) or head.cast(pl.Float64, strict=False).null_count():
        return None
    plain = text.drop_nulls().str.strip_chars()
    numbers = plain.cast(pl.Float64, strict=False)
    missing = plain.str.to_lowercase().is_in(MISSING_WORDS)
    if int((numbers.is_null() & ~missing).sum()):
        return None
    for reason, pattern in (
        ("leading_zero", r"^[+-]?0[0-9]"),
        ("telephone", r"^\+[0-9]{7,}$"),
        ("long_integer", r"^[+-]?[0-9]{16,}\.?0*$"),
    ):
        found = plain.filter(plain.str.contains(pattern))
        if len(found):
            return reason, str(found[0])
    return None
