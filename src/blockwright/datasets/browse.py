"""Pages of rows: any order, any condition, a million rows without delay.

Takes   the state of a version and a `RowQuery`.
Gives   a page of rows as they are shown, and how many rows a condition is true for.
Never   reads the whole table for a page: the order of a query is worked out once and kept,
        and the cells of a few rows are read from where they lie.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from blockwright.contracts.data import MediaFacts, Row, RowPage
from blockwright.contracts.subsets import Condition, DataUsage, RowQuery
from blockwright.datasets.conditions import cells_with, matching
from blockwright.datasets.draft_state import DraftState
from blockwright.datasets.label_sets import number_of_words, word_codes
from blockwright.datasets.mapped_cells import someone_waits
from blockwright.datasets.row_table import Mask, RowTable, row_table
from blockwright.datasets.subset_drafts import find_subset
from blockwright.datasets.subsets import subset_masks

RowOrder = npt.NDArray[np.int32]
_WITHOUT_WORDS = {"numeric", "binary"}
_FEW_WORDS = 2**16  # different ones
_FACTS = [name for name in MediaFacts.model_fields if name not in {"file", "bytes"}]


def page(state: DraftState, query: RowQuery) -> RowPage:
    """Give the rows of one page of a query.

    Sorting is stable and puts rows without a value last, in either direction. `search`
    finds rows in whose words every word of it occurs, capitals or not.

    Raises:
        BlockwrightError: `data.feature_not_found`, `data.subset_not_found`,
            `data.finding_not_found`, and as `matching` does.
    """
    with someone_waits():
        return _page(row_table(state), state, query)


def _page(table: RowTable, state: DraftState, query: RowQuery) -> RowPage:
    order = _order(table, state, query)
    total = table.rows if order is None else len(order)
    if order is None:
        rows = np.arange(query.offset, min(total, query.offset + query.limit), dtype=np.int64)
    else:
        rows = order[query.offset : query.offset + query.limit].astype(np.int64)
    names = list(table.features) if query.features is None else query.features
    return RowPage(offset=query.offset, total=total, rows=_shown(table, state, rows, names))


def count(state: DraftState, condition: Condition) -> DataUsage:
    """Tell how many rows there are and for how many a condition is false (`unused_rows`).

    Raises:
        BlockwrightError: As `matching` does.
    """
    table = row_table(state)
    with someone_waits():
        mask = matching(table, condition)
    return DataUsage(
        rows=table.rows,
        unused_rows=table.rows - int(np.count_nonzero(mask)),
        left_out_rows=int(np.count_nonzero(table.left_out())),
        left_out_by_hand=len(state.left_out),
    )


def chosen_rows(state: DraftState, query: RowQuery) -> Mask:
    """Tell which rows a query shows, shape (rows,). Raises as `page`."""
    table = row_table(state)
    mask = _chosen(table, state, query)
    return np.ones(table.rows, dtype=bool) if mask is None else mask


def _order(table: RowTable, state: DraftState, query: RowQuery) -> RowOrder | None:
    """Give the row numbers of a query in order, or None for all rows as they came."""
    subset = None if query.subset_id is None else find_subset(state.subsets, query.subset_id)
    asked = query.model_copy(update={"offset": 0, "limit": 1, "features": None})
    borders = "" if subset is None else subset.model_dump_json(include={"rule", "borders"})
    finding = _finding_key(state) if query.finding else ""
    key = f"{asked.model_dump_json()}{borders}{finding}"

    def make() -> RowOrder | None:
        mask = _chosen(table, state, query)
        if query.sort_by is None:
            return None if mask is None else _as_they_came(state, query, mask)
        ranked = _sorted_rows(table, query.sort_by, descending=query.descending)
        return ranked if mask is None else ranked[mask[ranked]]

    return table.keep("order", key, make)


def _as_they_came(state: DraftState, query: RowQuery, mask: Mask) -> RowOrder:
    """Give rows in their order, but those that a finding holds to be equal beside one another."""
    if query.finding is not None:
        from blockwright.datasets.health import twins_of_finding  # noqa: PLC0415 - seldom asked

        twins = twins_of_finding(state, query.finding)
        if twins is not None:
            return twins.rows[mask[twins.rows]].astype(np.int32)
    return np.flatnonzero(mask).astype(np.int32)


def _chosen(table: RowTable, state: DraftState, query: RowQuery) -> Mask | None:
    masks: list[Mask] = []
    if query.condition is not None:
        masks.append(matching(table, query.condition))
    if query.subset_id is not None:
        masks.append(subset_masks(table, state.subsets)[query.subset_id])
    if query.finding is not None:
        from blockwright.datasets.health import rows_of_finding  # noqa: PLC0415 - seldom asked

        masks.append(rows_of_finding(state, query.finding))
    if query.left_out is not None:
        masks.append(table.left_out() == query.left_out)
    if query.search.strip():
        masks.append(_found(table, query.search.split()))
    return None if not masks else np.logical_and.reduce(masks)


def _sorted_rows(table: RowTable, name: str, *, descending: bool) -> RowOrder:
    def make() -> RowOrder:
        if table.feature(name).type in _WITHOUT_WORDS:
            return _order_of_numbers(table.values(name).cast(pl.Float64), descending=descending)
        words = table.words(name)
        if number_of_words(words) <= _FEW_WORDS:  # words that repeat are sorted as numbers
            codes, different = word_codes(words)
            keys = pl.Series(codes).cast(pl.Float64)
            gaps = keys == len(different)
            return _order_of_numbers(keys.set(gaps, None), descending=descending)
        ranked = pl.arg_sort_by("key", descending=descending, nulls_last=True, maintain_order=True)
        return words.to_frame("key").select(ranked).to_series().to_numpy().astype(np.int32)

    return table.keep("sorted", f"{name}\x1f{descending}", make)


def _order_of_numbers(numbers: pl.Series, *, descending: bool) -> RowOrder:
    """Give the rows in the order of their numbers, gaps last; as Polars does in half the room."""
    keys = numbers.to_numpy()
    return np.argsort(-keys if descending else keys, kind="stable").astype(np.int32)


def _found(table: RowTable, words: Sequence[str]) -> Mask:
    names = [f.name for f in table.features.values() if f.type not in _WITHOUT_WORDS]
    found = [np.zeros(table.rows, dtype=bool) for _ in words]
    for begin, cells in table.words_in_blocks(names):
        for place, mask in enumerate(cells_with(cells, words)):
            found[place][begin : begin + len(cells)] |= mask
    result: Mask = np.logical_and.reduce(found)
    return result


def _shown(
    table: RowTable, state: DraftState, rows: npt.NDArray[np.int64], names: Sequence[str]
) -> list[Row]:
    if len(rows) == 0:
        return []
    values = {
        name: _shown_values(table, name, column)
        for name, column in table.values_at(rows, names).items()
    }
    members = {name: mask[rows] for name, mask in subset_masks(table, state.subsets).items()}
    media = {
        name: _media(table, name, shown, rows)
        for name, shown in values.items()
        if table.features[name].column in table.content.media
    }
    sources = table.sources()[rows].rows()
    out, by_hand = table.left_out()[rows], table.left_out_by_hand()[rows]
    # A row that is in no subset is not filled either: it counts for nothing.
    fills = [
        {
            name: cell
            for name, cell in state.fills.items()
            if not out[place] and name in values and values[name][place] is None
        }
        for place in range(len(rows))
    ]
    return [
        Row(
            index=int(row),
            values={name: column[place] for name, column in values.items()} | fills[place],
            subset_ids=[name for name, mask in members.items() if mask[place]],
            media={name: facts[place] for name, facts in media.items() if facts[place]},
            source=sources[place][0] or "",
            source_line=sources[place][1] or None,
            filled=list(fills[place]),
            corrected=[name for name, cells in table.corrected.items() if int(row) in cells],
            left_out="by_hand" if by_hand[place] else "missing_value" if out[place] else None,
        )
        for place, row in enumerate(rows)
    ]


def _shown_values(table: RowTable, name: str, values: pl.Series) -> list[str | float | None]:
    kind = table.features[name].type
    if kind == "binary":
        return values.cast(pl.Float64).to_list()
    if kind == "multi_label":
        return table.joined(name, values).to_list()
    return values.to_list()


def _media(
    table: RowTable,
    name: str,
    files: Sequence[Any],
    rows: npt.NDArray[np.int64],
) -> list[MediaFacts | None]:
    facts = table.facts(name)
    known = [column for column in _FACTS if column in facts.columns]
    lines = facts.select("bytes", *known)[rows].rows(named=True)
    return [
        None if file is None or line["bytes"] is None else MediaFacts(file=file, **line)
        for file, line in zip(files, lines, strict=True)
    ]


def _finding_key(state: DraftState) -> str:
    from blockwright.datasets.health import report_key  # noqa: PLC0415 - seldom asked

    return report_key(state)
