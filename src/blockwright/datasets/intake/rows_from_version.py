"""Rows of an exported version, exactly as they were.

Takes   the files of `version_file`.
Gives   the table, its arrays and media, and the features, sets, subsets and corrections.
Never   takes a part of an export: a row that is missing or changed refuses all of it.
"""

from __future__ import annotations

import hashlib

import polars as pl
from pydantic import ValidationError

from blockwright.contracts.problems import BlockwrightError, error
from blockwright.datasets import version_file
from blockwright.datasets.archive import READ_ERRORS
from blockwright.datasets.intake.found_files import FoundFile, FoundFiles
from blockwright.datasets.intake.incoming import FromVersion, IncomingRows, RowArray
from blockwright.datasets.intake.rows_from_arrays import row_header
from blockwright.datasets.intake.rows_from_table import on_disk
from blockwright.datasets.intake.under_way import StagingFolder
from blockwright.datasets.version_file import VersionFile, media_member
from blockwright.settings import Settings

MAX_VERSION_BYTES = 256 << 20
_NUMBERS_AND_WORDS = (pl.String, pl.Boolean)


def rows_from_version(
    files: FoundFiles, top: str, settings: Settings, staging: StagingFolder
) -> IncomingRows:
    """Read an exported version.

    Raises:
        BlockwrightError: `data.export_damaged` with what is wrong, `data.export_changed`
            when its index.csv is another one than was exported.
    """
    version = _version(_file(files, f"{top}{version_file.VERSION_FILE}"))
    _require_index(_file(files, f"{top}{version_file.INDEX_FILE}"), version)
    _require_row_numbers(version)
    rows = _table(_file(files, f"{top}{version_file.ROWS_FILE}"), version, staging)
    _require_limits(rows, settings)
    _require_columns(version, rows)
    sources = _table(_file(files, f"{top}{version_file.SOURCES_FILE}"), version, staging)
    arrays = {
        name: _array(_file(files, f"{top}{path}"), settings, rows)
        for name, path in version.tensors.items()
    }
    members: dict[str, list[str]] = {}
    for name, media in version.media.items():
        written = rows[name].cast(pl.String).fill_null("")
        members[name] = [
            f"{top}{media_member(media.folder, row, path)}" for row, path in enumerate(written)
        ]
    return IncomingRows(
        cells=rows,
        files=sources["file"].cast(pl.Categorical),
        lines=sources["line"].cast(pl.Int64).to_numpy(),
        arrays=arrays,
        rows_found=rows.height,
        used={
            *(f"{top}{name}" for name in version.tensors.values()),
            f"{top}{version_file.VERSION_FILE}",
            f"{top}{version_file.INDEX_FILE}",
            f"{top}{version_file.ROWS_FILE}",
            f"{top}{version_file.SOURCES_FILE}",
        },
        version=FromVersion(
            features=version.features,
            feature_sets=version.feature_sets,
            subsets=version.subsets,
            corrections=version.corrections,
            left_out=version.left_out,
            proposed_features=version.proposed_features,
            media_members=members,
        ),
    )


def _damaged(what: str) -> BlockwrightError:
    return error("data.export_damaged", what=what)


def _file(files: FoundFiles, name: str) -> FoundFile:
    found = files.get(name)
    if found is None:
        raise _damaged(name)
    return found


def _version(file: FoundFile) -> VersionFile:
    try:
        if file.size_bytes > MAX_VERSION_BYTES:
            raise _damaged(file.name)
        with file.open() as stream:
            return VersionFile.model_validate_json(stream.read())
    except (*READ_ERRORS, ValidationError) as reason:
        raise _damaged(file.name) from reason


def _require_index(file: FoundFile, version: VersionFile) -> None:
    digest = hashlib.sha256()
    try:
        with file.open() as stream:
            while piece := stream.read(1 << 20):
                digest.update(piece)
    except READ_ERRORS as reason:
        raise _damaged(file.name) from reason
    if digest.hexdigest() != version.index_sha256:
        raise error("data.export_changed", file=file.name)


def _require_row_numbers(version: VersionFile) -> None:
    rows = version.left_out
    if rows != sorted(set(rows)) or not all(0 <= row < version.rows for row in rows):
        raise _damaged(version_file.VERSION_FILE)


def _table(file: FoundFile, version: VersionFile, staging: StagingFolder) -> pl.DataFrame:
    with on_disk(file, staging) as path:
        try:
            table = pl.read_parquet(path)
        except (pl.exceptions.PolarsError, OSError) as reason:
            raise _damaged(file.name) from reason
    if table.height != version.rows:
        raise _damaged(file.name)
    return table


def _require_limits(rows: pl.DataFrame, settings: Settings) -> None:
    name = version_file.ROWS_FILE
    if rows.height > settings.max_rows:
        raise error("data.index_too_long", file=name, most=settings.max_rows)
    if rows.width > settings.max_columns:
        raise error("data.index_too_wide", file=name, columns=rows.width, most=settings.max_columns)


def _array(file: FoundFile, settings: Settings, rows: pl.DataFrame) -> RowArray:
    array = RowArray(file, row_header(file, settings))
    if array.rows != rows.height or len(array.header.shape) < 2:
        raise _damaged(file.name)
    return array


def _require_columns(version: VersionFile, rows: pl.DataFrame) -> None:
    """Require that every column is spoken of once, and is of numbers or words."""
    columns = [feature.column for feature in version.proposed_features]
    kinds = {
        feature.column: feature.type
        for feature in version.proposed_features
        if feature.type in {"tensor", "audio", "image"}
    }
    there: dict[str, str] = dict.fromkeys(version.tensors, "tensor")
    there |= {name: media.kind for name, media in version.media.items()}
    of_features = {feature.column for feature in version.features}
    plain = all(kind.is_numeric() or kind in _NUMBERS_AND_WORDS for kind in rows.dtypes)
    if columns != rows.columns or kinds != there or not of_features <= set(columns) or not plain:
        raise _damaged(version_file.VERSION_FILE)
