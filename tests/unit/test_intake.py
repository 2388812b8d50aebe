"""A dataset zip comes in whole, or says by name what did not and why."""

from __future__ import annotations

import io
import os
import shutil
import signal
import stat
import subprocess
import sys
import textwrap
import time
import warnings
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from blockwright.contracts.audio import SpectrogramSettings
from blockwright.contracts.data import ImportReport
from blockwright.contracts.problems import BlockwrightError
from blockwright.contracts.work import Progress
from blockwright.datasets.folder import whole_folder
from blockwright.datasets.intake import run_import
from blockwright.datasets.npy import read_header
from tests.support.dataset_zips import (
    RecordingSink,
    import_plan,
    import_zip,
    index_text,
    npy_bytes,
    small_entries,
    write_zip,
)
from tests.support.media_files import wav_bytes


def problems_by_item(report: ImportReport) -> dict[str, str]:
    return {item.item: item.problem.code for item in report.problems}


def refused(tmp_path: Path, source: Path) -> BlockwrightError:
    """Import, expect a refusal of the whole file, and nothing left behind."""
    goal = tmp_path / "datasets" / "ds_1"
    with pytest.raises(BlockwrightError) as caught:
        run_import(import_plan(source, folder=goal), RecordingSink())
    assert not goal.exists()
    assert not goal.parent.exists() or list(goal.parent.iterdir()) == []
    assert source.exists()
    return caught.value


def test_a_good_zip_comes_in_whole_and_in_order(tmp_path: Path) -> None:
    settings = SpectrogramSettings(mel_bands=8, frames=6)
    entries = small_entries(20, labels=("Bark", "Fill_(with_liquid)", "Hi-hat"))
    entries["preprocessing.json"] = (
        '{"format": 1, "spectrogram": ' + settings.model_dump_json() + "}"
    )
    sink = RecordingSink()
    folder = tmp_path / "ds"
    imported = import_zip(write_zip(tmp_path / "dataset.zip", entries), folder, sink)

    assert imported.rows == imported.report.rows_taken == imported.report.rows_found == 20
    assert imported.report.problem_count == 0
    assert imported.report.files_found == 22
    assert [f.name for f in imported.features] == ["fname", "Bark", "Fill_(with_liquid)", "Hi-hat"]
    assert [f.type for f in imported.features] == ["tensor", "binary", "binary", "binary"]
    fname = imported.features[0]
    assert fname.shape == [8, 6]
    assert fname.spectrogram == settings
    assert sum(fname.histogram.counts) == 20 * 48
    assert imported.features[1].histogram.counts == [10, 10]
    stored = np.load(folder / "tensor_0.npy", mmap_mode="r", allow_pickle=False)
    assert stored.shape == (20, 8, 6)
    assert stored.dtype == np.float32
    with zipfile.ZipFile(tmp_path / "dataset.zip") as archive:
        for row in range(20):
            with archive.open(f"clips/c{row:04d}.npy") as file:
                np.testing.assert_array_equal(stored[row], np.load(file))
    rows = pl.read_parquet(folder / "rows.parquet")
    assert rows["fname"].to_list() == [f"clips/c{n:04d}.npy" for n in range(20)]
    assert isinstance(sink.last(Progress), Progress)
    assert sink.last(Progress).done_units == 20


def test_index_in_one_folder_with_a_byte_order_mark_and_other_slashes(tmp_path: Path) -> None:
    entries = small_entries(4)
    moved = {f"Audio/{name}": content for name, content in entries.items()}
    text = str(moved["Audio/index.csv"]).replace("clips/c0001", ".\\clips\\c0001")
    moved["Audio/index.csv"] = "\ufeff" + text
    moved["__MACOSX/Audio/._index.csv"] = "x"
    imported = import_zip(write_zip(tmp_path / "d.zip", moved), tmp_path / "ds")
    assert imported.rows == 4
    assert imported.features[0].name == "fname"
    assert [note.code for note in imported.report.notes] == ["data.system_files_skipped"]


