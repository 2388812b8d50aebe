"""Who a row is, whatever else stands in its file: a number that random subsets go by.

Method: the first 8 bytes (big-endian) of BLAKE2b with digest size 8 of the path of the row's
first file as the person wrote it, or of all its cells joined by \\x1f. The second, third, …
of equal ones has \\x1f and its number behind it, so that no two rows are the same.
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


def row_identities(rows: pl.DataFrame, first_file_column: str | None) -> Identities:
    """Give the identity of each row, uint64 (rows,)."""
    copies: Counter[bytes] = Counter()
    identities = np.empty(rows.height, np.uint64)
    for number, text in enumerate(_texts(rows, first_file_column)):
        plain = hashlib.blake2b(text.encode(), digest_size=8).digest()
        copies[plain] += 1
        if copies[plain] > 1:
            numbered = f"{text}{SEPARATOR}{copies[plain]}".encode()
            plain = hashlib.blake2b(numbered, digest_size=8).digest()
        identities[number] = int.from_bytes(plain, "big")
    return identities


def _texts(rows: pl.DataFrame, first_file_column: str | None) -> Iterator[str]:
    if first_file_column is not None:
        yield from rows[first_file_column].cast(pl.String)
        return
    for part in rows.iter_slices(100_000):
        words = part.select(
            pl.concat_str(pl.all().cast(pl.String).fill_null(""), separator=SEPARATOR)
        )
        yield from words.to_series()
