"""What the checks of the health report write to: checks made, findings, their rows.

Takes   the rows in use and which rows each subset holds.
Gives   findings with stable ids. Checks speak of the rows in use alone, shape (rows in use,);
        what is kept of their findings is about all rows of the table.
Never   words anything: words are in the catalogue.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from blockwright.contracts.data import Finding, Severity
from blockwright.contracts.problems import BlockwrightError, Problem
from blockwright.datasets.encoders.gaps import filled
from blockwright.datasets.row_table import Mask
from blockwright.datasets.rows_in_use import RowsInUse

RowNumbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Twins:
    """Rows of a table that equal one another, group by group.

    `rows` are their numbers, groups in the order of their first rows, rows of a group
    ascending; `firsts` is for each of them the first row of its group. Shape (rows found,).
    """

    rows: RowNumbers
    firsts: RowNumbers

    def without_first(self, chosen: Mask) -> RowNumbers:
        """Give of the chosen rows of each group all but the first."""
        rows, firsts = self.rows[chosen[self.rows]], self.firsts[chosen[self.rows]]
        is_first = np.ones(len(rows), dtype=bool)
        is_first[1:] = firsts[1:] != firsts[:-1]
        return rows[~is_first]


class Findings:
    """Findings so far. `subsets` gives the rows of each subset by its name."""

    def __init__(self, table: RowsInUse, subsets: dict[str, Mask]) -> None:
        """Begin with nothing; `subsets` as they are of all rows."""
        self.table = table
        self.subsets = {name: table.of(mask) for name, mask in subsets.items()}
        self.checks: list[str] = []
        self.findings: list[Finding] = []
        self.rows: dict[str, Mask] = {}
        self.twins: dict[str, Twins] = {}

    def check(self, name: str) -> None:
        """Say that something was looked at."""
        if name not in self.checks:
            self.checks.append(name)

    def add(self, finding: Finding, rows: Mask | None = None) -> None:
        """Keep a finding and the rows that it is about."""
        self.findings.append(finding)
        if rows is not None:
            self.rows[finding.id] = self.table.to_all(rows)

    def rows_found(
        self, name: str, severity: Severity, feature: str | None, rows: Mask, words: Problem
    ) -> None:
        """Keep a finding about rows; nothing when there are none."""
        number = int(np.count_nonzero(rows))
        if number:
            finding = Finding(id=name, severity=severity, feature=feature, rows=number, words=words)
            self.add(finding, rows)

    def twins_found(
        self,
        name: str,
        severity: Severity,
        feature: str | None,
        rows: Mask,
        words: Problem,
        *,
        groups: RowNumbers,
        are_copies: bool,
    ) -> None:
        """Keep a finding about rows that are equal in groups, shape (rows in use,).

        `are_copies`: all but one of each group may go.
        """
        places = np.flatnonzero(rows)
        if not len(places):
            return
        _, starts, numbered = np.unique(groups[places], return_index=True, return_inverse=True)
        order = np.lexsort((places, starts[numbered]))
        row_numbers = self.table.numbers[places]
        twins = Twins(row_numbers[order], row_numbers[starts[numbered]][order])
        copies = len(places) - len(starts) if are_copies else 0
        finding = Finding(
            id=name,
            severity=severity,
            feature=feature,
            rows=len(places),
            copies=copies,
            words=words,
        )
        self.add(finding, rows)
        self.twins[name] = twins

    def filled(self, name: str) -> pl.Series:
        """Give the values of a feature as a frozen version has them: gaps filled by its choice.

        Gaps stay where nothing is chosen, or where there is nothing to fill them from: the
        saving of the version tells of that.
        """
        values = self.table.values(name)
        sides = list(self.subsets.items())
        named = [mask for side, mask in sides if side.strip().lower() == "training"]
        training = (named or [mask for _, mask in sides] or [np.ones(self.table.rows, bool)])[0]
        try:
            return filled(values, self.table.features[name], np.flatnonzero(training))
        except BlockwrightError:
            return values

    def feature_found(self, name: str, severity: Severity, feature: str, words: Problem) -> None:
        """Keep a finding that no row shows, only the feature itself."""
        finding = Finding(
            id=name, severity=severity, feature=feature, rows=0, leads_to="feature", words=words
        )
        self.add(finding)

    def separate_pairs(self) -> list[tuple[str, str]]:
        """Give pairs of subsets that share no row, as Training and Validation do."""
        names = list(self.subsets)
        return [
            (one, other)
            for place, one in enumerate(names)
            for other in names[place + 1 :]
            if not (self.subsets[one] & self.subsets[other]).any()
        ]
