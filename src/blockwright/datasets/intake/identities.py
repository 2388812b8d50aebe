r"""Who a row is, whatever else stands in its file: a number that random subsets go by.

Method: of rows with files, the first 8 bytes (big-endian) of BLAKE2b with digest size 8 of
the path of the row's first file as the person wrote it. Of other rows, 64 bits of each value
go one after the other into a state: exclusive or, times an odd number, exclusive or with the
upper half; the finalizer of SplitMix64 (Steele, Lea, Flood 2014) ends it. The 64 bits are
those of a number's 64-bit float; of a word, a state that its length and its UTF-8 bytes went
into, 8 at a time, little-endian; of a long word its BLAKE2b. The second, third, … of equal
ones is hashed again with \x1f and its number behind it, so that no two rows are the same.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import polars as pl

Identities = npt.NDArray[np.uint64]
SEPARATOR = "\x1f"
# As many values of a column are mixed at a time as stay in cache.
BLOCK_ROWS = 1 << 15
THREADS = 2
LONG_WORD_BYTES = 256
# Columns with fewer different words than this have each of them mixed only once.
FEW_WORDS = 4_096
SPREADING = np.uint64(0x9E37_79B9_7F4A_7C15)
UPPER_HALF = np.uint64(32)
NOTHING = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
# Of 8 bytes, the first 0, 1, …, 8.
FIRST_BYTES = np.array([(1 << 8 * count) - 1 for count in range(9)], np.uint64)


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
    if not len(before) and _all_differ(plain):
        return plain
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


def count_equal(rows: pl.DataFrame, there: Identities) -> int:
    """Count rows without files that have a value for value equal one among those of `there`."""
    return int(np.isin(_of_values(rows), there).sum()) if len(there) else 0


def _all_differ(identities: Identities) -> bool:
    ordered = np.sort(identities)
    return bool((ordered[1:] != ordered[:-1]).all())


def _identity(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def _is_in(identity: int, ordered: Identities) -> bool:
    place = int(np.searchsorted(ordered, np.uint64(identity)))
    return place < len(ordered) and int(ordered[place]) == identity


def _of_values(rows: pl.DataFrame) -> Identities:
    with ThreadPoolExecutor(THREADS) as pool:
        columns = list(pool.map(_bits_of, rows.iter_columns()))

        def of_block(start: int) -> Identities:
            height = min(BLOCK_ROWS, rows.height - start)
            state = np.zeros(height, np.uint64)
            for bits in columns:
                _absorb(state, bits(start, height))
            _mix(state)
            return state

        blocks = pool.map(of_block, range(0, rows.height, BLOCK_ROWS))
        return np.concatenate([np.empty(0, np.uint64), *blocks])


def _bits_of(series: pl.Series) -> Callable[[int, int], Identities]:
    """Give what gives 64 bits of some values, the same for 1 and 1.0; of nothing all ones."""
    if series.dtype.is_numeric() or series.dtype == pl.Boolean:
        return lambda start, height: _bits_of_numbers(series.slice(start, height))
    words = series.cast(pl.String)
    if len(words) > FEW_WORDS and words.head(FEW_WORDS).n_unique() < FEW_WORDS // 4:
        distinct = words.unique().drop_nulls()
        if len(distinct) < FEW_WORDS:
            bits = np.append(_bits_of_words(distinct), NOTHING)
            coded = words.cast(pl.Enum(distinct)).to_physical().fill_null(len(distinct)).to_numpy()
            return lambda start, height: bits[coded[start : start + height]]
    return lambda start, height: _bits_of_words(words.slice(start, height))


def _bits_of_numbers(values: pl.Series) -> Identities:
    has_gaps = bool(values.null_count())
    present = values.fill_null(0) if has_gaps else values
    numbers = np.add(present.to_numpy(), 0.0, dtype=np.float64)  # of -0 makes 0
    bits: Identities = numbers.view(np.uint64)
    if has_gaps:
        bits[values.is_null().to_numpy()] = NOTHING
    return bits


def _bits_of_words(words: pl.Series) -> Identities:
    text = words.fill_null("")
    lengths = text.str.len_bytes().to_numpy().astype(np.int64)
    starts = np.cumsum(lengths) - lengths
    content = np.frombuffer(str(text.str.join("").item()).encode() + bytes(8), np.uint8)
    # 8 bytes from every byte on, without a copy.
    eights = np.ndarray((len(content) - 7,), "<u8", content.data, strides=(1,))
    state = lengths.astype(np.uint64)
    rows = np.flatnonzero(lengths <= LONG_WORD_BYTES)
    for done in range(0, LONG_WORD_BYTES, 8):
        rows = rows[lengths[rows] > done]
        if not len(rows):
            break
        taken = eights[starts[rows] + done].astype(np.uint64)
        taken &= FIRST_BYTES[np.minimum(lengths[rows] - done, 8)]
        some = state[rows]
        _absorb(some, taken)
        state[rows] = some
    _mix(state)
    for row in np.flatnonzero(lengths > LONG_WORD_BYTES).tolist():
        state[row] = _identity(text[row])
    if words.null_count():
        state[words.is_null().to_numpy()] = NOTHING
    return state


def _absorb(state: Identities, bits: Identities) -> None:
    """Let 64 bits of each row into its state, in place; no two states or bits become one."""
    state ^= bits
    state *= SPREADING
    state ^= state >> UPPER_HALF


def _mix(values: Identities) -> None:
    """Spread every bit over all bits, in place."""
    values += SPREADING
    values ^= values >> np.uint64(30)
    values *= np.uint64(0xBF58_476D_1CE4_E5B9)
    values ^= values >> np.uint64(27)
    values *= np.uint64(0x94D0_49BB_1331_11EB)
    values ^= values >> np.uint64(31)
