"""Cards of the settings that say how much which rows count, and in which order they are learnt."""

from __future__ import annotations

from blockwright.contracts.graph import ParameterCard
from blockwright.graph.cards import card


def weight_cards() -> list[ParameterCard]:
    """Give the cards in the order of the form."""
    return [*_weight_cards(), *_stage_cards()]


def _weight_cards() -> list[ParameterCard]:
    return [
        card(
            "class_weights",
            ("Weights of classes", "类别权重"),
            "choice",
            "none",
            choices={
                "none": ("All the same", "全部相同"),
                "balanced": ("Balanced classes", "类别均衡"),
            },
            what=(
                "Balanced classes let rows of rare classes count more, so that all classes "
                "together count alike. With several labels, a row counts by the mean of its "
                "labels.",
                "“类别均衡”让稀有类别的行权重更大，使各类总权重相同。多标签时，一行的权重是其标签的平均。",
            ),
            why=("All rows count the same.", "所有行权重相同。"),
            effect=(
                "Balanced classes find rare ones more often, at the price of false alarms; look at "
                "the means of classes among the metrics.",
                "类别均衡能更多地发现稀有类别，代价是误报增多；请看宏平均指标。",
            ),
        ),
        card(
            "weight_feature",
            ("Weights of rows from", "行权重来自"),
            "choice",
            "",
            what=(
                "A feature with a number for each row that says how much the row counts; 0 leaves "
                "it out. Only their proportions matter.",
                "一个数值特征，表示每行的权重；0 表示不计入。只有相互比例起作用。",
            ),
            why=("None: all rows count the same.", "无：所有行权重相同。"),
            effect=(
                "Give doubtful labels 0.3 to 0.5 and checked ones 1.",
                "可疑标签给 0.3 到 0.5，核对过的给 1。",
            ),
        ),
    ]


def _stage_cards() -> list[ParameterCard]:
    return [
        card(
            "first_stage_epochs",
            ("Epochs on other rows first", "先用其他行训练的轮数"),
            "integer",
            0,
            minimum=0,
            maximum=100_000,
            zero=("Off", "关闭"),
            what=(
                "So many of the epochs learn from another subset, before the Training subset takes "
                "its turn. The number counts among Epochs.",
                "前这么多轮先从另一个子集学习，然后才轮到训练子集。该数计入总轮数。",
            ),
            why=("0: all epochs learn from the Training subset.", "0：所有轮都用训练子集。"),
            effect=(
                "With many doubtful labels and few checked ones, learn from the doubtful first and "
                "end on the checked.",
                "若可疑标签多、核对过的少，先学可疑的，最后学核对过的。",
            ),
        ),
        card(
            "first_stage_subset_id",
            ("Other rows", "其他行"),
            "choice",
            None,
            only_with=("first_stage_epochs", []),
            what=("The subset of the first stage.", "第一阶段的子集。"),
            why=("None: choose one.", "无：请选择一个。"),
            effect=(
                "It may hold less reliable rows, and many; none of the Validation subset.",
                "其中的行可以较不可靠，但要多；不得包含验证子集的行。",
            ),
        ),
        card(
            "first_stage_rate",
            ("Learning rate of the first stage", "第一阶段的学习率"),
            "number",
            0.001,
            minimum=1e-9,
            maximum=100,
            only_with=("first_stage_epochs", []),
            what=(
                "How far its steps go. Each stage goes through the curve of the rate by itself.",
                "该阶段每一步走多远。每个阶段各自走完学习率曲线。",
            ),
            why=("0.001 suits Adam.", "0.001 适合 Adam。"),
            effect=(
                "Often 3 to 10 times that of the second stage.",
                "通常为第二阶段的 3 到 10 倍。",
            ),
        ),
    ]
