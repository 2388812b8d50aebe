"""Cards of the settings that say by which rule weights change."""

from __future__ import annotations

from blockwright.contracts.graph import ParameterCard
from blockwright.graph.cards import Words, card

OPTIMIZERS: dict[str, Words] = {
    "adam": ("Adam", "Adam"),
    "adamw": ("AdamW", "AdamW"),
    "amsgrad": ("AMSgrad", "AMSgrad"),
    "adamax": ("Adamax", "Adamax"),
    "nadam": ("Nadam", "Nadam"),
    "lion": ("Lion", "Lion"),
    "sgd": ("SGD", "SGD"),
    "rmsprop": ("RMSprop", "RMSprop"),
    "adagrad": ("Adagrad", "Adagrad"),
    "adadelta": ("Adadelta", "Adadelta"),
}
_WITH_DECAY = ["adamw", "lion", "sgd"]


def optimizer_cards() -> list[ParameterCard]:
    """Give the cards in the order of the form."""
    return [*_rule_cards(), *_decay_cards(), *_gradient_cards()]


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
                "AdamW also shrinks weights and suits most models best. SGD wants about 10 times "
                "the learning rate and patience, Lion a third to a tenth, Adadelta about 1.",
                "AdamW 还会收缩权重，适合大多数模型。SGD 需要约 10 倍的学习率和耐心，"
                "Lion 需三分之一到十分之一，Adadelta 约为 1。",
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
        card(
            "nesterov",
            ("Look ahead (Nesterov)", "前瞻（Nesterov）"),
            "boolean",
            False,
            only_with=("optimizer", ["sgd"]),
            what=(
                "Takes the gradient where the momentum leads, not where the weights are.",
                "在动量将到达之处求梯度，而不是在当前权重处。",
            ),
            why=("Off: plain momentum.", "默认关闭：普通动量。"),
            effect=("On often arrives a little sooner.", "开启后往往略快到达。"),
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
            only_with=("optimizer", _WITH_DECAY),
            what=(
                "How fast weights shrink: each step takes this share times the learning rate.",
                "权重收缩的快慢：每一步减去该比例乘以学习率。",
            ),
            zero=("Off", "关闭"),
            why=("0.004 is Keras' value for AdamW.", "0.004 是 Keras 对 AdamW 的默认值。"),
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
            only_with=("weight_decay", []),
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


def _gradient_cards() -> list[ParameterCard]:
    return [
        card(
            "clip",
            ("Limit the gradient", "限制梯度"),
            "choice",
            "none",
            choices={
                "none": ("Off", "关闭"),
                "norm": ("Shorten the whole gradient", "缩短整个梯度"),
                "value": ("Cut each value", "逐个截断数值"),
            },
            what=(
                "Keeps one odd batch from throwing the weights far off.",
                "避免个别异常批次把权重带偏太远。",
            ),
            why=("Off: most models do not need it.", "默认关闭：多数模型不需要。"),
            effect=(
                "Shorten it where the loss jumps or becomes infinite: its direction stays.",
                "若损失跳动或变为无穷大，请缩短整个梯度：方向不变。",
            ),
        ),
        card(
            "clip_at",
            ("Limit", "上限"),
            "number",
            1.0,
            minimum=1e-6,
            maximum=1_000_000,
            only_with=("clip", []),
            what=("What the gradient is kept below.", "梯度不超过的值。"),
            why=("1 is the usual length.", "1 是常用的长度。"),
            effect=(
                "Take a little more than the usual gradient norm, which the charts show.",
                "取略大于图表所示梯度范数的值。",
            ),
        ),
        card(
            "accumulate",
            ("Batches per step", "每步的批次数"),
            "integer",
            1,
            minimum=1,
            maximum=10_000,
            what=(
                "Averages the gradients of so many batches before the weights change.",
                "先平均这么多个批次的梯度，再更新权重。",
            ),
            why=("1: each batch is a step.", "1：每个批次一步。"),
            effect=(
                "4 learns as with batches 4 times as large, in the memory of one.",
                "4 相当于批大小增至 4 倍，却只占一个批次的内存。",
            ),
        ),
    ]
