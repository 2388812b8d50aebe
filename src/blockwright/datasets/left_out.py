"""Rows that a person leaves out of a draft, and takes back.

Takes   the state of a draft and which rows are meant.
Gives   the new state: everything that is told of features and feature sets counted anew.
Never   moves another row to another side: subsets keep their borders.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from blockwright.contracts.data import DraftChange, DraftChangeKind, LeftOutChange
from blockwright.contracts.problems import error
from blockwright.contracts.subsets import RowQuery
from blockwright.datasets.draft_state import DraftState
from blockwright.datasets.feature_drafts import counted_anew

RowNumbers = npt.NDArray[np.int64]


def change_left_out(state: DraftState, wanted: LeftOutChange) -> DraftState:
    """Leave rows out, or take them back. Rows that are so already stay so.

    Histograms of tensors stay those of all rows: to count them is to read all arrays.

    Raises:
        BlockwrightError: `data.row_not_found`, `data.finding_without_copies`, and as
            `browse.page` does.
    """
    rows = _touched(state, wanted)
    if not rows:
        return state
    after = sorted(set(state.left_out).symmetric_difference(rows))
    changed = replace(state, left_out=tuple(after))
    return counted_anew(changed, [feature.name for feature in state.features])


def told(state: DraftState, wanted: LeftOutChange) -> DraftChange:
    """Word a change of a draft from what it was before. Raises as `change_left_out`."""
    rows = _touched(state, wanted)
    kind: DraftChangeKind = "rows_taken_back" if wanted.take_back else "rows_left_out"
    return DraftChange(kind=kind, count=max(1, len(rows)), row=min(rows, default=None))


def _touched(state: DraftState, wanted: LeftOutChange) -> set[int]:
    """Give the rows that are meant and not so yet."""
    meant = set(_meant(state, wanted).tolist())
    is_out = set(state.left_out)
    return meant & is_out if wanted.take_back else meant - is_out


def _meant(state: DraftState, wanted: LeftOutChange) -> RowNumbers:
    if wanted.query is None:
        for row in wanted.rows:
            if not 0 <= row < state.rows:
                raise error("data.row_not_found", row=row, rows=state.rows)
        return np.array(wanted.rows, dtype=np.int64)
    return _of_query(state, wanted.query, copies_only=wanted.copies_only)


def _of_query(state: DraftState, query: RowQuery, *, copies_only: bool) -> RowNumbers:
    from blockwright.datasets.browse import chosen_rows  # noqa: PLC0415 - imports drafts
    from blockwright.datasets.health import twins_of_finding  # noqa: PLC0415 - seldom asked

    mask = chosen_rows(state, query)
    if not copies_only:
        return np.flatnonzero(mask)
    twins = None if query.finding is None else twins_of_finding(state, query.finding)
    if twins is None:
        raise error("data.finding_without_copies")
    return twins.without_first(mask)
