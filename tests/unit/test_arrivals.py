"""Every form in which data comes becomes rows; what has two readings is refused in words."""

from __future__ import annotations

import hashlib
import zlib
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from blockwright.contracts.data import ImportOptions
from blockwright.contracts.problems import BlockwrightError, in_language
from blockwright.contracts.work import Imported
from blockwright.datasets.folder import read_content
from blockwright.datasets.intake import run_import
from tests.support.dataset_zips import (
    RecordingSink,
    import_files,
    import_plan,
    npy_bytes,
    write_zip,
)
from tests.support.hostile_archives import Entry, build
from tests.support.media_files import png_bytes, wav_bytes

Content = bytes | str


def write_folder(folder: Path, entries: dict[str, Content]) -> Path:
    """Write files below a folder of this machine."""
    for name, content in entries.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def write_files(folder: Path, entries: dict[str, Content]) -> list[Path]:
    """Write loose files and give their paths, in order."""
    write_folder(folder, entries)
    return [folder / name for name in entries]


def refused(
    *sources: Path, base: Path | None = None, options: ImportOptions | None = None
) -> BlockwrightError:
    """Import, expect a refusal of everything, and nothing left behind."""
    goal = sources[0].parent / "refused" / "ds"
    with pytest.raises(BlockwrightError) as caught:
        run_import(import_plan(*sources, folder=goal, base=base, options=options), RecordingSink())
    assert not goal.parent.exists() or list(goal.parent.iterdir()) == []
    return caught.value


