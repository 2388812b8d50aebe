"""What about the data is worth a look before a model learns from it.

Takes   the state of a version.
Gives   everything that was looked at, everything that was found, and the rows of a finding.
Never   changes anything, and never reads the same column twice for one report.

How serious a finding is follows one rule, whatever the check:

- `bad`: has to be settled first. A model cannot be trained on the rows as they are, cannot
  learn one of its classes, or its score would be untrue (a gap without a choice, a class
  that Training lacks, the same content in two subsets).
- `warn`: worth a look. Rows that may be a mistake or teach little, or that may make the
  score better or worse than it should be; whether they do, only a person can tell.
- `info`: good to know. Nothing is wrong, and the encoding takes care of it.

The checks themselves are in `health_values`, `health_classes`, `health_labels` and
`health_media`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from blockwright.contracts.data import Finding, HealthReport
from blockwright.contracts.problems import Problem, error, problem
from blockwright.datasets.draft_state import DraftState
from blockwright.datasets.health_classes import class_checks
from blockwright.datasets.health_findings import Findings, Twins
from blockwright.datasets.health_labels import label_checks
from blockwright.datasets.health_media import media_checks
from blockwright.datasets.health_values import value_checks
from blockwright.datasets.import_reports import reports_in
from blockwright.datasets.row_table import Mask, RowTable, row_table, table_of
from blockwright.datasets.rows_in_use import RowsInUse
from blockwright.datasets.subsets import subset_masks

# One look at each column needs no more room than what is compared with others.
PASSING_BYTES = 10_000_000
_ORDER = {"bad": 0, "warn": 1, "info": 2}


@dataclass(frozen=True)
class _Kept:
    """A report, and the rows of its findings as bits."""

    report: HealthReport
    rows: dict[str, npt.NDArray[np.uint8]]
    twins: dict[str, Twins]


def health_report(state: DraftState) -> HealthReport:
    """Look at all rows in use and tell what was looked at and what was found, the worst first.

    Ids of findings are stable: `check` or `check:feature` or `check:feature:subset`. The
    report is kept while features, corrections and subsets stay as they are.

    Raises:
        BlockwrightError: As `subset_masks` does.
    """
    return _kept(state).report


def rows_of_finding(state: DraftState, finding_id: str) -> Mask:
    """Tell which rows a finding is about, shape (rows,).

    Raises:
        BlockwrightError: `data.finding_not_found` when there is no such finding (any more),
            or it leads to something else than rows.
    """
    kept = _kept(state)
    bits = kept.rows.get(finding_id)
    if bits is None:
        raise error("data.finding_not_found", id=finding_id)
    return np.unpackbits(bits, count=kept.report.rows).astype(bool)


def twins_of_finding(state: DraftState, finding_id: str) -> Twins | None:
    """Give the rows of a finding by groups of equal ones; None when it is not about such."""
    return _kept(state).twins.get(finding_id)


def report_key(state: DraftState) -> str:
    """Give what a report depends on besides the table: subsets, sets, choices on gaps."""
    parts = [subset.model_dump_json(exclude={"rows"}) for subset in state.subsets]
    parts += [f"{bundle.id}{bundle.name}" for bundle in state.feature_sets]
    parts += [f"{f.name}{f.missing}" for f in state.features]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _kept(state: DraftState) -> _Kept:
    table = row_table(state)
    return table.keep("health", report_key(state), lambda: _looked_at(table, state))


def _looked_at(table: RowTable, state: DraftState) -> _Kept:
    masks = subset_masks(table, state.subsets)
    # All columns are read once: what others look at again and again shall stay kept meanwhile.
    passing = table_of(state, PASSING_BYTES)
    passing.take_over(table)
    subsets = {subset.name: masks[subset.id] for subset in state.subsets}
    found = Findings(RowsInUse(passing), subsets)
    _unreadable(found)
    value_checks(found)
    class_checks(found, {each.rule.group_by for each in state.subsets if each.rule.group_by})
    label_checks(found)
    media_checks(found)
    findings = sorted(found.findings, key=lambda finding: _ORDER[finding.severity])
    report = HealthReport(rows=table.rows, checks=found.checks, findings=findings)
    rows = {name: np.packbits(mask) for name, mask in found.rows.items()}
    return _Kept(report, rows, found.twins)


def _unreadable(found: Findings) -> None:
    found.check("unreadable")
    reports = reports_in(found.table.content_folder)
    lost = sum(told.rows_lost for told in reports)
    if lost <= 0:
        return
    rows = lost + sum(told.rows_taken for told in reports)
    found.add(
        Finding(
            id="unreadable",
            severity="warn",
            rows=0,
            leads_to="import_report",
            words=_unreadable_words(lost, rows),
        )
    )


def _unreadable_words(lost: int, rows: int) -> Problem:
    percent = round(100 * lost / rows, 2)
    return problem("data.health_unreadable", lost=lost, rows=rows, percent=percent)
