"""What each column of the table that came is taken for, and which cells do not fit that.

Takes   the cells of all rows.
Gives   one `TableColumn` each: its type with the evidence, the values to keep, bad rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from blockwright.contracts.data import TypeOffer
from blockwright.contracts.encodings import FeatureType
from blockwright.contracts.problems import Problem, problem
from blockwright.datasets.column_proposals import ColumnProposal
from blockwright.datasets.column_types import propose
from blockwright.datasets.intake.found_files import FoundFiles
from blockwright.datasets.intake.incoming import FromVersion, IncomingRows
from blockwright.datasets.intake.kinds import FileKind, kind_of
from blockwright.datasets.intake.named_files import files_came, names_a_file

BoolArray = npt.NDArray[np.bool_]


@dataclass
class TableColumn:
    """One column of the table.

    `values` is what the content keeps of it: numbers, or text as it was written. Rows in
    `bad` have a cell that the type cannot take. `paths` are where the files of its rows
    lie, when that is not what its cells say. `words` are its different cells (`word`) and
    how often (`count`), where they were counted.
    """

    name: str
    type: FeatureType
    values: pl.Series
    bad: BoolArray
    evidence: Problem | None = None
    offers: list[TypeOffer] = field(default_factory=list)
    paths: list[str] | None = None
    delimiter: str | None = None
    words: pl.DataFrame | None = None

    @property
    def file_kind(self) -> FileKind | None:
        """Which kind of files its cells name, if they do."""
        if self.type in {"tensor", "audio", "image"}:
            return self.type
        return None


def table_columns(incoming: IncomingRows, files: FoundFiles) -> list[TableColumn]:
    """Say what each column is; remarks on it are added to those of the rows.

    A column of paths of which not one came is a column of words: it tells of where things
    come from. Only where files did come and not one column names any of them, the paths
    must be wrong, and the column is left as one of files, so that each row tells so.
    """
    cells = incoming.cells
    if cells.width == 0:
        return []
    if incoming.version is not None:
        return _columns_of_version(incoming, incoming.version)

    came = files_came(files)

    def there(paths: pl.Series) -> pl.Series:
        return pl.Series([came and names_a_file(paths, files, incoming.folder)])

    paths_are_wrong = came and not any(there(series).any() for series in cells.iter_columns())
    proposals = propose(
        cells,
        missing_words=incoming.missing_words,
        lines=incoming.lines if incoming.lines.any() else None,
        files_there=None if paths_are_wrong else there,
    )
    for each in proposals:
        incoming.notes += [note for note in each.notes if _is_of_table(note, incoming)]
    return [_column(each, cells[each.name], incoming) for each in proposals]


def _columns_of_version(incoming: IncomingRows, version: FromVersion) -> list[TableColumn]:
    return [
        TableColumn(
            name=feature.column,
            type=feature.type,
            values=incoming.cells[feature.column],
            bad=np.zeros(incoming.rows, bool),
            evidence=feature.evidence,
            offers=feature.offers,
            paths=version.media_members.get(feature.column),
        )
        for feature in version.proposed_features
    ]


def _is_of_table(note: Problem, incoming: IncomingRows) -> bool:
    """Tell whether a remark can be followed: without a table there are no cells to empty."""
    return bool(incoming.lines.any()) or note.code != "data.missing_word_possible"


def _evidence(proposal: ColumnProposal, cells: pl.Series, incoming: IncomingRows) -> Problem:
    """Say why, without speaking of cells where there is no table: where files are the rows."""
    told = proposal.evidence
    if incoming.lines.any():
        return told
    if proposal.name in incoming.file_columns:
        rows, suffix = len(cells), told.params["suffix"]
        return problem("data.evidence_files", rows=rows, suffix=suffix)
    return problem(
        "data.evidence_folders", column=proposal.name, words=cells.drop_nulls().n_unique()
    )


def _column(proposal: ColumnProposal, cells: pl.Series, incoming: IncomingRows) -> TableColumn:
    kind = incoming.file_columns.get(proposal.name)
    column = TableColumn(
        name=proposal.name,
        type=kind or proposal.type,
        values=cells,
        bad=np.zeros(len(cells), bool),
        evidence=_evidence(proposal, cells, incoming),
        offers=proposal.offers,
        delimiter=proposal.delimiter,
        words=proposal.words,
    )
    if column.file_kind is not None:
        column.values = cells.str.strip_chars()
        column.bad = np.array([kind_of(path or "") is None for path in column.values], dtype=bool)
    else:
        column.bad[proposal.bad_rows] = True
    return column
