"""The columns of rows that are added, brought to the types of the columns which are there.

Takes   the new columns and an earlier content.
Gives   the same columns with fitting values, the rows that do not fit, and remarks on gaps.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from blockwright.contracts.data import Feature
from blockwright.contracts.encodings import MultiLabelEncoding
from blockwright.contracts.problems import Problem, error, problem
from blockwright.datasets.intake.base_content import BaseContent
from blockwright.datasets.intake.columns import TableColumn

# With more misfits than this share it is another column, not one with mistakes.
MISFIT_SHARE = 0.5


def fit_to_base(columns: list[TableColumn], base: BaseContent) -> list[Problem]:
    """Give the columns the types that they have in the content; mark rows which do not fit.

    Columns that the new files lack are appended to `columns`, empty.

    Returns:
        Remarks on columns that only one side has.

    Raises:
        BlockwrightError: `data.added_other_type` when most values do not fit.
    """
    features = {feature.column: feature for feature in base.content.features}
    rows = base.rows
    for column in columns:
        if column.file_kind is None and column.name in rows.columns:
            _fit(column, rows[column.name], features[column.name])
    new = [column.name for column in columns if column.name not in rows.columns]
    lacking = [
        _gaps(feature, rows[name], columns)
        for name, feature in features.items()
        if _is_lacking(name, columns, base)
    ]
    columns += lacking
    return [
        *(problem("data.added_without_column", column=column.name) for column in lacking),
        *(problem("data.added_new_column", column=name, rows=rows.height) for name in new),
    ]


def _is_lacking(name: str, columns: list[TableColumn], base: BaseContent) -> bool:
    is_file = name in base.content.tensors or name in base.content.media
    return not is_file and all(column.name != name for column in columns)


def _gaps(feature: Feature, there: pl.Series, columns: list[TableColumn]) -> TableColumn:
    """Give a column of the content that the new files do not have."""
    count = len(columns[0].values)
    return TableColumn(
        name=feature.column,
        type=feature.type,
        values=pl.Series(feature.column, [None] * count, dtype=there.dtype),
        bad=np.zeros(count, bool),
        evidence=feature.evidence,
        offers=feature.offers,
        delimiter=_delimiter(feature),
    )


def _delimiter(feature: Feature) -> str | None:
    encoding = feature.encoding
    return encoding.delimiter if isinstance(encoding, MultiLabelEncoding) else None


def _fit(column: TableColumn, there: pl.Series, feature: Feature) -> None:
    given = column.values
    values = given
    if pl.String in {there.dtype, given.dtype}:
        wanted = pl.String if there.dtype == pl.String else pl.Float64
        values = given.cast(wanted, strict=False)
        if wanted == pl.Float64 and not values.is_finite().fill_null(value=True).all():
            values = values.set(~values.is_finite().fill_null(value=True), None)
    bad = (values.is_null() & given.is_not_null()).to_numpy()
    if feature.type == "binary" and there.dtype != pl.String:
        bad = bad | (~values.is_in([0, 1])).fill_null(value=False).to_numpy()
    present = int(given.is_not_null().sum())
    if present and int(bad.sum()) > MISFIT_SHARE * present:
        raise error(
            "data.added_other_type", column=column.name, before=feature.type, now=column.type
        )
    column.values = values
    column.type = feature.type
    column.bad = bad
    column.evidence = feature.evidence
    column.offers = feature.offers
    column.delimiter = _delimiter(feature)
