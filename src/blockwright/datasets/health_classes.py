"""Checks of classes: uneven ones, those with few examples, those that a subset lacks.

Takes   the findings so far, with the table in them.
Gives   more findings; 0-or-1 features with the same fault are one finding together.
Never   makes a table of rows × classes, nor takes a feature that rows are kept together by
        for one with classes to learn: whole groups shall be on one side. Says nothing of a
        0-or-1 feature that is the same in every row: `health_values` has told that.

Rows are counted as a frozen version has them: gaps filled by the choice that was made, rows
left out by it not counted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from blockwright.contracts.data import Severity
from blockwright.contracts.problems import ParameterValue, Problem, problem
from blockwright.datasets.health_findings import Findings
from blockwright.datasets.label_sets import LabelSets, sets_of_columns, sets_of_series
from blockwright.datasets.read_ahead import read_ahead
from blockwright.datasets.row_table import Mask

# Classes are uneven when one has this many times the rows of another; a 0-or-1 feature, of
# which most rows of any set of tags are 0, when one of its values has less than this share.
UNEVEN_RATIO = 10.0
UNEVEN_BINARY_PERCENT = 2
FEW_EXAMPLES = 10
_NAMES_TOLD = 5
_BINARY_NAMES_TOLD = 100
# What is told of several 0-or-1 features, by the check.
_OF_BINARY = {
    "imbalance": "data.health_imbalance_binary",
    "few_examples": "data.health_few_examples_binary",
    "absent_classes": "data.health_absent_classes_binary",
}
# In which subsets a class must occur, and how bad it is when it does not.
_NEEDED_IN: Mapping[str, Severity] = {"training": "bad", "validation": "warn"}


@dataclass(frozen=True)
class _Fault:
    """Something about some classes of one feature."""

    check: str
    severity: Severity
    rows: Mask
    words: Problem
    subset: str = ""


@dataclass
class _Together:
    """0-or-1 features with the same fault: their names with the least rows, and all rows."""

    first: _Fault
    least: dict[str, int] = field(default_factory=dict)
    rows: Mask | None = None


def class_checks(found: Findings, grouped_by: Collection[str] = ()) -> None:
    """Look at every feature and binary feature set that has classes.

    Args:
        found: Takes the findings.
        grouped_by: Features that some subset keeps rows together by.
    """
    for name in ("imbalance", "few_examples", "absent_classes"):
        found.check(name)
    table = found.table
    # That 0 or 1 is in no row was told already.
    constant = {each.feature for each in found.findings if each.id.startswith("constant:")}
    sets = {name: each for name, each in table.feature_sets.items() if each.kind == "binary"}
    bundled = {name for each in sets.values() for name in each.features}
    of_classes = [
        name
        for name, feature in table.features.items()
        if name not in grouped_by
        and (
            feature.type in {"categorical", "multi_label"}
            or (feature.type == "binary" and name not in bundled and name not in constant)
        )
    ]
    together: dict[tuple[str, str], _Together] = {}
    for name, labels in read_ahead(lambda each: _labels(found, each), [*sets, *of_classes]):
        if name in sets:
            _tell(found, name, _faults(found, name, labels, sets[name].features))
        elif _is_binary(found, name):
            _gather(together, name, _faults(found, name, labels, ["0", "1"]))
        else:
            classes = table.features[name].classes or table.labels(name).classes
            _tell(found, name, _faults(found, name, labels, classes))
    _tell_together(found, together)


def _faults(found: Findings, name: str, labels: LabelSets, classes: Sequence[str]) -> list[_Fault]:
    kept = ~found.table.left_out()
    counts = _counts(labels, classes, kept)
    if not counts:
        return []
    faults = []
    there = {each: number for each, number in counts.items() if number}
    least = min(there, key=lambda each: there[each], default="")
    if len(there) > 1 and _is_uneven(there, is_binary=_is_binary(found, name)):
        rows = _holding(labels, {least}) & kept
        faults.append(_Fault("imbalance", "warn", rows, _uneven_words(name, there, least)))
    few = {each for each, number in counts.items() if number < FEW_EXAMPLES}
    if few:
        words = _words_on("data.health_few_examples", name, few, counts, limit=FEW_EXAMPLES)
        faults.append(_Fault("few_examples", "warn", _holding(labels, few) & kept, words))
    return faults + _absent(found, name, labels, counts)


def _absent(
    found: Findings, name: str, labels: LabelSets, counts: Mapping[str, int]
) -> list[_Fault]:
    faults, kept = [], ~found.table.left_out()
    for subset, mask in found.subsets.items():
        severity = _NEEDED_IN.get(subset.strip().lower())
        if severity is None or not mask.any():
            continue
        held = _counts(labels, list(counts), mask & kept)
        absent = {each for each, number in held.items() if number == 0}
        if not absent:
            continue
        words = _words_on("data.health_absent_classes", name, absent, counts, subset=subset)
        rows = _holding(labels, absent) & kept
        faults.append(_Fault("absent_classes", severity, rows, words, subset))
    return faults


def _words_on(
    code: str, name: str, classes: set[str], counts: Mapping[str, int], **more: ParameterValue
) -> Problem:
    names = _told(classes, counts)
    return problem(code, feature=name, classes=len(classes), names=names, **more)


def _labels(found: Findings, name: str) -> LabelSets:
    """Give the classes of each row as they will be: gaps filled where that was chosen."""
    table = found.table
    if name in table.feature_sets:
        members = table.feature_sets[name].features
        if not any(table.features[each].missing for each in members):
            return table.labels(name)
        return sets_of_columns(found.filled, members)
    if table.features[name].missing is None:
        return table.labels(name)
    return sets_of_series(found.filled(name))


def _is_binary(found: Findings, name: str) -> bool:
    feature = found.table.features.get(name)
    return feature is not None and feature.type == "binary"


def _is_uneven(there: Mapping[str, int], *, is_binary: bool) -> bool:
    least, most = min(there.values()), max(there.values())
    if is_binary:
        return 100 * least < UNEVEN_BINARY_PERCENT * (least + most)
    return most / least >= UNEVEN_RATIO


def _uneven_words(name: str, there: Mapping[str, int], least: str) -> Problem:
    most = max(there, key=lambda each: there[each])
    return problem(
        "data.health_imbalance",
        feature=name,
        ratio=round(there[most] / there[least], 1),
        most=most,
        most_rows=there[most],
        least=least,
        least_rows=there[least],
    )


def _tell(found: Findings, name: str, faults: Sequence[_Fault]) -> None:
    """Lead to the rows of classes, or to the feature where no row has any of them."""
    for fault in faults:
        id_ = ":".join(each for each in (fault.check, name, fault.subset) if each)
        if fault.rows.any():
            found.rows_found(id_, fault.severity, name, fault.rows, fault.words)
        else:
            found.feature_found(id_, fault.severity, name, fault.words)


def _gather(
    together: dict[tuple[str, str], _Together], name: str, faults: Sequence[_Fault]
) -> None:
    for fault in faults:
        some = together.setdefault((fault.check, fault.subset), _Together(fault))
        some.least[name] = int(np.count_nonzero(fault.rows))
        some.rows = fault.rows if some.rows is None else some.rows | fault.rows


def _tell_together(found: Findings, together: Mapping[tuple[str, str], _Together]) -> None:
    for (check, subset), some in together.items():
        first = min(some.least, key=lambda each: some.least[each])
        if len(some.least) == 1:
            _tell(found, first, [some.first])
            continue
        words = problem(
            _OF_BINARY[check],
            features=len(some.least),
            percent=UNEVEN_BINARY_PERCENT,
            limit=FEW_EXAMPLES,
            subset=subset,
            names=_told(some.least, some.least),
            all_names=_told(some.least, some.least, _BINARY_NAMES_TOLD),
        )
        id_ = f"{check}::{subset}" if subset else f"{check}:"
        if some.rows is not None and some.rows.any():
            found.rows_found(id_, some.first.severity, None, some.rows, words)
        else:
            found.feature_found(id_, some.first.severity, first, words)


def _counts(labels: LabelSets, classes: Sequence[str], mask: Mask) -> dict[str, int]:
    codes = labels.codes if mask.all() else labels.codes[mask]
    by_set: npt.NDArray[np.int64] = np.bincount(codes, minlength=len(labels.sets))
    counts = dict.fromkeys(classes, 0)
    for one, number in zip(labels.sets, by_set.tolist(), strict=True):
        for each in one:
            if each in counts:
                counts[each] += number
    return counts


def _holding(labels: LabelSets, classes: set[str]) -> Mask:
    truths = np.array([not classes.isdisjoint(one) for one in labels.sets], dtype=bool)
    mask: Mask = truths[labels.codes]
    return mask


def _told(names: Collection[str], counts: Mapping[str, int], most: int = _NAMES_TOLD) -> str:
    ordered = sorted(names, key=lambda each: (counts[each], each))
    more = len(ordered) - most
    return ", ".join(ordered[:most]) + (f" … (+{more})" if more > 0 else "")
