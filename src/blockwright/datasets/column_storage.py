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
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from math import isfinite, nan

import polars as pl

MISSING_WORDS = ("", "na", "nan", "n/a", "null", "none")
LARGEST_EXACT = 2.0**53
THREADS = 2
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
        self._not_integers: set[str] = set()
        self._with_words: set[str] = set()
        self._begun = False
        self._schema: dict[str, type[pl.DataType]] = dict.fromkeys(names, pl.String)
        self.missing_words: dict[str, Counter[str]] = {}

    def schema(self) -> dict[str, type[pl.DataType]]:
        """Say as what the next cells are best read: numbers where all were plain so far.

        May be asked while rows are taken: it is what the rows taken before have told.
        """
        return self._schema

    def _read_as(self, name: str) -> type[pl.DataType]:
        if name not in self._numbers or name in self._with_words:
            return pl.String
        return pl.Float64 if name in self._fractions | self._not_integers else pl.Int64

    def add(
        self,
        cells: pl.DataFrame,
        *,
        zero_starts: int | None = None,
        as_text: Callable[[list[str]], pl.DataFrame] | None = None,
    ) -> None:
        """Take the next rows.

        Args:
            cells: As text, or as numbers where `schema` said so and all were such.
            zero_starts: The most cells that begin with a zero and another digit; None if
                that, or whether some begin with a sign, is not known.
            as_text: Gives columns as text that came as numbers.
        """
        if cells.is_empty():
            return
        if not self._begun:
            self._begun = True
            self._take_words_out(cells.head(64))
        odd = self._may_be_odd(cells, zero_starts)
        largest = _largest_of_each(cells)
        if as_text is not None and (doubtful := _doubtful(largest, odd=odd)):
            cells = cells.with_columns(as_text(doubtful).get_columns())
            if not odd:
                self._with_words.update(doubtful)
        kinds = cells.schema
        texts = cells.select(name for name in self._numbers if kinds[name] == pl.String)
        taken = cells.select(name for name in self._numbers if name not in texts.columns)
        were_texts = pl.DataFrame(self._numbers_of(texts, odd=odd))
        largest |= _largest_of_each(were_texts)
        taken = pl.DataFrame([*taken.get_columns(), *were_texts.get_columns()])
        for numbers in self._narrow(taken, largest):
            self._parts[numbers.name].append(numbers)
        for name in cells.columns:
            if name not in taken.columns:
                self._keep_text(cells[name])
        self._schema = {name: self._read_as(name) for name in self._names}

    def _may_be_odd(self, cells: pl.DataFrame, zero_starts: int | None) -> bool:
        """Tell whether some number may have a zero in front.

        The cells of words that begin so are counted; if these are all, no number does.
        """
        if not zero_starts:
            return zero_starts is None
        words = cells.select(name for name in self._names if name not in self._numbers)
        found = words.select(pl.all().str.contains("^0[0-9]").sum())
        return bool(sum(found.row(0) if found.width else ()) != zero_starts)

    def _numbers_of(self, texts: pl.DataFrame, *, odd: bool) -> list[pl.Series]:
        """Give those columns of text that are numbers."""
        if not texts.width:
            return []
        values = texts.select(pl.all().cast(pl.Float64, strict=False))
        plain = _plain(texts, values, odd=odd)
        found = [values[name] for name in texts.columns if name in plain]
        for name in texts.columns:
            if name not in plain and (numbers := self._closely(texts[name])) is not None:
                found.append(numbers)
                self._with_words.add(name)
        not_integers = texts.select(pl.all().str.contains("[^0-9-]").any()).row(0, named=True)
        self._not_integers.update(name for name, is_so in not_integers.items() if is_so)
        return found

    def _take_words_out(self, first: pl.DataFrame) -> None:
        """Look at a few rows: most columns of words need no closer look."""
        values = first.select(pl.all().cast(pl.Float64, strict=False))
        for name in set(self._names) - _plain(first, values, odd=True):
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
            self._turn(name)
        if name not in self._turned:  # its pieces are read again, this one with them
            self._parts[name].append(text)

    def _turn(self, name: str) -> None:
        del self._numbers[name]
        self.missing_words.pop(name, None)
        if self._parts[name]:
            self._turned[name] = None
            self._parts[name].clear()

    def _narrow(self, numbers: pl.DataFrame, largest: dict[str, float]) -> list[pl.Series]:
        """Keep whole numbers as the smallest integers that hold them; others as they are."""
        floats = [
            name
            for name, kind in numbers.schema.items()
            if kind == pl.Float64 and name not in self._fractions
        ]
        if floats:
            are_whole = numbers.select((pl.col(floats) == pl.col(floats).floor()).all())
            self._fractions.update(name for name in floats if not are_whole[name][0])
        casts = []
        for name in numbers.columns:
            if name in self._fractions:
                continue
            if largest[name] <= LARGEST_EXACT:
                kind = next(k for k, most in INTEGERS if largest[name] <= most)
                casts.append(pl.col(name).cast(kind))
            else:
                self._fractions.add(name)
        return numbers.with_columns(casts).get_columns()

    def turned(self) -> dict[str, type[pl.DataType]]:
        """Give the columns that began as numbers and are text: their cells are needed again."""
        for name in list(self.missing_words):
            if all(part.is_null().all() for part in self._parts[name]):
                self._turn(name)  # words for missing and no number: they are words
        return dict.fromkeys(self._turned, pl.String)

    def again(self, cells: pl.DataFrame) -> None:
        """Take the next rows of the columns that turned out to be text."""
        for name in cells.columns:
            self._parts[name].append(cells[name])

    def frame(self) -> pl.DataFrame:
        """Give all columns; what was collected is handed over."""
        with ThreadPoolExecutor(THREADS) as pool:
            return pl.DataFrame(list(pool.map(self._whole, self._names)))

    def _whole(self, name: str) -> pl.Series:
        parts = self._parts.pop(name)
        if name in self._numbers and not all(part.is_null().all() for part in parts):
            widest = max((part.dtype for part in parts), key=_width)
            parts = [part.cast(widest) for part in parts]
        elif name in self._numbers:
            parts = [pl.Series(name, [None] * len(part), pl.String) for part in parts]
        return pl.concat(parts, rechunk=False) if parts else pl.Series(name, [], pl.String)


