"""Where random shares of rows are cut, so that a row keeps its side when rows are added.

Takes   rows as units (single rows, or groups of rows that stay together), each with a rank:
        an unsigned 64-bit number mixed from what makes the row itself and a seed.
Gives   borders of ranks, one per stratum: a unit below a border is on its lower side.
Never   remembers rows: borders and a row's own rank and classes say on which side it is.

The method, in short:
1. The rank is a splitmix64 mix (Steele, Lea, Flood 2014) of identity and seed, thus even over
   0 to 2^64. A share from 0 to p percent holds the units whose rank is below a border near
   p / 100 × 2^64; the border is moved to where the share is exact when the rule is made.
2. Stratified: each set of classes that is frequent enough is a stratum with a border of its
   own. The rows of rare sets belong to the stratum of their rarest class. Units of all strata
   are lined up by their relative place within their stratum, and this line is cut once, so
   that every stratum gets its share rounded and the total is exact.
3. With several labels per row, borders of strata are then moved by single units while this
   brings the classes nearer to their shares (least squares over classes, as the greedy step
   of Sechidis, Tsoumakas and Vlahavas 2011 does row by row; here it moves borders, because
   borders can be kept, while the outcome row by row cannot be kept without all rows).
4. Grouped: the unit is the group, its rank comes from the group's value, its stratum from
   the classes of its first row, which stays the first when rows are added.

Limits: rows that are added later fall on a side by chance, in proportion to the share; a class
that is new then has no stratum and is cut at the plain share. When the classes of a row are
corrected, it changes its stratum, and may change its side if its rank lies between the two
borders. Groups of very different sizes make shares inexact.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Ranks = npt.NDArray[np.uint64]
FULL = 2**64
_MOST_MOVES = 2_000
_MOST_DENSE_CELLS = 20_000_000
_GOLDEN = 0x9E3779B97F4A7C15
# As many ranks are mixed at a time as stay in cache.
_BLOCK_RANKS = 1 << 15


def mixed(numbers: Ranks, seed: int) -> Ranks:
    """Mix numbers and a seed to ranks that are even over 0 to 2^64, shape (numbers,).

    For one seed, different numbers give different ranks.
    """
    with np.errstate(over="ignore"):
        start = np.array([seed + 1], dtype=np.uint64) * np.uint64(_GOLDEN)
        _splitmix(start)
        ranks = numbers ^ start
        ranks += np.uint64(_GOLDEN)
        for begin in range(0, len(ranks), _BLOCK_RANKS):
            _splitmix(ranks[begin : begin + _BLOCK_RANKS])
    return ranks


def _splitmix(z: Ranks) -> None:
    """Mix numbers in place."""
    z ^= z >> np.uint64(30)
    z *= np.uint64(0xBF58476D1CE4E5B9)
    z ^= z >> np.uint64(27)
    z *= np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)


@dataclass(frozen=True)
class Units:
    """What is put on sides: rows or groups of rows.

    Args:
        ranks: Shape (units,), all different.
        strata: Number of each unit's stratum, shape (units,).
        sizes: Rows of each unit, shape (units,); None when each is one row.
        classes: Sparse matrix (units, classes), how many of a unit's rows hold a class; None
            when strata alone say it (one class per row, or not stratified).
    """

    ranks: Ranks
    strata: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64] | None = None
    classes: Any = None


def borders_at(units: Units, strata_count: int, percent: float) -> list[int]:
    """Cut off the first `percent` of the rows; one border per stratum, 0 to 2^64.

    With two rows or more, both sides of a cut hold one.
    """
    if percent <= 0:
        return [0] * strata_count
    if percent >= 100:
        return [FULL] * strata_count
    even = min(FULL - 1, int(percent / 100 * FULL))
    if len(units.ranks) == 0:
        return [even] * strata_count
    if strata_count == 1 and units.sizes is None:
        return [_one_border(units.ranks, percent / 100, even)]
    return _stratified(units, strata_count, percent / 100, even)


def rows_below(rows: int, share: float) -> int:
    """Give how many of `rows` the first share (0 to 1) holds: rounded, at least one a side."""
    return min(max(1, math.floor(rows * share + 0.5)), max(1, rows - 1))


def _one_border(ranks: Ranks, share: float, even: int) -> int:
    cut = rows_below(len(ranks), share)
    places = [cut - 1, cut] if cut < len(ranks) else [cut - 1]
    parted = np.partition(ranks, places)
    above = int(parted[cut]) if cut < len(ranks) else FULL
    return _between(int(parted[cut - 1]), above, even)


def _between(last: int | None, following: int, even: int) -> int:
    """Give the border nearest to `even` that has `last` below it and `following` not."""
    return min(max(even, 0 if last is None else last + 1), following)


def _stratified(units: Units, strata_count: int, share: float, even: int) -> list[int]:
    order = np.lexsort((units.ranks, units.strata))
    ranks, strata = units.ranks[order], units.strata[order]
    sizes = np.ones(len(order), dtype=np.int64) if units.sizes is None else units.sizes[order]
    counts = np.bincount(strata, minlength=strata_count)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    cuts = _line_cut(ranks, strata, sizes, strata_count, share)
    if units.classes is not None:
        classes = units.classes[order]
        if strata_count * classes.shape[1] <= _MOST_DENSE_CELLS:
            cuts = _BorderMoves(classes, sizes, starts, counts, share).improved(cuts)
    borders = []
    for start, count, cut in zip(starts.tolist(), counts.tolist(), cuts.tolist(), strict=True):
        last = int(ranks[start + cut - 1]) if cut > 0 else None
        following = int(ranks[start + cut]) if cut < count else FULL
        borders.append(_between(last, following, even))
    return borders


def _line_cut(
    ranks: Ranks,
    strata: npt.NDArray[np.int64],
    sizes: npt.NDArray[np.int64],
    strata_count: int,
    share: float,
) -> npt.NDArray[np.int64]:
    """Line units up by relative place in their stratum, cut the line, count by stratum."""
    totals = np.zeros(strata_count, dtype=np.int64)
    np.add.at(totals, strata, sizes)
    before = np.concatenate([[0], np.cumsum(totals)[:-1]])
    ends = np.cumsum(sizes) - before[strata]
    places = (ends - sizes / 2) / totals[strata]
    line = np.lexsort((mixed(ranks, 0), places))
    along = np.cumsum(sizes[line])
    wanted = rows_below(int(along[-1]), share)
    units_below = int(np.searchsorted(along - sizes[line] / 2, wanted, side="left"))
    units_below = min(max(1, units_below), max(1, len(line) - 1))
    return np.bincount(strata[line[:units_below]], minlength=strata_count).astype(np.int64)


class _BorderMoves:
    """Moves borders by single units while classes come nearer to their shares."""

    def __init__(
        self,
        classes: Any,
        sizes: npt.NDArray[np.int64],
        starts: npt.NDArray[np.int64],
        counts: npt.NDArray[np.int64],
        share: float,
    ) -> None:
        from scipy import sparse  # noqa: PLC0415 - only rules on several labels need it

        self._rows = sparse.hstack([classes, sizes[:, None]], format="csr").astype(np.float64)
        self._starts = starts
        self._counts = counts
        self._wanted = np.asarray(self._rows.sum(axis=0)).ravel() * share
        self._furthest = np.maximum(2, np.ceil(np.sqrt(counts))).astype(np.int64)

    def improved(self, first: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Give cuts per stratum, shape (strata,), that serve the classes at least as well."""
        cuts = first.copy()
        below = np.zeros(self._rows.shape[0], dtype=bool)
        for start, cut in zip(self._starts, cuts, strict=True):
            below[start : start + cut] = True
        away = np.asarray(self._rows[below].sum(axis=0)).ravel() - self._wanted
        up, down = self._edge(cuts, 0), self._edge(cuts, -1)
        for _ in range(_MOST_MOVES):
            can_rise = (cuts < self._counts) & (cuts - first < self._furthest)
            can_sink = (cuts > 0) & (first - cuts < self._furthest)
            pair = _best_pair(up, down, away, can_rise, can_sink)
            if pair is None:
                break
            rise, sink = pair
            away = away + up[rise] - down[sink]
            cuts[rise] += 1
            cuts[sink] -= 1
            moved = np.array([rise, sink])
            up[moved] = self._edge(cuts, 0, moved)
            down[moved] = self._edge(cuts, -1, moved)
        return cuts

    def _edge(
        self,
        cuts: npt.NDArray[np.int64],
        step: int,
        strata: npt.NDArray[np.int64] | None = None,
    ) -> npt.NDArray[np.float64]:
        """Give the classes of the unit at, or just below, each border: (strata, classes + 1)."""
        chosen = np.arange(len(cuts)) if strata is None else strata
        at = self._starts[chosen] + cuts[chosen] + step
        at = np.clip(at, 0, self._rows.shape[0] - 1)
        return np.asarray(self._rows[at].toarray(), dtype=np.float64)


