"""Stand-in until the rows branch is merged."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from blockwright.contracts.data import Correction, Feature, FeatureSet
from blockwright.datasets.column_types import typed
from blockwright.datasets.folder import IDENTITIES_FILE, ROWS_FILE, read_content


class RowTable:
    """The rows of a content folder as a draft sees them."""

    def __init__(
        self,
        content_folder: Path,
        features: Sequence[Feature],
        feature_sets: Sequence[FeatureSet] = (),
        corrections: Sequence[Correction] = (),
    ) -> None:
        """Open a folder; columns are read when they are asked for."""
        self._folder = content_folder
        self._features = {feature.name: feature for feature in features}
        self._sets = list(feature_sets)
        self._corrections = list(corrections)
        self.rows = read_content(content_folder).rows

    def identities(self) -> npt.NDArray[np.uint64]:
        """Give uint64 per row."""
        stored: npt.NDArray[np.uint64] = np.load(self._folder / IDENTITIES_FILE)
        return stored

    def values(self, name: str) -> pl.Series:
        """Give typed, corrected values."""
        feature = self._features[name]
        raw = pl.read_parquet(self._folder / ROWS_FILE, columns=[feature.column])[feature.column]
        values, _ = typed(
            raw,
            feature.type,
            decimal_comma=getattr(feature.encoding, "decimal_comma", False),
            delimiter=getattr(feature.encoding, "delimiter", ","),
        )
        listed = values.to_list()
        fixes = [fix for fix in self._corrections if fix.feature == name]
        for fix in fixes:
            value = fix.value
            listed[fix.row] = (
                [part.strip() for part in str(value).split(",") if part.strip()]
                if feature.type == "multi_label" and value is not None
                else value
            )
        return pl.Series(name, listed, dtype=values.dtype, strict=False) if fixes else values
