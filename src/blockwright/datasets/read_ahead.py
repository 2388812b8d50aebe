"""Columns one after the other; while some are looked at, the next ones are read.

Takes   a way to read what is asked for, and what is asked for: names of features, or groups.
Gives   each of these with what was read, in order.
Never   holds more than two at a time: the one that is looked at, and the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Asked = TypeVar("Asked")
Read = TypeVar("Read")


def read_ahead(
    read: Callable[[Asked], Read], everything: Iterable[Asked]
) -> Iterator[tuple[Asked, Read]]:
    """Give what `read` gives of each; raises what it raises, when the turn of that has come.

    Worth it where `read` leaves Python to others, as Polars does.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as pool:
        coming: tuple[Asked, Future[Read]] | None = None
        for asked in everything:
            there, coming = coming, (asked, pool.submit(read, asked))
            if there is not None:
                yield there[0], there[1].result()
        if coming is not None:
            yield coming[0], coming[1].result()
