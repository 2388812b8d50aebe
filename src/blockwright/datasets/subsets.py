"""Which rows belong to which subset.

A random subset ranks all rows by a hash of (seed, identity of the row) and takes the
first of them, so that the share is exact and a row's place does not depend on the order
of the file. When rows are added, only rows near the border of the share may change
sides; a rule of hash thresholds would let none change, but would miss the share.

The identity of a row is the path of its first tensor, or else its whole content.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from blockwright.contracts.data import Feature, Subset, SubsetRule
from blockwright.datasets.subset_sizes import in_leaning_order, random_size

RowNumbers = npt.NDArray[np.int64]

_SEPARATOR = "\x1f"


def row_identities(rows: pl.DataFrame, features: Sequence[Feature]) -> list[str]:
    """Give what makes each row itself; equal rows are told apart by their order."""
    tensors = [feature.name for feature in features if feature.type == "tensor"]
    if tensors:
        return rows[tensors[0]].to_list()
    text = rows.select(
        pl.concat_str(pl.all().cast(pl.String).fill_null(""), separator=_SEPARATOR).alias("row")
    )
    numbered = text.with_columns(pl.int_range(pl.len()).over("row").cast(pl.String).alias("copy"))
    return numbered.select(pl.concat_str("row", "copy", separator=_SEPARATOR))["row"].to_list()


def subset_rows(subsets: Sequence[Subset], identities: Sequence[str]) -> dict[str, RowNumbers]:
    """Give the row numbers of each subset, ascending, by subset id.

    Raises:
        BlockwrightError: `data.subset_rule_circular`.
    """
    total = len(identities)
    chosen: dict[str, RowNumbers] = {}
    for subset in in_leaning_order(subsets):
        rule = subset.rule
        if rule.kind == "all":
            chosen[subset.id] = np.arange(total, dtype=np.int64)
        elif rule.kind == "random":
            chosen[subset.id] = _random_rows(rule, identities)
        else:
            others = chosen[rule.of or ""]
            chosen[subset.id] = np.setdiff1d(np.arange(total, dtype=np.int64), others)
    return chosen


def _random_rows(rule: SubsetRule, identities: Sequence[str]) -> RowNumbers:
    key = str(rule.seed).encode()
    ranks = np.fromiter(
        (
            int.from_bytes(hashlib.blake2b(identity.encode(), digest_size=8, key=key).digest())
            for identity in identities
        ),
        dtype=np.uint64,
        count=len(identities),
    )
    first = np.argsort(ranks, kind="stable")[: random_size(rule, len(identities))]
    return np.sort(first).astype(np.int64)
