"""A sample submission from outside: read in its order, or refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from blockwright.contracts.problems import BlockwrightError
from blockwright.delivery.sample_submission import (
    check_classes,
    clips_missing_in,
    read_sample_submission,
)


def _read(folder: Path, text: str | bytes):
    path = folder / "sample.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_sample_submission(path, "sample.csv")


def test_rows_and_columns_keep_their_order(tmp_path: Path) -> None:
    sample = _read(tmp_path, '\ufefffname,"b (x)",a-c\nz.wav,0,0\n\na.wav,0,0\n')
    assert sample.key_column == "fname"
    assert sample.classes == ["b (x)", "a-c"]
    assert sample.names == ["z.wav", "a.wav"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"\xff\xfe\x00", "delivery.sample_not_csv"),
        ("", "delivery.sample_empty"),
        ("fname,a\n", "delivery.sample_empty"),
        ("fname\nx.wav\n", "delivery.sample_empty"),
        ("fname,a,a\nx.wav,0,0\n", "delivery.sample_column_twice"),
        ("fname,a\nx.wav,0\nx.wav,0\n", "delivery.sample_row_twice"),
        ("fname,a\n../x.wav,0\n", "delivery.sample_row_name"),
        ("fname,a\n/etc/passwd,0\n", "delivery.sample_row_name"),
        ("fname,a\nC:\\x.wav,0\n", "delivery.sample_row_name"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, text: str | bytes, code: str) -> None:
    with pytest.raises(BlockwrightError) as caught:
        _read(tmp_path, text)
    assert caught.value.problem.code == code
    assert "sample.csv" in caught.value.problem.message


def test_other_classes_are_named_on_both_sides(tmp_path: Path) -> None:
    sample = _read(tmp_path, "fname,Bark,Meow\nx.wav,0,0\n")
    check_classes(sample, ["Meow", "Bark"], "sample.csv")
    with pytest.raises(BlockwrightError) as caught:
        check_classes(sample, ["Bark", "Purr"], "sample.csv")
    found = caught.value.problem
    assert found.code == "delivery.classes_differ"
    assert found.params["lacking"] == "Meow"
    assert found.params["surplus"] == "Purr"
    assert "Meow" in found.message
    assert "Purr" in found.message


def test_a_file_without_class_columns_is_told_apart(tmp_path: Path) -> None:
    sample = _read(tmp_path, "fname,labels\nx.wav,Bark\n")
    with pytest.raises(BlockwrightError) as caught:
        check_classes(sample, ["Bark", "Purr"], "train_curated.csv")
    found = caught.value.problem
    assert found.code == "delivery.sample_without_classes"
    assert "fname, labels" in found.message
    assert "Bark, Purr" in found.message


def test_missing_clips_are_found_in_folders_below(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.wav").touch()
    assert clips_missing_in(tmp_path, ["a.wav", "b.wav"]) == ["b.wav"]
