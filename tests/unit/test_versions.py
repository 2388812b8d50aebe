"""Subsets, freezing and reading: the same numbers every time, from Training only."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blockwright.contracts.data import (
    Feature,
    FeatureChange,
    FeatureSetCreate,
    Subset,
    SubsetChange,
    SubsetCreate,
    SubsetRule,
)
from blockwright.contracts.problems import BlockwrightError
from blockwright.contracts.work import DataPlan, SaveVersionPlan, VersionSaved
from blockwright.datasets import browse, drafts
from blockwright.datasets.freeze import run_save_version
from blockwright.datasets.reader import VersionReader
from blockwright.datasets.subset_sizes import subset_sizes
from blockwright.datasets.subsets import row_identities, subset_rows
from tests.support.dataset_zips import (
    RecordingSink,
    import_zip,
    index_text,
    npy_bytes,
    small_entries,
    write_zip,
)


def random_subset(share_percent: float = 80, seed: int = 42) -> Subset:
    rule = SubsetRule(kind="random", share_percent=share_percent, seed=seed)
    return Subset(id="sub_1", name="Training", rule=rule, rows=0)


def rest_of(other: str, name: str = "Validation") -> Subset:
    return Subset(id=f"sub_{name}", name=name, rule=SubsetRule(kind="rest", of=other), rows=0)


@given(
    rows=st.integers(1, 300), share=st.floats(0.5, 100), seed=st.integers(-5, 2**31), data=st.data()
)
@settings(deadline=None, max_examples=60)
def test_a_random_subset_is_exact_repeatable_and_blind_to_order(
    rows: int, share: float, seed: int, data: st.DataObject
) -> None:
    names = [f"clips/{n}.npy" for n in range(rows)]
    subsets = [random_subset(share, seed), rest_of("sub_1")]
    chosen = subset_rows(subsets, names)
    training, rest = chosen["sub_1"], chosen["sub_Validation"]
    assert len(training) == min(rows, max(1, round(rows * share / 100)))
    assert sorted([*training, *rest]) == list(range(rows))
    assert subset_sizes(subsets, rows) == {"sub_1": len(training), "sub_Validation": len(rest)}
    shuffled = data.draw(st.permutations(names))
    again = {shuffled[row] for row in subset_rows(subsets, shuffled)["sub_1"]}
    assert again == {names[row] for row in training}


def test_rows_near_the_border_alone_change_sides_when_rows_are_added() -> None:
    before = [f"{n}.npy" for n in range(1_000)]
    after = [*before, *(f"new{n}.npy" for n in range(100))]
    first = set(subset_rows([random_subset()], before)["sub_1"].tolist())
    second = set(subset_rows([random_subset()], after)["sub_1"].tolist())
    moved = {row for row in range(1_000) if (row in first) != (row in second)}
    assert len(moved) <= 40


def test_equal_rows_without_a_tensor_are_told_apart() -> None:
    rows = pl.DataFrame({"a": [1.0, 1.0, 2.0], "b": ["x", "x", None]})
    features = [
        Feature(name=n, type="text", shape=[], histogram={"counts": []}) for n in ("a", "b")
    ]
    assert len(set(row_identities(rows, features))) == 3


def test_circular_rules_are_refused() -> None:
    for subsets in (
        [rest_of("sub_Validation")],
        [rest_of("gone")],
        [rest_of("sub_B", "A"), rest_of("sub_A", "B")],
    ):
        with pytest.raises(BlockwrightError) as caught:
            subset_rows(subsets, ["a"])
        assert caught.value.problem.code == "data.subset_rule_circular"


def test_draft_rules() -> None:
    features = [
        Feature(name="fname", type="tensor", shape=[8, 6], histogram={"counts": []}),
        Feature(name="Bark", type="binary", shape=[1], histogram={"counts": []}),
        Feature(name="Hi-hat", type="binary", shape=[1], histogram={"counts": []}),
        Feature(name="size", type="numeric", shape=[1], histogram={"counts": []}),
    ]
    labels = drafts.make_feature_set(
        features, [], FeatureSetCreate(name="labels", features=["Hi-hat", "Bark"])
    )
    assert (labels.features, labels.kind, labels.shape) == (["Bark", "Hi-hat"], "binary", [2])
    counted = browse.with_counts(
        labels, pl.DataFrame({"Bark": [1, 1, 0], "Hi-hat": [1, 0, 0]}, schema_overrides=None)
    )
    assert (counted.counts, counted.several_true_rows) == ([2, 1], 1)
    mixed = drafts.make_feature_set(
        features, [], FeatureSetCreate(name="all", features=["size", "Bark"])
    )
    assert mixed.kind == "numeric"
    subsets = drafts.default_subsets(10)
    assert [(s.name, s.rows) for s in subsets] == [("Training", 8), ("Validation", 2)]
    rule = SubsetRule(kind="random", share_percent=50, seed=1)
    wanted: dict[str, object] = {
        "data.name_taken": lambda: drafts.make_feature_set(
            features, [labels], FeatureSetCreate(name="Labels", features=["Bark"])
        ),
        "data.feature_set_mixed": lambda: drafts.make_feature_set(
            features, [], FeatureSetCreate(name="x", features=["fname"])
        ),
        "data.feature_named_twice": lambda: drafts.make_feature_set(
            features, [], FeatureSetCreate(name="x", features=["Bark", "Bark"])
        ),
        "data.feature_not_found": lambda: drafts.find_feature(features, "gone"),
        "data.feature_not_normalizable": lambda: drafts.change_feature(
            features, "Bark", FeatureChange(normalization="standardize")
        ),
        "data.subset_is_leaned_on": lambda: drafts.remove_subset(subsets, subsets[0].id),
        "data.subset_not_found": lambda: drafts.remove_subset(subsets, "gone"),
        "data.subset_rule_circular": lambda: drafts.change_subset(
            subsets,
            subsets[1].id,
            SubsetChange(name="x", rule=SubsetRule(kind="rest", of=subsets[1].id)),
            10,
        ),
    }
    for code, act in wanted.items():
        with pytest.raises(BlockwrightError) as caught:
            act()  # type: ignore[operator]
        assert caught.value.problem.code == code
    with pytest.raises(BlockwrightError) as taken:
        drafts.add_subset(subsets, SubsetCreate(name=" training", rule=rule), 10)
    assert taken.value.problem.code == "data.name_taken"
    changed = drafts.change_subset(
        subsets, subsets[0].id, SubsetChange(name="Training", rule=rule), 10
    )
    assert [s.rows for s in changed] == [5, 5]


def save_plan(dataset: Path, version: Path, features: list[Feature]) -> SaveVersionPlan:
    names = [feature.name for feature in features if feature.type == "binary"]
    labels = drafts.make_feature_set(features, [], FeatureSetCreate(name="labels", features=names))
    rows = pl.read_parquet(dataset / "rows.parquet")
    return SaveVersionPlan(
        version_id="ver_1",
        version_number=1,
        dataset_name="Audio",
        dataset_folder=str(dataset),
        version_folder=str(version),
        features=features,
        feature_sets=[browse.with_counts(labels, rows)],
        subsets=drafts.default_subsets(rows.height),
    )


def save(plan: SaveVersionPlan) -> DataPlan:
    sink = RecordingSink()
    assert run_save_version(plan, sink) == "done"
    saved = sink.last(VersionSaved)
    assert isinstance(saved, VersionSaved)
    assert saved.content_hash == saved.data.content_hash
    return saved.data


def test_a_frozen_version_reads_back_what_came_in(tmp_path: Path) -> None:
    source = write_zip(tmp_path / "d.zip", small_entries(50))
    features = import_zip(source, tmp_path / "ds").features
    features = drafts.change_feature(features, "fname", FeatureChange(normalization="standardize"))
    plan = save_plan(tmp_path / "ds", tmp_path / "ver", features)
    data = save(plan)

    schema = data.data_schema
    assert [(s.name, s.kind, s.shape) for s in schema.sources] == [
        ("fname", "tensor", [8, 6]),
        ("labels", "multi_label", [2]),
        ("Bark", "binary", [1]),
        ("Hi-hat", "binary", [1]),
    ]
    assert schema.sources[1].classes == ["Bark", "Hi-hat"]
    assert schema.sources[1].several_true_rows == 9
    assert [subset.rows for subset in schema.subsets] == [40, 10]

    reader = VersionReader(data)
    training, validation = (reader.row_numbers(subset.id) for subset in schema.subsets)
    assert not set(training) & set(validation)
    stored = np.load(tmp_path / "ds" / "tensor_0.npy")
    statistics = data.statistics["fname"]
    # Training rows only: any other would be a leak.
    np.testing.assert_allclose(statistics.shift, stored[training].mean(dtype="f8"), rtol=1e-9)
    np.testing.assert_allclose(statistics.scale, stored[training].std(dtype="f8"), rtol=1e-9)
    read = reader.read("fname", training)
    assert (read.dtype, read.shape) == (np.float32, (40, 8, 6))
    assert abs(float(read.mean())) < 1e-5
    assert abs(float(read.std()) - 1) < 1e-5
    some = np.array([7, 3, 3], dtype=np.int64)
    np.testing.assert_array_equal(reader.read("labels", some), [[0, 0], [0, 1], [0, 1]])
    assert reader.shape("labels") == (2,)
    assert reader.read("Bark", some).shape == (3, 1)


def test_numeric_and_categorical_sources(tmp_path: Path) -> None:
    rows = [[f"{n}.npy", str(n * 2.5), "cat" if n % 3 else "dog", str(n % 2)] for n in range(10)]
    entries: dict[str, bytes | str] = {f"{n}.npy": npy_bytes(np.ones(3, "f4")) for n in range(10)}
    entries["index.csv"] = index_text(["size", "animal", "good"], rows)
    features = import_zip(write_zip(tmp_path / "d.zip", entries), tmp_path / "ds").features
    features = drafts.change_feature(features, "size", FeatureChange(normalization="min_max"))
    data = save(save_plan(tmp_path / "ds", tmp_path / "ver", features))
    reader = VersionReader(data)
    training = reader.row_numbers(data.data_schema.subsets[0].id)
    sizes = reader.read("size", training)
    assert (float(sizes.min()), float(sizes.max())) == (0.0, 1.0)
    np.testing.assert_array_equal(reader.read("animal", np.array([0, 1])), [[0, 1], [1, 0]])


def test_the_content_hash_follows_content_and_nothing_else(tmp_path: Path) -> None:
    source = write_zip(tmp_path / "d.zip", small_entries(20))
    features = import_zip(source, tmp_path / "a").features
    import_zip(source, tmp_path / "b")
    first = save(save_plan(tmp_path / "a", tmp_path / "va", features))
    second = save(save_plan(tmp_path / "b", tmp_path / "vb", features))
    assert first.content_hash == second.content_hash
    changed = drafts.change_feature(features, "fname", FeatureChange(normalization="min_max"))
    third = save(save_plan(tmp_path / "b", tmp_path / "vc", changed))
    assert third.content_hash != first.content_hash


def test_kill_during_saving_then_again(tmp_path: Path) -> None:
    source = write_zip(tmp_path / "d.zip", small_entries(300, shape=(64, 64)))
    features = import_zip(source, tmp_path / "ds").features
    features = drafts.change_feature(features, "fname", FeatureChange(normalization="standardize"))
    plan = save_plan(tmp_path / "ds", tmp_path / "versions" / "ver", features)
    script = f"""
        from blockwright.contracts.work import SaveVersionPlan
        from blockwright.datasets.freeze import run_save_version
        from tests.support.dataset_zips import RecordingSink
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
    data = save(plan)
    assert [path.name for path in (tmp_path / "versions").iterdir()] == ["ver"]
    assert len(VersionReader(data).row_numbers(plan.subsets[0].id)) == 240
