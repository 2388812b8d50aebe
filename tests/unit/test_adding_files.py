"""Files that are added come after the rows that are there, which stay who they are."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from blockwright.contracts.data import (
    Correction,
    FeatureChange,
    FeaturesChange,
    FeatureSetCreate,
)
from blockwright.contracts.encodings import MissingChoice
from blockwright.contracts.problems import BlockwrightError
from blockwright.contracts.work import Imported, ImportRefused
from blockwright.datasets.added_rows import with_added_rows
from blockwright.datasets.draft_state import DraftState
from blockwright.datasets.feature_drafts import (
    change_features,
    correct,
    make_feature_set,
    set_class_order,
)
from blockwright.datasets.health import health_report
from blockwright.datasets.import_reports import problems_in, reports_in
from blockwright.datasets.intake import run_import
from blockwright.datasets.report_csv import report_csv
from tests.support.dataset_zips import (
    RecordingSink,
    import_files,
    import_plan,
    npy_bytes,
    small_entries,
    write_zip,
)
from tests.support.media_files import png_bytes, wav_bytes

Entries = dict[str, bytes | str]


def table(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(folder / "rows.parquet")


def codes(imported: Imported) -> dict[str, str]:
    return {item.item: item.problem.code for item in imported.report.problems}


def csv_file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_added_tensors_come_behind_and_old_rows_keep_identity_and_hash(tmp_path: Path) -> None:
    everything = small_entries(12)
    lines = str(everything["index.csv"]).splitlines()

    def part(name: str, rows: range) -> Path:
        entries = {f"clips/c{row:04d}.npy": everything[f"clips/c{row:04d}.npy"] for row in rows}
        index = "\n".join([lines[0], *(lines[1 + row] for row in rows)]) + "\n"
        return write_zip(tmp_path / name, {**entries, "index.csv": index})

    first, both, whole = tmp_path / "first", tmp_path / "both", tmp_path / "whole"
    import_files(part("a.zip", range(5)), folder=first)
    imported = import_files(part("b.zip", range(4, 12)), folder=both, base=first)
    import_files(part("c.zip", range(12)), folder=whole)
    assert (imported.rows, imported.report.rows_taken) == (12, 7)
    assert (codes(imported), imported.report.rows_there) == ({}, 1)
    (note,) = imported.report.notes
    assert note.code == "data.file_already_there"
    assert table(both).equals(table(whole))
    for name in ("identities.npy", "tensor_0.npy"):
        np.testing.assert_array_equal(np.load(both / name), np.load(whole / name))
    old = np.load(first / "identities.npy")
    np.testing.assert_array_equal(np.load(both / "identities.npy")[:5], old)
    sources = pl.read_parquet(both / "sources.parquet")
    assert sources.rows()[4:6] == [("index.csv", 6), ("index.csv", 3)]


def test_a_clip_with_the_same_bytes_is_named_and_not_added(tmp_path: Path) -> None:
    first = tmp_path / "first"
    import_files(
        write_zip(tmp_path / "a.zip", {f"{n}.wav": wav_bytes(n) for n in range(4)}), folder=first
    )
    added = {"new.wav": wav_bytes(9), "renamed.wav": wav_bytes(2), "3.wav": wav_bytes(7)}
    second = tmp_path / "second"
    imported = import_files(write_zip(tmp_path / "b.zip", {**added}), folder=second, base=first)
    assert (codes(imported), imported.report.rows_there) == ({}, 2)
    assert [(note.code, note.message) for note in imported.report.notes] == [
        (
            "data.file_already_there_as",
            "renamed.wav was not added: it holds the same bytes as 2.wav, which row 3 of the"
            " dataset has in column file.",
        ),
        (
            "data.file_already_there",
            "3.wav was not added: row 4 of the dataset has it in column file already.",
        ),
    ]
    assert table(second)["file"].to_list() == ["0.wav", "1.wav", "2.wav", "3.wav", "new.wav"]
    facts = pl.read_parquet(second / "media_0.parquet")
    blob = (second / "media_0.bin").read_bytes()
    offset, count = facts.select("offset", "bytes").row(4)
    assert blob[offset : offset + count] == wav_bytes(9)
    assert list(second.glob("staging*")) == []


def test_each_copy_is_named_in_the_csv_with_the_row_that_it_equals(tmp_path: Path) -> None:
    """Of a row with two files the copied one is named; of equal rows that are there, the first."""
    clips = {"0.wav": wav_bytes(0), "1.wav": wav_bytes(1), "again.wav": wav_bytes(1)}
    first, second = tmp_path / "first", tmp_path / "second"
    pairs = "take,noise\n0.wav,n0.wav\n1.wav,n1.wav\nagain.wav,n2.wav\n"
    noises = {f"n{n}.wav": wav_bytes(20 + n) for n in range(3)}
    import_files(
        write_zip(tmp_path / "a.zip", {**clips, **noises, "index.csv": pairs}), folder=first
    )
    added = {
        **{f"new{n}.wav": wav_bytes(40 + n) for n in range(3)},
        "x.wav": wav_bytes(20),
        "y.wav": wav_bytes(22),
        "z.wav": wav_bytes(50),
        "one.wav": wav_bytes(1),
        "free.wav": wav_bytes(51),
    }
    lines = "take,noise\nnew0.wav,x.wav\nnew1.wav,y.wav\nnew2.wav,z.wav\none.wav,free.wav\n"
    import_files(
        write_zip(tmp_path / "b.zip", {**added, "index.csv": lines}), folder=second, base=first
    )

    told = report_csv(reports_in(second)[1], problems_in(second, 2), "en")

    listed = [(line[0], line[2]) for line in csv.reader(told.splitlines()) if "file" in line[1]]
    assert listed == [
        (
            "x.wav",
            "x.wav was not added: it holds the same bytes as n0.wav, which row 1 of the dataset"
            " has in column noise.",
        ),
        (
            "y.wav",
            "y.wav was not added: it holds the same bytes as n2.wav, which row 3 of the dataset"
            " has in column noise.",
        ),
        (
            "",
            "2 files of noise, x.wav the first, hold the same bytes as files that the data has"
            " already. They were not added a second time. The csv of this report names each.",
        ),
        (
            "",
            "one.wav was not added: it holds the same bytes as 1.wav, which row 2 of the dataset"
            " has in column take.",
        ),
    ]


def test_the_reports_of_all_imports_are_kept_and_counted_together(tmp_path: Path) -> None:
    first, second, third = tmp_path / "first", tmp_path / "second", tmp_path / "third"
    entries = {f"{n}.wav": wav_bytes(n) for n in range(4)} | {"empty.wav": b"", "text.wav": b"no"}
    import_files(write_zip(tmp_path / "a.zip", entries), folder=first)
    copies = {"0.wav": wav_bytes(0), "1.wav": wav_bytes(1), "new.wav": wav_bytes(8)}
    import_files(write_zip(tmp_path / "b.zip", copies), folder=second, base=first)
    more = {"other.wav": wav_bytes(9), "broken.wav": b"no"}
    imported = import_files(write_zip(tmp_path / "c.zip", more), folder=third, base=second)

    reports = reports_in(third)
    assert [(each.rows_taken, each.rows_there, each.rows_lost) for each in reports] == [
        (4, 0, 2),
        (1, 2, 0),
        (1, 0, 1),
    ]
    assert reports[0] == reports_in(first)[0]
    assert [each.at for each in reports] == sorted(each.at for each in reports if each.at)
    assert [[each.item for each in problems_in(third, number)] for number in (1, 2, 3)] == [
        ["empty.wav", "text.wav"],
        ["0.wav", "1.wav"],
        ["broken.wav"],
    ]
    (copies_told,) = reports[1].notes
    assert copies_told.message.startswith("2 rows name files of file that the data has already")

    def unreadable(folder: Path, rows: int) -> list[str]:
        state = DraftState(content_folder=folder, rows=rows, features=imported.features)
        found = health_report(state).findings
        return [each.words.message for each in found if each.id == "unreadable"]

    assert unreadable(second, 5) == ["2 of 7 rows (28.57 %) could not be taken."]
    assert unreadable(third, 6) == ["3 of 9 rows (33.33 %) could not be taken."]


def test_when_nothing_is_new_each_row_is_named_all_the_same(tmp_path: Path) -> None:
    first = tmp_path / "first"
    entries = {f"{n}.wav": wav_bytes(n) for n in range(3)}
    source = write_zip(tmp_path / "a.zip", entries)
    import_files(source, folder=first)
    refused, sink = tmp_path / "refused", RecordingSink()
    plan = import_plan(source, folder=tmp_path / "second", base=first)
    with pytest.raises(BlockwrightError) as told:
        run_import(plan.model_copy(update={"refused_folder": str(refused)}), sink)
    assert told.value.problem.code == "data.no_new_row"
    report = sink.last(ImportRefused)
    assert isinstance(report, ImportRefused)
    assert (report.report.rows_there, report.report.problem_count) == (3, 0)
    assert [each.item for each in problems_in(refused, 1)] == ["0.wav", "1.wav", "2.wav"]
    assert not (tmp_path / "second").exists()


def test_columns_match_by_name_and_gaps_are_told(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    import_files(csv_file(tmp_path, "a.csv", "a,b\n1,cat\n2,dog\n3,cat\n"), folder=first)
    imported = import_files(
        csv_file(tmp_path, "b.csv", "c,a\nred,10\nblue,x\n"), folder=second, base=first
    )
    assert table(second).to_dict(as_series=False) == {
        "a": [1, 2, 3, 10],
        "b": ["cat", "dog", "cat", None],
        "c": [None, None, None, "red"],
    }
    assert codes(imported) == {"b.csv: 3": "data.value_of_other_type"}
    told = {note.code for note in imported.report.notes}
    assert {"data.added_without_column", "data.added_new_column", "data.column_has_gaps"} <= told
    types = {feature.name: feature.type for feature in imported.features}
    assert types["a"] == "numeric"
    assert {feature.name: feature.missing_rows for feature in imported.features} == {
        "a": 0,
        "b": 1,
        "c": 3,
    }


def drafted(imported: Imported, folder: Path) -> DraftState:
    return DraftState(
        content_folder=folder,
        rows=imported.rows,
        features=imported.features,
        feature_sets=imported.feature_sets,
        subsets=[],
        corrections=[],
    )


def test_a_draft_keeps_what_was_chosen_and_counts_it_over_all_rows(tmp_path: Path) -> None:
    before = "dose,kind\n" + "".join(f"{n}.5,{'cat' if n % 2 else 'dog'}\n" for n in range(8))
    first, second = tmp_path / "first", tmp_path / "second"
    imported = import_files(csv_file(tmp_path, "a.csv", before + "unknown,dog\n"), folder=first)
    draft = drafted(imported, first)
    taken = FeatureChange(type="numeric", missing=MissingChoice(kind="leave_out"))
    draft = change_features(draft, FeaturesChange(names=["dose"], change=taken))
    draft = set_class_order(draft, "kind", ["dog", "cat"])

    added = csv_file(tmp_path, "b.csv", "dose,kind\n20.5,owl\n12 kg,cat\n")
    grown = with_added_rows(draft, second, import_files(added, folder=second, base=first))

    dose, kind = grown.features
    assert (dose.type, dose.missing, dose.missing_rows) == ("numeric", taken.missing, 2)
    assert dose.histogram.maximum == 20.5
    assert (kind.classes, kind.shape) == (["dog", "cat", "owl"], [3])  # a save names the owl
    corrected = correct(grown, Correction(row=9, feature="kind", value="cat"))
    assert corrected.features[1].histogram.counts == [6, 5]


def test_the_classes_of_a_set_are_counted_over_added_rows_too(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    imported = import_files(csv_file(tmp_path, "a.csv", "a,b\n1,0\n0,1\n"), folder=first)
    wanted = FeatureSetCreate(name="labels", features=["a", "b"])
    draft = make_feature_set(drafted(imported, first), wanted)
    added = csv_file(tmp_path, "b.csv", "a,b\n1,1\n0,1\n")
    grown = with_added_rows(draft, second, import_files(added, folder=second, base=first))
    (labels,) = grown.feature_sets
    assert (labels.counts, labels.several_true_rows) == ([2, 3], 1)


def test_equal_rows_of_a_table_are_rows_of_their_own(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    import_files(csv_file(tmp_path, "a.csv", "a,b\n5,cat\n5,cat\n"), folder=first)
    added = import_files(
        csv_file(tmp_path, "b.csv", "a,b\n5,cat\n6,cat\n"), folder=second, base=first
    )
    (told,) = (n for n in added.report.notes if n.code == "data.rows_equal_to_some_there")
    assert (told.params["rows"], told.params["total"]) == (1, 2)
    identities = np.load(second / "identities.npy")
    assert len(set(identities.tolist())) == 4
    np.testing.assert_array_equal(identities[:2], np.load(first / "identities.npy"))


def test_the_report_of_an_adding_counts_the_gaps_of_the_rows_that_came(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    import_files(csv_file(tmp_path, "a.csv", "a,b\n1,2\n3,\n5,\n"), folder=first)
    added = import_files(csv_file(tmp_path, "b.csv", "a,b\n7,\n9,8\n"), folder=second, base=first)
    (told,) = (note for note in added.report.notes if note.code == "data.column_has_gaps")
    assert (told.params["column"], told.params["rows"]) == ("b", 1)
    assert not any(note.code == "data.rows_equal_to_some_there" for note in added.report.notes)


@pytest.mark.parametrize(
    ("added", "code"),
    [
        ({"b.csv": "a,b\ncat,x\ndog,y\n"}, "data.added_other_type"),
        ({"1.wav": wav_bytes(1)}, "data.added_file_column"),
        ({"a.npy": npy_bytes(np.zeros((3, 2), "f4"))}, "data.added_other_type"),
    ],
)
def test_other_columns_than_those_there_are_refused(
    tmp_path: Path, added: Entries, code: str
) -> None:
    first = tmp_path / "first"
    import_files(csv_file(tmp_path, "a.csv", "a,b\n1,cat\n2,dog\n"), folder=first)
    assert refused(write_zip(tmp_path / "b.zip", added), first).problem.code == code


def test_other_kinds_and_shapes_of_files_are_refused(tmp_path: Path) -> None:
    clips, arrays = tmp_path / "clips", tmp_path / "arrays"
    import_files(write_zip(tmp_path / "a.zip", {"a/1.wav": wav_bytes(1)}), folder=clips)
    images: Entries = {"a/1.png": png_bytes(1)}
    told = refused(write_zip(tmp_path / "b.zip", images), clips)
    assert told.problem.code == "data.added_other_type"
    (tmp_path / "x.npy").write_bytes(npy_bytes(np.zeros((3, 2), "f4")))
    import_files(tmp_path / "x.npy", folder=arrays)
    (tmp_path / "x.npy").write_bytes(npy_bytes(np.zeros((3, 5), "f4")))
    assert refused(tmp_path / "x.npy", arrays).problem.code == "data.added_other_shape"


def refused(source: Path, base: Path) -> BlockwrightError:
    goal = source.parent / "refused" / "ds"
    with pytest.raises(BlockwrightError) as caught:
        run_import(import_plan(source, folder=goal, base=base), RecordingSink())
    assert not goal.parent.exists() or list(goal.parent.iterdir()) == []
    return caught.value
