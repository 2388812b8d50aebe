r"""Who a row is, whatever else stands in its file: a number that random subsets go by.

Method: of rows with files, the first 8 bytes (big-endian) of BLAKE2b with digest size 8 of
the path of the row's first file as the person wrote it. Of other rows, their values mixed
column by column with the finalizer of SplitMix64 (Steele, Lea, Flood 2014): a number by the
bits of its 64-bit float, a word by its BLAKE2b. The second, third, … of equal ones is hashed
again with \x1f and its number behind it, so that no two rows are the same.
"""

from __future__ import annotations

import hashlib
from collections import Counter

import numpy as np
import numpy.typing as npt
import polars as pl

Identities = npt.NDArray[np.uint64]
SEPARATOR = "\x1f"
# As many values of a column are mixed at a time as stay in cache.
BLOCK_ROWS = 1 << 15


def row_identities(
    rows: pl.DataFrame, first_file_column: str | None, there: Identities | None = None
) -> Identities:
    """Give the identity of each row, uint64 (rows,), no two the same.

    Args:
        rows: The table.
        first_file_column: The column of paths, if any.
        there: Identities of rows of an earlier content, which these must not repeat.
    """
    if first_file_column is None:
        plain = _of_values(rows)
    else:
        paths = rows[first_file_column].cast(pl.String)
        plain = np.fromiter((_identity(path) for path in paths), np.uint64, rows.height)
    before = np.sort(there) if there is not None else np.empty(0, np.uint64)
    first_of_its_kind = np.zeros(rows.height, bool)
    first_of_its_kind[np.unique(plain, return_index=True)[1]] = True
    repeated = np.flatnonzero(~first_of_its_kind | np.isin(plain, before))
    copies: Counter[int] = Counter()
    identities = plain.copy()
    for row in repeated.tolist():
        kind = int(plain[row])
        copies[kind] = max(copies[kind], 1)
        candidate = kind
        while candidate == kind or _is_in(candidate, before):
            copies[kind] += 1
            candidate = _identity(f"{kind}{SEPARATOR}{copies[kind]}")
        identities[row] = candidate
    return identities


def _identity(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def _is_in(identity: int, ordered: Identities) -> bool:
    place = int(np.searchsorted(ordered, np.uint64(identity)))
    return place < len(ordered) and int(ordered[place]) == identity


def _of_values(rows: pl.DataFrame) -> Identities:
    identities = np.zeros(rows.height, np.uint64)
    for series in rows.iter_columns():
        values = _value_hashes(series)
        for start in range(0, rows.height, BLOCK_ROWS):
            block = slice(start, start + BLOCK_ROWS)
            _mix(values[block])
            identities[block] ^= values[block]
            _mix(identities[block])
    return identities


def _value_hashes(series: pl.Series) -> Identities:
    """Give 64 bits of each value, the same for 1 and 1.0; those of nothing are all ones."""
    missing = series.is_null().to_numpy()
    if series.dtype.is_numeric() or series.dtype == pl.Boolean:
        numbers = series.cast(pl.Float64).fill_null(0.0).to_numpy() + 0.0  # of -0 makes 0
        values = numbers.view(np.uint64).copy()
    else:
        words = series.cast(pl.String).fill_null("").to_frame("word")
        distinct = words["word"].unique()
        hashes = pl.Series([_identity(word) for word in distinct], dtype=pl.UInt64)
        known = pl.DataFrame({"word": distinct, "hash": hashes})
        values = words.join(known, on="word", maintain_order="left")["hash"].to_numpy().copy()
    values[missing] = np.iinfo(np.uint64).max
    return values


def _mix(values: Identities) -> None:
    """Spread every bit over all bits, in place."""
    values += np.uint64(0x9E37_79B9_7F4A_7C15)
    values ^= values >> np.uint64(30)
    values *= np.uint64(0xBF58_476D_1CE4_E5B9)
    values ^= values >> np.uint64(27)
    values *= np.uint64(0x94D0_49BB_1331_11EB)
    values ^= values >> np.uint64(31)
