"""The reports of all imports that made a content folder: the first, then each that added files.

Takes   a folder.
Gives   what each import said at its end, oldest first, and everything that it did not take.
Never   loses what an earlier import said: adding files carries its reports along.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from blockwright.contracts.data import ImportReport, RowProblem
from blockwright.contracts.problems import error


def reports_in(folder: Path) -> list[ImportReport]:
    """Give the reports of a folder, oldest first."""
    return [
        ImportReport.model_validate_json(file.read_bytes()) for file in _there(folder, _report_file)
    ]


def report_in(folder: Path, number: int) -> ImportReport:
    """Give one report; the first has number 1.

    Raises:
        BlockwrightError: `data.report_not_found`.
    """
    file = folder / _report_file(number)
    if not file.is_file():
        raise error("data.report_not_found", number=number)
    return ImportReport.model_validate_json(file.read_bytes())


def problems_in(folder: Path, number: int) -> Iterator[RowProblem]:
    """Give every file and row that an import did not take, or changed; none without a list."""
    file = folder / _problems_file(number)
    if file.is_file():
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                yield RowProblem.model_validate_json(line)


def write_report(folder: Path, report: ImportReport, problems: Iterable[str]) -> None:
    """Write a report behind those that are there, and `problems`, lines of JSON."""
    number = len(list(_there(folder, _report_file))) + 1
    (folder / _report_file(number)).write_text(report.model_dump_json(), encoding="utf-8")
    with (folder / _problems_file(number)).open("w", encoding="utf-8") as file:
        file.writelines(problems)


def carry_reports(base: Path, folder: Path) -> None:
    """Copy the reports of an earlier content into the one that its rows go into."""
    for name_of in (_report_file, _problems_file):
        for file in _there(base, name_of):
            shutil.copyfile(file, folder / file.name)


def _there(folder: Path, name_of: Callable[[int], str]) -> Iterator[Path]:
    files = (folder / name_of(number) for number in itertools.count(1))
    return itertools.takewhile(Path.is_file, files)


def _report_file(number: int) -> str:
    return "import-report.json" if number == 1 else f"import-report-{number}.json"


def _problems_file(number: int) -> str:
    return "import-problems.jsonl" if number == 1 else f"import-problems-{number}.jsonl"
