"""Checks of recordings and images, by the facts that the import measured.

Takes   the findings so far, with the table in them.
Gives   more findings.
Never   opens a recording or an image.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import polars as pl

from blockwright.contracts.problems import problem
from blockwright.datasets.health_findings import Findings

SHORTEST_SECONDS = 0.1
CLIPPED_SHARE = 0.001
_UNEVEN_LENGTHS = 4.0
# Where lengths are uneven, one at least is so far from the median: twice up, or twice down.
_FROM_MEDIAN = _UNEVEN_LENGTHS**0.5


def media_checks(found: Findings) -> None:
    """Look at every column of recordings or images."""
    for name, feature in found.table.features.items():
        stored = found.table.content.media.get(feature.column)
        if stored is None:
            continue
        facts = found.table.facts(name)
        for needed, look in _CHECKS[stored.kind]:
            # A folder that an older import wrote may lack a fact.
            if needed in facts.columns:
                look(found, name, facts)


def _short(found: Findings, name: str, facts: pl.DataFrame) -> None:
    found.check("short_audio")
    rows = facts["seconds"] < SHORTEST_SECONDS
    number = int(rows.sum())
    words = problem("data.health_short", feature=name, rows=number, seconds=SHORTEST_SECONDS)
    mask = rows.fill_null(value=False).to_numpy()
    found.rows_found(f"short_audio:{name}", "warn", name, mask, words)


def _silent(found: Findings, name: str, facts: pl.DataFrame) -> None:
    found.check("silent_audio")
    rows = facts["silent"]
    words = problem("data.health_silent", feature=name, rows=int(rows.sum()))
    mask = rows.fill_null(value=False).to_numpy()
    found.rows_found(f"silent_audio:{name}", "warn", name, mask, words)


def _clipped(found: Findings, name: str, facts: pl.DataFrame) -> None:
    found.check("clipped_audio")
    rows = facts["clipped_share"] > CLIPPED_SHARE
    words = problem(
        "data.health_clipped", feature=name, rows=int(rows.sum()), percent=100 * CLIPPED_SHARE
    )
    mask = rows.fill_null(value=False).to_numpy()
    found.rows_found(f"clipped_audio:{name}", "warn", name, mask, words)


def _rates(found: Findings, name: str, facts: pl.DataFrame) -> None:
    found.check("sample_rates")
    rates = facts["sample_rate_hz"].drop_nulls().value_counts(sort=True)
    if len(rates) < 2:
        return
    usual = int(rates["sample_rate_hz"][0])
    mask = (facts["sample_rate_hz"] != usual).fill_null(value=False).to_numpy()
    words = problem(
        "data.health_sample_rates",
        feature=name,
        rates=len(rates),
        usual=usual,
        rows=int(mask.sum()),
    )
    found.rows_found(f"sample_rates:{name}", "info", name, mask, words)


def _lengths(found: Findings, name: str, facts: pl.DataFrame) -> None:
    found.check("lengths")
    seconds = facts["seconds"]
    if seconds.null_count() == len(seconds):
        return
    shortest, longest = float(seconds.min()), float(seconds.max())  # type: ignore[arg-type]
    median = float(seconds.median())  # type: ignore[arg-type]
    if longest <= _UNEVEN_LENGTHS * max(shortest, SHORTEST_SECONDS):
        return
    far = (seconds < median / _FROM_MEDIAN) | (seconds > median * _FROM_MEDIAN)
    mask = far.fill_null(value=False).to_numpy()
    words = problem(
        "data.health_lengths",
        feature=name,
        shortest=round(shortest, 2),
        longest=round(longest, 2),
        median=round(median, 2),
        rows=int(mask.sum()),
    )
    found.rows_found(f"lengths:{name}", "info", name, mask, words)


def _sizes(found: Findings, name: str, facts: pl.DataFrame) -> None:
    found.check("image_sizes")
    sizes = facts.select("width", "height").drop_nulls()
    counted = sizes.group_by("width", "height").len().sort("len", "width", descending=True)
    if len(counted) < 2:
        return
    width, height, _ = counted.row(0)
    other = (pl.col("width") != width) | (pl.col("height") != height)
    mask = facts.select(other.fill_null(value=False)).to_series().to_numpy()
    words = problem(
        "data.health_image_sizes",
        feature=name,
        sizes=len(counted),
        usual=f"{width} × {height}",
        rows=int(mask.sum()),
    )
    found.rows_found(f"image_sizes:{name}", "info", name, mask, words)


_Look = Callable[[Findings, str, pl.DataFrame], None]
_CHECKS: Mapping[str, Sequence[tuple[str, _Look]]] = {
    "audio": (
        ("seconds", _short),
        ("silent", _silent),
        ("clipped_share", _clipped),
        ("sample_rate_hz", _rates),
        ("seconds", _lengths),
    ),
    "image": (("width", _sizes),),
}
