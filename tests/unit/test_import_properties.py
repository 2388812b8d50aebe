"""Whatever goes in comes out again, or is named: tables and zips of any content."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import numpy as np
import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blockwright.contracts.problems import BlockwrightError
from blockwright.datasets.intake import run_import
from tests.support.dataset_zips import (
    RecordingSink,
    import_files,
    import_plan,
    npy_bytes,
    write_zip,
)

CELLS = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufeff"), max_size=12
)
NAMES = st.text("abcdefgXYZ0123_ é日-", min_size=1, max_size=10).filter(
    lambda name: name.strip() == name
)
FEW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    columns = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    row = st.lists(CELLS, min_size=len(columns), max_size=len(columns) + 1)
    return columns, draw(st.lists(row, min_size=1, max_size=12))


def written(columns: list[str], rows: list[list[str]], delimiter: str) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([columns, *rows])
    return text.getvalue()


@FEW
@given(tables(), st.sampled_from([",", ";", "\t"]))
def test_every_row_of_a_csv_is_taken_as_it_is_or_named(
    table: tuple[list[str], list[list[str]]], delimiter: str
) -> None:
    columns, rows = table
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "table.csv"
        path.write_text(written(columns, rows, delimiter), encoding="utf-8")
        plan = import_plan(path, folder=Path(place) / "ds")
        plan = plan.model_copy(
            update={"options": plan.options.model_copy(update={"delimiter": delimiter})}
        )
        sink = RecordingSink()
        try:
            run_import(plan, sink)
        except BlockwrightError as reason:
            assert reason.problem.code == "data.no_row_taken"
            return
        taken = pl.read_parquet(Path(place) / "ds" / "rows.parquet")
        lines = pl.read_parquet(Path(place) / "ds" / "sources.parquet")["line"].to_list()
        problems = (Path(place) / "ds" / "import-problems.jsonl").read_text().splitlines()
    assert taken.columns == columns
    assert len(lines) + len(problems) == len(rows)
    for line, kept in zip(lines, taken.iter_rows(), strict=True):
        given_cells = rows[line - 2]
        for before, after in zip(given_cells, kept, strict=True):
            assert same(before, after), (before, after)


def same(before: str, after: object) -> bool:
    """Say whether a value is what the cell says: the same words, or the same number."""
    if after is None:
        return before.strip().lower() in {"", "na", "nan", "n/a", "null", "none"}
    if isinstance(after, int | float):
        return float(before) == after
    return before == after


@FEW
@given(
    st.dictionaries(NAMES.map(str.casefold), st.integers(-100, 100), min_size=1, max_size=8),
    st.sets(st.integers(0, 7)),
    st.sets(st.integers(0, 7)),
    st.sampled_from(["", "top/", "a/b/"]),
)
def test_every_file_of_a_zip_is_a_row_or_named(
    values: dict[str, int], lost: set[int], unnamed: set[int], top: str
) -> None:
    names = list(values)
    rows = [number for number in range(len(names)) if number not in unnamed]
    present = [number for number in range(len(names)) if number not in lost]
    entries: dict[str, bytes | str] = {
        f"{top}x/{names[number]}.npy": npy_bytes(np.full((2, 3), values[names[number]], "f4"))
        for number in present
    }
    index = written(
        ["file", "value"],
        [[f"x/{names[number]}.npy", str(values[names[number]])] for number in rows],
        ",",
    )
    entries[f"{top}index.csv"] = index
    with tempfile.TemporaryDirectory() as place:
        source = write_zip(Path(place) / "d.zip", entries)
        whole = [number for number in rows if number in present]
        if not whole:
            return
        imported = import_files(source, folder=Path(place) / "ds")
        kept = pl.read_parquet(Path(place) / "ds" / "rows.parquet")
        stored = np.load(Path(place) / "ds" / "tensor_0.npy")
    told = {item.item: item.problem.code for item in imported.report.problems}
    assert kept["file"].to_list() == [f"x/{names[number]}.npy" for number in whole]
    assert stored[:, 0, 0].tolist() == [values[names[number]] for number in whole]
    assert told == {
        **{f"x/{names[n]}.npy": "data.file_missing" for n in rows if n in lost},
        **{f"{top}x/{names[n]}.npy": "data.file_not_in_index" for n in present if n in unnamed},
    }
