"""A draft takes in the rows of files that were added: what a person chose stays chosen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from blockwright.contracts.data import Feature
from blockwright.contracts.work import Imported
from blockwright.datasets.draft_state import DraftState
from blockwright.datasets.feature_drafts import counted_anew, reads_differently


def with_added_rows(draft: DraftState, folder: Path, event: Imported) -> DraftState:
    """Give the draft with the rows of a new content folder.

    Names, encodings, feature sets, subset rules, choices on gaps and rows left out stay.
    Histograms, counts and classes are those of all rows in use. Columns that are new come as
    proposed.
    """
    kept_by_column = {feature.column: feature for feature in draft.features}
    features = [_kept(kept_by_column.get(item.column), item) for item in event.features]
    grown = replace(draft, content_folder=folder, rows=event.rows, features=features)
    own = [
        feature.name
        for feature, proposed in zip(features, event.features, strict=True)
        if draft.left_out or reads_differently(proposed, feature)
    ]
    return counted_anew(grown, own)


def _kept(kept: Feature | None, proposed: Feature) -> Feature:
    if kept is None:
        return proposed
    if kept.type != proposed.type:
        return kept
    return kept.model_copy(
        update={
            "histogram": proposed.histogram,
            "missing_rows": proposed.missing_rows,
            "classes": proposed.classes,
            "shape": proposed.shape if proposed.type == "tensor" else kept.shape,
        }
    )
