"""A draft becomes a frozen version: rows of subsets, statistics, schema, hash.

Takes   the folder of an imported dataset and the features, sets and subsets of a draft.
Gives   `subsets.npz` and `manifest.json` in the version's folder, and the `DataPlan`
        that training and evaluation read by.
Never   looks at any row outside the Training subset for statistics.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from blockwright.contracts.data import DataSchema, DataSource, Feature, FeatureSet, Subset
from blockwright.contracts.problems import error
from blockwright.contracts.sink import EventSink, Outcome
from blockwright.contracts.work import (
    DataPlan,
    FeatureStatistics,
    SaveVersionPlan,
    VersionSaved,
)
from blockwright.datasets.folder import (
    ROWS_FILE,
    DatasetContent,
    disk_full_told,
    read_content,
    whole_folder,
)
from blockwright.datasets.progress import ProgressTeller
from blockwright.datasets.subsets import RowNumbers, row_identities, subset_rows

SUBSETS_FILE = "subsets.npz"
MANIFEST_FILE = "manifest.json"
TRAINING_NAME = "training"
CHUNK_ROWS = 256


def run_save_version(plan: SaveVersionPlan, sink: EventSink) -> Outcome:
    """Freeze a draft.

    Raises:
        BlockwrightError: `data.subset_empty`, `data.subset_rule_circular`, `data.disk_full`.
    """
    dataset = Path(plan.dataset_folder)
    goal = Path(plan.version_folder)
    content = read_content(dataset)
    rows = pl.read_parquet(dataset / ROWS_FILE)
    chosen = subset_rows(plan.subsets, row_identities(rows, content.features))
    for subset in plan.subsets:
        if not len(chosen[subset.id]):
            raise error("data.subset_empty", name=subset.name)
    statistics = _all_statistics(plan, content, rows, chosen, sink)
    if statistics is None:
        return "stopped"
    data = DataPlan(
        data_schema=_schema(plan, content, chosen),
        tensors_folder=str(dataset),
        version_folder=str(goal),
        tensor_files={name: tensor.file for name, tensor in content.tensors.items()},
        statistics=statistics,
        content_hash=_content_hash(plan, content, chosen),
        spectrogram=next((f.spectrogram for f in plan.features if f.spectrogram), None),
    )
    with disk_full_told(goal), whole_folder(goal) as folder:
        with (folder / SUBSETS_FILE).open("wb") as file:
            np.savez(file, allow_pickle=False, **chosen)
        (folder / MANIFEST_FILE).write_text(data.model_dump_json(indent=1), encoding="utf-8")
    sink.emit(VersionSaved(content_hash=data.content_hash, data=data, features=plan.features))
    return "done"


def training_subset(subsets: Sequence[Subset]) -> Subset:
    """Give the subset that statistics come from: the one named Training, else the first."""
    named = [subset for subset in subsets if subset.name.strip().casefold() == TRAINING_NAME]
    return (named or list(subsets))[0]


def _all_statistics(
    plan: SaveVersionPlan,
    content: DatasetContent,
    rows: pl.DataFrame,
    chosen: dict[str, RowNumbers],
    sink: EventSink,
) -> dict[str, FeatureStatistics] | None:
    """Give the statistics of every tensor and numeric feature; None after a stop."""
    measured = [feature for feature in plan.features if feature.type in {"tensor", "numeric"}]
    if not plan.subsets:
        raise error("data.subset_empty", name="Training")
    training = chosen[training_subset(plan.subsets).id]
    teller = ProgressTeller(sink, max(1, len(measured) * len(training)), "rows")
    statistics: dict[str, FeatureStatistics] = {}
    for feature in measured:
        if feature.normalization == "none":
            statistics[feature.name] = FeatureStatistics(normalization="none")
            teller.advance(len(training))
            continue
        values = _values(feature, content, rows, Path(plan.dataset_folder))
        moments = _Moments()
        for start in range(0, len(training), CHUNK_ROWS):
            if sink.stop_requested():
                return None
            part = training[start : start + CHUNK_ROWS]
            moments.add(values[part])
            teller.advance(len(part))
        statistics[feature.name] = moments.statistics(feature)
    return statistics


def _values(
    feature: Feature, content: DatasetContent, rows: pl.DataFrame, dataset: Path
) -> np.ndarray:
    if feature.type == "tensor":
        file = dataset / content.tensors[feature.name].file
        array: np.ndarray = np.load(file, mmap_mode="r", allow_pickle=False)
        return array
    return rows[feature.name].to_numpy()


class _Moments:
    """Mean, spread and range, gathered in parts, in float64."""

    def __init__(self) -> None:
        self._count = 0
        self._mean = 0.0
        self._squares = 0.0
        self._minimum = np.inf
        self._maximum = -np.inf

    def add(self, values: np.ndarray) -> None:
        """Merge another part (Chan, Golub and LeVeque 1979)."""
        numbers = values[np.isfinite(values)].astype(np.float64)
        if not numbers.size:
            return
        mean = float(numbers.mean())
        total = self._count + numbers.size
        distance = mean - self._mean
        self._squares += float(((numbers - mean) ** 2).sum())
        self._squares += distance**2 * self._count * numbers.size / total
        self._mean += distance * numbers.size / total
        self._count = total
        self._minimum = min(self._minimum, float(numbers.min()))
        self._maximum = max(self._maximum, float(numbers.max()))

    def statistics(self, feature: Feature) -> FeatureStatistics:
        """Give shift and scale; a constant feature is only shifted."""
        if not self._count:
            return FeatureStatistics(normalization=feature.normalization)
        if feature.normalization == "standardize":
            shift, scale = self._mean, float(np.sqrt(self._squares / self._count))
        else:
            shift, scale = self._minimum, self._maximum - self._minimum
        return FeatureStatistics(
            normalization=feature.normalization,
            shift=shift,
            scale=scale if scale > 0 else 1.0,
        )


def _schema(
    plan: SaveVersionPlan, content: DatasetContent, chosen: dict[str, RowNumbers]
) -> DataSchema:
    subsets = [s.model_copy(update={"rows": len(chosen[s.id])}) for s in plan.subsets]
    return DataSchema(
        version_id=plan.version_id,
        version_number=plan.version_number,
        dataset_name=plan.dataset_name,
        rows=content.rows,
        sources=data_sources(plan.features, plan.feature_sets),
        subsets=subsets,
    )


def data_sources(features: Sequence[Feature], sets: Sequence[FeatureSet]) -> list[DataSource]:
    """Give what an Input or Target may point at: tensors, sets, then single columns.

    Text, and columns in which values are missing, are left out: they have no numbers.
    """
    usable = [f for f in features if f.type != "text" and not f.missing_rows]
    names = {feature.name for feature in usable}
    tensors = [_feature_source(feature) for feature in usable if feature.type == "tensor"]
    bundles = [
        DataSource(
            name=bundle.name,
            kind="multi_label" if bundle.kind == "binary" else "vector",
            shape=bundle.shape,
            classes=bundle.features if bundle.kind == "binary" else None,
            several_true_rows=bundle.several_true_rows,
            features=bundle.features,
        )
        for bundle in sets
        if names.issuperset(bundle.features)
    ]
    columns = [_feature_source(feature) for feature in usable if feature.type != "tensor"]
    return [*tensors, *bundles, *columns]


def _feature_source(feature: Feature) -> DataSource:
    if feature.type == "text":
        msg = "text has no numbers"
        raise ValueError(msg)
    return DataSource(
        name=feature.name,
        kind=feature.type,
        shape=feature.shape,
        classes=feature.classes,
        features=[feature.name],
    )


def _content_hash(
    plan: SaveVersionPlan, content: DatasetContent, chosen: dict[str, RowNumbers]
) -> str:
    """Hash what the numbers of a version depend on; ids and times do not count."""
    parts = {
        "tensors": {name: [t.row_shape, t.sha256] for name, t in content.tensors.items()},
        "rows": content.rows_sha256,
        "features": [[f.name, f.type, f.normalization, f.classes] for f in plan.features],
        "feature_sets": [[s.name, s.features] for s in plan.feature_sets],
        "subsets": [
            [s.name, hashlib.sha256(chosen[s.id].astype("<i8").tobytes()).hexdigest()]
            for s in plan.subsets
        ],
    }
    canonical = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
