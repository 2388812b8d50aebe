"""The columns of a version on their way into one file, a few of them in memory at a time.

Takes   the values of one feature after another.
Gives   each of them again by name, and a Parquet file of all.
Never   holds the whole table: what has come lies in files until it is written together.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import polars as pl
from polars.io.plugins import register_io_source

# Columns are put aside together until they hold so many cells.
_PART_CELLS = 4_000_000
# Rows that lie together in the file: so many that a group holds about as many cells, within
# limits, as each group costs some bytes of every column.
_LEAST_GROUP_ROWS, _MOST_GROUP_ROWS = 2**14, 2**18


class FrozenColumns:
    """Columns of equal length, added one by one; used within the folder of a version."""

    def __init__(self, folder: Path, *, expected: int) -> None:
        """Begin in a fresh folder, which `write` removes; `expected` is how many will come."""
        folder.mkdir()
        self._folder = folder
        self._group_rows = min(
            _MOST_GROUP_ROWS, max(_LEAST_GROUP_ROWS, _PART_CELLS // max(1, expected))
        )
        self._latest: list[pl.Series] = []
        self._part_of: dict[str, Path] = {}
        self._rows = 0

    def add(self, values: pl.Series) -> None:
        """Take the next column; its name is that of the feature."""
        self._latest.append(values)
        self._rows = len(values)
        if len(values) * len(self._latest) >= _PART_CELLS:
            self._put_aside()

    def __getitem__(self, name: str) -> pl.Series:
        """Give a column."""
        part = self._part_of.get(name)
        if part is None:
            return next(values for values in self._latest if values.name == name)
        return pl.read_parquet(part, columns=[name], parallel="none").to_series()

    def write(self, path: Path) -> None:
        """Write all columns, in the order in which they came, and let go of them."""
        self._put_aside()
        if self._part_of:
            source = register_io_source(self._groups, schema=self._schema())
            source.sink_parquet(path, compression="lz4", row_group_size=self._group_rows)
        else:
            pl.DataFrame().write_parquet(path)
        shutil.rmtree(self._folder)

    def _put_aside(self) -> None:
        if not self._latest:
            return
        part = self._folder / f"{len(self._part_of)}.parquet"
        table = pl.DataFrame(self._latest)
        table.write_parquet(part, compression="uncompressed", row_group_size=self._group_rows)
        self._part_of |= dict.fromkeys(table.columns, part)
        self._latest = []

    def _parts(self) -> list[Path]:
        return list(dict.fromkeys(self._part_of.values()))

    def _schema(self) -> pl.Schema:
        schemas = [pl.read_parquet_schema(part) for part in self._parts()]
        return pl.Schema({name: kind for each in schemas for name, kind in each.items()})

    def _groups(
        self,
        with_columns: list[str] | None,  # noqa: ARG002 - all of this is what Polars may ask
        predicate: pl.Expr | None,  # noqa: ARG002
        n_rows: int | None,  # noqa: ARG002
        batch_size: int | None,  # noqa: ARG002
    ) -> Iterator[pl.DataFrame]:
        for begin in range(0, self._rows, self._group_rows):
            tables = [
                pl.scan_parquet(part, parallel="none").slice(begin, self._group_rows).collect()
                for part in self._parts()
            ]
            yield pl.concat(tables, how="horizontal")
