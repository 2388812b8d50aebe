"""Label files of audio collections: which clip carries which classes.

Takes   a csv whose first column names clips, with either one column of labels
        (`labels` or `label`, several joined by commas in one cell) or one 0/1 column per
        class; and, when the order of the classes matters, a file that lists them.
Gives   classes in order and, per clip, which of them are true.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from blockwright.contracts.data import RowProblem
from blockwright.contracts.problems import Problem, error, problem

# What counts as 1 and as 0 in a column of classes, capital letters or not.
TRUE_WORDS = ("1", "1.0", "true")
FALSE_WORDS = ("0", "0.0", "false")
LABEL_COLUMNS = ("labels", "label")
# A column with this share of 0 and 1 is taken for 0/1; its other cells are mistakes to name.
BINARY_SHARE = 0.75
# A column with more 0 and 1 than this, but other values too, is never typed in silence.
NEARLY_BINARY_SHARE = 0.5


@dataclass
class ClipLabels:
    """The label file, read."""

    classes: list[str]
    clips: list[str] = field(default_factory=list)
    true_classes: list[frozenset[str]] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)


def read_labels(path: Path, classes_path: Path | None) -> ClipLabels:
    """Read a label file.

    Args:
        path: The csv of labels.
        classes_path: A text file or csv with one class per line, a csv whose columns after
            the first are the classes (such as sample_submission.csv), or a csv of
            `number,class` lines. Without it the classes are sorted.

    Raises:
        BlockwrightError: `data.labels_…` when the file as a whole makes no sense.
    """
    (_, names), *rows = _records(path, path.name) or [(1, [])]
    if not rows or not names:
        raise error("data.labels_empty", file=path.name)
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise error("data.index_duplicate_column", file=path.name, column=twice)
    listed = read_classes(classes_path) if classes_path else None
    labels = ClipLabels(classes=[])
    whole = _whole_rows(rows, names, path.name, labels)
    label_column = next((n for n in names[1:] if n.strip().lower() in LABEL_COLUMNS), None)
    if label_column is not None:
        _from_label_column(whole, names, label_column, path.name, labels)
    else:
        _from_class_columns(whole, names, listed, path.name, labels)
    if listed is not None:
        _require_listed(labels, listed, path.name)
        labels.classes = listed
    if not labels.classes:
        raise error("data.labels_without_classes", file=path.name)
    return labels


def read_classes(path: Path, name: str | None = None) -> list[str]:
    """Read the classes in their order.

    Args:
        path: The file.
        name: Its name where the path has another one, as an upload's has.

    Raises:
        BlockwrightError: `data.classes_empty`, `data.classes_named_twice`.
    """
    shown = name or path.name
    if shown.lower().endswith(".csv"):
        rows = [row for _, row in _records(path, shown) if row]
        numbered = bool(rows) and all(len(row) == 2 and row[0].strip().isdigit() for row in rows)
        if rows and all(len(row) == 1 for row in rows):
            classes = [row[0] for row in rows if row[0].strip()]
        else:
            classes = [row[1] for row in rows] if numbered else rows[0][1:] if rows else []
    else:
        classes = [line for line in _read_text(path, shown).splitlines() if line.strip()]
    if not classes:
        raise error("data.classes_empty", file=shown)
    if len(set(classes)) != len(classes):
        twice = next(name for name in classes if classes.count(name) > 1)
        raise error("data.classes_named_twice", file=shown, name=twice)
    return classes


def _read_text(path: Path, name: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as reason:
        raise error("data.index_not_utf8", file=name) from reason
    except OSError as reason:
        raise error(
            "data.cannot_open", file=str(path), reason=reason.strerror or str(reason)
        ) from reason


def _records(path: Path, name: str) -> list[tuple[int, list[str]]]:
    """Read a csv: the cells of each record, and the line in which it begins."""
    reader = csv.reader(_read_text(path, name).splitlines(keepends=True), strict=True)
    records: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            records.append((line, cells))
            line = reader.line_num + 1
        return records
    except csv.Error as reason:
        raise error(
            "data.index_unreadable", file=name, line=reader.line_num, reason=str(reason)
        ) from reason


def _whole_rows(
    rows: list[tuple[int, list[str]]], names: Sequence[str], file: str, labels: ClipLabels
) -> list[list[str]]:
    """Give the rows that have a cell for each column and a clip of their own; report the rest."""
    whole: list[list[str]] = []
    seen: set[str] = set()
    for line, cells in rows:
        if not cells:
            continue
        if len(cells) != len(names) or not cells[0].strip():
            wrong = problem(
                "data.line_cells", file=file, line=line, cells=len(cells), columns=len(names)
            )
            labels.problems.append(RowProblem(item=f"{file}: {line}", problem=wrong))
        elif cells[0] in seen:
            wrong = problem("data.file_named_twice", column=names[0], file=cells[0])
            labels.problems.append(RowProblem(item=cells[0], problem=wrong))
        else:
            seen.add(cells[0])
            whole.append(cells)
    return whole


def _from_label_column(
    rows: list[list[str]], names: list[str], label_column: str, file: str, labels: ClipLabels
) -> None:
    place = names.index(label_column)
    for cells in rows:
        true = frozenset(label.strip() for label in cells[place].split(",") if label.strip())
        labels.clips.append(cells[0])
        labels.true_classes.append(true)
    labels.classes = sorted(frozenset().union(*labels.true_classes))
    if not labels.classes:
        raise error("data.labels_all_empty", file=file, column=label_column)
    for name in names[1:]:
        if name != label_column:
            labels.notes.append(problem("data.labels_column_left_out", column=name))


def _from_class_columns(
    rows: list[list[str]],
    names: list[str],
    listed: list[str] | None,
    file: str,
    labels: ClipLabels,
) -> None:
    def is_class(place: int) -> bool:
        if listed is not None:
            return names[place] in listed
        odd = [row for row in rows if row[place].strip().lower() not in {*TRUE_WORDS, *FALSE_WORDS}]
        share = 1 - len(odd) / len(rows) if rows else 1.0
        if NEARLY_BINARY_SHARE <= share < BINARY_SHARE:
            raise error(
                "data.labels_column_unclear",
                file=file,
                column=names[place],
                count=len(odd),
                clip=odd[0][0],
                value=odd[0][place][:100],
            )
        return share >= BINARY_SHARE

    places = [place for place in range(1, len(names)) if is_class(place)]
    labels.classes = sorted(names[place] for place in places)
    for place, name in enumerate(names):
        if place and place not in places:
            labels.notes.append(problem("data.labels_column_left_out", column=name))
    for cells in rows:
        values = {names[place]: cells[place].strip().lower() for place in places}
        odd = [n for n, v in values.items() if v not in {*TRUE_WORDS, *FALSE_WORDS}]
        if odd:
            wrong = problem("data.label_not_0_or_1", column=odd[0], value=values[odd[0]][:100])
            labels.problems.append(RowProblem(item=cells[0], problem=wrong))
            continue
        labels.clips.append(cells[0])
        labels.true_classes.append(frozenset(n for n, v in values.items() if v in TRUE_WORDS))
    if not places:
        raise error("data.labels_without_classes", file=file)


def _require_listed(labels: ClipLabels, listed: list[str], file: str) -> None:
    known = set(listed)
    for clip, true in zip(labels.clips, labels.true_classes, strict=True):
        if unknown := sorted(true - known):
            raise error("data.label_not_in_classes", file=file, clip=clip, name=unknown[0])
