"""What the checks of the health report write to: checks made, findings, their rows.

Takes   the table of rows and which rows each subset holds.
Gives   findings with stable ids.
Never   words anything: words are in the catalogue.
"""

from __future__ import annotations

import numpy as np

from blockwright.contracts.data import Finding, Severity
from blockwright.contracts.problems import Problem
from blockwright.datasets.row_table import Mask, RowTable


class Findings:
    """Findings so far. `subsets` gives the rows of each subset by its name."""

    def __init__(self, table: RowTable, subsets: dict[str, Mask]) -> None:
        """Begin with nothing."""
        self.table = table
        self.subsets = subsets
        self.checks: list[str] = []
        self.findings: list[Finding] = []
        self.rows: dict[str, Mask] = {}

    def check(self, name: str) -> None:
        """Say that something was looked at."""
        if name not in self.checks:
            self.checks.append(name)

    def add(self, finding: Finding, rows: Mask | None = None) -> None:
        """Keep a finding and the rows that it is about."""
        self.findings.append(finding)
        if rows is not None:
            self.rows[finding.id] = rows

    def rows_found(
        self, name: str, severity: Severity, feature: str | None, rows: Mask, words: Problem
    ) -> None:
        """Keep a finding about rows; nothing when there are none."""
        number = int(np.count_nonzero(rows))
        if number:
            finding = Finding(id=name, severity=severity, feature=feature, rows=number, words=words)
            self.add(finding, rows)

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
