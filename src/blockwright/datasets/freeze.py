"""A draft becomes a frozen version: values, gaps, classes, encodings, statistics, hash.

Takes   a content folder and the features, sets, subsets and corrections of a draft.
Gives   `subsets.npz`, `columns.parquet` and `manifest.json` in the version's folder, arrays
        in folders that versions share, and the `DataPlan` that everything later reads by.
Never   looks at a row outside the Training subset for anything that is measured; leaves a
        clip out without naming it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from blockwright.contracts.data import DataSchema, DataSource, Feature, FeatureSet
from blockwright.contracts.encodings import (
    CategoricalEncoding,
    MultiLabelEncoding,
    TextEncoding,
)
from blockwright.contracts.problems import error
from blockwright.contracts.sink import EventSink, Outcome
from blockwright.contracts.subsets import Subset
from blockwright.contracts.work import DataPlan, SaveVersionPlan, StoredArray, VersionSaved
from blockwright.datasets.content_hash import content_hash
from blockwright.datasets.encoders import text
from blockwright.datasets.encoders.choices import OWN_CATEGORY, encoded_shape, variable_length
from blockwright.datasets.encoders.classes import class_counts, ordered_classes
from blockwright.datasets.encoders.gaps import cell_of, filler_of, is_usable, with_filler
from blockwright.datasets.encoders.media import MediaStore
from blockwright.datasets.folder import (
    DatasetContent,
    disk_full_told,
    read_content,
    whole_folder,
)
from blockwright.datasets.frozen_columns import FrozenColumns
from blockwright.datasets.measure import measured_statistics, normalization_of
from blockwright.datasets.media.limits import ParserLimits
from blockwright.datasets.progress import ProgressTeller
from blockwright.datasets.reader import COLUMNS_FILE, SUBSETS_FILE, RowNumbers
from blockwright.datasets.row_table import RowTable
from blockwright.datasets.subsets import subset_rows
from blockwright.settings import load_settings

MANIFEST_FILE = "manifest.json"
_ASIDE_FOLDER = "aside"
TRAINING_NAME = "training"
ARRAY_TYPES = frozenset({"tensor", "image", "audio"})


class SaveStopped(Exception):  # noqa: N818 (no error: it was asked for)
    """The saving of a version was stopped on request."""


@dataclass
class _Draft:
    """What saving works on, from one step to the next."""

    plan: SaveVersionPlan
    content: DatasetContent
    table: RowTable
    chosen: dict[str, RowNumbers]
    features: list[Feature]
    columns: FrozenColumns
    left_out_rows: int
    fills: dict[str, str | float]

    @property
    def training(self) -> RowNumbers:
        """Rows that everything measured comes from."""
        return self.chosen[training_subset(self.plan.subsets).id]


def run_save_version(plan: SaveVersionPlan, sink: EventSink) -> Outcome:
    """Freeze a draft.

    Raises:
        BlockwrightError: `data.subset_empty`, `data.subset_rule_circular`,
            `data_encoding.clip_not_encoded`, `data_encoding.nothing_to_fill_from`,
            `data_encoding.label_not_in_template`, `data.disk_full`.
    """
    goal = Path(plan.version_folder)
    try:
        with disk_full_told(goal), whole_folder(goal) as folder:
            draft = _opened(plan, folder)
            data = _written(draft, goal, folder, sink)
            used_bytes = sum(file.stat().st_size for file in folder.iterdir())
    except SaveStopped:
        return "stopped"
    sink.emit(
        VersionSaved(
            content_hash=data.content_hash,
            data=data,
            features=draft.features,
            left_out_rows=draft.left_out_rows,
            bytes=used_bytes,
        )
    )
    return "done"


def training_subset(subsets: Sequence[Subset]) -> Subset:
    """Give the subset that statistics come from: the one named Training, else the first.

    Raises:
        BlockwrightError: `data.subset_empty` when there is none at all.
    """
    if not subsets:
        raise error("data.subset_empty", name="Training")
    named = [subset for subset in subsets if subset.name.strip().casefold() == TRAINING_NAME]
    return (named or list(subsets))[0]


def _opened(plan: SaveVersionPlan, folder: Path) -> _Draft:
    """Read the columns, choose the rows, fill the gaps, bring the classes into order."""
    content_folder = Path(plan.content_folder)
    table = RowTable(
        content_folder, plan.features, plan.feature_sets, plan.corrections, plan.left_out
    )
    by_hand = pl.Series(table.left_out_by_hand())
    left_out = table.left_out()
    chosen = {
        subset_id: rows[~left_out[rows]]
        for subset_id, rows in subset_rows(table, plan.subsets).items()
    }
    for subset in plan.subsets:
        if not len(chosen[subset.id]):
            raise error("data.subset_empty", name=subset.name)
    draft = _Draft(
        plan=plan,
        content=read_content(content_folder),
        table=table,
        chosen=chosen,
        features=[],
        columns=FrozenColumns(folder / _ASIDE_FOLDER, expected=len(plan.features)),
        left_out_rows=int(left_out.sum()),
        fills={},
    )
    training = draft.training
    for feature in plan.features:
        if feature.type in ARRAY_TYPES:
            draft.features.append(_shaped(feature, draft.content))
            continue
        values = table.values(feature.name)
        filler = filler_of(values, feature, training)
        if filler is not None:
            draft.fills[feature.name] = cell_of(filler, feature)
            values = with_filler(values, filler)
        values = values.alias(feature.name)
        if plan.left_out:
            # As a gap that leaves its row out: no class, no number, and no part of the hash.
            values = _emptied(values, by_hand)
        draft.columns.add(values)
        draft.features.append(_shaped(_ordered(feature, values, training), draft.content))
    return draft


def _emptied(values: pl.Series, rows: pl.Series) -> pl.Series:
    frame = pl.DataFrame({"values": values, "rows": rows})
    kept = pl.when(~pl.col("rows")).then(pl.col("values"))
    return frame.select(kept.alias(values.name)).to_series()


def _ordered(feature: Feature, values: pl.Series, training: RowNumbers) -> Feature:
    """Bring the classes into their final order; frequencies count in Training alone."""
    encoding = feature.encoding
    if not isinstance(encoding, CategoricalEncoding | MultiLabelEncoding):
        return feature
    present = [word for word in class_counts(values) if word != OWN_CATEGORY]
    counts = class_counts(values.gather(training))
    counts.pop(OWN_CATEGORY, None)
    classes = ordered_classes(feature.name, counts, encoding.order, present)
    if feature.missing is not None and feature.missing.kind == "own_category":
        classes.append(OWN_CATEGORY)
    return feature.model_copy(update={"classes": classes})


def _shaped(feature: Feature, content: DatasetContent) -> Feature:
    stored = content.tensors.get(feature.column)
    shape = encoded_shape(
        feature.encoding,
        classes=len(feature.classes or ()),
        tensor_shape=stored.row_shape if stored else (),
    )
    return feature.model_copy(update={"shape": shape})


def _written(draft: _Draft, goal: Path, folder: Path, sink: EventSink) -> DataPlan:
    """Write everything into a fresh folder, and say where it will lie."""
    plan = draft.plan
    teller = ProgressTeller(sink, _units(draft), "rows")
    arrays = _media_arrays(draft, sink, teller)
    texts, vocabularies = _write_texts(draft, goal, folder)
    arrays |= texts
    with (folder / SUBSETS_FILE).open("wb") as file:
        np.savez(file, allow_pickle=False, **draft.chosen)
    data = DataPlan(
        data_schema=_schema(draft),
        version_folder=str(goal),
        columns_path=str(goal / COLUMNS_FILE),
        arrays=arrays,
        encodings={feature.name: feature.encoding for feature in draft.features},
        statistics=measured_statistics(
            [feature for feature in draft.features if is_usable(feature)],
            columns=draft.columns,
            arrays=arrays,
            training=draft.training,
            on_rows=teller.advance,
            stop=_stop_of(sink),
        ),
        vocabularies=vocabularies,
        fills=draft.fills,
        measured_on=training_subset(plan.subsets).name,
        content_hash=content_hash(
            plan,
            features=draft.features,
            columns=draft.columns,
            table=draft.table,
            chosen=draft.chosen,
        ),
        spectrogram=next((f.spectrogram for f in draft.features if f.spectrogram), None),
    )
    draft.columns.write(folder / COLUMNS_FILE)
    (folder / MANIFEST_FILE).write_text(data.model_dump_json(indent=1), encoding="utf-8")
    return data


def _write_texts(
    draft: _Draft, goal: Path, folder: Path
) -> tuple[dict[str, StoredArray], dict[str, list[str]]]:
    """Write the tokens of each text feature; give where they will lie, and the vocabularies."""
    arrays: dict[str, StoredArray] = {}
    vocabularies: dict[str, list[str]] = {}
    for number, feature in enumerate(draft.features):
        if not isinstance(feature.encoding, TextEncoding) or not is_usable(feature):
            continue
        values = draft.columns[feature.name]
        words = text.vocabulary(values.gather(draft.training), feature.encoding)
        numbers = text.token_numbers(values, words, feature.encoding)
        name = f"text_{number}.npy"
        np.save(folder / name, numbers, allow_pickle=False)
        arrays[feature.name] = StoredArray(path=str(goal / name))
        vocabularies[feature.name] = words
    return arrays, vocabularies


def _units(draft: _Draft) -> int:
    """Give how many rows are encoded and measured, for the progress."""
    media = sum(f.type in {"image", "audio"} for f in draft.features)
    measured = sum(normalization_of(f) != "none" for f in draft.features if is_usable(f))
    return max(1, media * draft.table.rows + measured * len(draft.training))


def _media_arrays(draft: _Draft, sink: EventSink, teller: ProgressTeller) -> dict[str, StoredArray]:
    content = Path(draft.plan.content_folder)
    limits = ParserLimits.of(load_settings({}))
    left_out = frozenset(draft.plan.left_out)
    store = MediaStore(content, draft.content, Path(draft.plan.encoded_folder), limits, left_out)
    arrays: dict[str, StoredArray] = {}
    for feature in draft.features:
        if feature.type == "tensor":
            file = draft.content.tensors[feature.column].file
            arrays[feature.name] = StoredArray(path=str(content / file))
        elif feature.type in {"image", "audio"} and is_usable(feature):
            arrays[feature.name] = store.array(feature, on_rows=teller.advance, stop=_stop_of(sink))
    return arrays


def _stop_of(sink: EventSink) -> Callable[[], None]:
    """Give what raises SaveStopped once the sink was asked to stop."""

    def stop() -> None:
        if sink.stop_requested():
            raise SaveStopped

    return stop


def _schema(draft: _Draft) -> DataSchema:
    plan = draft.plan
    subsets = [s.model_copy(update={"rows": len(draft.chosen[s.id])}) for s in plan.subsets]
    return DataSchema(
        version_id=plan.version_id,
        version_number=plan.version_number,
        dataset_name=plan.dataset_name,
        rows=draft.table.rows,
        sources=data_sources(draft.features, plan.feature_sets, draft.columns),
        subsets=subsets,
    )


def data_sources(
    features: Sequence[Feature], sets: Sequence[FeatureSet], columns: FrozenColumns
) -> list[DataSource]:
    """Give what an Input or Target may point at: arrays, sets, then single columns.

    Left out is what has no numbers: text that is only shown, and columns in which values
    are missing without anybody having chosen what that shall mean. `columns` hold the values
    of all features that are no arrays.
    """
    usable = [feature for feature in features if is_usable(feature)]
    names = {feature.name for feature in usable}
    sources = [_feature_source(feature, columns) for feature in usable]
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
    tensors = [source for source in sources if source.kind == "tensor"]
    return [*tensors, *bundles, *(source for source in sources if source.kind != "tensor")]


def _feature_source(feature: Feature, columns: FrozenColumns) -> DataSource:
    encoding = feature.encoding
    several = 0
    if isinstance(encoding, MultiLabelEncoding):
        several = int((columns[feature.name].list.len() > 1).sum())
    if feature.type in ARRAY_TYPES or feature.type == "text":
        kind = "tensor"
    elif isinstance(encoding, CategoricalEncoding) and encoding.form == "index":
        kind = "numeric"  # one number per row, as an Embedding takes it
    else:
        kind = feature.type
    return DataSource(
        name=feature.name,
        kind=kind,
        shape=feature.shape,
        classes=feature.classes,
        several_true_rows=several,
        features=[feature.name],
        variable=variable_length(encoding),
        is_spectrogram=getattr(encoding, "spectrogram", None) is not None,
    )
