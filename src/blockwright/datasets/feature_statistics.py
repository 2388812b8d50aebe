"""What is told of features while a draft is changed: classes, histogram, gaps, counts.

Takes   the state of a draft and features that are read in another way now.
Gives   the features described anew, from all rows that a person did not leave out.
Never   touches a feature that was not named; columns are read many at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import polars as pl

from blockwright.contracts.data import Feature, FeatureSet, Histogram
from blockwright.contracts.encodings import (
    CategoricalEncoding,
    MultiLabelEncoding,
    NumericEncoding,
)
from blockwright.contracts.problems import error
from blockwright.datasets.column_statistics import (
    THREADS,
    ColumnStatistics,
    column_statistics,
)
from blockwright.datasets.draft_state import DraftState
from blockwright.datasets.encoders.choices import OWN_CATEGORY
from blockwright.datasets.encoders.classes import ordered_classes, widened_order
from blockwright.datasets.folder import ROWS_FILE
from blockwright.datasets.intake.features import media_histogram
from blockwright.datasets.odd_cells import told
from blockwright.datasets.read_ahead import read_ahead
from blockwright.datasets.row_table import RowTable, as_type
from blockwright.datasets.typed_columns import typed

# Values that are read together, while as many are counted; a table may have more columns than
# fit into memory.
GROUP_VALUES = 4_000_000


def described(
    state: DraftState,
    features: Sequence[Feature],
    *,
    makes_gaps: bool,
    beyond_template: bool = False,
) -> list[Feature]:
    """Read features anew: their classes, histogram, and how many rows lack a value.

    Args:
        state: Where the cells lie, and what was corrected of them.
        features: With the type, encoding and choice that they have from now on.
        makes_gaps: Whether cells that do not fit the type may become gaps.
        beyond_template: Whether labels that the list of an order lacks may stand behind it,
            as rows that were added can bring them.

    Raises:
        BlockwrightError: `data_encoding.cells_do_not_fit`, or `cells_of_file_do_not_fit` where
            the first has a line in a file, with such cells and how many there are;
            `data_encoding.no_cell_fits`, `data_encoding.label_not_in_template`,
            `data_encoding.too_many_classes`.
    """
    table = _table(state, features)
    proposed = {feature.column: feature for feature in table.content.features}
    of_cells = [feature for feature in features if _is_of_cells(feature)]
    found: dict[str, ColumnStatistics] = {}
    groups = _groups(of_cells, state.rows)
    for group, values in read_ahead(
        lambda each: _values(table, each, makes_gaps=makes_gaps), groups
    ):
        counted = column_statistics([(_counted_as(values[f.name]), f.type) for f in group])
        found |= {feature.name: each for feature, each in zip(group, counted, strict=True)}
    made: list[Feature] = []
    for feature in features:
        was = proposed[feature.column]
        # A type that is the proposed one again has the same reasons again.
        update: dict[str, object] = {"evidence": was.evidence if feature.type == was.type else None}
        if feature.name in found:
            anew = _described(feature, found[feature.name], beyond_template=beyond_template)
            made.append(anew.model_copy(update=update))
            continue
        update |= {"histogram": was.histogram, "missing_rows": was.missing_rows}
        if state.left_out:
            update |= _of_files(table, feature)
        made.append(feature.model_copy(update=update))
    return made


def _of_files(table: RowTable, feature: Feature) -> dict[str, object]:
    """Tell of recordings, images or arrays in the rows that are in use; see `left_out`."""
    in_use = ~table.left_out_by_hand()
    told: dict[str, object] = {"missing_rows": int((table.missing(feature.name) & in_use).sum())}
    facts = table.facts(feature.name)
    if not facts.is_empty():
        told["histogram"] = media_histogram(feature.type, facts.filter(in_use))
    return told


def _table(state: DraftState, features: Sequence[Feature]) -> RowTable:
    return RowTable(state.content_folder, features, (), state.corrections, state.left_out)


def _groups(features: Sequence[Feature], rows: int) -> Iterator[Sequence[Feature]]:
    """Give features in groups whose columns together are of bounded size."""
    size = max(1, GROUP_VALUES // max(1, rows))
    for start in range(0, len(features), size):
        yield features[start : start + size]


def _counted_as(values: pl.Series) -> pl.Series:
    return values.cast(pl.UInt8) if values.dtype == pl.Boolean else values


def with_counts(state: DraftState, bundle: FeatureSet) -> FeatureSet:
    """Count how often each class of a set is true, and rows in which several are."""
    if bundle.kind != "binary":
        return bundle.model_copy(update={"counts": [], "several_true_rows": 0})
    by_name = {feature.name: feature for feature in state.features}
    members = [by_name[name] for name in bundle.features]
    table = _table(state, members)
    true_per_row = np.zeros(state.rows - len(state.left_out), dtype=np.int32)
    counts: list[int] = []
    for group in _groups(members, state.rows):
        for values in _values(table, group, makes_gaps=True).values():
            true = values.fill_null(value=False).to_numpy()
            true_per_row += true
            counts.append(int(true.sum()))
    several = int((true_per_row > 1).sum())
    return bundle.model_copy(update={"counts": counts, "several_true_rows": several})


def _is_of_cells(feature: Feature) -> bool:
    return feature.type not in {"audio", "image", "tensor"}


def _values(
    table: RowTable, features: Sequence[Feature], *, makes_gaps: bool
) -> dict[str, pl.Series]:
    """Give the values of many features in the rows in use; their columns are read together."""
    if not features:
        return {}
    columns = list(dict.fromkeys(feature.column for feature in features))
    cells = pl.read_parquet(table.content_folder / ROWS_FILE, columns=columns)
    in_use = pl.Series(~table.left_out_by_hand())
    is_whole = bool(in_use.all())

    def values_of(feature: Feature) -> pl.Series:
        written = cells[feature.column]
        if not makes_gaps:
            _require_fitting_cells(written, feature, table)
        if feature.name in table.corrected:
            values = table.values(feature.name)
        elif feature.type == "text" and written.dtype.is_numeric():
            values = written  # of text the gaps are counted: for that, numbers need no words
        else:
            values = as_type(written, feature)
        return values if is_whole else values.filter(in_use)

    with ThreadPoolExecutor(THREADS) as pool:  # Polars leaves Python to each other
        return {
            feature.name: values
            for feature, values in zip(features, pool.map(values_of, features), strict=True)
        }


def _require_fitting_cells(written: pl.Series, feature: Feature, table: RowTable) -> None:
    """Refuse a type that some cells, or values that a person put in their place, do not fit."""
    if feature.type not in {"numeric", "binary"}:
        return
    encoding = feature.encoding
    comma = isinstance(encoding, NumericEncoding) and encoding.decimal_comma
    cells = table.cells(feature.name) if feature.name in table.corrected else written
    values, bad = typed(cells, feature.type, decimal_comma=comma)
    in_use = pl.Series(~table.left_out_by_hand())
    bad = bad & in_use
    if not bad.any():
        return
    # Cells such as NA are no values either, and become gaps with the others.
    is_odd = values.is_null() & cells.is_not_null() & in_use
    if cells.dtype == pl.String:
        is_odd &= cells.str.strip_chars() != ""
    odd = cells.filter(is_odd)
    words = {"name": feature.name, "words": told(odd), "type": feature.type}
    if values.filter(in_use).is_null().all():
        raise error("data_encoding.no_cell_fits", **words)
    row = int(is_odd.arg_true()[0])
    told_row: dict[str, str | int] = {"row": row + 1, "rows": len(odd), **words}
    file, line = table.sources().row(row)
    if not line:
        raise error("data_encoding.cells_do_not_fit", **told_row)
    raise error("data_encoding.cells_of_file_do_not_fit", file=file, line=line, **told_row)


def _described(feature: Feature, found: ColumnStatistics, *, beyond_template: bool) -> Feature:
    update: dict[str, object] = {
        "missing_rows": found.missing_rows,
        "histogram": found.histogram,
        "classes": None,
    }
    if isinstance(feature.encoding, CategoricalEncoding | MultiLabelEncoding):
        order = feature.encoding.order
        if beyond_template and order.template:
            order = widened_order(order, found.class_counts)
        classes = ordered_classes(feature.name, found.class_counts, order)
        if feature.missing is not None and feature.missing.kind == "own_category":
            classes.append(OWN_CATEGORY)
            update["histogram"] = _with_own_category(found.histogram, found.missing_rows)
        update["classes"] = classes
    return feature.model_copy(update=update)


def _with_own_category(histogram: Histogram, rows: int) -> Histogram:
    """Count the rows without a value as a class; it stands last, as in `classes`."""
    counted = {
        "counts": [*histogram.counts, rows],
        "labels": [*(histogram.labels or []), OWN_CATEGORY],
    }
    return histogram.model_copy(update=counted)
