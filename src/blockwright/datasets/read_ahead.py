"""Columns one after the other; while one is looked at, the next one is read.

Takes   a way to read what is asked of a feature, and names.
Gives   each name with what was read, in order.
Never   holds more than two at a time: the one that is looked at, and the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Read = TypeVar("Read")


def read_ahead(read: Callable[[str], Read], names: Iterable[str]) -> Iterator[tuple[str, Read]]:
    """Give what `read` gives of each name; raises what it raises, when that name's turn has come.

    What `read` does is worth a thread of its own where it leaves Python, as Polars does.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as pool:
        coming: tuple[str, Future[Read]] | None = None
        for name in names:
            there, coming = coming, (name, pool.submit(read, name))
            if there is not None:
                yield there[0], there[1].result()
        if coming is not None:
            yield coming[0], coming[1].result()
