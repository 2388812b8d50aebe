"""Which rows belong together: rules of subsets, and conditions on rows."""

from __future__ import annotations

import re
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from blockwright.contracts.base import Model
from blockwright.contracts.names import Name

Operator = Literal[
    "equals",
    "not_equals",
    "contains",
    "less",
    "at_most",
    "greater",
    "at_least",
    "is_empty",
    "is_not_empty",
]
MAX_CONDITION_PARTS = 50
MAX_SUBSETS = 1_000
_HIGHEST_BORDER = 2**64
_STRATUM = re.compile(r"\*|= .*|~ \d+ .*", re.DOTALL)


class Condition(Model):
    """A condition on one feature, or several joined by and/or."""

    kind: Literal["compare", "and", "or"] = "compare"
    feature: str | None = Field(None, description="For `compare`")
    operator: Operator = "equals"
    value: str | float | None = None
    parts: list[Condition] = Field(default_factory=list, max_length=MAX_CONDITION_PARTS)


class SubsetRule(Model):
    """How rows are chosen.

    all: every row. random: a share by seed; slices of one seed that do not overlap share no
    row. rest: every row that is in none of `of`. condition: rows for which it is true.
    fold: rows whose `feature` is one of `values`. k_fold: part `fold` of `folds` equal parts.
    Every kind leaves out the rows of the subsets named in `without`.
    """

    kind: Literal["all", "random", "rest", "condition", "fold", "k_fold"]
    share_percent: float = Field(100.0, gt=0, le=100)
    from_percent: float = Field(0.0, ge=0, lt=100, description="random: where the share begins")
    seed: int = Field(42, ge=0, le=2**31 - 1)
    stratify_by: str | None = Field(
        None, description="Feature or feature set whose classes each part holds in equal shares"
    )
    group_by: str | None = Field(
        None, description="Feature whose equal values stay together (source, speaker, patient)"
    )
    of: list[str] = Field(default_factory=list, description="rest: ids of the other subsets")
    without: list[str] = Field(
        default_factory=list, description="Ids of other subsets whose rows are not taken"
    )
    condition: Condition | None = None
    feature: str | None = Field(None, description="fold: the column of folds")
    values: list[str] = Field(default_factory=list, description="fold: values that are taken")
    folds: int = Field(5, ge=2, le=100)
    fold: int = Field(1, ge=1, le=100)

    @model_validator(mode="before")
    @classmethod
    def _one_or_several(cls, given: object) -> object:
        """Take `of` as one id too, as kept before several were possible."""
        if isinstance(given, dict) and not isinstance(given.get("of", []), list):
            return {**given, "of": [given["of"]] if given["of"] else []}
        return given

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = {
            "rest": not self.of,
            "condition": self.condition is None,
            "fold": self.feature is None or not self.values,
            "k_fold": self.fold > self.folds,
            "random": self.from_percent + self.share_percent > 100.0 + 1e-9,
        }
        if missing.get(self.kind, False):
            code, text = "data.subset_rule_incomplete", "a rule of kind {kind} lacks something"
            raise PydanticCustomError(code, text, {"kind": self.kind})
        return self

    def leans_on(self) -> set[str]:
        """Give the ids of the subsets that these rows depend on."""
        return {*(self.of if self.kind == "rest" else ()), *self.without}

    def giving_up(self, subset_id: str) -> Self:
        """Give this rule without the rows of another subset, too."""
        field = "of" if self.kind == "rest" else "without"
        kept: list[str] = getattr(self, field)
        return self if subset_id in kept else self.model_copy(update={field: [*kept, subset_id]})

    def taking_back(self, subset_id: str) -> Self:
        """Give this rule as it is when another subset is gone; a rest of it alone stays so."""
        of = [each for each in self.of if each != subset_id] or self.of
        without = [each for each in self.without if each != subset_id]
        return self.model_copy(update={"of": of, "without": without})


class Subset(Model):
    """Rows chosen by a rule.

    `borders` are where the shares of a random rule were cut, by stratum, when the rule was
    made: a row that is added later falls on one side of them and moves no other row.
    """

    id: str
    name: str
    rule: SubsetRule
    rows: int
    borders: dict[str, list[str]] = Field(
        default_factory=dict,
        description="Stratum to lower and upper border of the rank (unsigned 64 bit, as text)",
    )

    @field_validator("borders")
    @classmethod
    def _usable(cls, borders: dict[str, list[str]]) -> dict[str, list[str]]:
        """Refuse what no cut of a share gives: borders come back from files and browsers."""
        sound = not borders or "*" in borders
        for key, pair in borders.items():
            numbers = len(pair) == 2 and all(re.fullmatch(r"[0-9]{1,20}", one) for one in pair)
            sound = sound and numbers and _STRATUM.fullmatch(key) is not None
            sound = sound and all(int(one) <= _HIGHEST_BORDER for one in pair)
        if not sound:
            code, text = "data.subset_borders", "borders that no cut of a share gives"
            raise PydanticCustomError(code, text)
        return borders


class SubsetCreate(Model):
    """A new subset of a draft; the subsets in `out_of` give its rows up."""

    name: Name
    rule: SubsetRule
    out_of: list[str] = Field(
        default_factory=list,
        max_length=MAX_SUBSETS,
        description="Ids of other subsets that the rows of the new one are taken out of",
    )


class SubsetChange(Model):
    """Another name or rule for a subset of a draft; other subsets that lean on it follow."""

    name: Name
    rule: SubsetRule


class FoldsCreate(Model):
    """k folds at once: for each, a subset of its rows and one of the rest."""

    folds: int = Field(5, ge=2, le=20)
    seed: int = Field(42, ge=0, le=2**31 - 1)
    stratify_by: str | None = None
    group_by: str | None = None
    feature: str | None = Field(None, description="A column that holds the folds already")


class Overlap(Model):
    """Rows that two subsets share."""

    subset_ids: list[str]
    rows: int


class DataUsage(Model):
    """How the subsets cover the rows."""

    rows: int
    unused_rows: int = Field(description="Rows in no subset")
    left_out_rows: int = Field(
        0, description="Rows left out by hand, or because a value is missing; in no subset"
    )
    left_out_by_hand: int = Field(0, description="Those of them that a person left out")
    overlaps: list[Overlap] = Field(default_factory=list)


class RowQuery(Model):
    """Which rows to show, in which order."""

    offset: int = Field(0, ge=0)
    limit: int = Field(50, ge=1, le=500)
    sort_by: str | None = None
    descending: bool = False
    condition: Condition | None = None
    subset_id: str | None = None
    finding: str | None = Field(None, description="Id of a finding of the health report")
    search: str = Field("", max_length=200, description="Words anywhere in the row's text")
    left_out: bool | None = Field(
        None, description="True: rows that are left out alone; False: all others; null: both"
    )
    features: list[str] | None = Field(
        None,
        max_length=100_000,
        description="Features whose values are told; every one without it",
    )
