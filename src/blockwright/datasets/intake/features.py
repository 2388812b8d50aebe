"""Features as an import proposes them: type, evidence, encoding, histogram.

Takes   columns, the rows that were taken, and what was written of arrays and media.
Gives   one `Feature` per column, in the order of the columns.
"""

from __future__ import annotations

from collections import Counter

import polars as pl

from blockwright.contracts.audio import SpectrogramSettings
from blockwright.contracts.data import Feature, Histogram
from blockwright.contracts.encodings import (
    BinaryEncoding,
    CategoricalEncoding,
    Encoding,
    FeatureType,
    ImageEncoding,
    MultiLabelEncoding,
    NoEncoding,
    NumericEncoding,
    SpectrogramEncoding,
    TensorEncoding,
)
from blockwright.datasets.describe import column_histogram
from blockwright.datasets.intake.columns import TableColumn
from blockwright.datasets.intake.content_writer import ContentWriter
from blockwright.datasets.intake.tensor_summary import number_histogram
from blockwright.datasets.table import Column

MOST_FREQUENT_SIZES = 24
_PLAIN: dict[FeatureType, type[Encoding]] = {  # type: ignore[valid-type]
    "numeric": NumericEncoding,
    "binary": BinaryEncoding,
    "categorical": CategoricalEncoding,
    "multi_label": MultiLabelEncoding,
    "text": NoEncoding,
}


def propose_features(
    columns: list[TableColumn],
    rows: pl.DataFrame,
    writer: ContentWriter,
    spectrogram: SpectrogramSettings | None,
) -> list[Feature]:
    """Give the features, in the order of the columns of `rows`."""
    by_name = {column.name: column for column in columns}
    found: list[Feature] = []
    for name in rows.columns:
        if name in writer.tensors:
            found.append(_tensor(name, writer, spectrogram, by_name.get(name)))
        elif name in writer.media:
            found.append(_media(name, writer, by_name[name]))
        else:
            found.append(_values(by_name[name], rows[name]))
    return found


def _tensor(
    name: str,
    writer: ContentWriter,
    spectrogram: SpectrogramSettings | None,
    column: TableColumn | None,
) -> Feature:
    shape = list(writer.tensors[name].row_shape)
    is_spectrogram = spectrogram is not None and shape == [
        spectrogram.mel_bands,
        spectrogram.frames,
    ]
    return Feature(
        name=name,
        column=name,
        type="tensor",
        shape=shape,
        encoding=TensorEncoding(spectrogram=spectrogram if is_spectrogram else None),
        evidence=column.evidence if column else None,
        histogram=writer.summaries[name].histogram(),
    )


def _media(name: str, writer: ContentWriter, column: TableColumn) -> Feature:
    media = writer.media[name]
    facts = media.facts()
    if media.kind == "audio":
        return Feature(
            name=name,
            column=name,
            type="audio",
            shape=[],
            encoding=SpectrogramEncoding(),
            evidence=column.evidence,
            histogram=_seconds(facts),
        )
    return Feature(
        name=name,
        column=name,
        type="image",
        shape=[],
        encoding=ImageEncoding(),
        evidence=column.evidence,
        histogram=_sizes(facts),
    )


def _seconds(facts: pl.DataFrame) -> Histogram:
    if not facts.height:
        return Histogram(counts=[])
    seconds = facts["seconds"].to_numpy()
    return number_histogram(seconds, float(seconds.min()), float(seconds.max()))


def _sizes(facts: pl.DataFrame) -> Histogram:
    """Count the images of each size, width by height, the most frequent first."""
    if not facts.height:
        return Histogram(counts=[])
    sizes = Counter(zip(facts["width"], facts["height"], strict=True))
    most = sizes.most_common(MOST_FREQUENT_SIZES)
    return Histogram(
        counts=[count for _, count in most],
        labels=[f"{width} × {height}" for (width, height), _ in most],
        distinct=len(sizes),
    )


def _values(column: TableColumn, values: pl.Series) -> Feature:
    plain = Column(column.name, column.type, values, column.bad, column.classes)  # type: ignore[arg-type]
    return Feature(
        name=column.name,
        column=column.name,
        type=column.type,
        shape=[len(column.classes)] if column.classes else [] if column.type == "text" else [1],
        encoding=_PLAIN[column.type](),  # type: ignore[operator]
        evidence=column.evidence,
        classes=column.classes,
        histogram=column_histogram(plain, values),
        missing_rows=values.null_count(),
    )
