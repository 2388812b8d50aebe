"""The behaviour suite of file stores: each kind of store must pass all of it."""

from __future__ import annotations

import stat
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from blockwright.store.files import FileStore, FolderStore


@pytest.fixture(params=[FolderStore], ids=["folder"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    made: FileStore = request.param(tmp_path / "store")
    return made


def test_what_is_written_is_read(store: FileStore) -> None:
    store.write("runs/run_1/note.json", b"first")
    store.write("runs/run_1/note.json", b"second")
    assert store.read("runs/run_1/note.json") == b"second"


def test_writing_leaves_nothing_beside_the_file(store: FileStore) -> None:
    store.write("runs/run_1/note.json", b"x")
    assert [p.name for p in store.local_path("runs/run_1/note.json").parent.iterdir()] == [
        "note.json"
    ]


def test_a_file_that_is_not_there_cannot_be_read(store: FileStore) -> None:
    with pytest.raises(FileNotFoundError):
        store.read("runs/run_1/note.json")


def test_a_local_path_can_be_written_to_at_once(store: FileStore) -> None:
    store.local_path("bundles/bun_1/model.h5").write_bytes(b"weights")
    assert store.read("bundles/bun_1/model.h5") == b"weights"


def test_looking_makes_nothing(store: FileStore) -> None:
    assert not store.exists("uploads/upl_1/data")
    store.remove("uploads/upl_1/data")
    assert not store.exists("uploads/upl_1")


def test_a_file_and_the_folders_above_it_exist(store: FileStore) -> None:
    store.write("runs/run_1/note.json", b"x")
    assert all(store.exists(key) for key in ("runs", "runs/run_1", "runs/run_1/note.json"))


def test_sizes_add_up_over_folders(store: FileStore) -> None:
    store.write("runs/run_1/a", b"123")
    store.write("runs/run_1/deeper/b", b"4567")
    assert store.bytes_under("runs/run_1/a") == 3
    assert store.bytes_under("runs/run_1") == 7
    assert store.bytes_under("runs/run_2") == 0


def test_removing_takes_a_file_or_a_whole_folder(store: FileStore) -> None:
    store.write("runs/run_1/a", b"1")
    store.write("runs/run_2/b", b"2")
    store.remove("runs/run_1")
    assert not store.exists("runs/run_1/a")
    store.remove("runs/run_2/b")
    assert not store.exists("runs/run_2/b")


@pytest.mark.parametrize(
    "key", ["../x", "a/../../x", "/etc/passwd", "a//b", "", ".", "a/./b", "a\\b", "a\x00b", "a b"]
)
def test_a_key_that_would_leave_the_store_is_refused(store: FileStore, key: str) -> None:
    for act in (store.local_path, store.read, store.exists, store.bytes_under, store.remove):
        with pytest.raises(ValueError, match="not a file store key"):
            act(key)
    with pytest.raises(ValueError, match="not a file store key"):
        store.write(key, b"x")


def test_only_the_owner_reads_a_folder_store(tmp_path: Path) -> None:
    FolderStore(tmp_path / "store")
    assert stat.S_IMODE((tmp_path / "store").stat().st_mode) == 0o700


def test_a_folder_with_files_is_removed_and_leaves_nothing(store: FileStore) -> None:
    store.write("datasets/ds_1/deeper/a", b"1")
    store.write("datasets/ds_2/a", b"2")
    for _ in range(2):
        store.remove("datasets/ds_1")
        assert not store.exists("datasets/ds_1")
    assert store.bytes_under("datasets") == 1
    assert store.read("datasets/ds_2/a") == b"2"


def test_a_folder_is_removed_while_somebody_goes_on_writing_into_it(store: FileStore) -> None:
    folder = store.local_path("datasets/ds_1/first").parent
    folder.mkdir(exist_ok=True)
    ended = threading.Event()

    def write() -> None:
        number = 0
        with suppress(FileNotFoundError):  # its folder is gone
            while not ended.is_set():
                (folder / f"{number}").write_bytes(b"x")
                number += 1

    writer = threading.Thread(target=write)
    writer.start()
    while not (folder / "50").exists():
        time.sleep(0.001)
    store.remove("datasets/ds_1")
    assert not store.exists("datasets/ds_1")
    writer.join(timeout=30)
    ended.set()
    assert not store.exists("datasets/ds_1")
    assert store.bytes_under("datasets") == 0


def test_what_an_interrupted_removal_left_goes_with_the_next(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.write(".removed/0123/big", b"x" * 100)
    store.write("datasets/ds_1/a", b"1")
    store.remove("datasets/ds_1")
    assert store.bytes_under("datasets") == 0
