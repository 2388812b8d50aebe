r"""Who a row is, whatever else stands in its file: a number that random subsets go by.

Method: the first 8 bytes (big-endian) of BLAKE2b with digest size 8 of the path of the row's
first file as the person wrote it, or of all its cells joined by \x1f. The second, third, …
of equal ones has \x1f and its number behind it, so that no two rows are the same.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

Identities = npt.NDArray[np.uint64]
SEPARATOR = "\x1f"


def row_identities(
    rows: pl.DataFrame, first_file_column: str | None, there: Identities | None = None
) -> Identities:
    """Give the identity of each row, uint64 (rows,), no two the same.

    Args:
        rows: The table.
        first_file_column: The column of paths, if any.
        there: Identities of rows of an earlier content, which these must not repeat.
    """
    plain = np.fromiter(
        (_identity(text) for text in _texts(rows, first_file_column)), np.uint64, rows.height
    )
    before = np.sort(there) if there is not None else np.empty(0, np.uint64)
    first_of_its_kind = np.zeros(rows.height, bool)
    first_of_its_kind[np.unique(plain, return_index=True)[1]] = True
    repeated = np.flatnonzero(~first_of_its_kind | np.isin(plain, before))
    copies: Counter[int] = Counter()
    texts = _texts(rows[repeated], first_file_column)
    identities = plain.copy()
    for row, text in zip(repeated.tolist(), texts, strict=True):
        kind = int(plain[row])
        copies[kind] = max(copies[kind], 1)
        candidate = kind
        while candidate == kind or _is_in(candidate, before):
            copies[kind] += 1
            candidate = _identity(f"{text}{SEPARATOR}{copies[kind]}")
        identities[row] = candidate
    return identities


def _identity(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def _is_in(identity: int, ordered: Identities) -> bool:
    place = int(np.searchsorted(ordered, np.uint64(identity)))
    return place < len(ordered) and int(ordered[place]) == identity


def _texts(rows: pl.DataFrame, first_file_column: str | None) -> Iterator[str]:
    if first_file_column is not None:
        yield from rows[first_file_column].cast(pl.String)
        return
    for part in rows.iter_slices(100_000):
        words = part.select(
            pl.concat_str(pl.all().cast(pl.String).fill_null(""), separator=SEPARATOR)
        )
        yield from words.to_series()