def test_every_row_that_is_not_taken_is_named_with_its_reason(tmp_path: Path) -> None:
    entries = small_entries(20)
    good = np.zeros((8, 6), "f4")
    bad = good.copy()
    bad[3, 3] = np.nan
    faults: dict[str, bytes | None] = {
        "corrupt.npy": npy_bytes(good)[:-7],
        "noise.npy": b"not numbers at all",
        "empty.npy": b"",
        "object.npy": npy_bytes(np.array([{"a": 1}, None], dtype=object), allow_pickle=True),
        "words.npy": npy_bytes(np.array(["a", "b"])),
        "shape.npy": npy_bytes(np.zeros((6, 8), "f4")),
        "nan.npy": npy_bytes(bad),
        "huge.npy": npy_bytes(np.full((8, 6), 1e300)),
        "missing.npy": None,
    }
    index = str(entries["index.csv"])
    for name, content in faults.items():
        index += f"{name},0,1\n"
        if content is not None:
            entries[name] = content
    entries["three.npy"] = npy_bytes(good)
    entries["left_out.npy"] = npy_bytes(good)
    index += "three.npy,0,2\n" + "clips/c0003.npy,0,1\n" + "clips/c0004.npy,0\n"
    entries["index.csv"] = index
    imported = import_zip(write_zip(tmp_path / "d.zip", entries), tmp_path / "ds")

    assert problems_by_item(imported.report) == {
        "corrupt.npy": "data.npy_corrupt",
        "noise.npy": "data.npy_corrupt",
        "empty.npy": "data.npy_corrupt",
        "object.npy": "data.npy_not_numbers",
        "words.npy": "data.npy_not_numbers",
        "shape.npy": "data.other_shape",
        "nan.npy": "data.npy_not_finite",
        "huge.npy": "data.npy_not_finite",
        "missing.npy": "data.file_missing",
        "three.npy": "data.label_not_0_or_1",
        "clips/c0003.npy": "data.file_named_twice",
        "index.csv: 33": "data.line_cells",
        "left_out.npy": "data.file_not_in_index",
    }
    assert imported.rows == 20
    assert imported.report.rows_found == 32
    assert np.load(tmp_path / "ds" / "tensor_0.npy").shape == (20, 8, 6)
    told = {item.problem.code: item.problem.message for item in imported.report.problems}
    assert "6 × 8" in told["data.other_shape"]
    assert "8 × 6" in told["data.other_shape"]


def labelled(columns: dict[str, list[str]]) -> dict[str, bytes | str]:
    """Give the entries of a zip with ten tensors and these columns."""
    clips = [f"c{number}.npy" for number in range(10)]
    rows = zip(clips, *columns.values(), strict=True)
    index = "".join(",".join(row) + "\n" for row in [("fname", *columns), *rows])
    pictures = {clip: npy_bytes(np.zeros((4, 4), "f4")) for clip in clips}
    return {"index.csv": index, **pictures}


def test_labels_that_are_not_0_or_1_are_never_taken_in_silence(tmp_path: Path) -> None:
    entries = labelled({"a": [*"010101012", "0"], "b": [*"101010x01", "0"]})
    imported = import_zip(write_zip(tmp_path / "d.zip", entries), tmp_path / "ds")

    types = {feature.name: feature.type for feature in imported.features}
    assert types == {"fname": "tensor", "a": "numeric", "b": "binary"}
    assert problems_by_item(imported.report) == {"c6.npy": "data.label_not_0_or_1"}
    (note,) = imported.report.notes
    assert note.code == "data.column_nearly_binary"
    assert note.params == {
        "column": "a",
        "count": 9,
        "rows": 10,
        "words": "“2” (1)",
        "line": 10,
    }


def test_numbers_that_are_mostly_0_and_1_lose_no_row(tmp_path: Path) -> None:
    entries = labelled({"siblings": [*"0110100132"]})
    imported = import_zip(write_zip(tmp_path / "d.zip", entries), tmp_path / "ds")
    assert imported.rows == 10
    assert imported.features[1].type == "numeric"
    assert [note.code for note in imported.report.notes] == ["data.column_nearly_binary"]


def test_the_shape_of_most_files_counts_even_when_the_first_is_odd(tmp_path: Path) -> None:
    entries = small_entries(5)
    entries["clips/c0000.npy"] = npy_bytes(np.zeros((2, 2), "f4"))
    imported = import_zip(write_zip(tmp_path / "d.zip", entries), tmp_path / "ds")
    assert imported.features[0].shape == [8, 6]
    assert problems_by_item(imported.report) == {"clips/c0000.npy": "data.other_shape"}


