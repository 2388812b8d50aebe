"""Folders that leave the studio are whole or not there."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from blockwright.delivery.deliverables import finished_folder, list_files, make_zip


def test_a_folder_appears_when_it_is_finished(tmp_path: Path) -> None:
    goal = tmp_path / "bundle"
    with finished_folder(goal) as folder:
        (folder / "a.txt").write_bytes(b"abc")
        assert not goal.exists()
    found = list_files(goal)
    assert [(file.name, file.bytes) for file in found] == [("a.txt", 3)]
    assert found[0].sha256 == hashlib.sha256(b"abc").hexdigest()


def test_a_folder_that_fails_leaves_nothing_and_keeps_what_was_there(tmp_path: Path) -> None:
    goal = tmp_path / "bundle"
    goal.mkdir()
    (goal / "old.txt").touch()
    with pytest.raises(RuntimeError), finished_folder(goal) as folder:
        (folder / "new.txt").touch()
        raise RuntimeError
    assert [item.name for item in tmp_path.iterdir()] == ["bundle"]
    assert [item.name for item in goal.iterdir()] == ["old.txt"]


def test_a_zip_holds_every_file_and_is_made_once(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "model.h5").write_bytes(b"0" * 1000)
    (folder / "README.md").write_text("x")
    target = make_zip(folder, tmp_path / "out.zip", inside="kaggle")
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == ["kaggle/README.md", "kaggle/model.h5"]
        assert archive.testzip() is None
    (folder / "later.txt").touch()
    assert make_zip(folder, target, inside="kaggle") == target
