"""Columns of a version come back by name and lie in one file, whatever passes through memory."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from blockwright.datasets.frozen_columns import FrozenColumns


def column(number: int, rows: int) -> pl.Series:
    kinds: list[pl.Series] = [
        pl.Series([None if row % 7 == 0 else row * 0.5 for row in range(rows)], dtype=pl.Float64),
        pl.Series([row % 3 == 0 for row in range(rows)]),
        pl.Series([None if row % 5 == 0 else f"wörd {row % 11}" for row in range(rows)]),
        pl.Series([["a", "b"][: row % 3] or None for row in range(rows)], dtype=pl.List(pl.String)),
    ]
    return kinds[number % len(kinds)].alias(f"c{number}")


@pytest.mark.parametrize(("rows", "count"), [(0, 3), (1, 1), (100, 5), (450_000, 13)])
def test_columns_come_back_and_lie_in_one_file_in_their_order(
    rows: int, count: int, tmp_path: Path
) -> None:
    given = [column(number, rows) for number in range(count)]
    columns = FrozenColumns(tmp_path / "aside", expected=count)
    for values in given:
        columns.add(values)
    for values in given:
        assert columns[values.name].equals(values, check_dtypes=True, check_names=True)
    columns.write(tmp_path / "columns.parquet")
    assert pl.read_parquet(tmp_path / "columns.parquet").equals(pl.DataFrame(given))
    assert [file.name for file in tmp_path.iterdir()] == ["columns.parquet"]


def test_a_version_of_files_alone_has_a_table_without_columns(tmp_path: Path) -> None:
    FrozenColumns(tmp_path / "aside", expected=1).write(tmp_path / "columns.parquet")
    assert pl.read_parquet(tmp_path / "columns.parquet").shape == (0, 0)
