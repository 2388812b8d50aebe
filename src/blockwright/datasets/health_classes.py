"""Checks of classes: uneven ones, those with few examples, those that a subset lacks.

Takes   the findings so far, with the table in them.
Gives   more findings.
Never   makes a table of rows × classes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from blockwright.contracts.data import Severity
from blockwright.contracts.problems import Problem, problem
from blockwright.datasets.health_findings import Findings
from blockwright.datasets.label_sets import LabelSets
from blockwright.datasets.row_table import Mask

UNEVEN_RATIO = 10.0
FEW_EXAMPLES = 10
_NAMES_TOLD = 5
# In which subsets a class must occur, and how bad it is when it does not.
_NEEDED_IN: Mapping[str, Severity] = {"training": "bad", "validation": "warn"}


def class_checks(found: Findings) -> None:
    """Look at every feature and binary feature set that has classes."""
    for name in ("imbalance", "few_examples", "absent_classes"):
        found.check(name)
    table = found.table
    bundled: set[str] = set()
    for bundle in table.feature_sets.values():
        if bundle.kind == "binary":
            bundled.update(bundle.features)
            _look(found, bundle.name, bundle.features)
    for name, feature in table.features.items():
        if feature.type in {"categorical", "multi_label"}:
            _look(found, name, feature.classes or table.labels(name).classes)
        elif feature.type == "binary" and name not in bundled:
            _look(found, name, ["0", "1"])


def _look(found: Findings, name: str, classes: Sequence[str]) -> None:
    labels = found.table.labels(name)
    counts = _counts(labels, classes, None)
    if not counts:
        return
    _uneven(found, name, counts, labels)
    few = {each for each, number in counts.items() if number < FEW_EXAMPLES}
    words = problem(
        "data.health_few_examples",
        feature=name,
        classes=len(few),
        limit=FEW_EXAMPLES,
        names=_told(few, counts),
    )
    if few:
        _of_classes(found, (f"few_examples:{name}", "warn", name), _holding(labels, few), words)
    for subset, mask in found.subsets.items():
        severity = _NEEDED_IN.get(subset.strip().lower())
        if severity is not None:
            _absent(found, name, counts, (subset, mask), severity)


def _uneven(found: Findings, name: str, counts: dict[str, int], labels: LabelSets) -> None:
    there = {each: number for each, number in counts.items() if number}
    if len(there) < 2:
        return
    most = max(there, key=lambda each: there[each])
    least = min(there, key=lambda each: there[each])
    ratio = there[most] / there[least]
    if ratio >= UNEVEN_RATIO:
        words = problem(
            "data.health_imbalance",
            feature=name,
            ratio=round(ratio, 1),
            most=most,
            most_rows=there[most],
            least=least,
            least_rows=there[least],
        )
        found.rows_found(f"imbalance:{name}", "warn", name, _holding(labels, {least}), words)


def _absent(
    found: Findings,
    name: str,
    counts: dict[str, int],
    subset: tuple[str, Mask],
    severity: Severity,
) -> None:
    labels = found.table.labels(name)
    held = _counts(labels, list(counts), subset[1])
    absent = {each for each, number in held.items() if number == 0}
    if not absent or not subset[1].any():
        return
    words = problem(
        "data.health_absent_classes",
        feature=name,
        classes=len(absent),
        subset=subset[0],
        names=_told(absent, counts),
    )
    finding = (f"absent_classes:{name}:{subset[0]}", severity, name)
    _of_classes(found, finding, _holding(labels, absent), words)


def _of_classes(
    found: Findings, finding: tuple[str, Severity, str], rows: Mask, words: Problem
) -> None:
    """Lead to the rows of classes, or to the feature where no row has any of them."""
    if rows.any():
        found.rows_found(*finding, rows, words)
    else:
        found.feature_found(*finding, words)


def _counts(labels: LabelSets, classes: Sequence[str], mask: Mask | None) -> dict[str, int]:
    codes = labels.codes if mask is None else labels.codes[mask]
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


def _told(classes: set[str], counts: Mapping[str, int]) -> str:
    names = sorted(classes, key=lambda each: (counts[each], each))
    more = len(names) - _NAMES_TOLD
    return ", ".join(names[:_NAMES_TOLD]) + (f" … (+{more})" if more > 0 else "")
