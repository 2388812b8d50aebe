"""Freezing: the same numbers every time, measured on Training only, nothing left out unsaid."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from blockwright.contracts.data import (
    Correction,
    FeatureChange,
    FeaturesChange,
    FeatureSetCreate,
    LeftOutChange,
)
from blockwright.contracts.encodings import (
    CategoricalEncoding,
    ClassOrder,
    ImageEncoding,
    MissingChoice,
    NumericEncoding,
    SpectrogramEncoding,
    TensorEncoding,
    TextEncoding,
    WaveformEncoding,
)
from blockwright.contracts.images import ImageSettings
from blockwright.contracts.problems import BlockwrightError
from blockwright.contracts.work import ExportVersionPlan, VersionSaved
from blockwright.datasets.draft_state import DraftState
from blockwright.datasets.export import run_export
from blockwright.datasets.feature_drafts import change_features, correct, make_feature_set
from blockwright.datasets.folder import CONTENT_FILE
from blockwright.datasets.freeze import run_save_version
from blockwright.datasets.left_out import change_left_out
from blockwright.datasets.reader import VersionReader
from blockwright.datasets.subset_drafts import default_subsets
from tests.support.content_folders import write_content
from tests.support.dataset_zips import RecordingSink, import_zip, write_zip
from tests.support.encoding_data import (
    add_tensor,
    choosing,
    encoded,
    first_rows,
    found,
    png_bytes,
    save,
    save_plan,
    wav_bytes,
    without_file,
)

ROWS = 40
CLIP_SETTINGS = {
    "sample_rate_hz": 16_000,
    "fft_samples": 512,
    "hop_samples": 160,
    "mel_bands": 32,
    "max_hz": 8_000.0,
    "frames": 50,
}


def numbers_state(folder: Path, rows: int = ROWS, shape: tuple[int, ...] = (8, 6)) -> DraftState:
    """Give a draft with a tensor, numbers, words, labels and text."""
    columns = {
        "n": list(range(rows)),
        "path": [f"{n}.npy" for n in range(rows)],
        "size": [n * 2.5 for n in range(rows)],
        "animal": ["cat" if n % 3 else "dog" for n in range(rows)],
        "Bark": [int(n % 2 == 0) for n in range(rows)],
        "Hiss": [int(n % 4 == 0) for n in range(rows)],
        "words": [f"a dog number {n}" for n in range(rows)],
    }
    state = write_content(
        folder,
        columns,
        {
            "n": "numeric",
            "path": "tensor",
            "size": "numeric",
            "animal": "categorical",
            "Bark": "binary",
            "Hiss": "binary",
            "words": "text",
        },
    )
    random = np.random.default_rng(1)
    state = add_tensor(state, "path", random.normal(3, 2, size=(rows, *shape)))
    state = change_features(
        state,
        FeaturesChange(
            names=["animal"],
            change=FeatureChange(encoding=CategoricalEncoding(order=ClassOrder(by="frequency"))),
        ),
    )
    state = make_feature_set(state, FeatureSetCreate(name="labels", features=["Hiss", "Bark"]))
    return first_rows(state, 30)


def clips_state(folder: Path, seconds: list[float]) -> DraftState:
    """Give a draft of recordings."""
    names = [f"c{n}.wav" for n in range(len(seconds))]
    files = [wav_bytes(length, 300 + 50 * n) for n, length in enumerate(seconds)]
    return first_rows(
        write_content(
            folder,
            {"n": list(range(len(seconds))), "clip": names},
            {"n": "numeric", "clip": "audio"},
            media={"clip": ("audio", files, {"seconds": seconds})},
        ),
        max(1, len(seconds) - 1),
    )


def test_a_frozen_version_reads_back_what_came_in(tmp_path: Path) -> None:
    state = numbers_state(tmp_path / "content")
    state = encoded(state, "path", TensorEncoding(normalization="standardize"))
    state = encoded(state, "size", NumericEncoding(normalization="min_max"))
    saved = save(state, tmp_path)
    schema = saved.data.data_schema
    assert [(s.name, s.kind, s.shape) for s in schema.sources] == [
        ("path", "tensor", [8, 6]),
        ("labels", "multi_label", [2]),
        ("n", "numeric", [1]),
        ("size", "numeric", [1]),
        ("animal", "categorical", [2]),
        ("Bark", "binary", [1]),
        ("Hiss", "binary", [1]),
    ]
    assert schema.sources[1].classes == ["Bark", "Hiss"]
    assert schema.sources[1].several_true_rows == 10
    assert [(s.name, s.rows) for s in schema.subsets] == [("Training", 30), ("Everything", 40)]

    reader = VersionReader(saved.data)
    training, everything = (reader.row_numbers(s.id) for s in schema.subsets)
    stored = np.load(tmp_path / "content" / "tensor_0.npy")
    statistics = saved.data.statistics["path"]
    # Training rows only: any other would be a leak.
    np.testing.assert_allclose(statistics.shift, stored[training].mean(dtype="f8"), rtol=1e-9)
    np.testing.assert_allclose(statistics.scale, stored[training].std(dtype="f8"), rtol=1e-9)
    read = reader.read("path", everything)
    assert (read.dtype, read.shape) == (np.float32, (40, 8, 6))
    np.testing.assert_allclose(
        read, (stored - statistics.shift) / statistics.scale, rtol=1e-5, atol=1e-6
    )
    sizes = reader.read("size", training)
    assert (float(sizes.min()), float(sizes.max())) == (0.0, 1.0)
    some = np.array([4, 3, 3], dtype=np.int64)
    np.testing.assert_array_equal(reader.read("labels", some), [[1, 1], [0, 0], [0, 0]])
    # 20 cats and 10 dogs among the Training rows: the frequent one comes first.
    np.testing.assert_array_equal(reader.read("animal", some), [[1, 0], [0, 1], [0, 1]])
    assert reader.shape("labels") == (2,)
    assert reader.read("Bark", some).shape == (3, 1)


def test_class_order_by_frequency_comes_from_training_alone(tmp_path: Path) -> None:
    words = ["a", "b", "b", "a", "a", "a", "c"]
    state = write_content(
        tmp_path / "content",
        {"n": list(range(7)), "word": words},
        {"n": "numeric", "word": "categorical"},
    )
    order = CategoricalEncoding(order=ClassOrder(by="frequency"))
    state = change_features(
        first_rows(state, 3),
        FeaturesChange(names=["word"], change=FeatureChange(encoding=order)),
    )
    assert found(state, "word").classes == ["a", "b", "c"]
    saved = save(state, tmp_path)
    assert saved.features[1].classes == ["b", "a", "c"]
    reader = VersionReader(saved.data)
    np.testing.assert_array_equal(reader.read("word", np.array([1, 6])), [[1, 0, 0], [0, 0, 1]])


def test_large_numbers_keep_their_differences_when_normalised(tmp_path: Path) -> None:
    moments = [1_700_000_000.0 + n for n in range(4)]
    state = write_content(
        tmp_path / "content", {"n": [0, 1, 2, 3], "at": moments}, {"n": "numeric", "at": "numeric"}
    )
    state = encoded(first_rows(state, 4), "at", NumericEncoding(normalization="min_max"))
    read = VersionReader(save(state, tmp_path).data).read("at", np.arange(4))
    np.testing.assert_allclose(read[:, 0], [0, 1 / 3, 2 / 3, 1], rtol=1e-6)


def test_text_becomes_tokens_of_the_vocabulary_of_training(tmp_path: Path) -> None:
    state = write_content(
        tmp_path / "content",
        {"n": [0, 1, 2], "words": ["Dog, dog cat", "cat dog", "a new dog"]},
        {"n": "numeric", "words": "text"},
    )
    state = encoded(first_rows(state, 2), "words", TextEncoding(length=5))
    saved = save(state, tmp_path)
    assert saved.data.vocabularies["words"] == ["dog", "cat", ","]
    read = VersionReader(saved.data).read("words", np.arange(3))
    np.testing.assert_array_equal(read, [[2, 4, 2, 3, 0], [3, 2, 0, 0, 0], [1, 1, 2, 0, 0]])


def test_an_index_is_one_number_per_row(tmp_path: Path) -> None:
    state = numbers_state(tmp_path / "content")
    saved = save(encoded(state, "animal", CategoricalEncoding(form="index")), tmp_path)
    source = next(s for s in saved.data.data_schema.sources if s.name == "animal")
    assert (source.kind, source.shape) == ("numeric", [1])
    read = VersionReader(saved.data).read("animal", np.array([0, 1]))
    np.testing.assert_array_equal(read, [[1], [0]])


def test_images_are_encoded_and_scaled(tmp_path: Path) -> None:
    names = [f"{n}.png" for n in range(4)]
    files = [png_bytes(20 + n, 10, 60 * n) for n in range(4)]
    state = write_content(
        tmp_path / "content",
        {"n": list(range(4)), "picture": names},
        {"n": "numeric", "picture": "image"},
        media={"picture": ("image", files, {"width": [20, 21, 22, 23]})},
    )
    state = first_rows(state, 2)
    settings = ImageSettings(width=6, height=4)
    expected = {"none": (0, 120), "zero_one": (0, 120 / 255), "minus_one_one": (-1, -0.0588235)}
    for scaling, (first, third) in expected.items():
        encoding = ImageEncoding.model_validate({"image": settings, "scaling": scaling})
        saved = save(encoded(state, "picture", encoding), tmp_path)
        read = VersionReader(saved.data).read("picture", np.arange(4))
        assert (read.shape, read.dtype) == ((4, 4, 6, 3), np.float32)
        np.testing.assert_allclose(read[0, 0, 0, 0], first, atol=1e-6)
        np.testing.assert_allclose(read[2, 0, 0, 1], third, atol=1e-5)
    # Pixels are stored once for all four ways to scale them.
    assert len(list((tmp_path / "encoded").iterdir())) == 1
    encoding = ImageEncoding(image=settings, scaling="standardize")
    saved = save(encoded(state, "picture", encoding), tmp_path)
    read = VersionReader(saved.data).read("picture", np.arange(2))
    assert abs(float(read.mean())) < 1e-5
    assert abs(float(read.std()) - 1) < 1e-5


def test_recordings_of_fixed_size_are_one_array_and_made_once(tmp_path: Path) -> None:
    state = clips_state(tmp_path / "content", [0.3, 1.0, 2.0])
    encoding = SpectrogramEncoding.model_validate({"spectrogram": {**CLIP_SETTINGS, "fit": "pad"}})
    saved = save(encoded(state, "clip", encoding), tmp_path)
    stored = saved.data.arrays["clip"]
    assert stored.offsets_path is None
    assert np.load(stored.path).shape == (3, 32, 50)
    before = Path(stored.path).stat().st_mtime_ns
    again = save(
        encoded(state, "clip", encoding.model_copy(update={"normalization": "min_max"})), tmp_path
    )
    assert again.data.arrays["clip"] == stored
    assert Path(stored.path).stat().st_mtime_ns == before
    read = VersionReader(again.data).read("clip", np.arange(2))
    assert (float(read.min()), float(read.max())) == (0.0, 1.0)


def test_recordings_of_variable_length_keep_every_frame(tmp_path: Path) -> None:
    state = clips_state(tmp_path / "content", [0.3, 1.0, 2.0])
    encoding = SpectrogramEncoding.model_validate(
        {"spectrogram": {**CLIP_SETTINGS, "fit": "variable"}, "normalization": "standardize"}
    )
    saved = save(encoded(state, "clip", encoding), tmp_path)
    stored = saved.data.arrays["clip"]
    assert stored.offsets_path is not None
    np.testing.assert_array_equal(np.load(stored.offsets_path), [0, 31, 132, 333])
    frames = np.load(stored.path)
    assert (frames.shape, frames.dtype) == ((333, 32), np.float32)
    statistics = saved.data.statistics["clip"]
    np.testing.assert_allclose(statistics.shift, frames[:132].mean(dtype="f8"), rtol=1e-9)
    source = saved.data.data_schema.sources[0]
    assert source.shape == [32, 50]
    assert source.variable is not None
    assert (source.variable.axis, source.variable.tile, source.variable.overlap) == (1, 50, 25)
    wave = WaveformEncoding.model_validate(
        {"waveform": {"sample_rate_hz": 8_000, "samples": 4_000, "fit": "variable"}}
    )
    saved = save(encoded(state, "clip", wave), tmp_path)
    read = VersionReader(saved.data).read("clip", np.arange(3))
    assert read.shape == (3, 4_000)
    np.testing.assert_array_equal(read[0, :1_600], read[0, 2_400:])  # 0.3 s, repeated


@pytest.mark.parametrize("fit", ["pad", "variable"])
def test_rows_without_a_recording_are_left_out_by_choice_alone(tmp_path: Path, fit: str) -> None:
    state = clips_state(tmp_path / "content", [0.3, 0.3, 0.3])
    encoding = SpectrogramEncoding.model_validate({"spectrogram": {**CLIP_SETTINGS, "fit": fit}})
    state = without_file(encoded(state, "clip", encoding), "clip", 1)
    undecided = save(state, tmp_path)
    assert [source.name for source in undecided.data.data_schema.sources] == ["n"]
    chosen = save(choosing(state, "clip", "leave_out"), tmp_path)
    assert chosen.left_out_rows == 1
    reader = VersionReader(chosen.data)
    assert reader.row_numbers("sub_all").tolist() == [0, 2]
    assert reader.read("clip", np.array([0, 2])).any(axis=(1, 2)).all()
    assert not reader.read("clip", np.array([1])).any()


def test_a_recording_that_cannot_be_encoded_fails_the_save_by_name(tmp_path: Path) -> None:
    state = clips_state(tmp_path / "content", [0.3, 0.3])
    blob = tmp_path / "content" / "media_0.bin"
    whole = blob.read_bytes()
    blob.write_bytes(whole[: len(whole) // 2] + b"\0" * (len(whole) // 2))
    with pytest.raises(BlockwrightError) as caught:
        save(state, tmp_path)
    problem = caught.value.problem
    assert problem.code == "data_encoding.clip_not_encoded"
    assert (problem.params["file"], problem.params["row"]) == ("c1.wav", 2)
    assert list((tmp_path / "encoded").iterdir()) == []
    assert not (tmp_path / "version").exists()

    saved = save(change_left_out(state, LeftOutChange(rows=[1])), tmp_path)
    assert VersionReader(saved.data).row_numbers("sub_all").tolist() == [0]
    with pytest.raises(BlockwrightError) as again:  # what was made without it is no excuse
        save(state, tmp_path)
    assert again.value.problem == problem


def test_a_stop_leaves_nothing_behind(tmp_path: Path) -> None:
    state = clips_state(tmp_path / "content", [0.3] * 3)
    sink = RecordingSink(stop_after_events=1)
    assert run_save_version(save_plan(state, tmp_path), sink) == "stopped"
    assert list((tmp_path / "encoded").iterdir()) == []
    assert not (tmp_path / "version").exists()


def test_the_content_hash_follows_content_and_nothing_else(tmp_path: Path) -> None:
    state = numbers_state(tmp_path / "a")
    other = numbers_state(tmp_path / "b")
    first = save(state, tmp_path / "1").content_hash
    ids = [s.model_copy(update={"id": f"other_{s.id}"}) for s in other.subsets]
    assert save(replace(other, subsets=ids), tmp_path / "2").content_hash == first
    renamed = pl.read_parquet(tmp_path / "b" / "rows.parquet")
    renamed = renamed.with_columns(path=pl.format("elsewhere/{}", pl.col("path")))
    renamed.write_parquet(tmp_path / "b" / "rows.parquet")
    assert save(other, tmp_path / "3").content_hash == first
    changes = [
        encoded(state, "path", TensorEncoding(normalization="min_max")),
        first_rows(state, 29),
        replace(state, corrections=[Correction(row=1, feature="size", value=7.0)]),
        replace(state, feature_sets=[]),
        change_features(state, FeaturesChange(names=["size"], change=FeatureChange(name="length"))),
    ]
    hashes = {save(each, tmp_path / "4").content_hash for each in changes}
    assert len(hashes | {first}) == len(changes) + 1


def test_an_export_imports_and_saves_to_the_same_hash(tmp_path: Path) -> None:
    entries: dict[str, bytes | str] = {
        f"{n}.wav": wav_bytes(0.2 + n / 10, 300 + 40 * n) for n in range(6)
    }
    tags = ['"a,b"', "a", "", "b", '"a,b"', "a"]
    lines = [f"{n}.wav,{n % 2},{tags[n]},{n / 3},note {n}" for n in range(6)]
    entries["index.csv"] = "\n".join(["clip,flag,tags,size,note", *lines])
    imported = import_zip(write_zip(tmp_path / "mixed.zip", entries), tmp_path / "a")
    state = default_subsets(DraftState(tmp_path / "a", imported.rows, imported.features))
    state = make_feature_set(state, FeatureSetCreate(name="set", features=["flag"]))
    for name, change in {
        "tags": FeatureChange(type="multi_label", missing=MissingChoice(kind="own_category")),
        "note": FeatureChange(name="remark", encoding=TextEncoding(length=4)),
        "size": FeatureChange(encoding=NumericEncoding(normalization="standardize")),
    }.items():
        state = change_features(state, FeaturesChange(names=[name], change=change))
    state = correct(state, Correction(row=1, feature="flag", value=0))
    state = change_left_out(state, LeftOutChange(rows=[4]))
    first = save(state, tmp_path / "1")
    plan = ExportVersionPlan(
        version_id="ver_1",
        dataset_name="Mixed",
        content_folder=str(tmp_path / "a"),
        export_file=str(tmp_path / "version.zip"),
        content_hash=first.content_hash,
        features=first.features,
        feature_sets=state.feature_sets,
        subsets=state.subsets,
        corrections=state.corrections,
        left_out=list(state.left_out),
    )
    assert run_export(plan, RecordingSink()) == "done"
    again = import_zip(tmp_path / "version.zip", tmp_path / "b")
    assert again.subsets is not None
    copied = DraftState(
        content_folder=tmp_path / "b",
        rows=again.rows,
        features=again.features,
        feature_sets=again.feature_sets,
        subsets=again.subsets,
        corrections=again.corrections,
        left_out=tuple(again.left_out),
    )
    assert copied.left_out == (4,)
    assert save(copied, tmp_path / "2").content_hash == first.content_hash


def test_corrections_are_what_the_version_holds(tmp_path: Path) -> None:
    state = numbers_state(tmp_path / "content")
    fixes = [
        Correction(row=1, feature="animal", value="dog"),
        Correction(row=2, feature="Bark", value=0),
    ]
    reader = VersionReader(save(replace(state, corrections=fixes), tmp_path).data)
    np.testing.assert_array_equal(reader.read("animal", np.array([0, 1])), [[0, 1], [0, 1]])
    assert float(reader.read("Bark", np.array([2]))[0, 0]) == 0.0


def test_a_version_needs_subsets_with_rows(tmp_path: Path) -> None:
    state = numbers_state(tmp_path / "content")
    for broken in (first_rows(state, 0), replace(state, subsets=first_rows(state, 0).subsets[:1])):
        with pytest.raises(BlockwrightError) as caught:
            save(broken, tmp_path)
        assert caught.value.problem.code == "data.subset_empty"
    plan = save_plan(state, tmp_path).model_copy(update={"subsets": []})
    with pytest.raises(BlockwrightError) as caught:
        run_save_version(plan, RecordingSink())
    assert caught.value.problem.code == "data.subset_empty"


def test_kill_during_saving_then_again(tmp_path: Path) -> None:
    state = numbers_state(tmp_path / "content", rows=300, shape=(64, 64))
    state = encoded(state, "path", TensorEncoding(normalization="standardize"))
    plan = save_plan(state, tmp_path / "versions")
    script = f"""
        from blockwright.contracts.work import SaveVersionPlan
        from blockwright.datasets.freeze import run_save_version
from blockwright.datasets.left_out import change_left_out
        from tests.support.dataset_zips import RecordingSink, import_zip, write_zip
        print("ready", flush=True)
        plan = SaveVersionPlan.model_validate_json({plan.model_dump_json()!r})
        while True:
            run_save_version(plan, RecordingSink())
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(0.25)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    sink = RecordingSink()
    assert run_save_version(plan, sink) == "done"
    saved = sink.last(VersionSaved)
    assert isinstance(saved, VersionSaved)
    assert [path.name for path in (tmp_path / "versions").iterdir()] == ["version"]
    assert len(VersionReader(saved.data).row_numbers("sub_train")) == 30
    assert (tmp_path / "content" / CONTENT_FILE).is_file()
