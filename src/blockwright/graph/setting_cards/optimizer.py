"""Cards of the settings that say by which rule weights change."""

from __future__ import annotations

from blockwright.contracts.graph import ParameterCard
from blockwright.graph.cards import Words, card

OPTIMIZERS: dict[str, Words] = {
    "adam": ("Adam", "Adam"),
    "adamw": ("AdamW", "AdamW"),
    "sgd": ("SGD", "SGD"),
    "rmsprop": ("RMSprop", "RMSprop"),
}


def optimizer_cards() -> list[ParameterCard]:
    """Give the cards in the order of the form."""
    return [*_rule_cards(), *_decay_cards()]


def _rule_cards() -> list[ParameterCard]:
    return [
        card(
            "optimizer",
            ("Optimizer", "优化器"),
            "choice",
            "adam",
            choices=OPTIMIZERS,
            what=("The rule by which weights are changed.", "更新权重所用的规则。"),
            why=("Adam works without much tuning.", "Adam 几乎不用调参。"),
            effect=(
                "AdamW also shrinks weights; SGD needs a larger learning rate and patience.",
                "AdamW 还会收缩权重；SGD 需要更大的学习率和耐心。",
            ),
        ),
        card(
            "learning_rate",
            ("Learning rate", "学习率"),
            "number",
            0.001,
            minimum=1e-9,
            maximum=100,
            what=("How far each step goes.", "每一步走多远。"),
            why=("0.001 suits Adam.", "0.001 适合 Adam。"),
            effect=(
                "Too large and the loss jumps or grows; too small and nothing moves. "
                "Change it by factors of 3.",
                "太大则损失跳动或上升，太小则停滞不前。每次按 3 倍调整。",
            ),
        ),
        card(
            "momentum",
            ("Momentum", "动量"),
            "number",
            0.9,
            minimum=0,
            maximum=0.9999,
            only_with=("optimizer", ["sgd"]),
            what=("How much of the last step is kept.", "保留上一步的多少。"),
            why=("0.9 is the usual value.", "0.9 是常用值。"),
            effect=("0 follows each batch alone.", "0 表示只看当前批次。"),
        ),
    ]


def _decay_cards() -> list[ParameterCard]:
    return [
        card(
            "weight_decay",
            ("Weight decay", "权重衰减"),
            "number",
            0.004,
            minimum=0,
            maximum=10,
            only_with=("optimizer", ["adamw"]),
            what=(
                "How fast weights shrink: each step takes this share times the learning rate.",
                "权重收缩的快慢：每一步减去该比例乘以学习率。",
            ),
            why=("0.004 is Keras' value.", "0.004 是 Keras 的默认值。"),
            effect=(
                "More keeps the model simple; 0.0001 to 0.1 is usual.",
                "越大模型越简单；常用 0.0001 到 0.1。",
            ),
        ),
        card(
            "decay_everywhere",
            ("Shrink biases and normalization too", "偏置与归一化也收缩"),
            "boolean",
            False,
            only_with=("optimizer", ["adamw"]),
            what=(
                "Lets weight decay work on biases and on the scales of normalization.",
                "让权重衰减也作用于偏置和归一化的缩放系数。",
            ),
            why=(
                "Off, as is usual: these do not make a model more complex, and shrinking them "
                "works against what they are for.",
                "默认关闭，这是通常做法：它们不会让模型更复杂，收缩反而妨碍其作用。",
            ),
            effect=(
                "On gives what Keras' AdamW does by itself.",
                "开启后与 Keras 的 AdamW 默认行为一致。",
            ),
        ),
    ]
