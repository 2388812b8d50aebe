"""A full disk is told, with what came before it kept."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from blockwright.contracts.problems import BlockwrightError
from blockwright.store.files import FolderStore
from blockwright.store.uploads import UploadStore


async def pieces(*given: bytes) -> AsyncIterator[bytes]:
    for piece in given:
        yield piece


def test_a_file_that_cannot_fit_is_refused_before_a_byte_is_sent(tmp_path: Path) -> None:
    store = UploadStore(FolderStore(tmp_path))
    too_much = shutil.disk_usage(tmp_path).free + 1
    with pytest.raises(BlockwrightError, match=r"There is no room for “big\.zip”") as caught:
        store.create("big.zip", too_much)
    assert caught.value.problem.code == "upload.disk_full"
    assert list((tmp_path / "uploads").iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_a_disk_that_fills_up_during_an_upload_is_told(tmp_path: Path) -> None:
    store = UploadStore(FolderStore(tmp_path))
    upload = store.create("data.zip", 100)
    data = tmp_path / "uploads" / upload.id / "data"
    data.unlink()
    data.symlink_to("/dev/full")
    with pytest.raises(BlockwrightError, match="goes on where it stopped") as caught:
        asyncio.run(store.append(upload.id, 0, pieces(b"x" * 50)))
    assert caught.value.problem.code == "upload.disk_full"


def test_an_upload_over_the_limit_is_refused_with_the_limit(tmp_path: Path) -> None:
    store = UploadStore(FolderStore(tmp_path), max_bytes=10**9)
    with pytest.raises(BlockwrightError, match=r"has 2\.0 GB; one upload may have at most 1\.0"):
        store.create("big.zip", 2 * 10**9)


def test_a_crash_between_data_and_info_leaves_no_upload(tmp_path: Path) -> None:
    store = UploadStore(FolderStore(tmp_path))
    upload = store.create("data.zip", 5)
    (tmp_path / "uploads" / upload.id / "info.json").unlink()
    with pytest.raises(BlockwrightError, match="This upload is not there"):
        store.get(upload.id)


def test_an_empty_file_is_complete_at_once(tmp_path: Path) -> None:
    store = UploadStore(FolderStore(tmp_path))
    assert store.create("empty.zip", 0).complete


def test_only_ones_own_uploads_that_stopped_are_listed(tmp_path: Path) -> None:
    store = UploadStore(FolderStore(tmp_path))
    assert store.list_unfinished("me") == []
    stopped = store.create("stopped.zip", 10, owner_id="me")
    asyncio.run(store.append(stopped.id, 0, pieces(b"abc")))
    whole = store.create("whole.zip", 3, owner_id="me")
    asyncio.run(store.append(whole.id, 0, pieces(b"abc")))
    store.create("other.zip", 10, owner_id="someone else")
    crashed = store.create("crashed.zip", 10, owner_id="me")
    (tmp_path / "uploads" / crashed.id / "info.json").unlink()

    listed = store.list_unfinished("me")

    assert [(item.file_name, item.received_bytes) for item in listed] == [("stopped.zip", 3)]
    store.remove(stopped.id)
    assert store.list_unfinished("me") == []
