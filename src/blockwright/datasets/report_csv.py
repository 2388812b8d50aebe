"""The whole import report as csv for a spreadsheet, with formulas made harmless."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterable

from blockwright.contracts.data import ImportReport, RowProblem
from blockwright.contracts.problems import Language, in_language

# What a spreadsheet would take for a formula when a cell begins with it (OWASP ASVS 5, 1.2.10).
_HEADINGS: dict[Language, list[str]] = {
    "en": ["item", "code", "what happened", "what to do"],
    "zh": ["项目", "代码", "发生了什么", "怎么办"],
}
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\0", "\r", "\n")


def report_csv(report: ImportReport, problems: Iterable[RowProblem], language: Language) -> str:
    """Give every problem of an import and every remark, one a line.

    Args:
        report: Has the remarks.
        problems: All of them; the report has the first only.
        language: Of the headings and the sentences.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_HEADINGS[language])
    remarks = [RowProblem(item="", problem=note) for note in report.notes]
    for item in itertools.chain(problems, remarks):
        words = in_language(item.problem, language)
        told = [item.item, words.code, words.message, words.fix]
        writer.writerow([_no_formula(cell) for cell in told])
    return text.getvalue()


def _no_formula(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
