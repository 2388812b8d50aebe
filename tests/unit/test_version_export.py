"""The export of a version imports again to the same, or says that it is not whole."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from blockwright.contracts.data import Correction, FeatureSet
from blockwright.contracts.problems import BlockwrightError
from blockwright.contracts.subsets import Subset, SubsetRule
from blockwright.contracts.work import ExportVersionPlan, Imported, Progress, VersionExported
from blockwright.datasets.export import run_export
from blockwright.datasets.folder import read_content
from blockwright.datasets.intake import run_import
from tests.support.dataset_zips import (
    RecordingSink,
    import_files,
    import_plan,
    npy_bytes,
    small_entries,
    write_zip,
)
from tests.support.media_files import wav_bytes


def mixed_zip(folder: Path) -> Path:
    """Give a zip of clips and tensors with labels, one row of which cannot be taken."""
    entries: dict[str, bytes | str] = {}
    index = "clip,spectrum,label,tags,size,note\n"
    for row in range(8):
        entries[f"wav/Klang ä {row}.wav"] = wav_bytes(row)
        entries[f"npy/{row}.npy"] = npy_bytes(np.full((2, 3), row, "f4"))
        tags = '"a,b"' if row % 2 else "a"
        index += f"wav\\Klang ä {row}.wav,npy/{row}.npy,{row % 2},{tags},{row / 3},note {row}\n"
    index += "wav/lost.wav,npy/0.npy,1,a,1,lost\n"
    entries["index.csv"] = index
    return write_zip(folder / "mixed.zip", entries)


def exported(imported: Imported, content: Path, goal: Path) -> ExportVersionPlan:
    """Export with a set, subsets and a correction; give what was asked for."""
    rule = SubsetRule(kind="random", share_percent=80)
    subset = Subset(id="sub_1", name="Training", rule=rule, rows=6, borders={"*": ["0", "123"]})
    bundle = FeatureSet(
        id="set_1", name="all", features=["label"], shape=[1], kind="binary", counts=[4]
    )
    plan = ExportVersionPlan(
        version_id="ver_1",
        dataset_name="Mixed",
        content_folder=str(content),
        export_file=str(goal),
        content_hash="0" * 64,
        features=imported.features,
        feature_sets=[bundle],
        subsets=[subset],
        corrections=[Correction(row=1, feature="label", value=0)],
    )
    sink = RecordingSink()
    assert run_export(plan, sink) == "done"
    made = sink.last(VersionExported)
    assert isinstance(made, VersionExported)
    assert made.bytes == goal.stat().st_size
    progress = sink.last(Progress)
    assert isinstance(progress, Progress)
    assert progress.unit == "bytes"
    return plan


def test_an_export_imports_to_the_same_content(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    imported = import_files(mixed_zip(tmp_path), folder=first)
    assert imported.rows == 8
    plan = exported(imported, first, tmp_path / "version.zip")
    again = import_files(tmp_path / "version.zip", folder=second)

    before, after = read_content(first), read_content(second)
    assert (after.rows, after.rows_sha256) == (before.rows, before.rows_sha256)
    assert {name: each.sha256 for name, each in after.tensors.items()} == {
        name: each.sha256 for name, each in before.tensors.items()
    }
    assert after.media["clip"].sha256 == before.media["clip"].sha256
    assert after.features == before.features
    np.testing.assert_array_equal(
        np.load(first / "identities.npy"), np.load(second / "identities.npy")
    )
    for name in ("rows.parquet", "sources.parquet", "media_0.parquet"):
        assert pl.read_parquet(first / name).equals(pl.read_parquet(second / name))
    assert (again.features, again.feature_sets) == (plan.features, plan.feature_sets)
    assert (again.subsets, again.corrections) == (plan.subsets, plan.corrections)
    assert again.report.problems == []


def test_the_same_version_exports_to_the_same_bytes(tmp_path: Path) -> None:
    imported = import_files(mixed_zip(tmp_path), folder=tmp_path / "ds")
    exported(imported, tmp_path / "ds", tmp_path / "a.zip")
    exported(imported, tmp_path / "ds", tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_the_table_of_an_export_serves_other_programs_and_has_corrections(tmp_path: Path) -> None:
    imported = import_files(mixed_zip(tmp_path), folder=tmp_path / "ds")
    exported(imported, tmp_path / "ds", tmp_path / "version.zip")
    with zipfile.ZipFile(tmp_path / "version.zip") as archive:
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
        with archive.open("index.csv") as file:
            index = pl.read_csv(file.read())
        assert index["label"].to_list() == [0, 0, 0, 1, 0, 1, 0, 1]
        clips = [archive.read(path) for path in index["clip"]]
    assert clips == [wav_bytes(row) for row in range(8)]
    with (
        zipfile.ZipFile(tmp_path / "version.zip") as archive,
        zipfile.ZipFile(tmp_path / "plain.zip", "w") as plain,
    ):
        for name in archive.namelist():
            if name not in {"version.json", "rows.parquet", "sources.parquet"}:
                plain.writestr(name, archive.read(name))
    without = import_files(tmp_path / "plain.zip", folder=tmp_path / "plain")
    types = {feature.name: feature.type for feature in without.features}
    assert (without.rows, types["clip"], types["tags"]) == (8, "audio", "multi_label")


@pytest.mark.parametrize(
    ("member", "code"),
    [
        ("index.csv", "data.export_changed"),
        ("version.json", "data.export_damaged"),
        ("rows.parquet", "data.export_damaged"),
        ("tensors/0.npy", "data.export_damaged"),
        ("media/0/0000003_Klang_3.wav", "data.export_damaged"),
    ],
)
def test_an_export_that_was_changed_is_refused_as_a_whole(
    tmp_path: Path, member: str, code: str
) -> None:
    imported = import_files(mixed_zip(tmp_path), folder=tmp_path / "ds")
    exported(imported, tmp_path / "ds", tmp_path / "version.zip")
    with zipfile.ZipFile(tmp_path / "version.zip") as archive:
        entries: dict[str, bytes | str] = {name: archive.read(name) for name in archive.namelist()}
    assert member in entries, sorted(entries)
    if member.endswith(".wav"):
        entries[member] = b"no sound"
    elif member == "tensors/0.npy":
        entries[member] = npy_bytes(np.zeros((7, 2, 3), "f4"))
    elif member == "version.json":
        told = json.loads(entries[member])
        told["tensors"] = {}
        entries[member] = json.dumps(told)
    elif member == "rows.parquet":
        entries[member] = b"no table"
    else:
        entries[member] = bytes(entries[member]).replace(b"note 1", b"note x")  # type: ignore[arg-type]
    write_zip(tmp_path / "changed.zip", entries)
    with pytest.raises(BlockwrightError) as caught:
        run_import(import_plan(tmp_path / "changed.zip", folder=tmp_path / "x"), RecordingSink())
    assert caught.value.problem.code == code


def test_an_export_is_not_added_to_a_dataset(tmp_path: Path) -> None:
    imported = import_files(mixed_zip(tmp_path), folder=tmp_path / "ds")
    exported(imported, tmp_path / "ds", tmp_path / "version.zip")
    plan = import_plan(tmp_path / "version.zip", folder=tmp_path / "x", base=tmp_path / "ds")
    with pytest.raises(BlockwrightError) as caught:
        run_import(plan, RecordingSink())
    assert caught.value.problem.code == "data.export_not_added"


def test_a_stopped_export_leaves_nothing(tmp_path: Path) -> None:
    imported = import_files(write_zip(tmp_path / "d.zip", small_entries(5)), folder=tmp_path / "ds")
    plan = ExportVersionPlan(
        version_id="ver_1",
        dataset_name="x",
        content_folder=str(tmp_path / "ds"),
        export_file=str(tmp_path / "out" / "version.zip"),
        content_hash="0" * 64,
        features=imported.features,
        feature_sets=[],
        subsets=[],
    )
    assert run_export(plan, RecordingSink(stop_after_events=1)) == "stopped"
    assert list((tmp_path / "out").iterdir()) == []