def table(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(folder / "rows.parquet")


def types(imported: Imported) -> dict[str, str]:
    return {feature.name: feature.type for feature in imported.features}


def codes(imported: Imported) -> dict[str, str]:
    return {item.item: item.problem.code for item in imported.report.problems}


def notes(imported: Imported) -> list[str]:
    return [note.code for note in imported.report.notes]


def stored_files(folder: Path, column: str) -> list[bytes]:
    """Give the bytes of each row's recording or image, as they lie in the content."""
    media = read_content(folder).media[column]
    facts = pl.read_parquet(folder / media.facts_file)
    blob = (folder / media.blob_file).read_bytes()
    return [
        blob[offset : offset + count]
        for offset, count in facts.select("offset", "bytes").iter_rows()
    ]


CLIPS: dict[str, Content] = {f"c{number}.wav": wav_bytes(number) for number in range(6)}
LABELS = "fname,labels\n" + "".join(
    f"c{number}.wav,{'Bark' if number % 2 else 'Meow'}\n" for number in range(6)
)


@pytest.mark.parametrize("place", ["", "top/", "a/b/c/"])
def test_a_zip_with_index_csv_at_any_depth(tmp_path: Path, place: str) -> None:
    entries = {f"{place}clips/{name}": content for name, content in CLIPS.items()}
    entries[f"{place}index.csv"] = LABELS.replace("\nc", "\nclips\\c")
    entries[f"{place}metadata.json"] = "{}"
    entries[f"{place}.DS_Store"] = "x"
    entries[f"{place}clips/Thumbs.db"] = "x"
    imported = import_files(write_zip(tmp_path / "d.zip", entries), folder=tmp_path / "ds")
    assert types(imported) == {"fname": "audio", "labels": "categorical"}
    assert imported.report.problems == []
    assert notes(imported) == ["data.system_files_skipped"]
    assert stored_files(tmp_path / "ds", "fname") == list(CLIPS.values())
    assert imported.report.delimiter == ","


def test_folders_become_a_feature_and_other_files_are_named(tmp_path: Path) -> None:
    entries: dict[str, Content] = {
        f"pets/{animal}/{number}.png": png_bytes(number + shift)
        for shift, animal in enumerate(("cat", "dog"))
        for number in range(0, 10, 2)
    }
    entries |= {"pets/readme.txt": "hello", "pets/cat/purr.wav": wav_bytes(1)}
    for source in (write_zip(tmp_path / "d.zip", entries), write_folder(tmp_path / "f", entries)):
        folder = tmp_path / f"ds-{source.name}"
        imported = import_files(source, folder=folder)
        assert types(imported) == {"folder": "categorical", "file": "image"}
        assert imported.features[0].classes == ["cat", "dog"]
        assert table(folder)["file"].to_list()[0] == "cat/0.png"
        assert codes(imported) == {
            "pets/cat/purr.wav": "data.file_of_other_kind",
            "pets/readme.txt": "data.file_not_used",
        }
        assert imported.features[1].histogram.labels == ["6 × 4"]


def test_nested_folders_become_several_features(tmp_path: Path) -> None:
    entries: dict[str, Content] = {
        f"{split}/{animal}/{number}.wav": wav_bytes(number)
        for split in ("test", "train")
        for animal in ("cat", "dog")
        for number in range(3)
    }
    entries["train/odd.wav"] = wav_bytes(9)
    folder = tmp_path / "ds"
    imported = import_files(write_folder(tmp_path / "f", entries), folder=folder)
    assert types(imported) == {
        "folder_1": "categorical",
        "folder_2": "categorical",
        "file": "audio",
    }
    assert imported.features[1].missing_rows == 1
    assert table(folder).filter(pl.col("file") == "train/odd.wav")["folder_2"].to_list() == [None]


def test_clips_dropped_together_keep_their_names(tmp_path: Path) -> None:
    imported = import_files(*write_files(tmp_path / "f", CLIPS), folder=tmp_path / "ds")
    assert types(imported) == {"file": "audio"}
    assert table(tmp_path / "ds")["file"].to_list() == list(CLIPS)
    facts = pl.read_parquet(tmp_path / "ds" / "media_0.parquet")
    assert facts["sha256"].to_list() == [
        hashlib.sha256(bytes(content)).hexdigest()  # type: ignore[arg-type]
        for content in CLIPS.values()
    ]
    assert facts["seconds"].to_list() == [0.1] * 6
    assert imported.features[0].histogram.counts[0] == 6


@pytest.mark.parametrize("form", ["folder", "zip beside", "loose", "folder with zip"])
def test_the_form_of_the_competition(tmp_path: Path, form: str) -> None:
    index = "fname,labels\n" + "".join(
        f'c{number}.wav,"{"Bark,Meow" if number % 2 else "Meow"}"\n' for number in range(6)
    )
    index += "lost.wav,Bark\n"
    clips = {**CLIPS, "spare.wav": wav_bytes(70)}
    inside = {f"train_curated/{name}": content for name, content in clips.items()}
    there = {"train_curated.csv": index}
    if form == "folder":
        sources = [write_folder(tmp_path / "in", {**inside, **there})]
    elif form == "zip beside":
        sources = write_files(tmp_path / "in", there)
        sources.append(write_zip(tmp_path / "in" / "train_curated.zip", clips))
    elif form == "folder with zip":
        sources = [write_folder(tmp_path / "in", dict(there))]
        write_zip(tmp_path / "in" / "train_curated.zip", clips)
    else:
        sources = write_files(tmp_path / "in", {**there, **clips})
    imported = import_files(*sources, folder=tmp_path / "ds")
    assert types(imported) == {"fname": "audio", "labels": "multi_label"}
    assert imported.features[1].classes == ["Bark", "Meow"]
    assert imported.rows == 6
    assert sorted(code for code in codes(imported).values()) == [
        "data.file_missing",
        "data.file_not_in_index",
    ]
    assert "lost.wav" in codes(imported)


def test_a_name_that_could_be_two_files_is_told(tmp_path: Path) -> None:
    entries: dict[str, Content] = {
        "labels.csv": "fname,y\na.wav,1\nb.wav,0\nx/a.wav,1\n",
        "x/a.wav": wav_bytes(1),
        "y/a.wav": wav_bytes(2),
        "y/b.wav": wav_bytes(3),
    }
    imported = import_files(write_folder(tmp_path / "f", entries), folder=tmp_path / "ds")
    assert table(tmp_path / "ds")["fname"].to_list() == ["b.wav", "x/a.wav"]
    assert codes(imported) == {
        "a.wav": "data.file_ambiguous",
        "y/a.wav": "data.file_not_in_index",
    }


def test_a_csv_and_a_parquet_file_alone(tmp_path: Path) -> None:
    (csv,) = write_files(tmp_path / "f", {"animals.csv": "\ufeffname;legs\ndog;4\nhen;2\ncat;4\n"})
    imported = import_files(csv, folder=tmp_path / "csv")
    assert (imported.rows, imported.report.delimiter) == (3, ";")
    assert table(tmp_path / "csv").to_dict(as_series=False) == {
        "name": ["dog", "hen", "cat"],
        "legs": [4, 2, 4],
    }
    sources = pl.read_parquet(tmp_path / "csv" / "sources.parquet")
    assert sources.rows() == [("animals.csv", 2), ("animals.csv", 3), ("animals.csv", 4)]
    path = tmp_path / "animals.parquet"
    table(tmp_path / "csv").write_parquet(path)
    again = import_files(path, folder=tmp_path / "parquet")
    assert table(tmp_path / "parquet").equals(table(tmp_path / "csv"))
    assert again.report.delimiter is None


def test_an_npy_alone_has_a_row_per_place_on_its_first_axis(tmp_path: Path) -> None:
    values = np.random.default_rng(1).normal(size=(50, 3, 4))
    values[7, 1, 1] = np.nan
    for order in ("C", "F"):
        (path,) = write_files(tmp_path / order, {"x.npy": npy_bytes(np.array(values, order=order))})
        imported = import_files(path, folder=tmp_path / f"ds{order}")
        assert imported.rows == 49
        assert codes(imported) == {"x.npy: 8": "data.npy_not_finite"}
        stored = np.load(tmp_path / f"ds{order}" / "tensor_0.npy")
        np.testing.assert_array_equal(stored, np.delete(values, 7, axis=0).astype("f4"))
    (path,) = write_files(tmp_path / "one", {"y.npy": npy_bytes(np.array([1.5, np.nan, 3.0]))})
    imported = import_files(path, folder=tmp_path / "ds1")
    assert types(imported) == {"y": "numeric"}
    assert imported.features[0].missing_rows == 1


def test_files_of_equal_length_are_joined_row_by_row(tmp_path: Path) -> None:
    frame = pl.DataFrame({"size": [1.5, 2.5, 3.5, 4.5]})
    entries: dict[str, Content] = {
        "labels.csv": "animal\ncat\ndog\ncat\ndog\n",
        "x.npy": npy_bytes(np.arange(24, dtype="f4").reshape(4, 3, 2)),
        "age.npy": npy_bytes(np.array([1, 2, 3, 4], dtype="i8")),
    }
    sources = write_files(tmp_path / "f", entries)
    frame.write_parquet(tmp_path / "f" / "sizes.parquet")
    imported = import_files(*sources, tmp_path / "f" / "sizes.parquet", folder=tmp_path / "ds")
    assert types(imported) == {
        "animal": "categorical",
        "size": "numeric",
        "age": "numeric",
        "x": "tensor",
    }
    assert table(tmp_path / "ds")["x"].to_list() == [f"x.npy[{row}]" for row in range(4)]
    assert np.load(tmp_path / "ds" / "tensor_0.npy")[3].tolist() == [[18, 19], [20, 21], [22, 23]]
    together = import_files(
        write_zip(
            tmp_path / "xy.zip", {"d/x.npy": entries["x.npy"], "d/age.npy": entries["age.npy"]}
        ),
        folder=tmp_path / "zip",
    )
    assert types(together) == {"age": "numeric", "x": "tensor"}
    assert notes(together) == ["data.arrays_read_as_columns"]


def test_files_that_cannot_be_joined_say_why(tmp_path: Path) -> None:
    entries: dict[str, Content] = {
        "labels.csv": "animal\ncat\ndog\ncat\n",
        "x.npy": npy_bytes(np.zeros((4, 3, 2), "f4")),
    }
    told = refused(*write_files(tmp_path / "a", entries))
    assert told.problem.code == "data.lengths_differ"
    assert "labels.csv: 3" in told.problem.message
    assert "x.npy: 4" in told.problem.message
    entries["labels.csv"] = "animal,x\ncat,1\ndog,2\ncat,3\nhen,4\n"
    assert refused(*write_files(tmp_path / "b", entries)).problem.code == "data.columns_clash"
    entries["labels.csv"] = "animal,y\ncat,1\ndog\ncat,3\nhen,4\n"
    told = refused(*write_files(tmp_path / "c", entries))
    assert told.problem.code == "data.broken_row_side_by_side"
    (single,) = write_files(tmp_path / "d", {"x.npy": npy_bytes(np.array(3.0))})
    assert refused(single).problem.code == "data.npy_without_rows"


def test_npy_files_of_one_shape_in_folders_are_a_row_each(tmp_path: Path) -> None:
    entries: dict[str, Content] = {
        f"{name}/{number}.npy": npy_bytes(np.full((2, 3), number, "f4"))
        for name in ("a", "b")
        for number in range(5)
    }
    imported = import_files(write_zip(tmp_path / "d.zip", entries), folder=tmp_path / "ds")
    assert types(imported) == {"folder": "categorical", "file": "tensor"}
    assert imported.rows == 10
    flat = {name.replace("/", "_"): content for name, content in entries.items()}
    imported = import_files(write_zip(tmp_path / "e.zip", flat), folder=tmp_path / "flat")
    assert types(imported) == {"file": "tensor"}
    assert notes(imported) == ["data.arrays_read_as_rows"]
    vectors = {f"{number}.npy": npy_bytes(np.full(3, number, "f4")) for number in range(5)}
    imported = import_files(write_zip(tmp_path / "v.zip", {**vectors}), folder=tmp_path / "v")
    assert (imported.rows, imported.features[0].shape) == (5, [3])


def test_silence_and_arrays_of_zeros_come_in_however_small_they_were_packed(
    tmp_path: Path,
) -> None:
    """Deflate packs zeros a thousandfold: such a ratio is no sign of a bomb."""
    silence = wav_bytes(0, samples=30 * 44_100, rate_hz=44_100, amplitude=0)
    clips = {f"clips/{name}": content for name, content in CLIPS.items()}
    path = write_zip(tmp_path / "clips.zip", {**clips, "clips/silent.wav": silence})
    imported = import_files(path, folder=tmp_path / "ds")
    assert (imported.rows, imported.report.problems) == (7, [])
    assert stored_files(tmp_path / "ds", "file")[-1] == silence
    arrays: dict[str, Content] = {
        f"{fill}.npy": npy_bytes(np.full((512, 512, 3), fill, "f4")) for fill in range(3)
    }
    imported = import_files(write_zip(tmp_path / "x.zip", arrays), folder=tmp_path / "npy")
    assert (imported.rows, imported.report.problems) == (3, [])


def test_an_entry_too_large_for_any_value_is_one_line_of_the_report(tmp_path: Path) -> None:
    packer = zlib.compressobj(9, wbits=-15)
    packed = packer.compress(b"\0" * (1 << 20)) + packer.flush()
    swollen = Entry(b"big.wav", b"", method=8, packed=packed, size=3 << 30)
    entries = [Entry(name.encode(), bytes(clip)) for name, clip in CLIPS.items()]  # type: ignore[arg-type]
    path = tmp_path / "d.zip"
    path.write_bytes(build([*entries, swollen]))
    imported = import_files(path, folder=tmp_path / "ds")
    assert imported.rows == 6
    assert codes(imported) == {"big.wav": "data.entry_swells"}
    assert "3.2 GB" in imported.report.problems[0].problem.message


def competition_files() -> dict[str, Content]:
    """Give what Kaggle gives: clips, their labels, and a template of the submission."""
    entries: dict[str, Content] = {f"train_curated/{name}": clip for name, clip in CLIPS.items()}
    entries["train_curated.csv"] = LABELS
    entries["sample_submission.csv"] = "fname,Bark,Meow\nx.wav,0,0\ny.wav,0,0\n"
    return entries


@pytest.mark.parametrize("form", ["zip", "folder", "loose"])
def test_the_table_that_names_the_files_makes_the_rows(tmp_path: Path, form: str) -> None:
    entries = competition_files()
    entries["train_noisy.csv"] = "fname,labels\nn1.wav,Bark\nn2.wav,Meow\n"
    if form == "zip":
        sources = [write_zip(tmp_path / "d.zip", entries)]
    elif form == "folder":
        sources = [write_folder(tmp_path / "f", entries)]
    else:
        loose = {name.removeprefix("train_curated/"): each for name, each in entries.items()}
        sources = write_files(tmp_path / "f", loose)
    imported = import_files(*sources, folder=tmp_path / "ds")
    assert types(imported) == {"fname": "audio", "labels": "categorical"}
    assert imported.rows == 6
    assert codes(imported) == {"train_noisy.csv": "data.table_not_used"}
    assert "train_curated.csv" in imported.report.problems[0].problem.message


def test_the_sample_of_a_submission_is_a_remark_and_nothing_that_was_left_out(
    tmp_path: Path,
) -> None:
    entries = {f"birds/{name}": content for name, content in competition_files().items()}
    imported = import_files(write_zip(tmp_path / "d.zip", entries), folder=tmp_path / "ds")
    assert (imported.report.problems, imported.report.problem_count) == ([], 0)
    told = next(each for each in imported.report.notes if each.code == "data.submission_sample")
    assert told.message == (
        "birds/sample_submission.csv is a sample submission, so it makes no rows; "
        "they were made from birds/train_curated.csv."
    )
    assert "类别的顺序" in in_language(told, "zh").fix


def test_a_table_that_only_has_the_name_of_a_sample_is_told_as_any_other(tmp_path: Path) -> None:
    entries = competition_files()
    entries["other/sample_submission.csv"] = entries.pop("sample_submission.csv")
    imported = import_files(write_zip(tmp_path / "d.zip", entries), folder=tmp_path / "ds")
    assert codes(imported) == {"other/sample_submission.csv": "data.table_not_used"}


def test_two_tables_that_name_files_are_asked_about_and_the_choice_is_kept(tmp_path: Path) -> None:
    entries = competition_files()
    entries |= {"train_noisy/n1.wav": wav_bytes(11), "train_noisy/n2.wav": wav_bytes(12)}
    entries["train_noisy.csv"] = "fname,labels\nn1.wav,Bark\nn2.wav,Meow\n"
    source = write_zip(tmp_path / "d.zip", entries)
    told = refused(source).problem
    assert told.code == "data.several_tables"
    assert told.params["choices"] == [
        "train_curated.csv",
        "train_noisy.csv",
        "sample_submission.csv",
    ]
    chosen = ImportOptions(table="train_noisy.csv")
    imported = import_files(source, folder=tmp_path / "ds", options=chosen)
    assert (imported.rows, types(imported)["fname"]) == (2, "audio")
    told = refused(source, options=ImportOptions(table="other.csv")).problem
    assert told.code == "data.table_not_there"
    assert "train_noisy.csv" in told.message


def test_notes_on_each_clip_make_no_rows_where_a_table_at_the_top_names_the_clips(
    tmp_path: Path,
) -> None:
    entries: dict[str, Content] = {f"clips/{name}": clip for name, clip in CLIPS.items()}
    entries |= {f"notes/{name}.csv": f"second,file\n0.5,{name}\n" for name in CLIPS}
    entries["labels.csv"] = LABELS
    imported = import_files(write_zip(tmp_path / "d.zip", entries), folder=tmp_path / "ds")
    assert imported.rows == 6
    assert set(codes(imported).values()) == {"data.table_not_used"}


def test_a_table_in_a_folder_goes_before_one_at_the_top_that_names_nothing(tmp_path: Path) -> None:
    entries: dict[str, Content] = {f"data/clips/{name}": clip for name, clip in CLIPS.items()}
    entries |= {"data/labels.csv": LABELS, "prices.csv": "item,price\nbook,3\n"}
    imported = import_files(write_zip(tmp_path / "d.zip", entries), folder=tmp_path / "ds")
    assert types(imported)["fname"] == "audio"
    assert codes(imported) == {"prices.csv": "data.table_not_used"}


def test_tables_without_files_are_listed_and_none_is_chosen(tmp_path: Path) -> None:
    entries: dict[str, Content] = {"train.csv": "a\n1\n", "test.csv": "a\n2\n"}
    for source in (write_zip(tmp_path / "d.zip", entries), write_folder(tmp_path / "f", entries)):
        told = refused(source)
        assert told.problem.code == "data.several_tables"
        assert "train.csv" in told.problem.message
        assert set(told.problem.params["choices"]) == {"test.csv", "train.csv"}
    two: dict[str, Content] = {"a/index.csv": "x\n1\n", "b/index.csv": "x\n2\n"}
    told = refused(write_zip(tmp_path / "two.zip", two))
    assert told.problem.params["choices"] == ["a/index.csv", "b/index.csv"]
    chosen = ImportOptions(table="b/index.csv")
    imported = import_files(tmp_path / "two.zip", folder=tmp_path / "ds", options=chosen)
    assert imported.rows == 1


def test_a_folder_of_this_machine_tells_of_links_zips_and_doubles(tmp_path: Path) -> None:
    entries: dict[str, Content] = {f"a/{name}": content for name, content in CLIPS.items()}
    folder = write_folder(tmp_path / "f", entries)
    (folder / "elsewhere").symlink_to(tmp_path)
    (folder / "gone.wav").symlink_to(tmp_path / "nothing")
    write_zip(folder / "old.zip", {"x.wav": wav_bytes(1)})
    imported = import_files(folder, folder=tmp_path / "ds")
    assert imported.rows == 6
    assert codes(imported) == {
        "elsewhere": "data.link_not_followed",
        str(folder / "gone.wav"): "data.no_regular_file",
        "old.zip": "data.archive_inside",
    }
    clip = folder / "a" / "c0.wav"
    twice = import_files(clip, clip, folder=tmp_path / "twice")
    assert codes(twice) == {"c0.wav": "data.file_given_twice"}
    missing = refused(tmp_path / "nothing.csv")
    assert missing.problem.code == "data.cannot_open"


def test_limits_hold_for_folders_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_folder(tmp_path / "f", CLIPS)
    for name, value, code in [
        ("MAX_EXPANDED_BYTES", "3000", "data.archive_too_large"),
        ("MAX_ARCHIVE_ENTRIES", "3", "data.archive_too_many_entries"),
    ]:
        with monkeypatch.context() as settings:
            settings.setenv(f"BLOCKWRIGHT_{name}", value)
            assert refused(folder).problem.code == code
    (path,) = write_files(tmp_path / "n", {"x.npy": npy_bytes(np.zeros((9, 2), "f4"))})
    monkeypatch.setenv("BLOCKWRIGHT_MAX_ROWS", "8")
    assert refused(path).problem.code == "data.index_too_long"


def test_a_row_without_the_name_of_its_file_is_told_as_that(tmp_path: Path) -> None:
    entries = {**CLIPS, "labels.csv": LABELS + ",Bark\n"}
    imported = import_files(write_zip(tmp_path / "d.zip", entries), folder=tmp_path / "ds")
    (told,) = imported.report.problems
    assert told.problem.code == "data.file_cell_empty"
    assert told.problem.params == {"column": "fname"}


def test_media_that_cannot_be_read_are_named_with_the_reason(tmp_path: Path) -> None:
    entries = {f"clips/{name}": content for name, content in CLIPS.items()}
    entries |= {"clips/cut.wav": bytes(CLIPS["c0.wav"])[:30], "clips/text.wav": "no sound"}  # type: ignore[arg-type]
    entries["picture.png"] = png_bytes(1)
    entries["labels.csv"] = LABELS + "cut.wav,Bark\ntext.wav,Bark\npicture.png,Bark\nnothing,Bark\n"
    for source in (write_zip(tmp_path / "d.zip", entries), write_folder(tmp_path / "f", entries)):
        folder = tmp_path / f"ds-{source.name}"
        imported = import_files(source, folder=folder)
        assert imported.rows == 6
        told = codes(imported)
        assert set(told) == {"cut.wav", "text.wav", "picture.png", "nothing"}
        assert told["cut.wav"].split(".")[0] in {"audio", "media"}
        assert told["picture.png"] == "data.file_of_other_kind"
        assert told["nothing"] == "data.not_a_file_path"
        assert stored_files(folder, "fname") == list(CLIPS.values())
        assert {path.name for path in folder.iterdir()} == {
            "rows.parquet",
            "sources.parquet",
            "identities.npy",
            "media_0.bin",
            "media_0.parquet",
            "dataset.json",
            "import-report.json",
            "import-problems.jsonl",
        }