def test_other_number_types_and_orders_become_float32(tmp_path: Path) -> None:
    whole = np.arange(48, dtype="i2").reshape(8, 6)
    arrays = [whole, np.asfortranarray(whole.astype(">f8")), whole.astype("u1")]
    entries: dict[str, bytes | str] = {f"{n}.npy": npy_bytes(a) for n, a in enumerate(arrays)}
    entries["index.csv"] = index_text(["y"], [[f"{n}.npy", "1.5"] for n in range(3)])
    imported = import_zip(write_zip(tmp_path / "d.zip", entries), tmp_path / "ds")
    assert imported.features[1].type == "numeric"
    stored = np.load(tmp_path / "ds" / "tensor_0.npy")
    for row in stored:
        np.testing.assert_array_equal(row, whole)


def test_columns_are_typed(tmp_path: Path) -> None:
    rows = [[f"{n}.npy", str(n * 0.5), "cat" if n % 2 else "dog", f"note {n}"] for n in range(10)]
    entries: dict[str, bytes | str] = {f"{n}.npy": npy_bytes(np.ones(3, "f4")) for n in range(10)}
    rows[4][1] = ""
    entries["bark.WAV"] = b"RIFF"
    entries["index.csv"] = index_text(["size", "animal", "note"], rows)
    imported = import_zip(write_zip(tmp_path / "d.zip", entries), tmp_path / "ds")
    _, size, animal, note = imported.features
    assert (size.type, size.missing_rows) == ("numeric", 1)
    assert (animal.type, animal.classes, animal.shape) == ("categorical", ["cat", "dog"], [2])
    assert animal.histogram.counts == [5, 5]
    assert note.type == "text"
    assert [remark.code for remark in imported.report.notes] == ["data.column_has_gaps"]
    assert problems_by_item(imported.report) == {"bark.WAV": "data.file_not_in_index"}


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ({}, "data.archive_empty"),
        ({"readme.txt": "hello"}, "data.no_index"),
        ({"a/index.csv": "x\n1\n", "b/index.csv": "x\n1\n"}, "data.several_indexes"),
        ({"index.csv": ""}, "data.index_empty"),
        ({"index.csv": "fname,Bark\n"}, "data.index_no_rows"),
        ({"index.csv": "fname,Bark,Bark\na.npy,0,1\n"}, "data.index_duplicate_column"),
        ({"index.csv": "fname,,Bark\na.npy,0,1\n"}, "data.index_column_without_name"),
        ({"index.csv": b"fname,B\xe9\na.npy,0\n"}, "data.table_not_utf8"),
        ({"index.csv": 'fname,Bark\n"a.npy,0\n'}, "data.index_unreadable"),
        ({"index.csv": "fname,Bark\na.npy,0\n", "b.npy": ""}, "data.no_row_taken"),
        ({"index.csv": "x\n1\n", "../x": "evil"}, "data.archive_unsafe_name"),
        ({"index.csv": "x\n1\n", "a/../../x": "evil"}, "data.archive_unsafe_name"),
        ({"index.csv": "x\n1\n", "..\\x": "evil"}, "data.archive_unsafe_name"),
        ({"index.csv": "x\n1\n", "/etc/x": "evil"}, "data.archive_unsafe_name"),
        ({"index.csv": "x\n1\n", "C:/x": "evil"}, "data.archive_unsafe_name"),
        (
            {"index.csv": "x\n1\n", "caf\u00e9": "1", "cafe\u0301": "2"},
            "data.archive_duplicate_entry",
        ),
    ],
)
def test_a_file_that_cannot_be_read_as_a_whole_says_why(
    tmp_path: Path, entries: dict[str, bytes | str], code: str
) -> None:
    caught = refused(tmp_path, write_zip(tmp_path / "dataset.zip", entries))
    assert caught.problem.code == code
    assert caught.problem.message
    assert caught.problem.fix


def test_a_doubled_name_is_refused(tmp_path: Path) -> None:
    with warnings.catch_warnings(), zipfile.ZipFile(tmp_path / "d.zip", "w") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("index.csv", "x\n1\n")
        archive.writestr("index.csv", "x\n2\n")
    assert refused(tmp_path, tmp_path / "d.zip").problem.code == "data.archive_duplicate_entry"


def test_names_that_differ_in_capitals_alone_are_different_files(tmp_path: Path) -> None:
    entries = {
        f"{folder}/{n}.wav": wav_bytes(10 * ord(folder) + n) for folder in "AaBb" for n in (1, 2)
    }
    content = tmp_path / "content"
    imported = import_zip(write_zip(tmp_path / "d.zip", {**entries}), content)
    assert (imported.rows, imported.report.problems) == (8, [])
    (folders,) = [each for each in imported.features if each.name == "folder"]
    assert folders.classes == ["A", "B", "a", "b"]
    facts = pl.read_parquet(content / "media_0.parquet")
    assert facts["sha256"].n_unique() == 8


