"""Small content folders of sound, images and tensors, and versions saved of them."""

from __future__ import annotations

import io
import wave
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from PIL import Image

from blockwright.contracts.data import Feature
from blockwright.contracts.encodings import Encoding, MissingChoice
from blockwright.contracts.subsets import Subset, SubsetRule
from blockwright.contracts.work import SaveVersionPlan, VersionSaved
from blockwright.datasets.draft_state import DraftState
from blockwright.datasets.folder import (
    CONTENT_FILE,
    ROWS_FILE,
    StoredTensor,
    read_content,
    sha256_of_file,
)
from blockwright.datasets.freeze import run_save_version
from blockwright.datasets.subset_drafts import default_subsets
from tests.support.dataset_zips import RecordingSink

RATE_HZ = 16_000


def wav_bytes(seconds: float, hertz: float = 440.0, rate_hz: int = RATE_HZ) -> bytes:
    """Give a 16-bit wav of one tone that grows louder, so that no two moments are equal."""
    time = np.arange(round(seconds * rate_hz)) / rate_hz
    signal = np.sin(2 * np.pi * hertz * time) * np.linspace(0.1, 0.8, len(time))
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes((signal * 32_767).astype("<i2").tobytes())
    return content.getvalue()


def png_bytes(width: int, height: int, level: int) -> bytes:
    """Give an image of one colour."""
    content = io.BytesIO()
    Image.new("RGB", (width, height), (level, level, 255 - level)).save(content, format="PNG")
    return content.getvalue()


def add_tensor(state: DraftState, column: str, values: np.ndarray) -> DraftState:
    """Write a tensor column into a content folder whose cells are its paths."""
    folder = state.content_folder
    np.save(folder / "tensor_0.npy", values.astype(np.float32))
    stored = StoredTensor(
        file="tensor_0.npy",
        row_shape=list(values.shape[1:]),
        sha256=sha256_of_file(folder / "tensor_0.npy"),
    )
    content = read_content(folder).model_copy(update={"tensors": {column: stored}})
    (folder / CONTENT_FILE).write_text(content.model_dump_json())
    return state


def without_file(state: DraftState, column: str, row: int) -> DraftState:
    """Take the file of one row away, as if there had never been one."""
    folder = state.content_folder
    facts = folder / read_content(folder).media[column].facts_file
    places = pl.read_parquet(facts).with_row_index("row")
    is_gone = pl.col("row") == row
    gone = [pl.when(is_gone).then(None).otherwise(pl.col(n)).alias(n) for n in ("offset", "bytes")]
    places.with_columns(gone).drop("row").write_parquet(facts)
    rows = pl.read_parquet(folder / ROWS_FILE).with_row_index("row")
    cell = pl.when(is_gone).then(None).otherwise(pl.col(column)).alias(column)
    rows.with_columns(cell).drop("row").write_parquet(folder / ROWS_FILE)
    return with_feature(state, column, missing_rows=1)


def with_feature(state: DraftState, name: str, **changes: Any) -> DraftState:
    """Give the state with fields of one feature set, without the checks of a change."""
    features = [
        each.model_copy(update=changes) if each.name == name else each for each in state.features
    ]
    return replace(state, features=features)


def encoded(state: DraftState, name: str, encoding: Encoding) -> DraftState:
    """Give a feature an encoding."""
    return with_feature(state, name, encoding=encoding)


def choosing(
    state: DraftState, name: str, kind: str, value: str | float | None = None
) -> DraftState:
    """Give a feature a choice on gaps, and say that it has some."""
    choice = MissingChoice.model_validate({"kind": kind, "value": value})
    return with_feature(state, name, missing=choice, missing_rows=1)


def first_rows(state: DraftState, count: int) -> DraftState:
    """Give two subsets by place: `Training` the first rows in order, `Everything` all."""
    everything = Subset(id="sub_all", name="Everything", rule=SubsetRule(kind="all"), rows=0)
    taken = SubsetRule.model_validate(
        {
            "kind": "condition",
            "condition": {"feature": "n", "operator": "less", "value": count},
        }
    )
    training = Subset(id="sub_train", name="Training", rule=taken, rows=0)
    return replace(state, subsets=[training, everything])


def save_plan(state: DraftState, folder: Path) -> SaveVersionPlan:
    """Plan to save a draft below a folder."""
    if not state.subsets:
        state = default_subsets(state)
    return SaveVersionPlan(
        version_id="ver_1",
        version_number=1,
        dataset_name="Audio",
        content_folder=str(state.content_folder),
        encoded_folder=str(folder / "encoded"),
        version_folder=str(folder / "version"),
        features=state.features,
        feature_sets=state.feature_sets,
        subsets=state.subsets,
        corrections=state.corrections,
        left_out=list(state.left_out),
    )


def save(state: DraftState, folder: Path) -> VersionSaved:
    """Save a draft and give what the job says at its end."""
    sink = RecordingSink()
    assert run_save_version(save_plan(state, folder), sink) == "done"
    saved = sink.last(VersionSaved)
    assert isinstance(saved, VersionSaved)
    assert saved.content_hash == saved.data.content_hash
    return saved


def found(state: DraftState, name: str) -> Feature:
    """Give a feature of a state by name."""
    return next(feature for feature in state.features if feature.name == name)
