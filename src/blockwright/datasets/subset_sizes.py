"""How many rows each subset has, and which subset leans on which.

Never   looks at the rows: `subsets` chooses them, and brings the libraries that this needs.
"""

from __future__ import annotations

from collections.abc import Sequence

from blockwright.contracts.data import Subset, SubsetRule
from blockwright.contracts.problems import error


def subset_sizes(subsets: Sequence[Subset], total: int) -> dict[str, int]:
    """Give the number of rows of each subset without choosing them.

    Raises:
        BlockwrightError: `data.subset_rule_circular`.
    """
    sizes: dict[str, int] = {}
    for subset in in_leaning_order(subsets):
        rule = subset.rule
        if rule.kind == "all":
            sizes[subset.id] = total
        elif rule.kind == "random":
            sizes[subset.id] = random_size(rule, total)
        else:
            sizes[subset.id] = total - sizes[rule.of or ""]
    return sizes


def in_leaning_order(subsets: Sequence[Subset]) -> list[Subset]:
    """Order subsets so that each comes after the one that it leans on.

    Raises:
        BlockwrightError: `data.subset_rule_circular` when there is no such order.
    """
    ordered: list[Subset] = []
    waiting = list(subsets)
    while waiting:
        there = {subset.id for subset in ordered}
        ready = [s for s in waiting if s.rule.kind != "rest" or s.rule.of in there]
        if not ready:
            raise error("data.subset_rule_circular", name=waiting[0].name)
        ordered += ready
        waiting = [subset for subset in waiting if subset not in ready]
    return ordered


def random_size(rule: SubsetRule, total: int) -> int:
    """Give the number of rows of a random share: rounded, and at least one."""
    return min(total, max(1, round(total * rule.share_percent / 100)))
