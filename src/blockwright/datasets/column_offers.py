"""What else a column may be meant as, and what the import report remarks on it.

Takes   a column and the type proposed for it.
Gives   offers, each a type with its evidence, which a person takes or leaves; and notes.
Never   changes the proposal: a column of numbers with one odd word stays words until a
        person says what becomes of the odd word.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from blockwright.contracts.data import TypeOffer
from blockwright.contracts.encodings import (
    BinaryEncoding,
    CategoricalEncoding,
    Encoding,
    NumericEncoding,
)
from blockwright.contracts.problems import Problem, problem
from blockwright.datasets.column_proposals import FIRST_ROWS, Column, ColumnProposal, Rows
from blockwright.datasets.column_storage import why_text
from blockwright.datasets.odd_cells import told
from blockwright.datasets.typed_columns import typed

KEPT_AS_TEXT = {
    "leading_zero": "data.kept_as_text_leading_zero",
    "telephone": "data.kept_as_text_telephone",
    "long_integer": "data.kept_as_text_long_integer",
}
MAX_SHOWN = 100
# More different whole numbers than this are sizes and no classes, unless a person says so.
MOST_CLASS_NUMBERS = 100
NUMBERS_TOLD = 6
DECIMAL_COMMA = r"^[+-]?[0-9]+,[0-9]+$"
# Up to this share of other cells a column of 0 and 1 may still be one with slips.
SLIP_SHARE = 0.05


def add_offers(proposal: ColumnProposal, column: Column) -> None:
    """Add to a proposal what else the column may be, and the notes for the import report.

    Args:
        proposal: As far as the rules for types made it; words that are mostly numbers have
            their offer already.
        column: Its column.
    """
    name, notes = column.name, proposal.notes
    for word, count in proposal.missing_words.items():
        notes.append(problem("data.missing_word_read", column=name, word=word, count=count))
    if not proposal.offers:  # else NA is one of the cells that are no numbers
        for word, count in proposal.missing_words_possible.items():
            notes.append(problem("data.missing_word_possible", column=name, word=word, count=count))
    notes += [offer.evidence for offer in proposal.offers]
    if len(proposal.odd_rows):
        _add_binary(proposal, column)
    if proposal.type == "numeric" and (classes := _as_classes(column)):
        proposal.offers.append(classes)


def repeats(column: Column, rows: Rows) -> bool:
    """Say whether the cells of some rows come about twice or more, as classes do, not slips."""
    return not len(rows) or column.series.gather(rows).n_unique() * 2 <= len(rows)


def _add_binary(proposal: ColumnProposal, column: Column) -> None:
    odd = proposal.odd_rows
    if repeats(column, odd) and len(odd) > SLIP_SHARE * column.present:
        return  # 0, 1 and 2 are three classes, and no 2 is a slip
    evidence = problem(
        "data.column_nearly_binary",
        column=column.name,
        count=column.present - len(odd),
        rows=column.present,
        words=told(column.series.gather(odd)),
        line=column.line(odd),
    )
    offer = TypeOffer(type="binary", encoding=BinaryEncoding(), evidence=evidence)
    proposal.offers.append(offer)
    proposal.notes.append(evidence)


def _as_classes(column: Column) -> TypeOffer | None:
    """Offer a few whole numbers, each about twice or more, as classes."""
    first = column.series.head(FIRST_ROWS)
    if first.n_unique() > MOST_CLASS_NUMBERS + 1:  # one more for the gaps
        return None
    present = column.series.drop_nulls()
    if present.dtype.is_float() and not bool((present == present.floor()).all()):
        return None
    numbers = present.unique().sort().cast(pl.Int64)
    if not 2 <= len(numbers) <= min(MOST_CLASS_NUMBERS, len(present) // 2):
        return None
    shown = [str(number) for number in numbers.head(NUMBERS_TOLD)]
    listed = ", ".join([*shown, "…"] if len(numbers) > NUMBERS_TOLD else shown)
    evidence = problem("data.offer_classes", column=column.name, count=len(numbers), numbers=listed)
    return TypeOffer(type="categorical", encoding=CategoricalEncoding(), evidence=evidence)


def are_odd_sizes(column: Column, offer: TypeOffer) -> bool:
    """Say whether words that are offered as numbers are too many to be class numbers.

    Codes such as 007 may be classes, however many they are.
    """
    is_code = offer.evidence.code in KEPT_AS_TEXT.values()
    return not is_code and column.different > MOST_CLASS_NUMBERS


@dataclass(frozen=True)
class _Reading:
    """How many cells are numbers if they are read in one way, and which rows are not."""

    numbers: int
    rest: pl.Series

    @property
    def is_likely(self) -> bool:
        return self.numbers > len(self.rest)


def as_numbers(column: Column) -> TypeOffer | None:
    """Offer a column of words as numbers, if most of its cells are such in one reading."""
    if why := why_text(column.series):
        reason, value = why
        evidence = problem(KEPT_AS_TEXT[reason], column=column.name, value=value[:MAX_SHOWN])
        return _numbers(NumericEncoding(), evidence)
    if not _may_be_numbers(column.first):
        return None
    point = _reading(column, decimal_comma=False)
    comma = _reading(column, decimal_comma=True)
    if comma.is_likely and comma.numbers > point.numbers:
        return _numbers(NumericEncoding(decimal_comma=True), _comma_evidence(column, comma))
    if not point.is_likely or not len(point.rest):
        return None
    evidence = problem("data.column_mostly_numbers", **_rest(column, point))
    return _numbers(NumericEncoding(), evidence)


def _may_be_numbers(first: pl.Series) -> bool:
    """Say whether at least half of the first cells are numbers, with a point or a comma."""
    numbers = first.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    return bool(len(first)) and int(numbers.is_not_null().sum()) * 2 > len(first)


def _numbers(encoding: Encoding, evidence: Problem) -> TypeOffer:
    return TypeOffer(type="numeric", encoding=encoding, evidence=evidence)


def _reading(column: Column, *, decimal_comma: bool) -> _Reading:
    values, _ = typed(column.series, "numeric", decimal_comma=decimal_comma)
    rest = (values.is_null() & ~column.missing).arg_true()
    return _Reading(len(values) - values.null_count(), rest)


def _rest(column: Column, reading: _Reading) -> dict[str, str | int]:
    return {
        "column": column.name,
        "numbers": reading.numbers,
        "rows": column.present,
        "words": told(column.series.gather(reading.rest)),
        "line": column.line(reading.rest.to_numpy()),
    }


def _comma_evidence(column: Column, reading: _Reading) -> Problem:
    cells = column.series.str.strip_chars()
    value = str(cells.filter(cells.str.contains(DECIMAL_COMMA).fill_null(value=False))[0])
    shown = value[:MAX_SHOWN]
    if not len(reading.rest):
        return problem("data.decimal_comma_possible", column=column.name, value=shown)
    return problem("data.decimal_comma_mostly", value=shown, **_rest(column, reading))