def test_a_link_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as archive:
        archive.writestr("index.csv", "fname\na.npy\n")
        link = zipfile.ZipInfo("a.npy")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert refused(tmp_path, tmp_path / "d.zip").problem.code == "data.archive_link"


def test_a_nul_in_a_name_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "d.zip", {"index.csv": "x\n1\n", "aXb.npy": "1"})
    path.write_bytes(path.read_bytes().replace(b"aXb.npy", b"a\0b.npy"))
    assert refused(tmp_path, path).problem.code == "data.archive_unsafe_name"


def test_an_encrypted_entry_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "d.zip", {"index.csv": "x\n1\n"})
    content = bytearray(path.read_bytes())
    central = content.index(b"PK\x01\x02")
    content[central + 8] |= 1
    path.write_bytes(content)
    assert refused(tmp_path, path).problem.code == "data.archive_encrypted"


def test_overlapping_entries_are_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "d.zip", {"index.csv": "x\n1\n", "b.npy": b"b" * 500})
    content = bytearray(path.read_bytes())
    second = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 4)
    content[second + 42 : second + 46] = (0).to_bytes(4, "little")
    path.write_bytes(content)
    assert refused(tmp_path, path).problem.code == "data.archive_overlap"


def test_something_that_is_no_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "dataset.zip"
    path.write_bytes(b"fname,Bark\n")
    assert refused(tmp_path, path).problem.code == "data.not_a_zip"
    whole = write_zip(tmp_path / "whole.zip", small_entries(5)).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert refused(tmp_path, path).problem.code == "data.not_a_zip"


def test_too_much_of_everything_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_zip(tmp_path / "d.zip", small_entries(5))
    for name, value, code in [
        ("MAX_EXPANDED_BYTES", "300", "data.archive_too_large"),
        ("MAX_ARCHIVE_ENTRIES", "3", "data.archive_too_many_entries"),
        ("MAX_ROWS", "4", "data.index_too_long"),
        ("MAX_COLUMNS", "2", "data.index_too_wide"),
    ]:
        with monkeypatch.context() as settings:
            settings.setenv(f"BLOCKWRIGHT_{name}", value)
            assert refused(tmp_path, path).problem.code == code


def test_a_member_damaged_in_the_zip_loses_only_its_row(tmp_path: Path) -> None:
    path = tmp_path / "d.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in small_entries(6).items():
            archive.writestr(name, content)
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        place = archive.getinfo("clips/c0002.npy").header_offset
    content[place + 30 + len("clips/c0002.npy") + 200] ^= 0xFF
    path.write_bytes(content)
    imported = import_zip(path, tmp_path / "ds")
    assert problems_by_item(imported.report) == {"clips/c0002.npy": "data.file_damaged"}
    assert imported.rows == 5


def test_a_damaged_index_refuses_the_zip(tmp_path: Path) -> None:
    path = tmp_path / "d.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("index.csv", "name,size\nhen,1\ndog,2\n")
    path.write_bytes(path.read_bytes().replace(b"hen,1", b"cat,9"))
    assert refused(tmp_path, path).problem.code == "data.index_damaged"


def test_cells_that_name_no_file_and_broken_settings_are_told(tmp_path: Path) -> None:
    entries = small_entries(5)
    entries["index.csv"] = str(entries["index.csv"]) + "no path,0,1\n"
    entries["preprocessing.json"] = '{"spectrogram": 3}'
    imported = import_zip(write_zip(tmp_path / "d.zip", entries), tmp_path / "ds")
    assert problems_by_item(imported.report) == {"no path": "data.not_an_npy_path"}
    assert [note.code for note in imported.report.notes] == ["data.preprocessing_unreadable"]


def test_stop_leaves_nothing(tmp_path: Path) -> None:
    source = write_zip(tmp_path / "d.zip", small_entries(5))
    goal = tmp_path / "datasets" / "ds"
    outcome = run_import(import_plan(source, folder=goal), RecordingSink(stop_after_events=1))
    assert outcome == "stopped"
    assert list(goal.parent.iterdir()) == []


