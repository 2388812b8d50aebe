"""Cards of the settings that say how the learning rate changes during a run."""

from __future__ import annotations

from blockwright.contracts.graph import ParameterCard
from blockwright.graph.cards import Words, card

SCHEDULES: dict[str, Words] = {
    "constant": ("Constant", "恒定"),
    "cosine": ("Cosine", "余弦"),
    "one_cycle": ("One cycle", "单周期"),
    "exponential": ("Exponential", "指数"),
    "step": ("Steps", "阶梯"),
    "plateau": ("When progress stops", "停滞时下降"),
}
_WITH_WARMUP = ["constant", "cosine", "exponential", "step", "plateau"]


def schedule_cards() -> list[ParameterCard]:
    """Give the cards in the order of the form."""
    return [_shape_card(), *_warmup_cards(), *_smooth_cards(), *_drop_cards()]


def _shape_card() -> ParameterCard:
    return card(
        "schedule",
        ("Schedule", "变化方式"),
        "choice",
        "constant",
        choices=SCHEDULES,
        what=(
            "How the learning rate changes from the first step to the last.",
            "学习率从第一步到最后一步如何变化。",
        ),
        why=("Constant needs no knowledge of the run's length.", "恒定不需要知道运行多长。"),
        effect=(
            "A rate that falls to the end nearly always gives a better model: take Cosine. "
            "One cycle climbs first and learns fast on short runs.",
            "逐渐下降的学习率几乎总能得到更好的模型：选余弦。单周期先升后降，短时间运行学得快。",
        ),
    )


def _warmup_cards() -> list[ParameterCard]:
    return [
        card(
            "warmup",
            ("Warm-up", "预热"),
            "number",
            0.0,
            minimum=0,
            maximum=1_000_000,
            zero=("Off", "关闭"),
            only_with=("schedule", _WITH_WARMUP),
            what=(
                "The rate rises evenly from nothing over this long, before the rest begins.",
                "在这段时间内学习率从零均匀升起，然后其余部分才开始。",
            ),
            why=("0: small models start well at the full rate.", "0：小模型可直接用全学习率。"),
            effect=(
                "1 to 5 epochs calm the start of large models, large batches and high rates.",
                "1 到 5 轮可让大模型、大批次和高学习率平稳起步。",
            ),
        ),
        card(
            "warmup_unit",
            ("Warm-up in", "预热单位"),
            "choice",
            "epochs",
            choices={"epochs": ("Epochs", "轮"), "steps": ("Steps", "步")},
            only_with=("warmup", []),
            what=("What the length of the warm-up is counted in.", "预热长度的计量单位。"),
            why=(
                "Epochs mean the same at every batch size.",
                "以轮计量，在任何批大小下含义都相同。",
            ),
            effect=("Steps for recipes that name them.", "若所用配方以步为单位，则选步。"),
        ),
    ]


def _smooth_cards() -> list[ParameterCard]:
    return [
        card(
            "lowest_rate",
            ("Last rate, as a share", "最后的学习率（占比）"),
            "number",
            0.0,
            minimum=0,
            maximum=1,
            only_with=("schedule", ["cosine", "plateau"]),
            what=(
                "What the rate never falls below, as a share of the learning rate.",
                "学习率不会低于的值，以占学习率的比例表示。",
            ),
            why=("0 lets the model settle completely.", "0 可让模型完全稳定下来。"),
            effect=(
                "0.01 to 0.1 keeps learning to the last epoch.",
                "0.01 到 0.1 可一直学习到最后一轮。",
            ),
        ),
        card(
            "peak_at",
            ("Highest rate at", "最高点位置"),
            "number",
            0.3,
            minimum=0.01,
            maximum=0.99,
            only_with=("schedule", ["one_cycle"]),
            what=(
                "After which share of the run the learning rate is reached; it begins at a 25th "
                "of it and ends near nothing.",
                "运行到多大比例时达到学习率；起点为其 1/25，终点接近零。",
            ),
            why=("0.3 is the usual value.", "0.3 是常用值。"),
            effect=("Earlier leaves more time to settle.", "越早，留给稳定的时间越多。"),
        ),
        card(
            "decay_per_epoch",
            ("Rate kept per epoch", "每轮保留的学习率"),
            "number",
            0.95,
            minimum=0.0001,
            maximum=1,
            only_with=("schedule", ["exponential"]),
            what=("What each epoch multiplies the rate by.", "每轮把学习率乘以多少。"),
            why=("0.95 leaves a fifth after 30 epochs.", "0.95 在 30 轮后剩约五分之一。"),
            effect=("Nearer to 1 falls more slowly.", "越接近 1 下降越慢。"),
        ),
    ]


def _drop_cards() -> list[ParameterCard]:
    return [
        card(
            "drop_every",
            ("Drop every so many epochs", "每隔多少轮下降"),
            "integer",
            10,
            minimum=1,
            maximum=100_000,
            only_with=("schedule", ["step"]),
            what=("How long the rate stays before it drops.", "学习率保持多久后下降。"),
            why=("10: three rates in 30 epochs.", "10：30 轮内有三种学习率。"),
            effect=(
                "Drop where the loss has stopped falling.",
                "应在损失不再下降的地方下降。",
            ),
        ),
        card(
            "plateau_epochs",
            ("Drop after epochs without progress", "无进展多少轮后下降"),
            "integer",
            5,
            minimum=1,
            maximum=10_000,
            only_with=("schedule", ["plateau"]),
            what=(
                "After so many epochs without a better value the rate drops. The value is that "
                "which picks the best checkpoint.",
                "连续这么多轮没有更好的值，学习率就下降。所看的值就是挑选最佳检查点的指标。",
            ),
            why=("5 is patient enough for uneven curves.", "5 对起伏的曲线足够耐心。"),
            effect=(
                "Smaller than Early stopping, or the run ends before it drops.",
                "应小于提前停止的轮数，否则运行会在下降前结束。",
            ),
        ),
        card(
            "drop_to",
            ("Rate kept at a drop", "每次下降后保留"),
            "number",
            0.1,
            minimum=0.0001,
            maximum=1,
            only_with=("schedule", ["step", "plateau"]),
            what=("What each drop multiplies the rate by.", "每次下降把学习率乘以多少。"),
            why=("A tenth is the usual drop.", "降到十分之一是常用做法。"),
            effect=("0.5 with more drops is gentler.", "0.5 并多降几次更温和。"),
        ),
    ]