def _best_pair(
    up: npt.NDArray[np.float64],
    down: npt.NDArray[np.float64],
    away: npt.NDArray[np.float64],
    can_rise: npt.NDArray[np.bool_],
    can_sink: npt.NDArray[np.bool_],
) -> tuple[int, int] | None:
    """Give the strata whose borders rise and sink by one unit, or None when none helps."""
    best: tuple[float, int, int] | None = None
    rising = np.where(can_rise, 2 * up @ away + (up * up).sum(axis=1), np.inf)
    sinking = np.where(can_sink, -2 * down @ away + (down * down).sum(axis=1), np.inf)
    for rises_first in (True, False):
        one = int(np.argmin(rising if rises_first else sinking))
        if not (can_rise if rises_first else can_sink)[one]:
            continue
        vector = up[one] if rises_first else -down[one]
        other = sinking - 2 * down @ vector if rises_first else rising + 2 * up @ vector
        other[one] = np.inf
        two = int(np.argmin(other))
        gain = float((rising if rises_first else sinking)[one] + other[two])
        if math.isfinite(gain) and (best is None or gain < best[0]):
            best = (gain, one, two) if rises_first else (gain, two, one)
    return (best[1], best[2]) if best is not None and best[0] < -1e-9 else None


def is_below(ranks: Ranks, strata: npt.NDArray[np.int64], borders: Sequence[int]) -> Any:
    """Tell which units lie below the border of their stratum, shape (units,)."""
    last = np.array([max(border - 1, 0) for border in borders], dtype=np.uint64)
    some = np.array([border > 0 for border in borders])
    if len(borders) == 1:
        return (ranks <= last[0]) if some[0] else np.zeros(len(ranks), dtype=bool)
    return some[strata] & (ranks <= last[strata])