IMPORT_AND_TELL = """
from pathlib import Path
from blockwright.contracts.problems import BlockwrightError
from blockwright.datasets.intake import run_import
from blockwright.datasets.npy import read_header
from tests.support.dataset_zips import RecordingSink, import_plan
try:
    run_import(import_plan(Path({source!r}), folder=Path({goal!r})), RecordingSink())
except BlockwrightError as reason:
    print(reason.problem.code, *Path({goal!r}).parent.iterdir())
"""


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    """On a real disk of 1 MB, made in a name space of its own.

    Some 960 kB of numbers fit the free space by themselves, but not with the table beside
    them; 4 MB are told ahead.
    """
    small_disk = tmp_path / "disk"
    small_disk.mkdir()
    inside = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    mount = f"mount -t tmpfs -o size=1m none {small_disk}"
    if shutil.which("unshare") is None or subprocess.run([*inside, mount], check=False).returncode:
        pytest.skip("NOT TESTED: a full disk, as this machine lets no user mount a tmpfs")
    for rows, code in ((250, "data.disk_full_ahead"), (60, "data.disk_full")):
        source = write_zip(tmp_path / f"{rows}.zip", small_entries(rows, shape=(64, 64)))
        script = IMPORT_AND_TELL.format(source=str(source), goal=str(small_disk / "ds"))
        (tmp_path / "script.py").write_text(script)
        fill = f"head -c 53248 /dev/zero > {small_disk}/other" if rows == 60 else "true"
        path = os.pathsep.join([str(Path.cwd()), *sys.path])
        run = f"PYTHONPATH={path} {sys.executable} {tmp_path / 'script.py'}"
        told = subprocess.run(
            [*inside, f"{mount} && {fill} && {run}"], capture_output=True, text=True, check=True
        )
        assert told.stdout.split()[0] == code, told.stderr
        assert not [name for name in told.stdout.split()[1:] if "ds" in Path(name).name]


def test_a_file_system_of_small_files_is_told(tmp_path: Path) -> None:
    """As on a FAT32 drive, whose files end at 4 GB; here at 1 MB."""
    goal = tmp_path / "datasets" / "ds"
    source = write_zip(tmp_path / "d.zip", small_entries(400, shape=(64, 64)))
    limit = "import resource, signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    limit += "resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))"
    script = limit + IMPORT_AND_TELL.format(source=str(source), goal=str(goal))
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["data.file_too_large_for_disk"], told.stderr


def test_kill_during_import_then_again(tmp_path: Path) -> None:
    source = write_zip(tmp_path / "d.zip", small_entries(600, shape=(32, 32)))
    goal = tmp_path / "datasets" / "ds"
    script = f"""
        from pathlib import Path
        from tests.support.dataset_zips import import_zip
        import_zip(Path({str(source)!r}), Path({str(goal)!r}))
    """
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)])
    while process.poll() is None and not list(goal.parent.glob(".ds.*.tmp/tensor_0.npy")):
        time.sleep(0.001)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not goal.exists() or np.load(goal / "tensor_0.npy").shape == (600, 32, 32)
    assert import_zip(source, goal).rows == 600
    assert [path.name for path in goal.parent.iterdir()] == ["ds"]


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    def peak_bytes(rows: int) -> int:
        source = write_zip(tmp_path / f"{rows}.zip", small_entries(rows, shape=(48, 48)))
        script = f"""
            import tracemalloc
            from pathlib import Path
            from tests.support.dataset_zips import import_zip
            tracemalloc.start()
            import_zip(Path({str(source)!r}), Path({str(tmp_path / f"ds{rows}")!r}))
            print(tracemalloc.get_traced_memory()[1])
        """
        told = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(script)],
            capture_output=True,
            text=True,
            check=True,
        )
        return int(told.stdout)

    few, many = peak_bytes(1_000), peak_bytes(4_000)
    # 3,000 more rows are 28 MB of numbers; what may grow is names and labels.
    assert many - few < 8_000_000


def test_whole_folder_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    goal = tmp_path / "x"
    for text in ("one", "two"):
        with whole_folder(goal) as folder:
            (folder / "a").write_text(text)
    assert (goal / "a").read_text() == "two"


def test_headers_are_read_by_many_threads_at_once() -> None:
    """CPython 3.11 fails now and then when two threads parse Python literals together."""
    files = [npy_bytes(np.zeros((1, 1 + number), "f4")) for number in range(2_000)]

    def shape_of(content: bytes) -> tuple[int, ...]:
        return read_header(io.BytesIO(content), "x.npy", len(content)).shape

    with ThreadPoolExecutor(8) as threads:
        shapes = list(threads.map(shape_of, files))
    assert shapes == [(1, 1 + number) for number in range(2_000)]
