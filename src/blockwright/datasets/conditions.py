"""Conditions on rows: which rows a condition is true for, all rows at once.

Takes   a `Condition` and the table it is about.
Gives   one truth per row.
Never   guesses: a value that does not fit the feature's type is refused in words.

An empty cell equals nothing, contains nothing and is neither less nor greater; so
`not_equals` is true for it. Words are compared exactly by `equals`, and without regard to
capital letters by `contains`. Of several classes, `contains` means: has this class.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
import polars as pl

from blockwright.contracts.problems import error
from blockwright.contracts.subsets import Condition, Operator
from blockwright.datasets.label_sets import LabelSets, number_of_words
from blockwright.datasets.row_table import Mask, RowTable, delimiter_of

_DEEPEST = 30
_LONGEST_PATTERN = 200
_REPEATED_TIMES = 10
_TRUE_WORDS = {"1", "1.0", "true", "yes"}
_FALSE_WORDS = {"0", "0.0", "false", "no"}
_ORDERED: dict[Operator, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "less": lambda cell, value: cell < value,
    "at_most": lambda cell, value: cell <= value,
    "greater": lambda cell, value: cell > value,
    "at_least": lambda cell, value: cell >= value,
}
# How a date may be written; day and month are never guessed from 3/4/2024.
_DATES = (
    (re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}"), "%Y-%m-%d %H:%M:%S"),
    (re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}"), "%Y-%m-%d %H:%M"),
    (re.compile(r"\d{4}-\d{2}-\d{2}"), "%Y-%m-%d"),
    (re.compile(r"\d{4}/\d{1,2}/\d{1,2}"), "%Y/%m/%d"),
    (re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}"), "%d.%m.%Y"),
)


def matching(table: RowTable, condition: Condition, depth: int = 0) -> Mask:
    """Tell for each row whether a condition is true for it, shape (rows,).

    Raises:
        BlockwrightError: `data.condition_incomplete`, `data.condition_too_deep`,
            `data.condition_feature`, `data.condition_operator`, `data.condition_number`,
            `data.condition_zero_or_one`.
    """
    if depth > _DEEPEST:
        raise error("data.condition_too_deep", depth=_DEEPEST)
    if condition.kind == "compare":
        return _compared(table, condition)
    if not condition.parts:
        raise error("data.condition_incomplete", lacks=condition.kind)
    result = matching(table, condition.parts[0], depth + 1)
    for part in condition.parts[1:]:
        other = matching(table, part, depth + 1)
        result = result & other if condition.kind == "and" else result | other
    return result


def _compared(table: RowTable, condition: Condition) -> Mask:
    name = condition.feature
    if not name:
        raise error("data.condition_incomplete", lacks="feature")
    is_set = name in table.feature_sets
    if not is_set and name not in table.features:
        raise error("data.condition_feature", feature=name)
    if not is_set and condition.operator in {"is_empty", "is_not_empty"}:
        missing = table.missing(name)
        return missing if condition.operator == "is_empty" else ~missing
    if condition.value is None and condition.operator not in {"is_empty", "is_not_empty"}:
        raise error("data.condition_incomplete", lacks="value")
    if is_set or table.features[name].type == "multi_label":
        return _of_classes(table, name, condition)
    kind = table.features[name].type
    by_type = {"numeric": _of_numbers, "binary": _of_binary}.get(kind, _of_words)
    return by_type(table.values(name), condition, kind)


def _of_classes(table: RowTable, name: str, condition: Condition) -> Mask:
    bundle = table.feature_sets.get(name)
    if bundle is not None and bundle.kind != "binary":
        raise _no_operator(condition, "numeric")
    delimiter = "," if bundle is not None else delimiter_of(table.features[name])
    labels: LabelSets = table.labels(name)
    word = _word(condition.value)
    wanted = {part.strip() for part in word.split(delimiter)} - {""}
    tests: dict[Operator, Callable[[tuple[str, ...]], bool]] = {
        "contains": lambda classes: word.strip() in classes,
        "equals": lambda classes: bool(classes) and set(classes) == wanted,
        "not_equals": lambda classes: not classes or set(classes) != wanted,
        "is_empty": lambda classes: not classes,
        "is_not_empty": bool,
    }
    if condition.operator not in tests:
        raise _no_operator(condition, "multi_label")
    test = tests[condition.operator]
    truths = np.fromiter((test(one) for one in labels.sets), dtype=bool, count=len(labels.sets))
    return truths[labels.codes]


def _of_numbers(values: pl.Series, condition: Condition, kind: str) -> Mask:
    operator, given = condition.operator, condition.value
    if operator == "contains":
        raise _no_operator(condition, kind)
    number = _number(given)
    if number is None:
        raise error("data.condition_number", feature=condition.feature or "", value=_word(given))
    return _truths(values, pl.lit(number), operator)


def _of_binary(values: pl.Series, condition: Condition, kind: str) -> Mask:
    if condition.operator not in {"equals", "not_equals"}:
        raise _no_operator(condition, kind)
    word = _word(condition.value).strip().lower()
    if word not in _TRUE_WORDS | _FALSE_WORDS:
        raise error("data.condition_zero_or_one", feature=condition.feature or "", value=word)
    return _truths(values, pl.lit(word in _TRUE_WORDS), condition.operator)


def _of_words(values: pl.Series, condition: Condition, kind: str) -> Mask:
    operator = condition.operator
    word = _word(condition.value)
    if operator == "contains":
        return cells_with(values, [word])[0]
    if operator in {"equals", "not_equals"}:
        return _truths(values, pl.lit(word), operator)
    if kind in {"audio", "image", "tensor"}:
        raise _no_operator(condition, kind)
    for pattern, _ in _DATES:
        if pattern.fullmatch(word.strip()):
            return _truths(_dates(values), _dates(pl.Series([word])).item(), operator)
    number = _number(word)
    if number is not None:
        return _truths(values.cast(pl.Float64, strict=False), pl.lit(number), operator)
    return _truths(values, pl.lit(word), operator)


def cells_with(cells: pl.Series, words: Sequence[str]) -> list[Mask]:
    """Tell for each word which cells hold it somewhere, whatever its capitals, shape (rows,).

    Where cells repeat much, each different one is looked at once.
    """
    if number_of_words(cells) * _REPEATED_TIMES > len(cells):
        return [_holding(cells, word).fill_null(value=False).to_numpy() for word in words]
    different = cells.unique()
    held = [different.filter(_holding(different, word)) for word in words]
    return [cells.is_in(each.implode()).fill_null(value=False).to_numpy() for each in held]


def _holding(cells: pl.Series, word: str) -> pl.Series:
    if len(word) > _LONGEST_PATTERN:  # Polars makes a pattern of any word, and refuses a long one
        plain = word.lower()
        return pl.Series(
            [cell is not None and plain in cell.lower() for cell in cells], dtype=pl.Boolean
        )
    pattern = "(?i)" + re.sub(r"([\\.+*?()|\[\]{}^$#&~-])", r"\\\1", word)
    return cells.str.contains(pattern)


def _dates(values: pl.Series) -> pl.Series:
    """Read dates in any of the forms, one form after the other; what is none becomes null."""
    tidy = values.str.strip_chars().str.replace("T", " ", literal=True)
    frame = pl.DataFrame({"cell": tidy})
    forms = [pl.col("cell").str.to_datetime(form, strict=False) for _, form in _DATES]
    return frame.select(pl.coalesce(forms)).to_series()


def _truths(values: pl.Series, value: object, operator: Operator) -> Mask:
    cell = pl.col("cell")
    given = value if isinstance(value, pl.Expr) else pl.lit(value)
    if operator == "not_equals":
        truth = (cell != given).fill_null(value=True)
    elif operator == "equals":
        truth = (cell == given).fill_null(value=False)
    else:
        truth = _ORDERED[operator](cell, given).fill_null(value=False)
    return pl.DataFrame({"cell": values}).select(truth).to_series().to_numpy()


def _number(given: str | float | None) -> float | None:
    try:
        number = float(_word(given).strip())
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def _word(given: str | float | None) -> str:
    if isinstance(given, float) and given == given // 1:
        return str(int(given))
    return "" if given is None else str(given)


def _no_operator(condition: Condition, kind: str) -> Exception:
    return error(
        "data.condition_operator",
        feature=condition.feature or "",
        operator=condition.operator,
        type=kind,
    )
