"""Cards of the settings that are rarely changed."""

from __future__ import annotations

from blockwright.contracts.graph import ParameterCard
from blockwright.graph.cards import card


def advanced_cards() -> list[ParameterCard]:
    """Give the cards in the order of the form."""
    return [
        card(
            "shuffle",
            ("Shuffle", "打乱顺序"),
            "boolean",
            True,
            what=("Goes through the rows in a new order each epoch.", "每轮以新的顺序过数据。"),
            why=(
                "Rows that are sorted by class would mislead each batch.",
                "按类别排序的行会误导每个批次。",
            ),
            effect=("Off only to look for mistakes.", "只在查错时关闭。"),
        ),
        card(
            "seed",
            ("Seed", "随机种子"),
            "integer",
            42,
            minimum=0,
            maximum=2**31 - 1,
            what=(
                "Where chance begins: first weights, order, dropout, augmentation.",
                "随机性的起点：初始权重、顺序、丢弃、数据增强。",
            ),
            why=("Any number; the same one repeats a run.", "任意数；相同的数可重复一次运行。"),
            effect=(
                "Another seed shows how much of a result is luck.",
                "换一个种子可看出结果中有多少运气。",
            ),
        ),
    ]