def narrow_integers(numbers: pl.Series) -> pl.Series:
    """Give whole numbers up to 2^53 as the smallest integers that hold them all."""
    return numbers.cast(next(kind for kind, top in INTEGERS if largest(numbers) <= top))


def largest(integers: pl.Series) -> int:
    """Give the largest absolute value of a column of integers, 0 if it has none."""
    ends = (integers.min(), integers.max())
    return max((abs(end) for end in ends if isinstance(end, int)), default=0)


def _width(kind: pl.DataType) -> int:
    order = (pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.Float64)
    return next(number for number, each in enumerate(order) if kind == each)


def _largest_of_each(cells: pl.DataFrame) -> dict[str, float]:
    """Give the largest absolute value of each column of numbers; NaN if it holds one."""
    names = [name for name, kind in cells.schema.items() if kind != pl.String]
    if not names:
        return {}
    # Not abs(): the smallest 64-bit integer has none. A sum is no number if one is none.
    told = cells.select(
        pl.col(names).max().name.prefix("+"),
        pl.col(names).min().name.prefix("-"),
        pl.col(pl.Float64).sum().name.prefix("s"),
    ).row(0, named=True)
    largest = {name: max(told[f"+{name}"] or 0, -(told[f"-{name}"] or 0)) for name in names}
    return {
        name: top if isfinite(told.get(f"s{name}") or 0.0) else nan for name, top in largest.items()
    }


def _doubtful(largest: dict[str, float], *, odd: bool) -> list[str]:
    """Give the columns that were read as numbers, but need to be looked at as text."""
    return [name for name, top in largest.items() if odd or not top < LARGEST_EXACT]


def _plain(texts: pl.DataFrame, values: pl.DataFrame, *, odd: bool) -> set[str]:
    """Give the columns whose cells are all numbers at the first look."""
    if not texts.columns:
        return set()
    told = values.select(
        pl.all().null_count().name.prefix("n"),
        (pl.all().abs().max() < LARGEST_EXACT).name.prefix("m"),
        pl.all().is_nan().any().name.prefix("a"),
    ).row(0, named=True)
    has_odd: dict[str, bool] = {}
    if odd:
        looked = texts.select(pl.all().str.strip_chars_start().str.contains(ODD_NUMBER).any())
        has_odd = looked.row(0, named=True)
    return {
        name
        for name in texts.columns
        if not has_odd.get(name)
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
    beyond = frame.filter(value.abs() >= LARGEST_EXACT)
    if len(beyond) and beyond["plain"].str.contains(r"^[+-]?[0-9]+\.?0*$").any():
        return None
    return value.alias(text.name)


def why_text(text: pl.Series) -> tuple[str, str] | None:
    """Tell why numbers were kept as text: the reason, and a cell that has it.

    Returns:
        `leading_zero`, `telephone` or `long_integer` with the cell; None if the column is
        not one of numbers anyway.
    """
    # The first rows say no for most columns of words.
    if not _are_numbers(text.head(1_000)) or not _are_numbers(text):
        return None
    plain = text.drop_nulls().str.strip_chars()
    for reason, pattern in (
        ("leading_zero", r"^[+-]?0[0-9]"),
        ("telephone", r"^\+[0-9]{7,}$"),
        ("long_integer", r"^[+-]?[0-9]{16,}\.?0*$"),
    ):
        found = plain.filter(plain.str.contains(pattern))
        if len(found):
            return reason, str(found[0])
    return None


def _are_numbers(text: pl.Series) -> bool:
    plain = text.drop_nulls().str.strip_chars()
    words = plain.filter(plain.cast(pl.Float64, strict=False).is_null())
    is_missing_word = words.str.to_lowercase().is_in(MISSING_WORDS)
    return len(words) < len(plain) and bool(is_missing_word.all())
