"""While one column is looked at the next is read: never more than that, and in order."""

from __future__ import annotations

import pytest

from blockwright.datasets.read_ahead import read_ahead


def test_each_name_comes_in_order_and_at_most_one_is_read_ahead() -> None:
    read: list[str] = []

    def reading(name: str) -> str:
        read.append(name)
        return name.upper()

    for looked_at, (name, found) in enumerate(read_ahead(reading, "abcdef")):
        assert found == name.upper()
        assert len(read) <= looked_at + 2
    assert read == list("abcdef")
    assert list(read_ahead(reading, [])) == []


def test_what_cannot_be_read_is_told_when_its_turn_has_come() -> None:
    def reading(name: str) -> str:
        if name == "c":
            raise ValueError(name)
        return name

    coming = read_ahead(reading, "abcd")
    assert [next(coming)[0], next(coming)[0]] == ["a", "b"]
    with pytest.raises(ValueError, match="c"):
        next(coming)
