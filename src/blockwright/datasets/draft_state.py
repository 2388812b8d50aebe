"""What a version holds while it is looked at or changed, as plain data; no SQL here."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from blockwright.contracts.data import Correction, Feature, FeatureSet
from blockwright.contracts.subsets import Subset


@dataclass(frozen=True)
class DraftState:
    """A draft or frozen version. Functions on drafts take one and give another.

    `rows` counts the rows of the content folder, whether or not a subset takes them. `left_out`
    are the numbers of those that a person left out, ascending.
    `fills` are the cells that gaps hold in a frozen version, by feature.
    """

    content_folder: Path
    rows: int
    features: list[Feature]
    feature_sets: list[FeatureSet] = field(default_factory=list)
    subsets: list[Subset] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    left_out: tuple[int, ...] = ()
    fills: dict[str, str | float] = field(default_factory=dict)
