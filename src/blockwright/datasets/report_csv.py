"""The whole import report as csv for a spreadsheet, with formulas made harmless."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator
from pathlib import Path

from blockwright.contracts.data import ImportReport, RowProblem
from blockwright.contracts.problems import Language, in_language
from blockwright.datasets.folder import PROBLEMS_FILE

# What a spreadsheet would take for a formula when a cell begins with it (OWASP ASVS 5, 1.2.10).
_HEADINGS: dict[Language, list[str]] = {
    "en": ["item", "code", "what happened", "what to do"],
    "zh": ["项目", "代码", "发生了什么", "怎么办"],
}
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\0", "\r", "\n")


def report_csv(folder: Path, report: ImportReport | None, language: Language) -> str:
    """Give every problem of an import and every remark, one a line.

    Args:
        folder: The dataset's folder, which holds all problems.
        report: The remarks, and what is told when there is no such folder: the first problems.
        language: Of the headings and the sentences.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_HEADINGS[language])
    problems = _all_problems(folder / PROBLEMS_FILE, report.problems if report else [])
    remarks = [RowProblem(item="", problem=note) for note in (report.notes if report else [])]
    for item in itertools.chain(problems, remarks):
        words = in_language(item.problem, language)
        told = [item.item, words.code, words.message, words.fix]
        writer.writerow([_no_formula(cell) for cell in told])
    return text.getvalue()


def _all_problems(file: Path, otherwise: list[RowProblem]) -> Iterator[RowProblem]:
    if not file.exists():
        yield from otherwise
        return
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            yield RowProblem.model_validate_json(line)


def _no_formula(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
