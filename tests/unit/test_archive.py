"""Honest zips of every kind are opened; their entries are found by the names people write."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blockwright.datasets.archive import READ_ERRORS, Archive, ArchiveLimits
from tests.support.hostile_archives import Entry, build, npy, zip64_end

LIMITS = ArchiveLimits(entries=100_000, expanded_bytes=1 << 30)


def zipped(entries: dict[str, bytes], **options: object) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
        archive.comment = bytes(options.get("comment", b""))  # type: ignore[call-overload]
    return content.getvalue()


def opened(tmp_path: Path, content: bytes) -> Archive:
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    return Archive(path, "x.zip", LIMITS)


def test_a_zip_behind_other_bytes_and_with_a_comment_is_read(tmp_path: Path) -> None:
    whole = zipped({"a": b"1", "b/c": b"22"}, comment=b"made by hand")
    with opened(tmp_path, b"#!/bin/sh\n" * 100 + whole) as archive:
        assert archive.names == ["a", "b/c"]
        assert archive.open("b/c").read() == b"22"


def test_a_zip_that_was_written_as_a_stream_is_read(tmp_path: Path) -> None:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.content = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]
            self.content += data
            return len(data)

    pipe = Pipe()
    with (
        zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive,  # type: ignore[call-overload]
        archive.open("a.npy", "w", force_zip64=True) as entry,
    ):
        entry.write(npy())
    with opened(tmp_path, bytes(pipe.content)) as read:
        assert read.open("a.npy").read() == npy()


def test_more_than_65535_entries_are_read(tmp_path: Path) -> None:
    many = [Entry(b"%x" % number, b"") for number in range(66_000)]
    # Older tools have no 64 bits and write what fits of the count.
    for content in (zip64_end(many, entries=66_000, here=66_000), build(many)):
        with opened(tmp_path, content) as read:
            assert len(read.names) == 66_000


def test_a_name_is_found_however_its_path_is_written(tmp_path: Path) -> None:
    with opened(tmp_path, zipped({"./clips/caf\u00e9.npy": b"1", "plain.npy": b"2"})) as archive:
        names = ["clips/caf\u00e9.npy", "./clips/cafe\u0301.npy", ".\\clips\\caf\u00e9.npy"]
        assert {archive.find(name) for name in names} == {"clips/caf\u00e9.npy"}
        assert archive.find("clips//caf\u00e9.npy") == "clips/caf\u00e9.npy"
        assert archive.find("plain.npy") == "plain.npy"
        assert archive.find("Plain.npy") is None
        assert archive.open("clips/caf\u00e9.npy").read() == b"1"


def test_a_member_shorter_than_it_says_is_never_taken_for_whole(tmp_path: Path) -> None:
    short = Entry(b"index.csv", b"x\n1\n", size=10_000)
    for read in (
        lambda stream: stream.read(),
        lambda stream: stream.read(10_000),
        lambda stream: list(io.TextIOWrapper(stream, encoding="utf-8")),
    ):
        with opened(tmp_path, build([short])) as archive, pytest.raises(READ_ERRORS):
            read(archive.open("index.csv"))


NAMES = st.text("ab\u00e9\u4e2d .-_/", min_size=1, max_size=12).filter(
    lambda name: not set(name.split("/")) & {"", ".", ".."}
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(NAMES, st.binary(max_size=2_000), min_size=1, max_size=8))
def test_what_zipfile_writes_comes_back_byte_for_byte(
    tmp_path_factory: pytest.TempPathFactory, entries: dict[str, bytes]
) -> None:
    path = tmp_path_factory.getbasetemp() / "round.zip"
    path.write_bytes(zipped(entries))
    with Archive(path, path.name, LIMITS) as archive:
        assert archive.names == list(entries)
        for name, data in entries.items():
            assert archive.bytes_of(name) == len(data)
            assert archive.open(name).read() == data
