"""What a version is, in one hash: equal data, prepared equally, hashes equally.

Takes   the content, features, columns and rows of a version.
Gives   a SHA-256.
Never   counts ids, times, paths or places on disk, so that an export imports to the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from blockwright.contracts.base import Model
from blockwright.contracts.data import Feature
from blockwright.contracts.work import SaveVersionPlan
from blockwright.datasets.frozen_columns import FrozenColumns
from blockwright.datasets.row_table import RowTable

# Text of as many rows is joined at a time.
CHUNK_ROWS = 65_536


def content_hash(
    plan: SaveVersionPlan,
    *,
    features: Sequence[Feature],
    columns: FrozenColumns,
    table: RowTable,
    chosen: dict[str, npt.NDArray[np.int64]],
) -> str:
    """Hash what the numbers of a version depend on.

    Args:
        plan: Its sets and subsets, and the rows that it leaves out.
        features: As frozen.
        columns: Values of features that are no arrays: corrected, gaps filled.
        table: Knows the hashes of tensors, recordings and images, and where they lack one.
        chosen: Row numbers by subset id.
    """
    parts: dict[str, object] = {
        "rows": table.rows,
        "features": [_feature_parts(feature, columns, table) for feature in features],
        "feature_sets": [[each.name, each.features] for each in plan.feature_sets],
        "subsets": [
            [each.name, hashlib.sha256(chosen[each.id].astype("<i8").tobytes()).hexdigest()]
            for each in plan.subsets
        ],
    }
    if plan.left_out:
        rows = np.array(plan.left_out, dtype="<i8")
        parts["left_out"] = hashlib.sha256(rows.tobytes()).hexdigest()
    canonical = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def series_hash(values: pl.Series) -> str:
    """Hash the values of a column, whatever it is called and however it lies in memory."""
    made = hashlib.sha256()
    made.update(np.packbits(values.is_null().to_numpy()).tobytes())
    if values.dtype == pl.List:
        made.update(values.list.len().fill_null(0).cast(pl.UInt32).to_numpy().tobytes())
        values = values.explode().drop_nulls()
    if values.dtype == pl.String:
        for start in range(0, len(values), CHUNK_ROWS):
            part = values.slice(start, CHUNK_ROWS).fill_null("")
            made.update(part.str.len_bytes().to_numpy().astype("<u4").tobytes())
            made.update(str(part.str.join("").item()).encode())
    else:
        made.update(values.cast(pl.Float64).fill_null(0.0).to_numpy().astype("<f8").tobytes())
    return made.hexdigest()


def _feature_parts(feature: Feature, columns: FrozenColumns, table: RowTable) -> list[object]:
    if feature.type == "tensor":
        tensor = table.content.tensors[feature.column]
        values: list[object] = [tensor.row_shape, tensor.sha256]
    elif feature.type in {"image", "audio"}:
        values = [table.content.media[feature.column].sha256]
    else:
        values = [series_hash(columns[feature.name])]
    if feature.type in {"tensor", "image", "audio"} and feature.missing_rows:
        gaps = table.values(feature.name).is_null().to_numpy()
        values.append(hashlib.sha256(np.packbits(gaps).tobytes()).hexdigest())
    return [
        feature.name,
        feature.type,
        feature.classes,
        _said(feature.encoding),
        _said(feature.missing) if feature.missing is not None else None,
        values,
    ]


def _said(choice: Model) -> list[object]:
    """Give what differs from the defaults, so that a field added later changes no hash."""
    return [getattr(choice, "kind", None), choice.model_dump(mode="json", exclude_defaults=True)]
