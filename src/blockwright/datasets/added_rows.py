"""A draft takes in the rows of files that were added: what a person chose stays chosen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from blockwright.contracts.data import Feature, FeatureChange, FeaturesChange
from blockwright.contracts.work import Imported
from blockwright.datasets.draft_state import DraftState
from blockwright.datasets.feature_drafts import change_features


def with_added_rows(draft: DraftState, folder: Path, event: Imported) -> DraftState:
    """Give the draft with the rows of a new content folder.

    Names, encodings, feature sets, subset rules and choices on gaps stay. Histograms,
    counts and classes are those of all rows. Columns that are new come as proposed.
    """
    kept_by_column = {feature.column: feature for feature in draft.features}
    features = [_kept(kept_by_column.get(item.column), item) for item in event.features]
    grown = replace(draft, content_folder=folder, rows=event.rows, features=features)
    proposed = {item.column: item.type for item in event.features}
    for feature in features:
        if feature.type != proposed[feature.column]:  # chosen by hand: counted by its own type
            change = FeatureChange(type=feature.type, encoding=feature.encoding)
            wanted = FeaturesChange(names=[feature.name], change=change)
            grown = change_features(grown, wanted)
    return grown


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
