"""Checks of plain values: gaps, constant columns, equal rows, groups on two sides.

Takes   the findings so far, with the table in them.
Gives   more findings.
Never   keeps more than two columns at a time.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import polars as pl

from blockwright.contracts.problems import problem
from blockwright.datasets.health_findings import Findings
from blockwright.datasets.read_ahead import read_ahead
from blockwright.datasets.row_table import RowTable
from blockwright.datasets.rows_in_use import RowsInUse
from blockwright.datasets.shares import mixed

Hashes = npt.NDArray[np.uint64]
_PATH_TYPES = {"audio", "image", "tensor"}
_TENSOR_BYTES_AT_ONCE = 32_000_000
_GROUP_NAME = re.compile(
    r"(^|[^a-z])(source|speaker|patient|subject|participant|person|user|author|artist|group"
    r"|session|site|device|recording|video|album|family)s?"
    r"([ _-]?(id|no|nr|number|name|title|url|uri|file))?$"
)
# In a column of groups this share of the rows has a value that other rows have too.
_GROUPED_SHARE = 0.05
_FEWEST_GROUPS = 3
_FIRST_ROWS = 1_000


def value_checks(found: Findings) -> None:
    """Look for gaps without a choice, constant columns, equal rows and shared groups."""
    for name in ("missing", "constant", "duplicates", "leaks", "groups"):
        found.check(name)
    table = found.table
    hashes = file_hashes(table)
    by_content = bool(len(hashes))
    sets = [each for each in table.feature_sets.values() if each.kind == "binary"]
    classes_of_sets = {name for each in sets for name in each.features}
    for name, values in read_ahead(table.values, table.features):
        feature = table.features[name]
        _gaps(found, name, values)
        if feature.type not in _PATH_TYPES:
            # A class of a set that no row has is told with the other classes of the set.
            if name not in classes_of_sets or values.any():
                _constant(found, name, values)
            if not by_content:
                hashes = _joined_hashes(hashes, _value_hashes(values))
    if len(hashes) == table.rows and table.rows:
        _equal_rows(found, hashes, by_content=by_content)
    for name in table.features:
        _groups(found, name)


def _gaps(found: Findings, name: str, values: pl.Series) -> None:
    missing, feature = values.null_count(), found.table.features[name]
    if feature.missing is not None or not missing:
        return
    if feature.type not in _PATH_TYPES and _is_told_as_constant(values) and missing == len(values):
        return
    words = problem("data.health_missing", feature=name, missing=missing)
    found.rows_found(f"missing:{name}", "bad", name, values.is_null().to_numpy(), words)


def _constant(found: Findings, name: str, values: pl.Series) -> None:
    # A gap that is filled by another value, or is a class of its own, is something to learn from.
    is_filled = found.table.features[name].missing is not None and not values.is_null().all()
    if not _is_told_as_constant(found.filled(name) if is_filled else values):
        return
    given = values.is_not_null().to_numpy()
    if not given.any():
        words = problem("data.health_empty", feature=name)
        found.rows_found(f"constant:{name}", "warn", name, ~given, words)
        return
    code = "data.health_constant" if given.all() else "data.health_constant_with_gaps"
    words = problem(code, feature=name, value=_shown(values.drop_nulls()[0]))
    found.rows_found(f"constant:{name}", "warn", name, given, words)


def _shown(value: object) -> str:
    """Give a value as the table shows it: words in quotation marks, numbers without."""
    if isinstance(value, pl.Series):
        return f"“{', '.join(value)}”"
    if isinstance(value, str):
        return f"“{value}”"
    number = float(value)  # type: ignore[arg-type]
    return str(int(number)) if number.is_integer() else str(number)


def _is_told_as_constant(values: pl.Series) -> bool:
    return len(values) > 1 and _is_constant(values)


def _is_constant(values: pl.Series) -> bool:
    if isinstance(values.dtype, pl.List):
        values = values.list.join("\x1f")
    first = values.head(_FIRST_ROWS)  # they mostly tell that it is not
    return bool(first.min() == first.max() and values.min() == values.max())


def _equal_rows(found: Findings, hashes: Hashes, *, by_content: bool) -> None:
    _, groups, counts = np.unique(hashes, return_inverse=True, return_counts=True)
    is_copy = counts[groups] > 1
    if not is_copy.any():
        return
    spare = int(is_copy.sum()) - int((counts > 1).sum())
    if by_content:
        words = problem("data.health_duplicates", rows=int(is_copy.sum()), spare=spare)
    else:
        words = problem("data.health_equal_rows", rows=int(is_copy.sum()), spare=spare)
    found.twins_found("duplicates", "warn", None, is_copy, words, groups=groups, are_copies=True)
    for one, other in found.separate_pairs():
        leaked = _on_both(found, one, other, groups, len(counts)) & is_copy
        words = problem("data.health_leak", one=one, other=other, rows=int(leaked.sum()))
        found.twins_found(
            f"leaks:{one}:{other}", "bad", None, leaked, words, groups=groups, are_copies=True
        )


def _on_both(
    found: Findings, one: str, other: str, groups: npt.NDArray[np.int64], count: int
) -> npt.NDArray[np.bool_]:
    """Tell which rows of two subsets belong to a group that has rows in both."""
    sides = (found.subsets[one], found.subsets[other])
    held = [np.bincount(groups[side], minlength=count) > 0 for side in sides]
    result: npt.NDArray[np.bool_] = (held[0] & held[1])[groups] & (sides[0] | sides[1])
    return result


def _groups(found: Findings, name: str) -> None:
    feature = found.table.features[name]
    if feature.type not in {"categorical", "text", "numeric"}:
        return
    if not is_group_name(name):
        return
    labels = found.table.labels(name)
    counts = np.bincount(labels.codes, minlength=len(labels.sets))
    counts[[not one for one in labels.sets]] = 0
    given = counts[labels.codes] > 0
    is_repeated = counts[labels.codes] > 1
    if np.count_nonzero(counts) < _FEWEST_GROUPS or is_repeated.mean() < _GROUPED_SHARE:
        return
    for one, other in found.separate_pairs():
        shared = _on_both(found, one, other, labels.codes, len(labels.sets)) & given
        values = len(np.unique(labels.codes[shared]))
        words = problem("data.health_groups", feature=name, values=values, one=one, other=other)
        found.rows_found(f"groups:{name}:{one}:{other}", "warn", name, shared, words)


def is_group_name(name: str) -> bool:
    """Tell whether a column is called as columns of speakers, sources and sessions are."""
    return _GROUP_NAME.search(name.lower()) is not None


def file_hashes(table: RowsInUse) -> Hashes:
    """Hash what the files of each row hold; shape (rows,), or (0,) when there are no files.

    Rows whose files are all the same have the same hash; one without a file has its own.
    """
    every = table.table
    hashes = every.keep("file_hashes", "", lambda: _file_hashes(every))
    return table.of(hashes) if len(hashes) else hashes


def _file_hashes(table: RowTable) -> Hashes:
    hashes = np.zeros(0, dtype=np.uint64)
    without_file = np.ones(table.rows, dtype=bool)
    for name, feature in table.features.items():
        if feature.column in table.content.media or feature.column in table.content.tensors:
            without_file &= table.missing(name)
        if feature.column in table.content.media:
            sha256 = table.facts(name)["sha256"].cast(pl.String)
            hashes = _joined_hashes(hashes, _value_hashes(sha256))
        elif feature.column in table.content.tensors:
            stored = table.content.tensors[feature.column]
            values = np.load(table.content_folder / stored.file, mmap_mode="r", allow_pickle=False)
            hashes = _joined_hashes(hashes, tensor_hashes(values))
    if len(hashes) == 0:
        return hashes
    # A row without any file equals no other row.
    return np.where(without_file, np.asarray(table.identities()), hashes)


def tensor_hashes(values: npt.NDArray[np.float32]) -> Hashes:
    """Hash each tensor of an array (rows, …) by all of its bytes, at the speed of reading.

    A weighted sum of the numbers' bits modulo 2^64, weights odd and at random, so that
    different tensors meet by chance in about 1 of 2^32 cases at most.
    """
    flat = values.reshape(len(values), -1)
    length = max(1, flat.shape[1])
    weights = mixed(np.arange(flat.shape[1], dtype=np.uint64), 7) | np.uint64(1)
    step = max(1, _TENSOR_BYTES_AT_ONCE // (8 * length))
    hashes = np.empty(len(flat), dtype=np.uint64)
    for begin in range(0, len(flat), step):
        block = np.ascontiguousarray(flat[begin : begin + step], dtype=np.float32)
        hashes[begin : begin + step] = block.view(np.uint32).astype(np.uint64) @ weights
    return hashes


def _value_hashes(values: pl.Series) -> Hashes:
    if isinstance(values.dtype, pl.List):
        values = values.list.join("\x1f")
    return values.hash(seed=11).to_numpy()


def _joined_hashes(before: Hashes, more: Hashes) -> Hashes:
    return more if len(before) == 0 else mixed(before, 3) ^ more
