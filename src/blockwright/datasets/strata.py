"""Which stratum each row belongs to, by the set of its classes.

Takes   the label sets of all rows, and either the rows to count or keys kept before.
Gives   keys of strata (`Subset.borders` keeps them) and the stratum of each set.
Never   depends on rows once the keys are kept: a row's stratum follows from its classes.

Keys: `*` for whatever has no other stratum; `= Bark | Meow` for the rows that hold exactly
these classes; `~ 0007 Bark` for rows of rare sets whose rarest class is Bark, which is the
7th rarest of all.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from blockwright.datasets.label_sets import LabelSets

EVERYTHING_ELSE = "*"
# A set of several classes has a stratum of its own when so many units hold it.
_FREQUENT_UNITS = 10
_MOST_STRATA = 4_000


def chosen_keys(labels: LabelSets, unit_sets: npt.NDArray[np.int64]) -> list[str]:
    """Choose strata for units by the number of their label set, shape (units,)."""
    counts = np.bincount(unit_sets, minlength=len(labels.sets))
    by_size = sorted(range(len(labels.sets)), key=lambda code: (-counts[code], labels.sets[code]))
    own = [
        _exact_key(labels.sets[code])
        for code in by_size
        if counts[code] >= (1 if len(labels.sets[code]) < 2 else _FREQUENT_UNITS)
    ]
    merged: list[str] = []
    if any(len(one) > 1 for one in labels.sets):
        totals: dict[str, int] = dict.fromkeys(labels.classes, 0)
        for one, count in zip(labels.sets, counts.tolist(), strict=True):
            for each in one:
                totals[each] += count
        rarest_first = sorted(totals, key=lambda name: (totals[name], name))
        merged = [f"~ {place:04} {name}" for place, name in enumerate(rarest_first)]
    return [EVERYTHING_ELSE, *own[:_MOST_STRATA], *merged]


def strata_of_sets(labels: LabelSets, keys: Sequence[str]) -> npt.NDArray[np.int64]:
    """Give the place in `keys` of each label set's stratum, shape (sets,)."""
    places = {key: place for place, key in enumerate(keys)}
    by_class = {key.split(" ", 2)[2]: key for key in keys if key.startswith("~ ")}
    strata = np.zeros(len(labels.sets), dtype=np.int64)
    for code, one in enumerate(labels.sets):
        exact = places.get(_exact_key(one))
        merged = [by_class[each] for each in one if each in by_class]
        if exact is not None:
            strata[code] = exact
        elif merged:
            strata[code] = places[min(merged)]
        else:
            strata[code] = places[EVERYTHING_ELSE]
    return strata


def _exact_key(classes: Sequence[str]) -> str:
    return "= " + " | ".join(classes)
