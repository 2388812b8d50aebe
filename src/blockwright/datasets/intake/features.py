"""Features as an import proposes them: type, evidence, encoding, histogram.

Takes   columns, the rows that were taken, and what was written of arrays and media.
Gives   one `Feature` per column, in the order of the columns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import polars as pl

from blockwright.contracts.audio import SpectrogramSettings
from blockwright.contracts.data import Feature, Histogram
from blockwright.contracts.encodings import (
    BinaryEncoding,
    CategoricalEncoding,
    Encoding,
    FeatureType,
    MultiLabelEncoding,
    NoEncoding,
    NumericEncoding,
    TensorEncoding,
)
from blockwright.contracts.problems import ParameterValue, Problem, problem
from blockwright.datasets.column_statistics import (
    ColumnStatistics,
    column_statistics,
    statistics_of_words,
)
from blockwright.datasets.column_types import most_frequent_suffix
from blockwright.datasets.encoders.choices import default_encoding, encoded_shape
from blockwright.datasets.intake.columns import TableColumn
from blockwright.datasets.intake.content_writer import ContentWriter
from blockwright.datasets.intake.tensor_summary import number_histogram
from blockwright.datasets.typed_columns import typed

MOST_FREQUENT_SIZES = 24
_PLAIN: dict[FeatureType, Callable[[], Encoding]] = {
    "numeric": NumericEncoding,
    "binary": BinaryEncoding,
    "categorical": CategoricalEncoding,
    "text": NoEncoding,
}
_WITH_CLASSES = {"categorical", "multi_label"}


def propose_features(
    columns: list[TableColumn],
    rows: pl.DataFrame,
    writer: ContentWriter,
    spectrogram: SpectrogramSettings | None,
) -> list[Feature]:
    """Give the features, in the order of the columns of `rows`."""
    by_name = {column.name: column for column in columns}
    counted = _statistics(
        [each for each in columns if each.name not in {*writer.tensors, *writer.media}], rows
    )
    found: list[Feature] = []
    for name in rows.columns:
        if name in writer.tensors:
            found.append(_tensor(rows[name], writer, spectrogram, by_name.get(name)))
        elif name in writer.media:
            found.append(_media(rows[name], writer, by_name[name]))
        else:
            found.append(_values(by_name[name], rows[name], counted[name]))
    return found


def _tensor(
    files: pl.Series,
    writer: ContentWriter,
    spectrogram: SpectrogramSettings | None,
    column: TableColumn | None,
) -> Feature:
    name = files.name
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
        evidence=_evidence(column, files) if column else None,
        histogram=writer.summaries[name].histogram(),
    )


def _media(files: pl.Series, writer: ContentWriter, column: TableColumn) -> Feature:
    name = files.name
    media = writer.media[name]
    facts = media.facts()
    encoding = default_encoding(media.kind, sample_rate_hz=_usual_rate_hz(facts))
    return Feature(
        name=name,
        column=name,
        type=media.kind,
        shape=encoded_shape(encoding),
        encoding=encoding,
        evidence=_evidence(column, files),
        histogram=media_histogram(media.kind, facts),
    )


def _usual_rate_hz(facts: pl.DataFrame) -> int | None:
    """Give the sample rate that most recordings have; None for images."""
    if not facts.height or "sample_rate_hz" not in facts.columns:
        return None
    return int(facts["sample_rate_hz"].mode().min())  # type: ignore[arg-type]


def media_histogram(kind: FeatureType, facts: pl.DataFrame) -> Histogram:
    """Count lengths of recordings, or sizes of images, by their facts."""
    return _seconds(facts) if kind == "audio" else _sizes(facts)


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


def _statistics(columns: list[TableColumn], rows: pl.DataFrame) -> dict[str, ColumnStatistics]:
    found, values = {}, []
    for each in columns:
        if each.type in _WITH_CLASSES and each.words is not None:
            found[each.name] = _of_counted(each, each.words, rows.height)
        else:
            values.append((_as_counted(rows[each.name], each), each.type))
    return found | {each.name: each for each in column_statistics(values)}


def _of_counted(column: TableColumn, cells: pl.DataFrame, rows: int) -> ColumnStatistics:
    """Tell of a column whose different cells were counted: these alone are taken apart."""
    lists = column.type == "multi_label"
    values, _ = typed(cells["word"], column.type, delimiter=column.delimiter or ",")
    words = cells.with_columns(values.alias("word"))
    words = words.filter(pl.col("word").list.len() > 0 if lists else pl.col("word").is_not_null())
    missing = rows - int(words["count"].sum())
    if lists:
        words = words.explode("word").group_by("word").agg(pl.col("count").sum())
    return statistics_of_words(column.name, rows, missing, words)


def _as_counted(cells: pl.Series, column: TableColumn) -> pl.Series:
    """Give the cells as they are counted, which numbers are as they lie."""
    if cells.dtype != pl.String and column.type in {"numeric", "binary"}:
        return cells
    return typed(cells, column.type, delimiter=column.delimiter or ",")[0]


def _values(column: TableColumn, cells: pl.Series, counted: ColumnStatistics) -> Feature:
    classes = sorted(counted.class_counts) if column.type in _WITH_CLASSES else None
    return Feature(
        name=column.name,
        column=column.name,
        type=column.type,
        shape=[len(classes)] if classes else [] if column.type == "text" else [1],
        encoding=_encoding(column),
        evidence=_evidence(column, cells, counted),
        offers=column.offers,
        classes=classes,
        histogram=counted.histogram,
        missing_rows=counted.missing_rows,
    )


def _evidence(
    column: TableColumn, taken: pl.Series, counted: ColumnStatistics | None = None
) -> Problem | None:
    """Give the evidence as it counts of the rows that are there: no row that was refused.

    Only what counts slips speaks of them as well, and says that they were not taken.
    """
    if column.evidence is None or len(taken) == len(column.values):
        return column.evidence
    code, params = column.evidence.code, column.evidence.params
    slips = int(str(params["count"])) if code == "data.evidence_binary_slips" else 0
    again: dict[str, ParameterValue] = {"rows": len(taken) + slips}
    if counted is not None:
        again["rows"] = len(taken) - counted.missing_rows + slips
        again["words"] = len(counted.class_counts) or taken.drop_nulls().n_unique()
    if column.file_kind is not None:
        again["suffix"] = most_frequent_suffix(taken, column.file_kind)
    return problem(code, **params | {name: again[name] for name in params.keys() & again})


def _encoding(column: TableColumn) -> Encoding:
    if column.type == "multi_label":
        return MultiLabelEncoding(delimiter=column.delimiter or ",")
    return _PLAIN[column.type]()
