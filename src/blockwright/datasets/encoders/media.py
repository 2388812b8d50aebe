"""Recordings and images become arrays, in child processes on all cores, once per settings.

Takes   a content folder, and features that are recordings or images.
Gives   an npy of all rows, or all frames of all rows one after the other with offsets, in a
        folder whose name is the hash of the settings and of the files: every version with
        the same ones shares it.
Never   leaves a clip out by itself: one that cannot be encoded now fails the whole, by name,
        unless a person left its row out.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import polars as pl
from pydantic import Field

from blockwright.contracts.base import Model
from blockwright.contracts.data import Feature
from blockwright.contracts.encodings import ImageEncoding, SpectrogramEncoding, WaveformEncoding
from blockwright.contracts.problems import BlockwrightError, Problem, error
from blockwright.contracts.work import StoredArray
from blockwright.datasets.encoders.choices import encoded_shape, variable_length
from blockwright.datasets.folder import (
    ROWS_FILE,
    DatasetContent,
    require_space,
    whole_folder,
)
from blockwright.datasets.media.child import MediaAnswer, MediaPool, MediaRequest
from blockwright.datasets.media.limits import ParserLimits
from blockwright.datasets.media.wire import Ask, FileRange, PixelsAsk, SpectrogramAsk, WaveformAsk

VALUES_FILE = "values.npy"
FRAMES_FILE = "frames.npy"
OFFSETS_FILE = "offsets.npy"
ENCODED_FILE = "encoded.json"
# Counts up when the same settings come to mean other numbers.
ENCODING_FORMAT = 2

MediaEncoding = ImageEncoding | SpectrogramEncoding | WaveformEncoding
Values = npt.NDArray[np.float32] | npt.NDArray[np.uint8]


class EncodedMedia(Model):
    """What lies in a folder of encoded recordings or images."""

    format: int = ENCODING_FORMAT
    media_sha256: str
    settings: dict[str, str | float | int | bool | None]
    rows: int
    not_encoded: dict[int, Problem] = Field(
        default_factory=dict, description="Why a row that was left out holds nothing, by row"
    )


@dataclass(frozen=True)
class MediaStore:
    """The encoded recordings and images of one content."""

    content_folder: Path
    content: DatasetContent
    encoded_folder: Path
    limits: ParserLimits
    left_out: frozenset[int] = frozenset()

    def array(
        self, feature: Feature, *, on_rows: Callable[[float], None], stop: Callable[[], None]
    ) -> StoredArray:
        """Give where the numbers of a feature lie; they are made when they are not there yet.

        Args:
            feature: Recordings or images.
            on_rows: Told how many more rows are done.
            stop: Called before each row; raises to end the work, which leaves nothing behind.

        Raises:
            BlockwrightError: `data_encoding.clip_not_encoded`, `data.disk_full_ahead`,
                `media.parser_unavailable`.
        """
        encoding = _media_encoding(feature)
        made = EncodedMedia(
            media_sha256=self.content.media[feature.column].sha256,
            settings=_stored_settings(encoding),
            rows=self.content.rows,
        )
        folder = self.encoded_folder / _key(made)
        if (folder / ENCODED_FILE).is_file():
            self._require_encoded(folder)
            on_rows(self.content.rows)
        else:
            facts = self._facts(feature)
            require_space(self.encoded_folder, _expected_bytes(encoding, facts))
            with (
                whole_folder(folder) as making,
                closing(self._encoded(feature, facts, made.not_encoded)) as values,
            ):
                _write(making, encoding, _counted(values, on_rows, stop))
                said = made.model_dump_json(indent=1)
                (making / ENCODED_FILE).write_text(said, encoding="utf-8")
        if variable_length(encoding) is None:
            return StoredArray(path=str(folder / VALUES_FILE))
        return StoredArray(path=str(folder / FRAMES_FILE), offsets_path=str(folder / OFFSETS_FILE))

    def _require_encoded(self, folder: Path) -> None:
        """Refuse what another version made without a row that this one does not leave out."""
        made = EncodedMedia.model_validate_json((folder / ENCODED_FILE).read_bytes())
        for row, reason in made.not_encoded.items():
            if row not in self.left_out:
                raise BlockwrightError(reason)

    def _facts(self, feature: Feature) -> pl.DataFrame:
        return pl.read_parquet(self.content_folder / self.content.media[feature.column].facts_file)

    def _encoded(
        self, feature: Feature, facts: pl.DataFrame, not_encoded: dict[int, Problem]
    ) -> Generator[Values | None, None, None]:
        """Give the values of each row in order; None where there is no file.

        None too where a row that is left out cannot be encoded; `not_encoded` is told why.
        """
        column = feature.column
        names = pl.read_parquet(self.content_folder / ROWS_FILE, columns=[column])[column]
        blob = str((self.content_folder / self.content.media[column].blob_file).absolute())
        ask = _ask(_media_encoding(feature))
        places = list(zip(names, facts["offset"], facts["bytes"], strict=True))
        requests = (
            MediaRequest(ask, str(name), FileRange(path=blob, offset=offset, length=size))
            for name, offset, size in places
            if size is not None
        )
        with MediaPool(limits=self.limits) as pool:
            answers = pool.map(requests)
            for row, (name, _, size) in enumerate(places):
                if size is None:
                    yield None
                    continue
                try:
                    values = _values(next(answers), feature, str(name), row)
                except BlockwrightError as reason:
                    if row not in self.left_out:
                        raise
                    not_encoded[row] = reason.problem
                    yield None
                else:
                    yield values


def _media_encoding(feature: Feature) -> MediaEncoding:
    if not isinstance(feature.encoding, MediaEncoding):
        msg = f"{feature.name} holds neither recordings nor images"
        raise TypeError(msg)
    return feature.encoding


def _counted(
    values: Iterator[Values | None], on_rows: Callable[[float], None], stop: Callable[[], None]
) -> Iterator[Values | None]:
    for each in values:
        stop()
        yield each
        on_rows(1)


def _write(folder: Path, encoding: MediaEncoding, rows: Iterator[Values | None]) -> None:
    """Write the values of all rows; of variable length, also where each row begins."""
    is_ragged = variable_length(encoding) is not None
    shape = encoded_shape(encoding)
    row_shape = tuple(shape[:-1] if is_ragged else shape)
    dtype = np.dtype(np.uint8 if isinstance(encoding, ImageEncoding) else np.float32)
    lengths = [0]
    with (folder / (FRAMES_FILE if is_ragged else VALUES_FILE)).open("wb") as file:
        _write_header(file, (0, *row_shape), dtype)
        for values in rows:
            lines = _lines(values, row_shape, dtype, is_ragged=is_ragged)
            file.write(lines.data)
            lengths.append(len(lines))
        file.seek(0)
        _write_header(file, (sum(lengths), *row_shape), dtype)
    if is_ragged:
        np.save(folder / OFFSETS_FILE, np.cumsum(lengths, dtype=np.int64), allow_pickle=False)


def _stored_settings(encoding: MediaEncoding) -> dict[str, str | float | int | bool | None]:
    """Give the settings that the stored numbers depend on: those of scaling come later."""
    if isinstance(encoding, ImageEncoding):
        return {"kind": "image", **encoding.image.model_dump()}
    given = encoding.spectrogram if isinstance(encoding, SpectrogramEncoding) else encoding.waveform
    settings = given.model_dump()
    if given.fit == "variable":  # the whole clip is kept, whatever the length of a tile
        del settings["frames" if encoding.kind == "spectrogram" else "samples"]
    return {"kind": encoding.kind, **settings}


def _key(made: EncodedMedia) -> str:
    canonical = json.dumps(
        made.model_dump(exclude={"not_encoded"}), sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def _ask(encoding: MediaEncoding) -> Ask:
    if isinstance(encoding, ImageEncoding):
        return PixelsAsk(settings=encoding.image)
    if isinstance(encoding, SpectrogramEncoding):
        return SpectrogramAsk(settings=encoding.spectrogram)
    return WaveformAsk(settings=encoding.waveform)


def _expected_bytes(encoding: MediaEncoding, facts: pl.DataFrame) -> int:
    shape = encoded_shape(encoding)
    if variable_length(encoding) is None:
        itemsize = 1 if isinstance(encoding, ImageEncoding) else 4
        return facts.height * int(np.prod(shape)) * itemsize
    seconds = float(facts["seconds"].sum() or 0.0)
    if isinstance(encoding, WaveformEncoding):
        return round(seconds * encoding.waveform.sample_rate_hz * 4)
    if isinstance(encoding, SpectrogramEncoding):
        settings = encoding.spectrogram
        return round(seconds * settings.sample_rate_hz / settings.hop_samples * shape[0] * 4)
    return 0


def _values(given: MediaAnswer | Problem, feature: Feature, name: str, row: int) -> Values:
    """Give the array of an answer, which must be of the form that was asked for."""
    encoding = _media_encoding(feature)
    if isinstance(given, Problem):
        raise error(
            "data_encoding.clip_not_encoded",
            name=feature.name,
            file=name,
            row=row + 1,
            reason=given.message,
        )
    wanted = encoded_shape(encoding)
    variable = variable_length(encoding)
    try:
        values: Values = np.load(io.BytesIO(given.content), allow_pickle=False)
        shape = list(values.shape)
        if variable is not None:
            shape[variable.axis] = wanted[variable.axis]
        is_as_asked = shape == wanted and values.dtype in (np.float32, np.uint8)
    except (ValueError, EOFError, IndexError):
        is_as_asked = False
    if not is_as_asked:
        raise error(
            "data_encoding.clip_not_encoded",
            name=feature.name,
            file=name,
            row=row + 1,
            reason="its decoder answered with something else than was asked for",
        )
    return values


def _lines(
    values: Values | None,
    row_shape: tuple[int, ...],
    dtype: np.dtype[np.generic],
    *,
    is_ragged: bool,
) -> npt.NDArray[np.generic]:
    """Give what stands in the file for one row: one line, or as many as it has frames."""
    if values is None:
        return np.zeros((0 if is_ragged else 1, *row_shape), dtype=dtype)
    if not is_ragged:
        return values[None]
    return np.ascontiguousarray(values.T)


def _write_header(file: BinaryIO, shape: tuple[int, ...], dtype: np.dtype[np.generic]) -> None:
    """Write the head of an npy; numpy leaves room in it for any number of rows."""
    described = {"descr": dtype.str, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, described)
