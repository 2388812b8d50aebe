"""What was worked out of a table and is kept while there is room.

Takes   something to work out, its kind and name.
Gives   what was worked out before under these, or makes it.
Never   holds more bytes than allowed, but for the newest.

What goes first is large, soon made again, and was not used for long: GreedyDual-Size (Cao and
Irani, 1997) with the age of each in uses instead of a value that rises for all.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import polars as pl

from blockwright.datasets.label_sets import LabelSets

Made = TypeVar("Made")
Key = tuple[str, str]
# What is made in less is as if made in this time.
_SOON_SECONDS = 0.001
_VIEW_BYTES = 16


@dataclass
class _Item:
    """Something that was worked out, its bytes, how long that took, and when it was last used."""

    made: Any
    size: int
    seconds: float
    used: int


class Kept:
    """Things that were worked out, by kind and name; several threads may ask."""

    def __init__(self, most_bytes: int) -> None:
        """Keep nothing yet."""
        self._most_bytes = most_bytes
        self._items: dict[Key, _Item] = {}
        self._uses = 0
        self._lock = threading.RLock()

    def held(self) -> set[Key]:
        """Give the kinds and names of what is kept."""
        with self._lock:
            return set(self._items)

    def look(self, key: Key) -> Any:
        """Give what is kept, or None; this is no use of it."""
        with self._lock:
            item = self._items.get(key)
        return None if item is None else item.made

    def get(self, key: Key, make: Callable[[], Made]) -> Made:
        """Give what is kept, or make and keep it."""
        with self._lock:
            self._uses += 1
            if key in self._items:
                self._items[key].used = self._uses
                return self._items[key].made  # type: ignore[no-any-return]
        begun = time.perf_counter()
        made = make()
        seconds = time.perf_counter() - begun
        with self._lock:
            self._items.setdefault(key, _Item(made, _bytes_of(made), seconds, self._uses))
            self._make_room(key)
        return made

    def take_over(self, other: Kept, renamed: Callable[[Key], Key | None]) -> None:
        """Keep what another keeps, under the key that `renamed` gives; None leaves it there."""
        with other._lock:
            items = dict(other._items)
        with self._lock:
            for key, item in items.items():
                if (new := renamed(key)) is not None:
                    self._items[new] = replace(item, used=0)

    def _make_room(self, newest: Key) -> None:
        too_many = sum(each.size for each in self._items.values()) - self._most_bytes
        while too_many > 0 and len(self._items) > 1:
            waste = {
                key: each.size * (1 + self._uses - each.used) / (each.seconds + _SOON_SECONDS)
                for key, each in self._items.items()
                if key != newest
            }
            too_many -= self._items.pop(max(waste, key=lambda key: waste[key])).size


def _bytes_of(made: object) -> int:
    if isinstance(made, pl.Series) and made.dtype == pl.String:
        # Polars counts the letters only; short words lie in the views themselves.
        return len(made) * _VIEW_BYTES + int(made.estimated_size())
    if isinstance(made, pl.Series | pl.DataFrame):
        return int(made.estimated_size())
    if isinstance(made, LabelSets):
        return made.codes.nbytes + 200 * len(made.sets)
    return made.nbytes if isinstance(made, np.ndarray) else 1_000
